//! Reminders that were claimed, and what became of them.

use axum::{
    Json, Router,
    extract::State,
    routing::{get, post},
};
use numo_app::{
    error::AppError,
    resolve_attempt::{Finding, resolve_attempt},
};
use numo_domain::{
    id::{AttemptId, OrgId},
    reminder::Reminder,
};
use serde::{Deserialize, Serialize};

use crate::{
    auth::{Admin, Signed},
    failure::Failure,
    json_body::JsonBody,
    paging::{Paged, newest_first},
    path_of::PathOf,
    state::AppState,
    view::{
        names::by_ref,
        reminder::{ReminderView, newest},
    },
};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/reminders", get(list))
        .route("/reminders/{attempt}", get(show))
        .route("/reminders/{attempt}/resolve", post(resolve))
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct RemindersView {
    reminders: Vec<ReminderView>,
    /// Where the next part begins; none at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct Resolution {
    /// Whether the customer got the message.
    went_out: bool,
}

/// Reminders that were claimed, newest first.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(get, path = "/reminders", params(crate::paging::PartQuery), responses((status = 200, body = RemindersView)))
)]
async fn list(
    Signed(session): Signed,
    paged: Paged,
    State(state): State<AppState>,
) -> Result<Json<RemindersView>, Failure> {
    let part = paged.part(&session.org)?;
    let contacts = by_ref(state.store().contacts(&session.org).await?);
    let reminders = state.store().reminders(&session.org).await?;
    let part = part.of(reminders, |reminder| newest_first(reminder.claimed_at, &reminder.attempt.to_string()));
    let reminders = newest(state.store(), &session.org, (part.values, usize::MAX), &contacts).await?;
    Ok(Json(RemindersView { reminders, next_cursor: paged.next(&session.org, "", part.next) }))
}

/// One reminder with every state that it had.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        get, path = "/reminders/{attempt}",
        params(("attempt" = AttemptId, Path)),
        responses((status = 200, body = ReminderView)),
    )
)]
async fn show(
    Signed(session): Signed,
    State(state): State<AppState>,
    PathOf(attempt): PathOf<AttemptId>,
) -> Result<Json<ReminderView>, Failure> {
    let found = state.store().reminder_of_attempt(&session.org, attempt).await?;
    let reminder = found.ok_or(AppError::NotFound("reminder"))?;
    view(&state, &session.org, reminder).await
}

/// Says whether a message went out of which nobody knows.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        post, path = "/reminders/{attempt}/resolve",
        params(("attempt" = AttemptId, Path)),
        request_body = Resolution,
        responses((status = 200, body = ReminderView)),
        security(("session" = ["admin"])),
    )
)]
async fn resolve(
    Admin(session): Admin,
    State(state): State<AppState>,
    PathOf(attempt): PathOf<AttemptId>,
    JsonBody(resolution): JsonBody<Resolution>,
) -> Result<Json<ReminderView>, Failure> {
    let finding = if resolution.went_out { Finding::WentOut } else { Finding::DidNot };
    let reminder = resolve_attempt(state.waker(), &session.org, &session.user, (attempt, finding), state.now()).await?;
    view(&state, &session.org, reminder).await
}

async fn view(state: &AppState, org: &OrgId, reminder: Reminder) -> Result<Json<ReminderView>, Failure> {
    let contact = std::slice::from_ref(&reminder.key.contact);
    let contacts = state.store().contacts_by_ref(org, contact).await?;
    let contacts = by_ref(contacts.into_iter().map(|stored| stored.value).collect());
    let mut shown = newest(state.store(), org, (vec![reminder], 1), &contacts).await?;
    Ok(Json(shown.pop().ok_or(AppError::NotFound("reminder"))?))
}
