//! The table: items under keys, conditional writes, ordered reads. Nothing scans.
//!
//! One small port has two adapters, DynamoDB and memory. Everything typed is written once
//! above it, in [`crate::store`], so a fault at the n-th call of this trait is a fault at the
//! n-th call of the product.

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::{Map, Value};

/// The five verbs of the table.
///
/// Reads by key are strongly consistent; index reads may lag. A write whose condition does not
/// hold is an answer, not an error; an error of a write leaves open whether it happened.
#[async_trait]
pub trait Table: Send + Sync {
    /// What the table is called: a restored one is called differently.
    fn name(&self) -> &str;

    /// One item, strongly consistent.
    async fn get(&self, key: &Key) -> Result<Option<Item>, TableError>;

    /// The items that exist among up to 100 keys, strongly consistent, in no order.
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, TableError>;

    /// One page of a partition or index partition, in the order of the sort key.
    async fn query(&self, query: &Query) -> Result<Page, TableError>;

    /// One conditional write.
    async fn write(&self, write: Write) -> Result<Written, TableError>;

    /// Up to 100 conditional writes on distinct keys, all or none.
    ///
    /// `token` (at most 36 characters) makes a repeat of the same call within ten minutes succeed
    /// without a second effect.
    async fn transact(&self, token: &str, writes: Vec<Write>) -> Result<Written, TableError>;
}

/// A primary key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Partition: class, then organisation.
    pub pk: String,
    /// Sort key.
    pub sk: String,
}

/// An item with the attributes that every item has.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Where it is: attributes `pk` and `sk`.
    pub key: Key,
    /// What it is: attribute `et`.
    pub entity: String,
    /// The shape of its body: attribute `sv`.
    pub schema: u32,
    /// Optimistic lock, 1 when created, raised by every replace: attribute `rev`.
    pub rev: u64,
    /// Attribute `ca`, milliseconds.
    pub created_at: Timestamp,
    /// Attribute `ua`, milliseconds.
    pub updated_at: Timestamp,
    /// Position in the sparse index of what is due, work or open invoices: attributes `gsi1pk`, `gsi1sk`.
    pub due: Option<Key>,
    /// Position in the sparse index of open invoices: attributes `gsi2pk`, `gsi2sk`.
    pub open: Option<Key>,
    /// When the table may drop it: attribute `ttl`, seconds. Readers check it themselves.
    pub expires_at: Option<Timestamp>,
    /// The rest: attribute names to JSON values, none of the names above.
    pub body: Map<String, Value>,
}

/// One write with its condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// Puts an item where none is; its `rev` is 1.
    Create(Item),
    /// Puts an item over one whose `rev` is one less than the item's own.
    Replace(Item),
    /// Removes the item that has this `rev`.
    Delete {
        /// Where.
        key: Key,
        /// The `rev` that was seen.
        rev: u64,
    },
    /// Changes nothing, but the whole transaction fails unless the item is as it was seen.
    Check {
        /// Where.
        key: Key,
        /// The `rev` that was seen; `None` when nothing was there.
        rev: Option<u64>,
    },
}

impl Write {
    /// The key that is written or checked.
    pub const fn key(&self) -> &Key {
        match self {
            Self::Create(item) | Self::Replace(item) => &item.key,
            Self::Delete { key, .. } | Self::Check { key, .. } => key,
        }
    }
}

/// Whether a write happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Written {
    /// It did.
    Done,
    /// It did not, because a condition did not hold or another transaction was on the same item.
    Refused(Vec<Refusal>),
}

/// One write that did not hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// Its place among the writes of the call.
    pub index: usize,
    /// The item that stood in the way, where the table tells it; `None` also for conflicts.
    pub existing: Option<Item>,
}

/// Which partition is read, and which part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The partition.
    pub source: Source,
    /// Which sort keys.
    pub range: Range,
    /// At most this many items, at most 1,000.
    pub limit: usize,
    /// Continues after an earlier page.
    pub after: Option<Cursor>,
    /// Oldest or newest first.
    pub order: Order,
}

/// A partition of the table or of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// `pk` of the table, strongly consistent.
    Table(String),
    /// `gsi1pk` of the index of what is due, work or open invoices; bodies of its items are empty.
    Due(String),
    /// `gsi2pk` of the index of open invoices.
    Open(String),
}

/// Which sort keys of a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Range {
    /// All that start with a text; the empty text means all.
    Prefix(String),
    /// All up to and including a text.
    UpTo(String),
    /// All from a text up to and including another one, which is not smaller.
    Between(String, String),
}

/// By sort key, upwards or downwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// Where a page ended: the last item's key, and its index key when an index was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The last item's primary key.
    pub key: Key,
    /// Its key in the index that was read.
    pub index: Option<Key>,
}

/// A page of items.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The items in order.
    pub items: Vec<Item>,
    /// Where to continue; `None` at the end.
    pub next: Option<Cursor>,
}

/// The table failed.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// Throttled, timed out, unreachable or refused; whether a write happened is open.
    #[error("the table is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A stored item lacks what every item has.
    #[error("a stored item cannot be read: {0}")]
    Corrupt(String),
}
