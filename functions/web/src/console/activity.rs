//! Who did what and when.

use askama::Template;
use axum::{Router, extract::State, routing::get};
use numo_app::{
    read_activity::{Wanted, read_activity},
    store::{
        activity::{Actor, Line},
        part::Part,
    },
};

use crate::{
    console::{
        Shown,
        frame::Frame,
        time::{LocalTime, WallClock},
        viewer::Viewer,
    },
    state::AppState,
};

/// Lines of one page; the file of the API has all.
const SHOWN: usize = 100;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/activity", get(show))
}

#[derive(Template)]
#[template(path = "activity.html")]
struct ActivityPage {
    frame: Frame,
    lines: Vec<LineText>,
    has_more: bool,
}

struct LineText {
    at: LocalTime,
    who: String,
    what: String,
    detail: String,
}

async fn show(viewer: Viewer, State(state): State<AppState>) -> Shown {
    let part = read_activity(state.store(), &viewer.session.org, &Wanted::default(), &Part::first(SHOWN)).await?;
    let page = ActivityPage {
        frame: viewer.frame(&state, "Activity"),
        has_more: part.next.is_some(),
        lines: part.values.iter().map(|line| LineText::new(line, &viewer.clock)).collect(),
    };
    viewer.page(&state, &page)
}

impl LineText {
    fn new(Line { activity, .. }: &Line, clock: &WallClock) -> Self {
        let who = match &activity.actor {
            Actor::User(user) => user.as_str().to_owned(),
            Actor::Operator(operator) => format!("operator {}", operator.as_str()),
            Actor::Numo => "Numo".to_owned(),
            Actor::Customer => "a customer".to_owned(),
        };
        let detail = if activity.detail.is_null() { String::new() } else { activity.detail.to_string() };
        Self { at: clock.show(activity.at), who, what: activity.action.replace(['.', '_'], " "), detail }
    }
}
