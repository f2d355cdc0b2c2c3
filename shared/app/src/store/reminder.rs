//! The send ledger: reminders, claimed before the call to Meta and never sent twice.

pub mod claim;
pub mod grounds;
pub mod outcome;

use jiff::{Timestamp, civil::Date};
use numo_domain::{
    fuse::Fuse,
    id::{AttemptId, MessageId, NumberKey, OrgId},
    reminder::{Reminder, ReminderKey},
};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::table::Source,
    store::{Entity, Store, Stored, keys},
};

impl Entity for Reminder {
    const ENTITY: &'static str = "reminder";
}

/// From an attempt, or from a message, to the reminder it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReminderLink {
    pub key: ReminderKey,
    pub attempt: AttemptId,
    pub claimed_at: Timestamp,
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
        self.reminders_under(org, keys::REMINDERS.to_owned()).await
    }

    /// The reminder that an attempt was made for, with every state it had.
    pub async fn reminder_of_attempt(&self, org: &OrgId, attempt: AttemptId) -> Result<Option<Reminder>, AppError> {
        let Some(link) = self.read::<ReminderLink>(&keys::attempt(org, attempt)).await? else { return Ok(None) };
        Ok(self.reminder(org, &link.value.key).await?.map(|stored| stored.value))
    }

    /// The reminder that a message of ours was sent for.
    pub async fn reminder_of_message(&self, org: &OrgId, message: &MessageId) -> Result<Option<Reminder>, AppError> {
        let Some(link) = self.read::<ReminderLink>(&keys::message(org, message)).await? else { return Ok(None) };
        Ok(self.reminder(org, &link.value.key).await?.map(|stored| stored.value))
    }

    /// Some reminders by their keys; those that were never claimed are left out.
    pub async fn reminders_by_key(&self, org: &OrgId, keys: &[ReminderKey]) -> Result<Vec<Reminder>, AppError> {
        let keys: Vec<_> = keys.iter().map(|key| keys::reminder(org, key)).collect();
        Ok(self.read_many(&keys).await?.into_iter().map(|(_, stored)| stored.value).collect())
    }

    /// What was claimed for a day by its approved plan, which names what it may send.
    pub(crate) async fn reminders_of_day(&self, org: &OrgId, date: Date) -> Result<Vec<Reminder>, AppError> {
        let header = self.plan_header(org, date).await?.map(|seen| seen.value);
        let Some(header) = header.filter(|header| header.approval.is_given()) else { return Ok(Vec::new()) };
        let decisions = self.plan_decisions(org, &header).await?;
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

    pub(crate) async fn reminder(&self, org: &OrgId, key: &ReminderKey) -> Result<Option<Stored<Reminder>>, AppError> {
        self.read(&keys::reminder(org, key)).await
    }

    pub(crate) async fn reminder_link(
        &self,
        org: &OrgId,
        attempt: AttemptId,
    ) -> Result<Option<ReminderLink>, AppError> {
        Ok(self.read(&keys::attempt(org, attempt)).await?.map(|link| link.value))
    }

    async fn reminders_under(&self, org: &OrgId, prefix: String) -> Result<Vec<Reminder>, AppError> {
        let source = Source::Table(keys::org_partition(org));
        Ok(self.list(source, prefix).await?.into_iter().map(|stored| stored.value).collect())
    }
}
