//! What a person has to look at, and what was done by whom.

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use numo_app::{see_notice::see_notice, store::task::TaskAbout};
use serde_json::{Value, json};

use crate::{
    auth::{Admin, Signed},
    failure::Failure,
    json_body::JsonBody,
    state::AppState,
};

/// Lines of the activity log that one answer holds.
const LATEST: usize = 100;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/tasks", get(tasks)).route("/tasks/seen", post(seen)).route("/activity", get(activity))
}

async fn tasks(Signed(session): Signed, State(state): State<AppState>) -> Result<Json<Value>, Failure> {
    Ok(Json(json!({"tasks": state.store().tasks(&session.org).await?})))
}

/// Closes a task that only tells something; the others close once what they ask for is done.
async fn seen(
    Admin(session): Admin,
    State(state): State<AppState>,
    JsonBody(about): JsonBody<TaskAbout>,
) -> Result<StatusCode, Failure> {
    see_notice(state.waker(), &session.org, &session.user, &about, state.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn activity(Signed(session): Signed, State(state): State<AppState>) -> Result<Json<Value>, Failure> {
    Ok(Json(json!({"activity": state.store().activity(&session.org, LATEST).await?})))
}
