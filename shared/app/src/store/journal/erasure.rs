//! Customers who were erased, journalled so that a restored table has them erased again.

use jiff::{Timestamp, civil::Date};
use numo_domain::{contact::ContactRef, id::OrgId};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::table::{Item, Source},
    store::{
        Entity, Store,
        erasure::ErasedCustomer,
        journal::{KEPT_FOR, day_of},
        keys, new_item,
    },
};

/// That a customer was erased: here alone is the ledger's id still known, for as long as a backup has it as well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct JournalledErasure {
    /// In which organisation.
    pub org: OrgId,
    /// Whom.
    pub contact: ContactRef,
    /// What stays in the table.
    pub erased: ErasedCustomer,
}

impl Entity for JournalledErasure {
    const ENTITY: &'static str = "journalled_erasure";
}

impl Store {
    /// Journals that a customer is about to be erased; again on the same day changes nothing.
    pub(crate) async fn journal_erasure(&self, entry: &JournalledErasure, now: Timestamp) -> Result<(), AppError> {
        let key = keys::erasure::journalled(day_of(now), &entry.org, &entry.erased.customer);
        let item = Item { expires_at: now.checked_add(KEPT_FOR).ok(), ..new_item(key, entry, now)? };
        self.journal().create_item(item).await.map(|_| ())
    }

    /// Who was erased on a day, by UTC.
    pub(crate) async fn journalled_erasures(&self, day: Date) -> Result<Vec<JournalledErasure>, AppError> {
        let source = Source::Table(keys::erasure::journal_of_day(day));
        let entries = self.journal().list(source, String::new()).await?;
        Ok(entries.into_iter().map(|stored| stored.value).collect())
    }
}
