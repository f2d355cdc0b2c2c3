//! Reminders that a person asked for, journalled so that a restored table does not send their steps again.
//!
//! What a plan sends has no entry: a restored table takes every step that was due by then as said. A person may send a
//! step ahead of its time.

use jiff::{Timestamp, civil::Date};
use numo_domain::{
    attempt::Attempt,
    id::OrgId,
    reminder::{Reminder, ReminderState},
};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::table::{Item, Source, Write, Written},
    store::{
        Entity, RACES, Store,
        journal::{KEPT_FOR, day_of},
        keys, lost_races, new_item, next_item,
        reminder::{ReminderItem, ReminderLink},
        task::TaskAbout,
    },
};

/// A reminder as it was claimed, without its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct JournalledReminder {
    /// In which organisation.
    pub org: OrgId,
    /// Which.
    pub reminder: Reminder,
    /// Why its attempt was made, for how much, and with which text of the pack.
    pub said: Attempt,
}

impl Entity for JournalledReminder {
    const ENTITY: &'static str = "journalled_reminder";
}

impl Store {
    /// Journals a reminder that a person asked for, before it is claimed; again changes nothing.
    pub(crate) async fn journal_reminder(
        &self,
        org: &OrgId,
        (reminder, said): (&Reminder, &Attempt),
        now: Timestamp,
    ) -> Result<(), AppError> {
        let key = keys::journal::reminder(day_of(now), org, reminder.attempt);
        let said = Attempt { text: String::new(), lines: Vec::new(), ..said.clone() };
        let entry = JournalledReminder { org: org.clone(), reminder: reminder.clone(), said };
        let item = Item { expires_at: now.checked_add(KEPT_FOR).ok(), ..new_item(key, &entry, now)? };
        self.journal().create_item(item).await.map(|_| ())
    }

    /// What was asked for on a day, by UTC.
    pub(crate) async fn journalled_reminders(&self, day: Date) -> Result<Vec<JournalledReminder>, AppError> {
        let source = Source::Table(keys::journal::reminders_of_day(day));
        let entries = self.journal().list(source, String::new()).await?;
        Ok(entries.into_iter().map(|stored| stored.value).collect())
    }

    /// Stores a reminder that the table does not know: it may have gone out, and a person is asked to look.
    ///
    /// Returns whether the table did not know it. What arrived before cannot have been claimed again, and stays as it is.
    pub(crate) async fn remember(&self, entry: &JournalledReminder, now: Timestamp) -> Result<bool, AppError> {
        let JournalledReminder { org, reminder, said } = entry;
        let key = keys::reminder(org, &reminder.key);
        for _ in 0..RACES {
            let seen = self.reminder(org, &reminder.key).await?;
            let is_known = |known: &Reminder| known.claimed_at >= reminder.claimed_at || known.state.is_delivered();
            if seen.as_ref().is_some_and(|seen| is_known(&seen.value.reminder)) {
                return Ok(false);
            }
            self.open_task(org, TaskAbout::OutcomeUnknown(reminder.attempt), now).await?;
            let mut next = reminder.clone();
            next.enter(ReminderState::Unknown, now);
            let next = ReminderItem { reminder: next, said: None };
            let link = ReminderLink { said: Some(said.clone()), ..ReminderLink::of(reminder) };
            let mut writes = vec![match &seen {
                Some(seen) => Write::Replace(next_item(key.clone(), seen, &next, now)?),
                None => Write::Create(new_item(key.clone(), &next, now)?),
            }];
            // The backup may be of the moment between the two writes of the claim.
            if self.reminder_link(org, reminder.attempt).await?.is_none() {
                writes.push(Write::Create(new_item(keys::attempt(org, reminder.attempt), &link, now)?));
            }
            if self.write_all(writes).await? == Written::Done {
                return Ok(true);
            }
        }
        Err(lost_races())
    }
}
