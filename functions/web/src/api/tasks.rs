//! What a person has to look at, and what was done by whom.

use axum::{Json, Router, extract::State, routing::get};
use serde_json::{Value, json};

use crate::{auth::Signed, failure::Failure, state::AppState};

/// Lines of the activity log that one answer holds.
const LATEST: usize = 100;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/tasks", get(tasks)).route("/activity", get(activity))
}

async fn tasks(Signed(session): Signed, State(state): State<AppState>) -> Result<Json<Value>, Failure> {
    Ok(Json(json!({"tasks": state.store().tasks(&session.org).await?})))
}

async fn activity(Signed(session): Signed, State(state): State<AppState>) -> Result<Json<Value>, Failure> {
    Ok(Json(json!({"activity": state.store().activity(&session.org, LATEST).await?})))
}
