//! What each customer paid lately, by currency.

use std::collections::BTreeMap;

use jiff::Timestamp;
use numo_domain::{
    contact::ContactRef,
    credit::{Payment, Receipts},
    id::OrgId,
    plan::decision::Unit,
};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::table::Source,
    store::{Created, Entity, RACES, Replaced, Store, keys, lost_races},
};

/// The receipts of a customer in a currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReceiptsItem {
    /// Whose, in which currency.
    pub unit: Unit,
    /// What was paid.
    #[serde(flatten)]
    pub receipts: Receipts,
}

impl Entity for ReceiptsItem {
    const ENTITY: &'static str = "receipts";
}

impl Store {
    /// What each customer paid lately.
    pub async fn receipts(&self, org: &OrgId) -> Result<BTreeMap<Unit, Receipts>, AppError> {
        let source = Source::Table(keys::org_partition(org));
        let items = self.list::<ReceiptsItem>(source, keys::receipts::RECEIPTS.to_owned()).await?;
        Ok(items.into_iter().map(|item| (item.value.unit, item.value.receipts)).collect())
    }

    /// What one customer paid lately, by currency.
    pub async fn receipts_of(&self, org: &OrgId, contact: &ContactRef) -> Result<BTreeMap<Unit, Receipts>, AppError> {
        let source = Source::Table(keys::org_partition(org));
        let items = self.list::<ReceiptsItem>(source, keys::receipts::of_customer(contact)).await?;
        Ok(items.into_iter().map(|item| (item.value.unit, item.value.receipts)).collect())
    }

    /// Remembers payments of one customer in one currency, as they were just read.
    pub async fn note_payments(
        &self,
        org: &OrgId,
        unit: &Unit,
        payments: &[&Payment],
        now: Timestamp,
    ) -> Result<(), AppError> {
        let key = keys::receipts::of_unit(org, unit);
        for _ in 0..RACES {
            let seen = self.read::<ReceiptsItem>(&key).await?;
            let before = seen.as_ref().map(|seen| seen.value.receipts.clone());
            let after = payments.iter().fold(before.clone(), |known, payment| Receipts::after(known, payment, now));
            let Some(receipts) = after.filter(|after| before.as_ref() != Some(after)) else { return Ok(()) };
            let next = ReceiptsItem { unit: unit.clone(), receipts };
            let is_written = match &seen {
                Some(seen) => self.replace(key.clone(), seen, &next, now).await? == Replaced::Replaced,
                None => self.create(key.clone(), &next, now).await? == Created::Created,
            };
            if is_written {
                return Ok(());
            }
        }
        Err(lost_races())
    }
}
