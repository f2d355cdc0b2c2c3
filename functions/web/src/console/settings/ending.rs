//! Ending the account: what that deletes and keeps, how it is asked for and withdrawn, and how far it came.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::IntoResponse as _,
    routing::{get, post},
};
use numo_app::erase_organisation::{ask, withdraw};

use crate::{
    console::{
        Shown,
        frame::Frame,
        notice::Notice,
        people::{name_of, names},
        sent::Sent,
        time::LocalTime,
        viewer::Viewer,
    },
    state::AppState,
    view::erasure::{ErasureState, OrganisationErasureView},
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/settings/ending", get(show).post(end)).route("/settings/ending/withdrawal", post(take_back))
}

#[derive(Template)]
#[template(path = "settings_ending.html")]
struct EndingPage {
    frame: Frame,
    /// What has to be typed.
    phrase: String,
    stage: StageText,
    /// Whether it can be asked for.
    is_open: bool,
    deletes: Vec<&'static str>,
    keeps: Vec<&'static str>,
    certificate: Option<String>,
}

/// How far it came.
enum StageText {
    /// Nobody asked for it.
    NotAsked,
    /// It can be withdrawn until it begins.
    Asked {
        at: LocalTime,
        by: Option<String>,
        begins_at: LocalTime,
    },
    UnderWay,
    Done,
}

async fn show(viewer: Viewer, State(state): State<AppState>) -> Shown {
    let org = &viewer.session.org;
    let erasure = state.store().organisation_erasure(org).await?.map(|seen| seen.value);
    let view = OrganisationErasureView::new(&state, erasure)?;
    let stage = match (view.state, view.asked_at, view.begins_at) {
        (ErasureState::Asked, Some(at), Some(begins_at)) => {
            let known = names(&state, view.asked_by.as_slice()).await;
            StageText::Asked {
                at: viewer.clock.show(at),
                by: view.asked_by.as_ref().map(|by| name_of(&known, by)),
                begins_at: viewer.clock.show(begins_at),
            }
        }
        (ErasureState::UnderWay, ..) => StageText::UnderWay,
        (ErasureState::Done, ..) => StageText::Done,
        (ErasureState::None | ErasureState::Asked, ..) => StageText::NotAsked,
    };
    let name = viewer.organisation.name.trim();
    let page = EndingPage {
        frame: viewer.frame(&state, "End the account"),
        phrase: if name.is_empty() { org.as_str().to_owned() } else { name.to_owned() },
        is_open: matches!(stage, StageText::NotAsked),
        stage,
        deletes: view.deletes,
        keeps: view.keeps,
        certificate: view.certificate,
    };
    viewer.page(&state, &page)
}

/// Ends the account on the typed word of somebody who is an admin at this moment.
async fn end(State(state): State<AppState>, sent: Sent) -> Shown {
    sent.viewer.must_be_present_admin(&state).await?;
    let (session, typed) = (&sent.viewer.session, sent.fields.text("confirm")?);
    ask(state.waker(), (&session.org, &session.user), typed, state.now()).await?;
    Ok(sent.done("/settings/ending", Notice::Ending).into_response())
}

/// Takes it back before it has begun.
async fn take_back(State(state): State<AppState>, sent: Sent) -> Shown {
    sent.viewer.must_be_admin()?;
    let session = &sent.viewer.session;
    withdraw(state.waker(), (&session.org, &session.user), state.now()).await?;
    Ok(sent.done("/settings/ending", Notice::Kept).into_response())
}
