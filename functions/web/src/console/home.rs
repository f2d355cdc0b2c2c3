//! The first page: what is owed, what needs somebody, what goes out today, and what is still to be set up.

use askama::Template;
use axum::{Router, extract::State, routing::get};
use numo_app::{clients::Today, count_receivables::owed_now, error::AppError, store::plan::PlanApproval};

use crate::{
    console::{Shown, checklist::Checklist, frame::Frame, needs::Need, owed::OwedTexts, viewer::Viewer},
    public::landing::Acquainted,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/", get(show))
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    frame: Frame,
    checklist: Option<Checklist>,
    needs: Vec<Need>,
    owed: Option<OwedTexts>,
    today: Option<TodayText>,
}

/// The plan of today, in numbers.
struct TodayText {
    sends: usize,
    skips: usize,
    awaits_approval: bool,
    /// Where nothing goes out: for how many customers a reason is the first one, most customers first.
    because: Vec<(usize, &'static str)>,
}

async fn show(_: Acquainted, viewer: Viewer, State(state): State<AppState>) -> Shown {
    let (store, org) = (state.store(), &viewer.session.org);
    let owed = owed_now(store, org, viewer.today).await?;
    let senders = store.senders(org).await?;
    let today = today(&state, &viewer).await?;
    let page = Home {
        frame: viewer.frame(&state, "Home"),
        checklist: Checklist::load(&state, &viewer, &senders).await?,
        needs: Need::all(&state, &viewer, &senders).await?,
        owed: owed.map(|owed| OwedTexts::new(&owed, &viewer)),
        today,
    };
    viewer.page(&state, &page)
}

async fn today(state: &AppState, viewer: &Viewer) -> Result<Option<TodayText>, AppError> {
    let (store, org) = (state.store(), &viewer.session.org);
    let Some(header) = store.plan_header(org, viewer.today).await?.map(|seen| seen.value) else { return Ok(None) };
    let awaits_approval = header.approval == PlanApproval::Awaited;
    let Today { sends, skips, nothing_because } = Today::of(&header);
    let because = nothing_because.into_iter().map(|(code, customers)| (customers, code.sentence())).collect();
    Ok(Some(TodayText { sends, skips, awaits_approval, because }))
}
