//! Money that no invoice took up, open bills and payments; what is open stands in an index of its own.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    contact::ContactRef,
    credit::{Bill, Credit, Payment},
    id::{ConnectionId, ExternalId, OrgId},
    money::Money,
};

use crate::{
    error::AppError,
    port::table::{Item, Key, Range, Source},
    store::{
        Created, Entity, RACES, Replaced, Store, Stored, contact::Upserted, keys, lost_races, new_item, next_item,
    },
};

impl Entity for Credit {
    const ENTITY: &'static str = "credit";
}

impl Entity for Bill {
    const ENTITY: &'static str = "bill";
}

impl Entity for Payment {
    const ENTITY: &'static str = "payment";
}

/// A record that is known while something is left of it.
pub(crate) trait Remainder: Entity + Clone + PartialEq {
    /// Its key.
    fn key(&self, org: &OrgId) -> Key;
    /// Its place in the index of what is open.
    fn open_key(&self, org: &OrgId) -> Key;
    /// What is left of it.
    fn remaining(&self) -> Money;
    /// When the ledger says it changed.
    fn updated_at(&self) -> Timestamp;
}

impl Remainder for Credit {
    fn key(&self, org: &OrgId) -> Key {
        keys::credit(org, &self.contact, self.kind, &self.id)
    }

    fn open_key(&self, org: &OrgId) -> Key {
        keys::open_credit(org, &self.contact, self.kind, &self.id)
    }

    fn remaining(&self) -> Money {
        self.remaining
    }

    fn updated_at(&self) -> Timestamp {
        self.updated_at
    }
}

impl Remainder for Bill {
    fn key(&self, org: &OrgId) -> Key {
        keys::bill(org, &self.contact, &self.id)
    }

    fn open_key(&self, org: &OrgId) -> Key {
        keys::open_bill(org, &self.contact, &self.id)
    }

    fn remaining(&self) -> Money {
        self.remaining
    }

    fn updated_at(&self) -> Timestamp {
        self.updated_at
    }
}

/// Payments are kept as long as decisions are.
pub(super) const PAYMENTS_KEPT: SignedDuration = SignedDuration::from_hours(24 * 400);

impl Store {
    /// Money of the organisation's customers that no invoice took up; the index may lag.
    pub async fn open_credits(&self, org: &OrgId) -> Result<Vec<Credit>, AppError> {
        self.open_remainders(keys::open_credits_partition(org), String::new()).await
    }

    /// The same of contacts that lie beside each other, as those of a part of a list do; of some between them as well.
    pub async fn open_credits_between(&self, org: &OrgId, contacts: &[ContactRef]) -> Result<Vec<Credit>, AppError> {
        self.open_between(keys::open_credits_partition(org), contacts).await
    }

    /// The same of one contact.
    pub async fn open_credits_of(&self, org: &OrgId, contact: &ContactRef) -> Result<Vec<Credit>, AppError> {
        self.open_remainders(keys::open_credits_partition(org), keys::open_of_contact(contact)).await
    }

    /// Open bills of suppliers who may be customers as well; the index may lag.
    pub async fn open_bills(&self, org: &OrgId) -> Result<Vec<Bill>, AppError> {
        self.open_remainders(keys::open_bills_partition(org), String::new()).await
    }

    /// The same of contacts that lie beside each other; of some between them as well.
    pub async fn open_bills_between(&self, org: &OrgId, contacts: &[ContactRef]) -> Result<Vec<Bill>, AppError> {
        self.open_between(keys::open_bills_partition(org), contacts).await
    }

    /// The same of one contact.
    pub async fn open_bills_of(&self, org: &OrgId, contact: &ContactRef) -> Result<Vec<Bill>, AppError> {
        self.open_remainders(keys::open_bills_partition(org), keys::open_of_contact(contact)).await
    }

    /// Everything of a connection that is open, for comparison with its ledger.
    pub(crate) async fn open_of_connection<T: Remainder>(
        &self,
        partition: String,
        connection: ConnectionId,
    ) -> Result<Vec<T>, AppError> {
        self.open_remainders(partition, keys::open_of_connection(connection)).await
    }

    async fn open_between<T: Remainder>(&self, partition: String, contacts: &[ContactRef]) -> Result<Vec<T>, AppError> {
        let begins: Vec<String> = contacts.iter().map(keys::open_of_contact).collect();
        let (Some(first), Some(last)) = (begins.iter().min(), begins.iter().max()) else { return Ok(Vec::new()) };
        // Nothing that begins with the last one is beyond this.
        let range = Range::Between(first.clone(), format!("{last}{}", char::MAX));
        let stored = self.list_range::<T>(Source::Open(partition), range).await?;
        Ok(stored.into_iter().map(|stored| stored.value).collect())
    }

    async fn open_remainders<T: Remainder>(&self, partition: String, prefix: String) -> Result<Vec<T>, AppError> {
        let stored = self.list::<T>(Source::Open(partition), prefix).await?;
        Ok(stored.into_iter().map(|stored| stored.value).collect())
    }

