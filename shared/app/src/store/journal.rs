//! What outlives the table, so that a table that was restored from a backup can be told of it: every change of a consent,
//! every erasure, and every reminder that a person asked for.
//!
//! It is written before the table: what is in it alone never came about, and is an opt-out or a question to the owner too
//! many at worst.

pub mod erasure;
pub mod organisation;
pub mod reminder;

use std::sync::Arc;

use async_trait::async_trait;
use aws_lc_rs::digest::{SHA256, digest};
use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};
use numo_domain::{
    calendar::Zone,
    consent::{Consent, ConsentChange},
    id::OrgId,
};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    number_key,
    port::table::{Item, Key, Page, Query, Source, Table, TableError, Write, Written},
    store::{Entity, Store, consent::ConsentOf, keys, new_item},
};

/// A backup is 30 days old at most; a few days are left to restore it.
pub(super) const KEPT_FOR: SignedDuration = SignedDuration::from_hours(35 * 24);

/// One change of a consent; the number in it is a keyed hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct JournalledConsent {
    /// In which organisation.
    pub org: OrgId,
    /// Whose.
    pub of: ConsentOf,
    /// What was said.
    pub change: ConsentChange,
    /// When we learnt of it.
    pub recorded_at: Timestamp,
}

impl Entity for JournalledConsent {
    const ENTITY: &'static str = "journalled_consent";
}

impl Store {
    /// Journals the latest change of a consent; again changes nothing.
    pub(crate) async fn journal_consent(
        &self,
        org: &OrgId,
        of: &ConsentOf,
        consent: &Consent,
        now: Timestamp,
    ) -> Result<(), AppError> {
        let Some(change) = consent.history.last().cloned() else { return Ok(()) };
        let said = number_key::hex(digest(&SHA256, format!("{change:?}").as_bytes()).as_ref());
        let key = keys::journal::entry(day_of(now), org, &of.key(org), &said);
        let entry = JournalledConsent { org: org.clone(), of: of.clone(), change, recorded_at: now };
        let item = Item { expires_at: now.checked_add(KEPT_FOR).ok(), ..new_item(key, &entry, now)? };
        self.journal().create_item(item).await.map(|_| ())
    }

    /// What was journalled on a day, by UTC.
    pub(crate) async fn journalled(&self, day: Date) -> Result<Vec<JournalledConsent>, AppError> {
        let entries = self.journal().list(Source::Table(keys::journal::of_day(day)), String::new()).await?;
        Ok(entries.into_iter().map(|stored| stored.value).collect())
    }

    /// Applies a change that was journalled, judged as when we learnt of it: a START that was in time stays in time.
    pub(crate) async fn say_again(&self, entry: JournalledConsent) -> Result<(), AppError> {
        let JournalledConsent { org, of, change, recorded_at } = entry;
        if change.by.is_import() {
            let known = self.consent(&org, &of).await?;
            if known.is_some_and(|known| !known.value.consent.is_only_imported()) {
                return Ok(());
            }
        }
        self.change_consent(&org, of, &change, recorded_at).await
    }

    /// The same store for whoever says again what the journal has: nothing of it is journalled a second time.
    pub(crate) fn without_journalling(&self) -> Self {
        Self { journal: Arc::new(ReadOnly(Arc::clone(&self.journal))), ..self.clone() }
    }

    fn journal(&self) -> Self {
        Self::new(Arc::clone(&self.journal))
    }
}

/// A journal that has everything already: it is read, and what is put into it stays out.
struct ReadOnly(Arc<dyn Table>);

#[async_trait]
impl Table for ReadOnly {
    fn name(&self) -> &str {
        self.0.name()
    }

    async fn get(&self, key: &Key) -> Result<Option<Item>, TableError> {
        self.0.get(key).await
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, TableError> {
        self.0.get_many(keys).await
    }

    async fn query(&self, query: &Query) -> Result<Page, TableError> {
        self.0.query(query).await
    }

    async fn write(&self, _: Write) -> Result<Written, TableError> {
        Ok(Written::Done)
    }

    async fn transact(&self, _: &str, _: Vec<Write>) -> Result<Written, TableError> {
        Ok(Written::Done)
    }
}

/// The days on which anything was journalled since a moment, with one more before it.
pub(crate) fn days_since(since: Timestamp, now: Timestamp) -> impl Iterator<Item = Date> {
    let last = day_of(now);
    day_of(since).saturating_sub(1.day()).series(1.day()).take_while(move |day| *day <= last)
}

fn day_of(at: Timestamp) -> Date {
    Zone::UTC.date(at)
}
