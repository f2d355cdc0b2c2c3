//! A table that counts the records it is given, and may forget them at once.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use numo_app::port::table::{Item, Key, Page, Query, Table, TableError, Write, Written};
use numo_testkit::memory_table::MemoryTable;

/// What of a ledger is kept as items of its own.
const RECORDS: [&str; 7] = ["contact", "invoice", "credit", "bill", "payment", "phone_link", "payer_link"];

/// Keeps everything, or everything but records.
pub(crate) struct CountingTable {
    inner: MemoryTable,
    /// Whether records are forgotten, so that only the product's own memory is measured.
    forgets: bool,
    written: Mutex<BTreeMap<String, u64>>,
}

impl CountingTable {
    pub(crate) fn new(forgets: bool) -> Self {
        Self { inner: MemoryTable::new(), forgets, written: Mutex::default() }
    }

    /// Records that were written so far.
    pub(crate) fn records_written(&self) -> u64 {
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        RECORDS.iter().filter_map(|record| written.get(*record)).sum()
    }

    fn count(&self, entity: &str) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        *written.entry(entity.to_owned()).or_default() += 1;
    }
}

#[async_trait]
impl Table for CountingTable {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn get(&self, key: &Key) -> Result<Option<Item>, TableError> {
        self.inner.get(key).await
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, TableError> {
        self.inner.get_many(keys).await
    }

    async fn query(&self, query: &Query) -> Result<Page, TableError> {
        self.inner.query(query).await
    }

    async fn write(&self, write: Write) -> Result<Written, TableError> {
        let (Write::Create(item) | Write::Replace(item)) = &write else { return self.inner.write(write).await };
        self.count(&item.entity);
        if self.forgets && RECORDS.contains(&item.entity.as_str()) {
            return Ok(Written::Done);
        }
        self.inner.write(write).await
    }

    async fn transact(&self, token: &str, writes: Vec<Write>) -> Result<Written, TableError> {
        let mut kept = Vec::new();
        for write in writes {
            if let Write::Create(item) | Write::Replace(item) = &write {
                self.count(&item.entity);
                if self.forgets && RECORDS.contains(&item.entity.as_str()) {
                    continue;
                }
            }
            kept.push(write);
        }
        if kept.is_empty() { Ok(Written::Done) } else { self.inner.transact(token, kept).await }
    }
}
