//! Looking at a send that should have an outcome by now.

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    id::{AttemptId, OrgId},
    reminder::{MAX_ATTEMPTS, Reminder, ReminderState},
    template::TIME_TO_LIVE,
};

use crate::{
    error::AppError,
    store::{Store, due::settle_work, reminder::claim::SETTLE_AFTER, task::TaskAbout},
};

/// While Meta's webhooks are silent the question is asked again after this.
const ASK_AGAIN: SignedDuration = SignedDuration::from_hours(1);

/// What a look at a send found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It has an outcome, or got one now.
    Done,
    /// It is looked at again later.
    Later,
    /// The job was stale.
    Stale,
}

/// Turns a send without an answer into `Unknown` with a task, and one without delivery into `Expired`.
pub async fn settle_attempt(
    store: &Store,
    org: &OrgId,
    attempt: AttemptId,
    claim: Timestamp,
    now: Timestamp,
) -> Result<Settled, AppError> {
    let work = settle_work(attempt);
    if !store.holds_claim(org, &work, claim).await? {
        return Ok(Settled::Stale);
    }
    let reminder = store.reminder_of_attempt(org, attempt).await?;
    let next = match reminder.filter(|reminder| reminder.attempt == attempt) {
        Some(reminder) => look(store, org, &reminder, now).await?,
        None => None,
    };
    store.finish_due(org, &work, claim, next, now).await?;
    Ok(if next.is_some() { Settled::Later } else { Settled::Done })
}

/// When to look again, if at all.
async fn look(store: &Store, org: &OrgId, reminder: &Reminder, now: Timestamp) -> Result<Option<Timestamp>, AppError> {
    match &reminder.state {
        ReminderState::Sending => {
            let since = now.duration_since(reminder.claimed_at);
            if since < SETTLE_AFTER {
                return Ok(reminder.claimed_at.checked_add(SETTLE_AFTER).ok());
            }
            store.open_task(org, TaskAbout::OutcomeUnknown(reminder.attempt), now).await?;
            let moved = store.move_reminder(org, reminder, ReminderState::Unknown, now).await?;
            // Something happened in this moment: look again at once.
            Ok((!moved).then_some(now))
        }
        ReminderState::Accepted | ReminderState::Sent => {
            let expires_at = reminder.expires_at(TIME_TO_LIVE);
            if now < expires_at {
                return Ok(Some(expires_at));
            }
            let senders = store.senders(org).await?;
            let heard = senders
                .iter()
                .find(|sender| sender.phone_number_id == reminder.sender)
                .and_then(|sender| sender.heard_up_to);
            if !reminder.is_expired(now, TIME_TO_LIVE, heard) {
                return Ok(now.checked_add(ASK_AGAIN).ok());
            }
            if reminder.times_expired() + 1 >= MAX_ATTEMPTS {
                store.open_task(org, TaskAbout::UndeliveredTwice(reminder.attempt), now).await?;
            }
            let moved = store.move_reminder(org, reminder, ReminderState::Expired, now).await?;
            Ok((!moved).then_some(now))
        }
        ReminderState::Unknown => {
            // The task may have been lost in a crash after the state was stored.
            store.open_task(org, TaskAbout::OutcomeUnknown(reminder.attempt), now).await?;
            Ok(None)
        }
        ReminderState::Held
        | ReminderState::NotSent { .. }
        | ReminderState::Failed { .. }
        | ReminderState::Delivered
        | ReminderState::Read
        | ReminderState::Expired => Ok(None),
    }
}
