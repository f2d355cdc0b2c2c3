//! Closing a task that only tells something, once somebody has seen it.

use jiff::Timestamp;
use numo_domain::id::{ActivityId, OrgId, UserId};
use serde_json::json;

use crate::{
    error::AppError,
    store::{
        activity::{Activity, Actor},
        task::TaskAbout,
    },
    wake::Waker,
};

/// Closes what Meta told about an account; any other task closes once what it asks for is done.
pub async fn see_notice(
    waker: &Waker,
    org: &OrgId,
    by: &UserId,
    about: &TaskAbout,
    now: Timestamp,
) -> Result<(), AppError> {
    let TaskAbout::AccountNotice { waba, notice } = about else {
        return Err(AppError::invalid("kind", "only a notice is closed by having seen it"));
    };
    let store = &waker.store;
    if !store.tasks(org).await?.iter().any(|task| task.about == *about) {
        return Err(AppError::NotFound("task"));
    }
    store.close_task(org, about).await?;
    let detail = json!({"waba": waba, "what": notice.what, "word": notice.word});
    let activity = Activity { at: now, actor: Actor::User(by.clone()), action: "notice.seen".to_owned(), detail };
    store.record(org, ActivityId::new(waker.ids.uuid()), &activity).await
}
