//! Organisations that are to be erased, journalled so that a restored table erases them again.

use jiff::{Timestamp, civil::Date};
use numo_domain::id::OrgId;
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::table::{Item, Source},
    store::{
        Entity, Store,
        erasure::organisation::OrganisationErasure,
        journal::{KEPT_FOR, day_of},
        keys, new_item,
    },
};

/// What was said about the erasure of an organisation; the latest word counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct JournalledOrder {
    /// Which.
    pub org: OrgId,
    /// The erasure as it was asked for, or none where it was withdrawn.
    pub erasure: Option<OrganisationErasure>,
    /// When.
    pub at: Timestamp,
}

impl Entity for JournalledOrder {
    const ENTITY: &'static str = "journalled_order";
}

impl Store {
    /// Journals an order before anything of it is in the table.
    pub(crate) async fn journal_order(&self, order: &JournalledOrder) -> Result<(), AppError> {
        let key = keys::journal::order(day_of(order.at), &order.org, order.at);
        let item = Item { expires_at: order.at.checked_add(KEPT_FOR).ok(), ..new_item(key, order, order.at)? };
        self.journal().create_item(item).await.map(|_| ())
    }

    /// The orders of a day, by UTC.
    pub(crate) async fn journalled_orders(&self, day: Date) -> Result<Vec<JournalledOrder>, AppError> {
        let source = Source::Table(keys::journal::orders_of_day(day));
        let entries = self.journal().list(source, String::new()).await?;
        Ok(entries.into_iter().map(|stored| stored.value).collect())
    }
}
