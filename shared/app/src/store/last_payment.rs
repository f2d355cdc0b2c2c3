//! When each customer last paid, by currency.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use numo_domain::{credit::Payment, id::OrgId, plan::decision::Unit};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::table::Source,
    store::{Created, Entity, RACES, Replaced, Store, keys, lost_races},
};

/// The latest payment of a customer in a currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LastPayment {
    /// Whose, in which currency.
    pub unit: Unit,
    /// The calendar date on which the ledger recorded it.
    pub on: Date,
}

impl Entity for LastPayment {
    const ENTITY: &'static str = "last_payment";
}

impl Store {
    /// When each customer last paid.
    pub async fn last_payments(&self, org: &OrgId) -> Result<BTreeMap<Unit, Date>, AppError> {
        let source = Source::Table(keys::org_partition(org));
        let items = self.list::<LastPayment>(source, keys::LAST_PAYMENTS.to_owned()).await?;
        Ok(items.into_iter().map(|item| (item.value.unit, item.value.on)).collect())
    }

    /// Remembers a payment if it is the latest; one that was taken back, or has no date, silences nobody.
    pub(crate) async fn note_payment(&self, org: &OrgId, payment: &Payment, now: Timestamp) -> Result<(), AppError> {
        let Some(on) = payment.date.filter(|_| !payment.is_reversed) else { return Ok(()) };
        let unit = Unit { contact: payment.contact.clone(), currency: payment.amount.currency };
        let key = keys::last_payment(org, &unit);
        for _ in 0..RACES {
            let seen = self.read::<LastPayment>(&key).await?;
            let next = LastPayment { unit: unit.clone(), on };
            let is_written = match &seen {
                Some(seen) if seen.value.on >= on => return Ok(()),
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
