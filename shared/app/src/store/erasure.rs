//! Customers who were erased: what is left of each, so that nothing of them comes back.

pub mod certificate;
pub mod organisation;
mod partition;
mod pass;
mod reminders;
mod traces;
mod words;

use std::collections::BTreeSet;

use jiff::Timestamp;
use numo_domain::{
    contact::ContactRef,
    id::{ActivityId, CustomerKey, OrgId, UserId},
};
use serde::{Deserialize, Serialize};

pub(crate) use crate::store::erasure::{
    pass::{Pass, opt_out},
    traces::fields_name,
};
use crate::{
    error::AppError,
    number_key::NumberKeys,
    port::table::{Source, Write, Written},
    store::{
        Entity, Store,
        activity::Activity,
        due::{erase_work, new_due_item},
        keys, new_item,
    },
};

/// What is left of a customer who was erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasedCustomer {
    /// Keyed hash of the ledger and its id of the customer.
    pub customer: CustomerKey,
    /// When.
    pub erased_at: Timestamp,
    /// Who asked for it.
    pub by: UserId,
}

impl Entity for ErasedCustomer {
    const ENTITY: &'static str = "erased_customer";
}

/// Whose records of a ledger are kept out, as it was when it was read.
#[derive(Debug, Clone)]
pub(crate) struct KeptOut<'a> {
    erased: BTreeSet<CustomerKey>,
    number_keys: &'a NumberKeys,
    org: &'a OrgId,
}

impl<'a> KeptOut<'a> {
    pub(crate) async fn read(store: &Store, number_keys: &'a NumberKeys, org: &'a OrgId) -> Result<Self, AppError> {
        let source = Source::Table(keys::org_partition(org));
        let erased = store.list::<ErasedCustomer>(source, keys::erasure::ERASED.to_owned()).await?;
        Ok(Self { erased: erased.into_iter().map(|stored| stored.value.customer).collect(), number_keys, org })
    }

    /// Whether a customer was erased.
    pub(crate) fn includes(&self, contact: &ContactRef) -> Result<bool, AppError> {
        Ok(!self.erased.is_empty() && self.erased.contains(&self.number_keys.customer(self.org, contact)?))
    }

    /// Takes the records of erased customers out; how many there were.
    pub(crate) fn take_out<T>(
        &self,
        records: &mut Vec<T>,
        whose: impl Fn(&T) -> Option<ContactRef>,
    ) -> Result<usize, AppError> {
        if self.erased.is_empty() {
            return Ok(0);
        }
        let before = records.len();
        for record in std::mem::take(records) {
            let is_erased = whose(&record).map_or(Ok(false), |contact| self.includes(&contact))?;
            if !is_erased {
                records.push(record);
            }
        }
        Ok(before - records.len())
    }
}

impl Store {
    /// What is left of a customer, if they were erased.
    pub async fn erased_customer(
        &self,
        org: &OrgId,
        customer: &CustomerKey,
    ) -> Result<Option<ErasedCustomer>, AppError> {
        Ok(self.read(&keys::erasure::erased_customer(org, customer)).await?.map(|stored| stored.value))
    }

    /// What is left of everybody who was erased.
    pub(crate) async fn erased_customers(&self, org: &OrgId) -> Result<Vec<ErasedCustomer>, AppError> {
        let source = Source::Table(keys::org_partition(org));
        let left = self.list(source, keys::erasure::ERASED.to_owned()).await?;
        Ok(left.into_iter().map(|stored| stored.value).collect())
    }

    /// Notes that a customer is erased, with the work that deletes everything and the line that tells who asked; false if
    /// it was noted before.
    pub(crate) async fn begin_erasure(
        &self,
        org: &OrgId,
        (contact, erased): (&ContactRef, &ErasedCustomer),
        (line, activity): (ActivityId, &Activity),
        now: Timestamp,
    ) -> Result<bool, AppError> {
        let tombstone = new_item(keys::erasure::erased_customer(org, &erased.customer), erased, now)?;
        let due = new_due_item(org, erase_work(contact), now, now)?;
        let told = self.activity_item(org, line, activity)?;
        Ok(self.write_all([tombstone, due, told].map(Write::Create).into()).await? == Written::Done)
    }
}
