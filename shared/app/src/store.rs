//! Typed reads and conditional writes over the table; the organisation is always the first argument.

pub mod account_bill;
pub mod activity;
pub mod activity_seal;
pub mod answers_of_month;
pub(crate) mod asked_once;
pub(crate) mod batch;
mod calls;
mod cancelled;
mod clerk_night;
pub mod connection;
pub mod consent;
pub(crate) mod consent_choice;
pub mod contact;
pub mod conversation;
mod conversation_of;
pub mod credit;
pub mod customer_file;
pub(crate) mod data_key;
pub mod document;
pub mod due;
pub mod erasure;
pub mod expected;
pub mod export;
pub mod figures;
pub mod gate;
pub mod grant;
pub mod inbound;
mod inbound_change;
pub mod invoice;
pub mod journal;
pub(crate) mod keys;
mod library_choice;
pub mod mail;
pub mod manual_send;
pub mod member;
pub mod messaging_gate;
pub mod meta_user;
pub mod oauth_state;
pub mod organisation;
pub mod part;
pub mod pay_page;
pub mod payer;
pub mod plan;
pub mod policy;
pub mod receipts;
pub mod receivables;
pub mod reminder;
pub mod retention;
pub mod route;
mod seat;
pub mod sender;
pub mod setup_link;
pub(crate) mod signup;
pub mod sync;
mod taken_in;
pub mod task;
pub mod test_message;
pub(crate) mod together;
mod typed_number;
pub mod unreadable;
pub mod user_link;
pub mod webhook_mismatch;
pub mod whatsapp_account;

use std::{fmt, sync::Arc};

use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    error::AppError,
    number_key,
    port::{
        caller::{Caller, Nobody},
        table::{Cursor, Item, Key, Order, Query, Range, Source, Table, Write, Written},
    },
};

/// The typed store; cheap to clone.
#[derive(Clone)]
pub struct Store {
    table: Arc<dyn Table>,
    /// What outlives the table; see [`journal`].
    journal: Arc<dyn Table>,
    /// Whoever's request is answered; see [`activity`].
    caller: Arc<dyn Caller>,
    /// What whoever asks has seen; see [`expected`].
    expected: Option<expected::Expected>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store")
    }
}

/// A value with what its item knows besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored<T> {
    /// The value.
    pub value: T,
    /// The optimistic lock that a replace has to name.
    pub rev: u64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
}

/// Whether a create created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// It is there now.
    Created,
    /// Something was there before, and stays.
    AlreadyExists,
}

/// Whether a replace replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replaced {
    /// It did.
    Replaced,
    /// Somebody else was faster; read again.
    Raced,
}

/// What is stored under a key: its tag and the version of its shape.
pub(crate) trait Entity: Serialize + DeserializeOwned + Send + Sync {
    /// Attribute `et`.
    const ENTITY: &'static str;
    /// Attribute `sv`; an item with another value is an error, never a default.
    const SCHEMA: u32 = 1;
}

/// Items read per page of a listing.
const PAGE: usize = 500;

impl Store {
    /// A store over a table; it journals into the same one, where it is allowed to.
    pub fn new(table: Arc<dyn Table>) -> Self {
        Self::with_journal(Arc::clone(&table), table)
    }

    /// A store with its journal in a table of its own, for whoever writes into it.
    pub fn with_journal(table: Arc<dyn Table>, journal: Arc<dyn Table>) -> Self {
        Self { table, journal, caller: Arc::new(Nobody), expected: None }
    }

    /// What the table is called.
    pub(crate) fn table_name(&self) -> &str {
        self.table.name()
    }

    pub(crate) async fn read<T: Entity>(&self, key: &Key) -> Result<Option<Stored<T>>, AppError> {
        self.table.get(key).await?.map(decode).transpose()
    }

    /// Values under several keys; those that do not exist are left out.
    pub(crate) async fn read_many<T: Entity>(&self, keys: &[Key]) -> Result<Vec<(Key, Stored<T>)>, AppError> {
        let mut found = Vec::with_capacity(keys.len());
        for hundred in keys.chunks(100) {
            for item in self.table.get_many(hundred).await? {
                found.push((item.key.clone(), decode(item)?));
            }
        }
        Ok(found)
    }

    /// All values of a partition whose sort key starts with a text.
    pub(crate) async fn list<T: Entity>(&self, source: Source, prefix: String) -> Result<Vec<Stored<T>>, AppError> {
        self.list_range(source, Range::Prefix(prefix)).await
    }

    /// All values of a partition whose sort keys are in a range.
    pub(crate) async fn list_range<T: Entity>(&self, source: Source, range: Range) -> Result<Vec<Stored<T>>, AppError> {
        let mut values = Vec::new();
        let mut after: Option<Cursor> = None;
        loop {
            let query =
                Query { source: source.clone(), range: range.clone(), limit: PAGE, after, order: Order::Ascending };
            let page = self.table.query(&query).await?;
            for item in page.items {
                values.push(decode(item)?);
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(values),
            }
        }
    }

    pub(crate) async fn create<T: Entity>(&self, key: Key, value: &T, now: Timestamp) -> Result<Created, AppError> {
        self.create_item(new_item(key, value, now)?).await
    }

    pub(crate) async fn create_item(&self, item: Item) -> Result<Created, AppError> {
        Ok(match self.table.write(Write::Create(item)).await? {
            Written::Done => Created::Created,
            Written::Refused(_) => Created::AlreadyExists,
        })
    }

