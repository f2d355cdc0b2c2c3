//! What became of a send: the answer to the call, and the statuses that follow in any order.

use jiff::Timestamp;
use numo_domain::{
    delivery_report::DeliveryReport,
    id::{AttemptId, MessageId, OrgId},
    reminder::{DeliveryStatus, Reminder, ReminderKey, ReminderState},
};

use crate::{
    error::AppError,
    port::table::{Write, Written},
    store::{
        RACES, Replaced, Store, Stored, keys, lost_races, next_item,
        reminder::{FuseItem, ReminderItem, ReminderLink},
    },
};

/// The answer to a call to Meta.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// Meta took it.
    Taken {
        /// Meta's id of the message.
        message: MessageId,
        /// Whether Meta looks at its quality first.
        held: bool,
    },
    /// Meta certainly did not take it.
    NotSent {
        /// Meta's code.
        code: u32,
    },
    /// Nobody knows.
    Unknown,
}

impl Store {
    /// Stores that Meta took a claimed reminder; a status that came faster is not lowered.
    ///
    /// The link from the message comes first: a reminder that names its message has one.
    pub async fn record_taken(
        &self,
        org: &OrgId,
        claimed: &Stored<Reminder>,
        (message, held): (&MessageId, bool),
        now: Timestamp,
    ) -> Result<(), AppError> {
        let (attempt, key) = (claimed.value.attempt, &claimed.value.key);
        self.link_message(org, &claimed.value, message, now).await?;
        let mut next = claimed.value.clone();
        next.enter(if held { ReminderState::Held } else { ReminderState::Accepted }, now);
        next.message = Some(message.clone());
        let next = next_item(keys::reminder(org, key), claimed, &ReminderItem { reminder: next, said: None }, now)?;
        if self.replace_item(next).await? == Replaced::Replaced {
            return Ok(());
        }
        let outcome = SendOutcome::Taken { message: message.clone(), held };
        self.record_outcome(org, key, attempt, &outcome, now).await
    }

    /// Stores the answer to a call; a status that came faster is not lowered.
    pub async fn record_outcome(
        &self,
        org: &OrgId,
        key: &ReminderKey,
        attempt: AttemptId,
        outcome: &SendOutcome,
        now: Timestamp,
    ) -> Result<(), AppError> {
        for _ in 0..RACES {
            let Some(seen) = self.reminder(org, key).await? else {
                return Err(AppError::Internal("a claimed reminder is gone".to_owned()));
            };
            let mut next = seen.value.reminder.clone();
            let mut writes = Vec::new();
            let waiting = next.attempt == attempt && next.state.is_uncertain();
            match outcome {
                SendOutcome::Taken { message, held } => {
                    if waiting {
                        next.enter(if *held { ReminderState::Held } else { ReminderState::Accepted }, now);
                    }
                    if next.message.as_ref() != Some(message) {
                        self.link_message(org, &next, message, now).await?;
                    }
                    if next.attempt == attempt {
                        next.message = Some(message.clone());
                    }
                }
                SendOutcome::NotSent { code } if waiting => {
                    next.enter(ReminderState::NotSent { code: *code }, now);
                    writes.extend(self.released_fuse(org, &next, now).await?);
                }
                SendOutcome::Unknown if waiting => {
                    next.enter(ReminderState::Unknown, now);
                }
                SendOutcome::NotSent { .. } | SendOutcome::Unknown => {}
            }
            if self.write_reminder(org, &seen, &next, writes, now).await? {
                return Ok(());
            }
        }
        Err(lost_races())
    }

    /// Applies a status of a message; returns the reminder when its attempt is one of ours.
    ///
    /// Whoever called Meta may have died before the message's id was stored: the status names it.
    pub async fn apply_status(
        &self,
        org: &OrgId,
        (attempt, message): (AttemptId, &MessageId),
        (status, report): (DeliveryStatus, &DeliveryReport),
        at: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Reminder>, AppError> {
        let Some(link) = self.reminder_link(org, attempt).await? else { return Ok(None) };
        for _ in 0..RACES {
            let Some(seen) = self.reminder(org, &link.key).await? else { return Ok(None) };
            let mut next = seen.value.reminder.clone();
            let superseded = next.attempt != attempt && matches!(status, DeliveryStatus::Failed { .. });
            // A failure of an earlier attempt says nothing about the present one.
            if !superseded {
                next.enter(next.state.after(status), at);
            }
            next.take_report(attempt, status, report);
            // Meta's id of a message has the number in it.
            if next.attempt == attempt && next.message.is_none() && !next.key.is_anonymous() {
                self.link_message(org, &next, message, now).await?;
                next.message = Some(message.clone());
            }
            if self.write_reminder(org, &seen, &next, Vec::new(), now).await? {
                return Ok(Some(ReminderItem { reminder: next, ..seen.value }.reminder()));
            }
        }
        Err(lost_races())
    }

    /// Moves an attempt that is still in a state to another; false if it has moved on.
    pub async fn move_reminder(
        &self,
        org: &OrgId,
        seen: &Reminder,
        to: ReminderState,
        now: Timestamp,
    ) -> Result<bool, AppError> {
        let Some(stored) = self.reminder(org, &seen.key).await? else { return Ok(false) };
        let known = &stored.value.reminder;
        if known.attempt != seen.attempt || known.state != seen.state {
            return Ok(false);
        }
        let mut next = known.clone();
        next.enter(to, now);
        self.write_reminder(org, &stored, &next, Vec::new(), now).await
    }

    async fn write_reminder(
        &self,
        org: &OrgId,
        seen: &Stored<ReminderItem>,
        next: &Reminder,
        mut also: Vec<Write>,
        now: Timestamp,
    ) -> Result<bool, AppError> {
        if seen.value.reminder != *next {
            let item = ReminderItem { reminder: next.clone(), said: seen.value.said.clone() };
            also.push(Write::Replace(next_item(keys::reminder(org, &next.key), seen, &item, now)?));
        }
        if also.is_empty() {
            return Ok(true);
        }
        Ok(self.write_all(also).await? == Written::Done)
    }

    /// Leads from a message to the reminder it was sent for; one that leads there already stays.
    async fn link_message(
        &self,
        org: &OrgId,
        reminder: &Reminder,
        message: &MessageId,
        now: Timestamp,
    ) -> Result<(), AppError> {
        let link = ReminderLink::of(reminder);
        self.create(keys::message(org, message), &link, now).await.map(|_| ())
    }

    pub(super) async fn released_fuse(
        &self,
        org: &OrgId,
        reminder: &Reminder,
        now: Timestamp,
    ) -> Result<Option<Write>, AppError> {
        let key = keys::fuse(org, &reminder.recipient);
        let Some(seen) = self.read::<FuseItem>(&key).await? else { return Ok(None) };
        let next =
            FuseItem { number: seen.value.number.clone(), fuse: seen.value.fuse.clone().without(reminder.attempt) };
        Ok(Some(Write::Replace(next_item(key, &seen, &next, now)?)))
    }
}
