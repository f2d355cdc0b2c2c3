//! Who did what and when: found by day, person and kind, and taken along as a file.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Response},
    routing::get,
};
use numo_app::{
    read_activity::read_activity,
    store::activity::{Actor, Line},
};
use numo_domain::id::UserId;
use serde_json::Value;
use url::form_urlencoded;

use crate::{
    api::activity::{file, wanted},
    console::{
        Shown,
        frame::Frame,
        older::{older, part},
        people::{name_of, names},
        problem::Problem,
        time::{LocalTime, WallClock},
        viewer::Viewer,
    },
    failure::Failure,
    paging::Paged,
    state::AppState,
};

/// Lines of one page.
const SHOWN: usize = 100;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/activity", get(show)).route("/activity.csv", get(csv))
}

#[derive(Template)]
#[template(path = "activity.html")]
struct ActivityPage {
    frame: Frame,
    /// What is asked for.
    from: String,
    to: String,
    actor: String,
    action: String,
    is_filtered: bool,
    /// The file of the same lines.
    file: String,
    lines: Vec<LineText>,
    /// Whom and what the lines of the page name, to be chosen from.
    actors: BTreeMap<String, String>,
    actions: BTreeSet<String>,
    older: Option<String>,
}

struct LineText {
    at: LocalTime,
    who: String,
    what: String,
    detail: String,
}

async fn show(viewer: Viewer, paged: Result<Paged, Failure>, State(state): State<AppState>) -> Shown {
    let paged = paged?;
    let asked = asked(&paged);
    let wanted = wanted(&asked)?;
    let filter = format!("{wanted:?}");
    let part = part(&viewer, &paged, &filter, SHOWN)?;
    let found = read_activity(state.store(), &viewer.session.org, &wanted, &part).await?;
    let users: BTreeSet<UserId> = found.values.iter().filter_map(user).cloned().collect();
    let names = names(&state, &users.into_iter().collect::<Vec<_>>()).await;
    let of = |name: &str| asked.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone());
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&asked).finish();
    let page = ActivityPage {
        frame: viewer.frame(&state, "Activity"),
        older: older(&viewer, &paged, (&filter, &asked), found.next),
        actors: found.values.iter().map(|line| (line.activity.actor.name().to_owned(), who(line, &names))).collect(),
        actions: found.values.iter().map(|line| line.activity.action.clone()).collect(),
        lines: found.values.iter().map(|line| LineText::new(line, &names, &viewer.clock)).collect(),
        from: of("from").unwrap_or_default(),
        to: of("to").unwrap_or_default(),
        actor: of("actor").unwrap_or_default(),
        action: of("action").unwrap_or_default(),
        is_filtered: !asked.is_empty(),
        file: format!("/activity.csv?{query}"),
    };
    viewer.page(&state, &page)
}

/// The same lines as a file, with those of all pages.
async fn csv(
    viewer: Viewer,
    paged: Result<Paged, Failure>,
    State(state): State<AppState>,
) -> Result<Response, Problem> {
    let wanted = wanted(&asked(&paged?))?;
    Ok(file(&state, &viewer.session.org, &wanted).await?.into_response())
}

/// What the form asks for: an empty field asks for nothing.
fn asked(paged: &Paged) -> Vec<(String, String)> {
    paged.rest().iter().filter(|(name, value)| name != "done" && !value.trim().is_empty()).cloned().collect()
}

fn user(line: &Line) -> Option<&UserId> {
    match &line.activity.actor {
        Actor::User(user) => Some(user),
        Actor::Operator(_) | Actor::Numo | Actor::Customer => None,
    }
}

fn who(Line { activity, .. }: &Line, names: &BTreeMap<UserId, String>) -> String {
    match &activity.actor {
        Actor::User(user) => name_of(names, user),
        Actor::Operator(operator) => format!("operator {}", operator.as_str()),
        Actor::Numo => "Numo".to_owned(),
        Actor::Customer => "a customer".to_owned(),
    }
}

impl LineText {
    fn new(line: &Line, names: &BTreeMap<UserId, String>, clock: &WallClock) -> Self {
        let activity = &line.activity;
        Self {
            at: clock.show(activity.at),
            who: who(line, names),
            what: activity.action.replace(['.', '_'], " "),
            detail: detail_text(&activity.detail),
        }
    }
}

/// What is known of an action, field by field.
fn detail_text(detail: &Value) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match detail {
        Value::Null => String::new(),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| format!("{}: {}", name.replace('_', " "), text(value)));
            fields.collect::<Vec<_>>().join(", ")
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => text(detail),
    }
}
