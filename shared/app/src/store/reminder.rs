//! The send ledger: reminders, claimed before the call to Meta and never sent twice.

pub mod claim;
pub mod grounds;
pub mod outcome;

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use numo_domain::{
    attempt::Attempt,
    contact::ContactRef,
    fuse::Fuse,
    id::{AttemptId, MessageId, NumberKey, OrgId},
    reminder::{Reminder, ReminderKey},
};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::table::{Order, Source},
    store::{
        Entity, Store, Stored, keys,
        part::{Part, Parted},
    },
};

/// A reminder as it is stored; those of before had what they said in themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReminderItem {
    #[serde(flatten)]
    pub reminder: Reminder,
    #[serde(flatten)]
    pub said: Option<Attempt>,
}

impl Entity for ReminderItem {
    const ENTITY: &'static str = "reminder";
}

impl ReminderItem {
    /// The reminder, which knows what it lists wherever that is stored.
    pub(crate) fn reminder(&self) -> Reminder {
        let mut reminder = self.reminder.clone();
        if let Some(said) = self.said.as_ref().filter(|_| reminder.listed.is_empty()) {
            reminder.listed = said.lines.iter().map(|line| line.invoice.clone()).collect();
        }
        reminder
    }
}

/// From an attempt, or from a message, to the reminder it is for; of an attempt also what it said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReminderLink {
    pub key: ReminderKey,
    pub claimed_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<Attempt>,
}

impl ReminderLink {
    pub(crate) fn of(reminder: &Reminder) -> Self {
        Self { key: reminder.key.clone(), claimed_at: reminder.claimed_at, said: None }
    }
}

impl Entity for ReminderLink {
    const ENTITY: &'static str = "reminder_link";
}

/// Who gets the fuse: its number, stored with it so that a listing can tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FuseItem {
    pub number: NumberKey,
    #[serde(flatten)]
    pub fuse: Fuse,
}

impl Entity for FuseItem {
    const ENTITY: &'static str = "fuse";
}

impl Store {
    /// All reminders of the organisation.
    pub async fn reminders(&self, org: &OrgId) -> Result<Vec<Reminder>, AppError> {
        let source = Source::Table(keys::org_partition(org));
        let items = self.list::<ReminderItem>(source, keys::REMINDERS.to_owned()).await?;
        Ok(items.into_iter().map(|stored| stored.value.reminder()).collect())
    }

    /// Whether the organisation has ever reminded anybody.
    pub async fn has_reminded(&self, org: &OrgId) -> Result<bool, AppError> {
        let (partition, prefix) = (keys::org_partition(org), keys::REMINDERS.to_owned());
        let first: Parted<ReminderItem> = self.list_part(partition, prefix, Order::Ascending, &Part::first(1)).await?;
        Ok(!first.values.is_empty())
    }

    /// All reminders to one customer.
    pub async fn reminders_of(&self, org: &OrgId, contact: &ContactRef) -> Result<Vec<Reminder>, AppError> {
        let source = Source::Table(keys::org_partition(org));
        let items = self.list::<ReminderItem>(source, keys::reminders_of_contact(contact)).await?;
        Ok(items.into_iter().map(|stored| stored.value.reminder()).collect())
    }

    /// What the latest attempts of some reminders said, by attempt.
    pub async fn said(&self, org: &OrgId, reminders: &[Reminder]) -> Result<BTreeMap<AttemptId, Attempt>, AppError> {
        let attempts: BTreeMap<_, _> =
            reminders.iter().map(|reminder| (keys::attempt(org, reminder.attempt), reminder.attempt)).collect();
        let keys: Vec<_> = attempts.keys().cloned().collect();
        let links = self.read_many::<ReminderLink>(&keys).await?.into_iter();
        let mut said: BTreeMap<_, _> =
            links.filter_map(|(key, link)| Some((*attempts.get(&key)?, link.value.said?))).collect();
        let before = reminders.iter().filter(|reminder| !said.contains_key(&reminder.attempt));
        let keys: Vec<_> = before.map(|reminder| keys::reminder(org, &reminder.key)).collect();
        let items = self.read_many::<ReminderItem>(&keys).await?.into_iter().map(|(_, item)| item.value);
        said.extend(items.filter_map(|item| Some((item.reminder.attempt, item.said?))));
        Ok(said)
    }

    /// The reminder that an attempt was made for, with every state it had.
    pub async fn reminder_of_attempt(&self, org: &OrgId, attempt: AttemptId) -> Result<Option<Reminder>, AppError> {
        let Some(link) = self.read::<ReminderLink>(&keys::attempt(org, attempt)).await? else { return Ok(None) };
        Ok(self.reminder(org, &link.value.key).await?.map(|stored| stored.value.reminder()))
    }

    /// The reminder that a message of ours was sent for.
    pub async fn reminder_of_message(&self, org: &OrgId, message: &MessageId) -> Result<Option<Reminder>, AppError> {
        let Some(link) = self.read::<ReminderLink>(&keys::message(org, message)).await? else { return Ok(None) };
        Ok(self.reminder(org, &link.value.key).await?.map(|stored| stored.value.reminder()))
    }

    /// Some reminders by their keys; those that were never claimed are left out.
    pub async fn reminders_by_key(&self, org: &OrgId, keys: &[ReminderKey]) -> Result<Vec<Reminder>, AppError> {
        let keys: Vec<_> = keys.iter().map(|key| keys::reminder(org, key)).collect();
        let items = self.read_many::<ReminderItem>(&keys).await?;
        Ok(items.into_iter().map(|(_, stored)| stored.value.reminder()).collect())
    }

    /// What was claimed for a day by its approved plan, which names what it may send.
    pub(crate) async fn reminders_of_day(&self, org: &OrgId, date: Date) -> Result<Vec<Reminder>, AppError> {
        let header = self.plan_header(org, date).await?.map(|seen| seen.value);
        let Some(header) = header.filter(|header| header.approval.is_given()) else { return Ok(Vec::new()) };
        let decisions = self.planned_sends(org, &header).await?;
        let planned = decisions.iter().filter_map(|decision| Some(decision.send()?.reminder_key(&decision.unit)));
        let mut claimed = self.reminders_by_key(org, &planned.collect::<Vec<_>>()).await?;
        // What was tried again on a later day belongs to that day.
        claimed.retain(|reminder| reminder.date == date);
        Ok(claimed)
    }

    /// The fuses of all numbers.
    pub async fn fuses(&self, org: &OrgId) -> Result<Vec<(NumberKey, Fuse)>, AppError> {
        let source = Source::Table(keys::org_partition(org));
        let items = self.list::<FuseItem>(source, keys::FUSES.to_owned()).await?;
        Ok(items.into_iter().map(|item| (item.value.number, item.value.fuse)).collect())
    }

    /// The fuse of one number, if anything was sent there lately.
    pub async fn fuse(&self, org: &OrgId, number: &NumberKey) -> Result<Option<Fuse>, AppError> {
        Ok(self.read::<FuseItem>(&keys::fuse(org, number)).await?.map(|stored| stored.value.fuse))
    }

    pub(crate) async fn reminder(
        &self,
        org: &OrgId,
        key: &ReminderKey,
    ) -> Result<Option<Stored<ReminderItem>>, AppError> {
        self.read(&keys::reminder(org, key)).await
    }

    pub(crate) async fn reminder_link(
        &self,
        org: &OrgId,
        attempt: AttemptId,
    ) -> Result<Option<ReminderLink>, AppError> {
        Ok(self.read(&keys::attempt(org, attempt)).await?.map(|link| link.value))
    }
}
