//! Looking at sends that should have an outcome by now.

use jiff::{SignedDuration, Timestamp, civil::Date};
use numo_domain::{
    id::{AttemptId, OrgId},
    reminder::{MAX_ATTEMPTS, Reminder, ReminderState},
    template::TIME_TO_LIVE,
};

use crate::{
    error::AppError,
    store::{
        Store,
        due::{settle_day_work, settle_work},
        reminder::claim::SETTLE_AFTER,
        task::TaskAbout,
    },
};

/// While Meta's webhooks are silent the question is asked again after this.
const ASK_AGAIN: SignedDuration = SignedDuration::from_hours(1);

/// What a look found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// Everything has an outcome, or got one now.
    Done,
    /// There is something to look at later.
    Later,
    /// The job was stale.
    Stale,
}

/// Turns sends of a day's plan without an answer into `Unknown` with a task, and those without delivery into `Expired`.
///
/// Sends that a person asked for are looked at by the work that made them.
pub async fn settle_day(
    store: &Store,
    org: &OrgId,
    date: Date,
    claim: Timestamp,
    now: Timestamp,
) -> Result<Settled, AppError> {
    let work = settle_day_work(date);
    if !store.holds_claim(org, &work, claim).await? {
        return Ok(Settled::Stale);
    }
    let mut next = None;
    for reminder in store.reminders_of_day(org, date).await? {
        next = next.into_iter().chain(look(store, org, &reminder, now).await?).min();
    }
    finish(store.finish_due(org, &work, claim, next, now).await, next)
}

/// The same for one send: what was claimed before looks were kept per day has a look of its own.
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
    finish(store.finish_due(org, &work, claim, next, now).await, next)
}

fn finish(finished: Result<(), AppError>, next: Option<Timestamp>) -> Result<Settled, AppError> {
    finished.map(|()| if next.is_some() { Settled::Later } else { Settled::Done })
}

/// Has the sends of a day looked at when the first of them should have an outcome.
///
/// A run does this before it finishes its own work: one that dies earlier comes again, and then does it.
/// A look that is under way saw less, and comes back as well.
pub(crate) async fn look_later(store: &Store, org: &OrgId, date: Date, now: Timestamp) -> Result<(), AppError> {
    match store.reminders_of_day(org, date).await?.iter().filter_map(outcome_due_at).min() {
        Some(at) => store.mark_due_after_claim(org, &settle_day_work(date), at, now).await,
        None => Ok(()),
    }
}

/// When a send should have an outcome, if it has none yet that ends the matter.
///
/// Of one whose outcome is unknown, when its task should be there: whoever stored the state may have died before that.
pub(crate) fn outcome_due_at(reminder: &Reminder) -> Option<Timestamp> {
    match reminder.state {
        ReminderState::Sending | ReminderState::Unknown => reminder.claimed_at.checked_add(SETTLE_AFTER).ok(),
        ReminderState::Accepted | ReminderState::Sent | ReminderState::Held => Some(reminder.expires_at(TIME_TO_LIVE)),
        ReminderState::NotSent { .. }
        | ReminderState::Failed { .. }
        | ReminderState::Delivered
        | ReminderState::Read
        | ReminderState::Expired => None,
    }
}

/// Settles one send if its time has come; when to look again, if at all.
pub(crate) async fn look(
    store: &Store,
    org: &OrgId,
    reminder: &Reminder,
    now: Timestamp,
) -> Result<Option<Timestamp>, AppError> {
    if let Some(later) = outcome_due_at(reminder).filter(|at| now < *at) {
        return Ok(Some(later));
    }
    match &reminder.state {
        // What Meta still holds may go out any time: it is never tried again by itself.
        ReminderState::Sending | ReminderState::Held => is_unknown(store, org, reminder, now).await,
        ReminderState::Accepted | ReminderState::Sent => {
            let senders = store.senders(org).await?;
            let heard = senders
                .iter()
                .find(|sender| sender.phone_number_id == reminder.sender)
                .and_then(|sender| sender.heard_up_to);
            if !reminder.is_expired(now, TIME_TO_LIVE, heard) {
                return Ok(now.checked_add(ASK_AGAIN).ok());
            }
            // That it arrived may have been told in a time of which a restored table knows nothing.
            if was_told_in_lost_time(store, reminder).await? {
                return is_unknown(store, org, reminder, now).await;
            }
            // Thanks are no part of the sequence. The next plan sees the same, and closes the task when it does not.
            let asks = reminder.key.occasion.thanks_until().is_none();
            if asks && reminder.times_expired() + 1 >= MAX_ATTEMPTS {
                store.open_task(org, TaskAbout::UndeliveredTwice(reminder.key.contact.clone()), now).await?;
            }
            let moved = store.move_reminder(org, reminder, ReminderState::Expired, now).await?;
            Ok((!moved).then_some(now))
        }
        ReminderState::Unknown => {
            // The task may have been lost in a crash after the state was stored.
            store.open_task(org, TaskAbout::OutcomeUnknown(reminder.attempt), now).await?;
            Ok(None)
        }
        ReminderState::NotSent { .. }
        | ReminderState::Failed { .. }
        | ReminderState::Delivered
        | ReminderState::Read
        | ReminderState::Expired => Ok(None),
    }
}

/// Nobody knows what became of it, and a person is asked to look; when to look again, if at all.
async fn is_unknown(
    store: &Store,
    org: &OrgId,
    reminder: &Reminder,
    now: Timestamp,
) -> Result<Option<Timestamp>, AppError> {
    store.open_task(org, TaskAbout::OutcomeUnknown(reminder.attempt), now).await?;
    let moved = store.move_reminder(org, reminder, ReminderState::Unknown, now).await?;
    // Something happened in this moment: look again at once.
    Ok((!moved).then_some(now))
}

/// Whether the time in which a message arrives or expires meets one of which a restored table knows nothing.
async fn was_told_in_lost_time(store: &Store, reminder: &Reminder) -> Result<bool, AppError> {
    let lost = store.messaging_gate().await?.lost;
    Ok(lost.is_some_and(|lost| reminder.claimed_at <= lost.to && lost.from <= reminder.expires_at(TIME_TO_LIVE)))
}
