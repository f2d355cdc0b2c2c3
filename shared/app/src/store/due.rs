//! Due work: what is to be done, and when; the clock of the whole product.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, civil::Date};
use numo_domain::{
    contact::ContactRef,
    id::{AttemptId, ConnectionId, OrgId},
};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    job::Work,
    port::table::{Cursor, Item, Key, Order, Query, Range, Source},
    store::{Created, Entity, RACES, Replaced, Store, Stored, keys, lost_races, new_item, next_item},
};

/// One piece of due work; there is one per kind and subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueItem {
    /// What is to be done.
    pub work: Work,
    /// Not before this; a claim moves it ahead, so that a crash heals itself.
    pub at: Timestamp,
    /// How often it was claimed without being finished.
    pub issues: u32,
    /// Asked for while it was claimed: due again then, once the claim is finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Timestamp>,
}

impl DueItem {
    /// Work that nobody has claimed.
    const fn waiting(work: Work, at: Timestamp) -> Self {
        Self { work, at, issues: 0, again: None }
    }

    /// Due at a time, or again then after whoever has it in hand; nothing if it is due by then anyway.
    fn marked_after_claim(&self, at: Timestamp) -> Option<Self> {
        if self.is_claimed() {
            let is_earlier = self.again.is_none_or(|again| at < again);
            return is_earlier.then(|| Self { again: Some(at), ..self.clone() });
        }
        (at < self.at).then(|| Self::waiting(self.work.clone(), at))
    }

    /// Whether somebody has the work in hand, or had and may not be dead.
    const fn is_claimed(&self) -> bool {
        self.issues > 0
    }
}

impl Entity for DueItem {
    const ENTITY: &'static str = "due";
}

/// A claim: the time that the claim wrote into the item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// This caller is to have it done.
    Claimed {
        /// What.
        work: Work,
        /// The value that a job carries and that finishing has to find.
        claim: Timestamp,
    },
    /// Somebody else has it, or it is gone.
    Lost,
}

/// A claim that is not finished becomes due again after this, doubling up to an hour.
const FIRST_RETRY: SignedDuration = SignedDuration::from_mins(5);
const LAST_RETRY: SignedDuration = SignedDuration::from_mins(60);

/// The kind of work that every organisation has once.
const CLERK: &str = "CLERK";

/// Due items read at a time where all are gone through.
const PAGE: usize = 500;

/// What is due in one part of the index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DuePage {
    /// Seen in this order, the longest due first.
    pub seen: Vec<SeenDue>,
    /// Where to go on; nothing if that was all.
    pub next: Option<Cursor>,
}

/// Due work as the index has it, which may lag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenDue {
    /// Whose it is.
    pub org: OrgId,
    key: Key,
    position: String,
}

impl SeenDue {
    /// What is to be done, as the table calls it.
    #[must_use]
    pub fn kind(&self) -> &str {
        keys::due::kind_of(&self.key)
    }
}

/// The kind and subject of work: the identity of its due item.
fn identity(work: &Work) -> (&'static str, String) {
    match work {
        Work::SyncConnection { connection } => ("SYNC", connection.to_string()),
        Work::CheckOrganisation {} => (CLERK, "ORGANISATION".to_owned()),
        Work::PlanDay {} => ("PLAN", "DAY".to_owned()),
        Work::MailOwner {} => ("MAIL", "OWNER".to_owned()),
        Work::DispatchRun { date } => ("DISPATCH", date.to_string()),
        Work::SettleDay { date } => ("SETTLE", date.to_string()),
        Work::SettleAttempt { attempt } => ("SETTLE", attempt.to_string()),
        Work::UnlinkConnection { connection } => ("UNLINK", connection.to_string()),
        Work::EraseCustomer { connection, contact } => {
            ("ERASE", keys::of_contact(&ContactRef { connection: *connection, contact: contact.clone() }))
        }
        Work::EraseOrganisation {} => ("ERASE", "ORGANISATION".to_owned()),
        Work::Export { id } => ("EXPORT", id.to_string()),
        Work::CheckAccount { waba } => ("ACCOUNT", waba.to_string()),
        Work::SendAnswer { attempt } => ("ANSWER", attempt.to_string()),
        Work::ManualSend { id } => ("MANUAL", id.to_string()),
        Work::TestMessage { id } => ("TEST", id.to_string()),
    }
}

/// Where the due item of a piece of work is.
pub(crate) fn key_of(org: &OrgId, work: &Work) -> Key {
    let (kind, subject) = identity(work);
    keys::due::item(org, kind, &subject)
}

fn indexed(mut item: Item, due: &DueItem) -> Item {
    item.due = Some(keys::due::place(&item.key, due.at));
    item
}