    pub(crate) async fn replace<T: Entity>(
        &self,
        key: Key,
        seen: &Stored<T>,
        value: &T,
        now: Timestamp,
    ) -> Result<Replaced, AppError> {
        self.replace_item(next_item(key, seen, value, now)?).await
    }

    pub(crate) async fn replace_item(&self, item: Item) -> Result<Replaced, AppError> {
        Ok(match self.table.write(Write::Replace(item)).await? {
            Written::Done => Replaced::Replaced,
            Written::Refused(_) => Replaced::Raced,
        })
    }

    /// Creates or replaces, whatever is there; only for values that one writer owns.
    pub(crate) async fn put<T: Entity>(&self, key: Key, value: &T, now: Timestamp) -> Result<(), AppError> {
        for _ in 0..RACES {
            let done = match self.read::<T>(&key).await? {
                Some(seen) => self.replace(key.clone(), &seen, value, now).await? == Replaced::Replaced,
                None => self.create(key.clone(), value, now).await? == Created::Created,
            };
            if done {
                return Ok(());
            }
        }
        Err(lost_races())
    }

    /// Creates or replaces something that the table may drop later; a lost race leaves the other's.
    pub(crate) async fn put_until<T: Entity>(
        &self,
        key: Key,
        value: &T,
        expires_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), AppError> {
        match self.read::<T>(&key).await? {
            None => self.create_item(Item { expires_at, ..new_item(key, value, now)? }).await.map(|_| ()),
            Some(seen) => {
                self.replace_item(Item { expires_at, ..next_item(key, &seen, value, now)? }).await.map(|_| ())
            }
        }
    }

    pub(crate) async fn remove<T>(&self, key: Key, seen: &Stored<T>) -> Result<Replaced, AppError> {
        Ok(match self.table.write(Write::Delete { key, rev: seen.rev }).await? {
            Written::Done => Replaced::Replaced,
            Written::Refused(_) => Replaced::Raced,
        })
    }

    /// Removes whatever is there, even if somebody writes it meanwhile.
    pub(crate) async fn delete<T: Entity>(&self, key: Key) -> Result<(), AppError> {
        for _ in 0..RACES {
            let Some(seen) = self.read::<T>(&key).await? else { return Ok(()) };
            if self.remove(key.clone(), &seen).await? == Replaced::Replaced {
                return Ok(());
            }
        }
        Err(lost_races())
    }

    pub(crate) async fn transact(&self, token: &str, writes: Vec<Write>) -> Result<Written, AppError> {
        Ok(self.table.transact(token, writes).await?)
    }

    /// One write, or a transaction of several; a repeat of the very same writes is one effect.
    pub(crate) async fn write_all(&self, mut writes: Vec<Write>) -> Result<Written, AppError> {
        if writes.len() == 1
            && let Some(write) = writes.pop()
        {
            return Ok(self.table.write(write).await?);
        }
        let fingerprint = digest(&SHA256, format!("{writes:?}").as_bytes());
        let token: String = number_key::hex(fingerprint.as_ref()).chars().take(36).collect();
        self.transact(&token, writes).await
    }

    pub(crate) async fn query(&self, query: &Query) -> Result<crate::port::table::Page, AppError> {
        Ok(self.table.query(query).await?)
    }
}

/// How often a lost race is tried again before the work is left to the queue.
pub(crate) const RACES: usize = 8;

/// The error after too many lost races: the queue tries again later.
pub(crate) fn lost_races() -> AppError {
    AppError::AwsUnavailable("too many concurrent writes to one item".into())
}

/// A new item for a value.
pub(crate) fn new_item<T: Entity>(key: Key, value: &T, now: Timestamp) -> Result<Item, AppError> {
    Ok(Item {
        key,
        entity: T::ENTITY.to_owned(),
        schema: T::SCHEMA,
        rev: 1,
        created_at: now,
        updated_at: now,
        due: None,
        open: None,
        expires_at: None,
        body: body(value)?,
    })
}

/// The item that replaces a seen one.
pub(crate) fn next_item<T: Entity, S>(key: Key, seen: &Stored<S>, value: &T, now: Timestamp) -> Result<Item, AppError> {
    Ok(Item { rev: seen.rev + 1, created_at: seen.created_at, ..new_item(key, value, now)? })
}

fn body<T: Entity>(value: &T) -> Result<serde_json::Map<String, Value>, AppError> {
    match serde_json::to_value(value) {
        Ok(Value::Object(body)) => Ok(body),
        Ok(_) => Err(AppError::Internal(format!("{} is not stored as a map", T::ENTITY))),
        Err(error) => Err(AppError::Internal(format!("{} cannot be written: {error}", T::ENTITY))),
    }
}

/// The value of an item, if it is what it should be.
pub(crate) fn decode<T: Entity>(item: Item) -> Result<Stored<T>, AppError> {
    if item.entity != T::ENTITY || item.schema != T::SCHEMA {
        return Err(AppError::Malformed(format!(
            "item: {} v{} where {} v{} belongs",
            item.entity,
            item.schema,
            T::ENTITY,
            T::SCHEMA
        )));
    }
    // The error's text may quote a value, which must not reach a log: only its class is kept.
    let value = serde_json::from_value(Value::Object(item.body))
        .map_err(|error| AppError::Malformed(format!("{} item: {:?} error", T::ENTITY, error.classify())))?;
    Ok(Stored { value, rev: item.rev, created_at: item.created_at, updated_at: item.updated_at })
}