    /// What is stored of some records; those that are not known are left out.
    pub(crate) async fn remainders<T: Remainder>(
        &self,
        org: &OrgId,
        records: &[T],
    ) -> Result<Vec<(Key, Stored<T>)>, AppError> {
        let keys: Vec<Key> = records.iter().map(|record| record.key(org)).collect();
        self.read_many(&keys).await
    }

    /// The item of a record that was never seen; nothing for one that is closed already.
    pub(crate) fn new_remainder_item<T: Remainder>(
        org: &OrgId,
        record: &T,
        now: Timestamp,
    ) -> Result<Option<Item>, AppError> {
        let item = record.remaining().is_positive().then(|| new_item(record.key(org), record, now)).transpose()?;
        Ok(item.map(|item| indexed(item, org, record)))
    }

    /// Which payments of a connection were seen before.
    pub(crate) async fn known_payments(
        &self,
        org: &OrgId,
        payments: &[Payment],
    ) -> Result<BTreeMap<ExternalId, Payment>, AppError> {
        let keys: Vec<Key> =
            payments.iter().map(|payment| keys::payment(org, payment.contact.connection, &payment.id)).collect();
        let known = self.read_many::<Payment>(&keys).await?.into_iter().map(|(_, stored)| stored.value);
        Ok(known.map(|payment| (payment.id.clone(), payment)).collect())
    }

    /// The item of a payment that was never seen.
    pub(crate) fn new_payment_item(org: &OrgId, payment: &Payment, now: Timestamp) -> Result<Item, AppError> {
        let key = keys::payment(org, payment.contact.connection, &payment.id);
        Ok(expiring(new_item(key, payment, now)?, now))
    }

    /// Writes a record as just read, unless it is the same, older, or closed and was never known.
    pub(crate) async fn upsert_remainder<T: Remainder>(
        &self,
        org: &OrgId,
        seen: Option<Stored<T>>,
        record: &T,
        now: Timestamp,
    ) -> Result<Upserted, AppError> {
        let key = record.key(org);
        let mut seen = seen;
        for _ in 0..RACES {
            let is_written = match &seen {
                Some(seen) if seen.value == *record => return Ok(Upserted::Unchanged),
                Some(seen) if seen.value.updated_at() > record.updated_at() => return Ok(Upserted::Stale),
                Some(seen) => {
                    let item = indexed(next_item(key.clone(), seen, record, now)?, org, record);
                    self.replace_item(item).await? == Replaced::Replaced
                }
                None if !record.remaining().is_positive() => return Ok(Upserted::Unchanged),
                None => {
                    let item = indexed(new_item(key.clone(), record, now)?, org, record);
                    self.create_item(item).await? == Created::Created
                }
            };
            if is_written {
                return Ok(Upserted::Written);
            }
            seen = self.read(&key).await?;
        }
        Err(lost_races())
    }

    /// Writes a payment as just read, unless it is the same or something newer is there.
    pub async fn upsert_payment(&self, org: &OrgId, payment: &Payment, now: Timestamp) -> Result<Upserted, AppError> {
        let key = keys::payment(org, payment.contact.connection, &payment.id);
        for _ in 0..RACES {
            let seen = self.read::<Payment>(&key).await?;
            let is_written = match &seen {
                Some(seen) if seen.value == *payment => return Ok(Upserted::Unchanged),
                Some(seen) if seen.value.updated_at > payment.updated_at => return Ok(Upserted::Stale),
                Some(seen) => {
                    let item = expiring(next_item(key.clone(), seen, payment, now)?, now);
                    self.replace_item(item).await? == Replaced::Replaced
                }
                None => {
                    let item = expiring(new_item(key.clone(), payment, now)?, now);
                    self.create_item(item).await? == Created::Created
                }
            };
            if is_written {
                return Ok(Upserted::Written);
            }
        }
        Err(lost_races())
    }

    /// A payment that was seen before.
    pub(crate) async fn payment(
        &self,
        org: &OrgId,
        connection: ConnectionId,
        payment: &ExternalId,
    ) -> Result<Option<Payment>, AppError> {
        Ok(self.read(&keys::payment(org, connection, payment)).await?.map(|stored| stored.value))
    }

    /// The payments of a connection that were seen.
    pub async fn payments(&self, org: &OrgId, connection: ConnectionId) -> Result<Vec<Payment>, AppError> {
        let stored = self.list::<Payment>(Source::Table(keys::org_partition(org)), keys::payments(connection)).await?;
        Ok(stored.into_iter().map(|stored| stored.value).collect())
    }
}

fn indexed<T: Remainder>(mut item: Item, org: &OrgId, record: &T) -> Item {
    item.open = record.remaining().is_positive().then(|| record.open_key(org));
    item
}

fn expiring(mut item: Item, now: Timestamp) -> Item {
    item.expires_at = now.saturating_add(PAYMENTS_KEPT).ok();
    item
}