/// The item of work that nobody has marked due yet, for use inside a transaction.
pub(crate) fn new_due_item(org: &OrgId, work: Work, at: Timestamp, now: Timestamp) -> Result<Item, AppError> {
    let due = DueItem::waiting(work, at);
    Ok(indexed(new_item(key_of(org, &due.work), &due, now)?, &due))
}

impl Store {
    /// Marks work due at a time, unless it is due earlier anyway.
    pub async fn mark_due(&self, org: &OrgId, work: &Work, at: Timestamp, now: Timestamp) -> Result<(), AppError> {
        self.move_due(org, work, now, |due| (at < due.at).then_some(at), at).await
    }

    /// Marks work due at a time, later or earlier than it was.
    pub async fn reschedule(&self, org: &OrgId, work: &Work, at: Timestamp, now: Timestamp) -> Result<(), AppError> {
        self.move_due(org, work, now, |due| (at != due.at).then_some(at), at).await
    }

    /// Marks work due at a time without disturbing whoever has it in hand: then it is due again afterwards.
    pub async fn mark_due_after_claim(
        &self,
        org: &OrgId,
        work: &Work,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<(), AppError> {
        // Whoever claims it in this moment keeps the claim: the state that is moved on from is the one that was seen.
        for _ in 0..RACES {
            let is_done = match self.due(org, work).await? {
                None => self.create_item(new_due_item(org, work.clone(), at, now)?).await? == Created::Created,
                Some(seen) => match seen.value.marked_after_claim(at) {
                    None => true,
                    Some(next) => self.replace_due(org, &seen, &next, now).await? == Replaced::Replaced,
                },
            };
            if is_done {
                return Ok(());
            }
        }
        Err(lost_races())
    }

    async fn move_due(
        &self,
        org: &OrgId,
        work: &Work,
        now: Timestamp,
        moved: impl Fn(&DueItem) -> Option<Timestamp> + Send + Sync,
        otherwise: Timestamp,
    ) -> Result<(), AppError> {
        for _ in 0..RACES {
            let done = match self.due(org, work).await? {
                Some(seen) => match moved(&seen.value) {
                    None => true,
                    Some(at) => {
                        let next = DueItem::waiting(work.clone(), at);
                        self.replace_due(org, &seen, &next, now).await? == Replaced::Replaced
                    }
                },
                None => self.create_item(new_due_item(org, work.clone(), otherwise, now)?).await? == Created::Created,
            };
            if done {
                return Ok(());
            }
        }
        Err(lost_races())
    }

    /// Work of every kind whose time has come, in one part of the index; the index may lag.
    pub async fn due_now(
        &self,
        shard: u32,
        now: Timestamp,
        limit: usize,
        after: Option<Cursor>,
    ) -> Result<DuePage, AppError> {
        let source = Source::Due(keys::due::partition(shard));
        let range = Range::UpTo(keys::due::time(now));
        let page = self.query(&Query { source, range, limit, after, order: Order::Ascending }).await?;
        let seen = page.items.into_iter().filter_map(|item| {
            let org = keys::org_of_partition(&item.key.pk)?;
            Some(SeenDue { org, key: item.key, position: item.due?.sk })
        });
        Ok(DuePage { seen: seen.collect(), next: page.next })
    }

    /// Every organisation: each is asked about at Clerk every night, from its first setting on. The index may lag.
    ///
    /// Goes through all work that waits, some five items per organisation: for operators, not for requests.
    pub async fn every_organisation(&self) -> Result<BTreeSet<OrgId>, AppError> {
        let mut all = BTreeSet::new();
        for shard in 0..keys::due::SHARDS {
            let mut after = None;
            loop {
                let source = Source::Due(keys::due::partition(shard));
                let range = Range::Prefix(String::new());
                let page = self.query(&Query { source, range, limit: PAGE, after, order: Order::Ascending }).await?;
                let checks = page.items.iter().filter(|item| keys::due::kind_of(&item.key) == CLERK);
                all.extend(checks.filter_map(|item| keys::org_of_partition(&item.key.pk)));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(all)
    }

    /// Claims due work that was seen in the index.
    pub async fn claim_seen(&self, due: &SeenDue, now: Timestamp) -> Result<Claimed, AppError> {
        match self.read::<DueItem>(&due.key).await? {
            Some(seen) if keys::due::time(seen.value.at) == due.position => {
                self.claim(due.key.clone(), &seen, now).await
            }
            Some(_) | None => Ok(Claimed::Lost),
        }
    }

    /// Claims work that was just marked due, so that it need not wait for the sweep.
    pub async fn claim_work(&self, org: &OrgId, work: &Work, now: Timestamp) -> Result<Claimed, AppError> {
        match self.due(org, work).await? {
            Some(seen) if seen.value.at <= now => self.claim(key_of(org, work), &seen, now).await,
            Some(_) | None => Ok(Claimed::Lost),
        }
    }

    async fn claim(&self, key: Key, seen: &Stored<DueItem>, now: Timestamp) -> Result<Claimed, AppError> {
        let doubled = (0..seen.value.issues.min(8)).fold(FIRST_RETRY, |delay, _| (delay * 2).min(LAST_RETRY));
        let claim = now.saturating_add(doubled).unwrap_or(now);
        let next = DueItem { at: claim, issues: seen.value.issues + 1, ..seen.value.clone() };
        let item = indexed(next_item(key, seen, &next, now)?, &next);
        Ok(match self.replace_item(item).await? {
            Replaced::Replaced => Claimed::Claimed { work: next.work, claim },
            Replaced::Raced => Claimed::Lost,
        })
    }

    /// Since when a piece of work is known.
    pub(crate) async fn due_since(&self, org: &OrgId, work: &Work) -> Result<Option<Timestamp>, AppError> {
        Ok(self.due(org, work).await?.map(|due| due.created_at))
    }

    /// Whether a job's claim is still the one in force.
    pub async fn holds_claim(&self, org: &OrgId, work: &Work, claim: Timestamp) -> Result<bool, AppError> {
        Ok(self.due(org, work).await?.is_some_and(|due| due.value.at == claim))
    }

    /// Extends a claim that is in force; nothing if it was lost.
    pub async fn renew_claim(
        &self,
        org: &OrgId,
        work: &Work,
        claim: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, AppError> {
        let Some(seen) = self.due(org, work).await?.filter(|due| due.value.at == claim) else { return Ok(None) };
        // Never the same: of two workers with one claim, a job that came twice, only one goes on.
        let next = claim.saturating_add(SignedDuration::from_millis(1)).unwrap_or(claim);
        let later = now.saturating_add(FIRST_RETRY).unwrap_or(now).max(next);
        let next = DueItem { at: later, ..seen.value.clone() };
        let replaced = self.replace_due(org, &seen, &next, now).await?;
        Ok((replaced == Replaced::Replaced).then_some(later))
    }

    /// Finishes claimed work, with the time it is due next.
    ///
    /// If somebody marked it due meanwhile, their mark stays.
    pub async fn finish_due(
        &self,
        org: &OrgId,
        work: &Work,
        claim: Timestamp,
        next: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), AppError> {
        let Some(seen) = self.due(org, work).await?.filter(|due| due.value.at == claim) else { return Ok(()) };
        // A lost race means that somebody marked it due in this moment; asked anew, the mark is seen.
        let next = next.into_iter().chain(seen.value.again).min();
        let finished = match next {
            None => self.remove(key_of(org, work), &seen).await?,
            Some(at) => self.replace_due(org, &seen, &DueItem::waiting(work.clone(), at), now).await?,
        };
        match finished {
            Replaced::Replaced => Ok(()),
            Replaced::Raced => Box::pin(self.finish_due(org, work, claim, next, now)).await,
        }
    }

    /// When a piece of work is due, or what was claimed of it.
    pub async fn due(&self, org: &OrgId, work: &Work) -> Result<Option<Stored<DueItem>>, AppError> {
        self.read(&key_of(org, work)).await
    }

    async fn replace_due(
        &self,
        org: &OrgId,
        seen: &Stored<DueItem>,
        next: &DueItem,
        now: Timestamp,
    ) -> Result<Replaced, AppError> {
        self.replace_item(indexed(next_item(key_of(org, &next.work), seen, next, now)?, next)).await
    }
}

/// The work of a sync.
pub const fn sync_work(connection: ConnectionId) -> Work {
    Work::SyncConnection { connection }
}

/// The work of ending a link at the provider.
pub const fn unlink_work(connection: ConnectionId) -> Work {
    Work::UnlinkConnection { connection }
}

/// The work of erasing a customer.
pub fn erase_work(contact: &ContactRef) -> Work {
    Work::EraseCustomer { connection: contact.connection, contact: contact.contact.clone() }
}

/// The work of a day's sends.
pub const fn dispatch_work(date: Date) -> Work {
    Work::DispatchRun { date }
}

/// The work of settling a day's sends.
pub const fn settle_day_work(date: Date) -> Work {
    Work::SettleDay { date }
}

/// The work of settling one send.
pub const fn settle_work(attempt: AttemptId) -> Work {
    Work::SettleAttempt { attempt }
}
