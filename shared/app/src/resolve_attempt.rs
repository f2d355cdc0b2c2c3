//! A person's word on a send whose outcome nobody knows.

use jiff::Timestamp;
use numo_domain::{
    id::{ActivityId, AttemptId, OrgId, UserId},
    reminder::{Reminder, ReminderState},
};
use serde_json::json;

use crate::{
    error::AppError,
    store::{
        activity::{Activity, Actor},
        reminder::outcome::SendOutcome,
        task::TaskAbout,
    },
    wake::Waker,
};

/// What the admin found out, by asking the customer or looking at the phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// The customer got it.
    WentOut,
    /// The customer did not.
    DidNot,
}

/// The code of a send that a person says did not happen; Meta has no such code.
const SAID_BY_A_PERSON: u32 = 0;

/// Settles an unknown outcome, so that the customer is neither written to twice nor silenced for ever.
pub async fn resolve_attempt(
    waker: &Waker,
    org: &OrgId,
    by: &UserId,
    (attempt, finding): (AttemptId, Finding),
    now: Timestamp,
) -> Result<Reminder, AppError> {
    let store = &waker.store;
    let found = store.reminder_of_attempt(org, attempt).await?;
    let reminder = found.filter(|reminder| reminder.attempt == attempt).ok_or(AppError::NotFound("reminder"))?;
    let settled = AppError::Conflict("the outcome of this message is known");
    if reminder.state != ReminderState::Unknown {
        return Err(settled);
    }
    let word = match finding {
        Finding::WentOut => {
            if !store.move_reminder(org, &reminder, ReminderState::Delivered, now).await? {
                return Err(settled);
            }
            "went_out"
        }
        Finding::DidNot => {
            // As if Meta had said so: the number is free again, and the step may be tried once more.
            let not_sent = SendOutcome::NotSent { code: SAID_BY_A_PERSON };
            store.record_outcome(org, &reminder.key, attempt, &not_sent, now).await?;
            "did_not"
        }
    };
    store.close_task(org, &TaskAbout::OutcomeUnknown(attempt)).await?;
    let detail = json!({"attempt": attempt, "finding": word});
    let activity = Activity { at: now, actor: Actor::User(by.clone()), action: "outcome.resolved".to_owned(), detail };
    store.record(org, ActivityId::new(waker.ids.uuid()), &activity).await?;
    store.reminder_of_attempt(org, attempt).await?.ok_or(AppError::NotFound("reminder"))
}
