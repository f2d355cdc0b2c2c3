//! Reminders that were claimed, and what became of them.

use axum::{Json, Router, extract::State, routing::get};
use numo_app::error::AppError;
use numo_domain::id::AttemptId;
use serde_json::{Value, json};

use crate::{
    auth::Signed,
    failure::Failure,
    path_of::PathOf,
    state::AppState,
    view::{
        names::by_ref,
        reminder::{ReminderView, newest_first},
    },
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/reminders", get(list)).route("/reminders/{attempt}", get(show))
}

async fn list(Signed(session): Signed, State(state): State<AppState>) -> Result<Json<Value>, Failure> {
    let contacts = by_ref(state.store().contacts(&session.org).await?);
    let reminders = newest_first(state.store().reminders(&session.org).await?, &contacts);
    Ok(Json(json!({"reminders": reminders})))
}

async fn show(
    Signed(session): Signed,
    State(state): State<AppState>,
    PathOf(attempt): PathOf<AttemptId>,
) -> Result<Json<ReminderView>, Failure> {
    let found = state.store().reminder_of_attempt(&session.org, attempt).await?;
    let reminder = found.ok_or(AppError::NotFound("reminder"))?;
    let contact = std::slice::from_ref(&reminder.key.contact);
    let contacts = state.store().contacts_by_ref(&session.org, contact).await?;
    let contacts = by_ref(contacts.into_iter().map(|stored| stored.value).collect());
    Ok(Json(ReminderView::new(reminder, &contacts)))
}
