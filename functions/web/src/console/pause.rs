//! *Pause everything*, from every page: whoever sees something going wrong may stop it.

use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Redirect},
    routing::{get, post},
};
use numo_app::configure::{self, Sending};

use crate::{
    console::{
        Problem, Shown,
        notice::Notice,
        sent::Sent,
        undo::{Undo, What},
    },
    failure::Failure,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/pause", post(change)).route("/pause", get(|| async { Redirect::to("/") }))
}

/// Pauses everything, or goes on.
async fn change(State(state): State<AppState>, sent: Sent) -> Shown {
    let (sending, notice) = match sent.fields.text("everything")? {
        "pause" => (Sending::Pause { until: sent.fields.read_optional("until", "choose a day")? }, Notice::Paused),
        "resume" => (Sending::Resume, Notice::GoesOn),
        _ => return Err(Problem::from(Failure::invalid("everything", "pause or resume is needed"))),
    };
    let session = &sent.viewer.session;
    configure::pause(state.waker(), &session.org, &session.user, sending, state.now()).await?;
    let mut answer = sent.done("/", notice).into_response();
    // Whoever wants to go on after a pause says so by the button that stands on every page.
    if let (Sending::Resume, Some(pause)) = (sending, &sent.viewer.organisation.pause)
        && pause.holds_on(sent.viewer.today)
    {
        Undo::new(&state, notice, What::Resume { until: pause.until }).keep(&state, session, &mut answer);
    }
    Ok(answer)
}
