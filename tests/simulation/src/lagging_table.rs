//! A table whose indexes may lie behind what stands in it.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use numo_app::port::table::{Item, Key, Page, Query, Source, Table, TableError, Write, Written};
use numo_testkit::memory_table::MemoryTable;

/// Reads by key see everything; what an index is asked may be answered as it was a while ago.
#[expect(missing_debug_implementations, reason = "nobody prints it")]
pub struct LaggingTable {
    inner: Arc<MemoryTable>,
    behind: Mutex<Option<Arc<MemoryTable>>>,
}

impl LaggingTable {
    /// A table whose indexes know everything until they fall behind.
    pub const fn new(inner: Arc<MemoryTable>) -> Self {
        Self { inner, behind: Mutex::new(None) }
    }

    /// Indexes learn of nothing from here on.
    pub fn fall_behind(&self) {
        *self.behind.lock().unwrap() = Some(Arc::new(self.inner.indexes_as_they_are()));
    }

    /// Indexes know everything again.
    pub fn catch_up(&self) {
        *self.behind.lock().unwrap() = None;
    }
}

#[async_trait]
impl Table for LaggingTable {
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
        let behind = self.behind.lock().unwrap().clone();
        match (&query.source, behind) {
            (Source::Due(_) | Source::Open(_), Some(behind)) => behind.query(query).await,
            (Source::Table(_) | Source::Due(_) | Source::Open(_), _) => self.inner.query(query).await,
        }
    }

    async fn write(&self, write: Write) -> Result<Written, TableError> {
        self.inner.write(write).await
    }

    async fn transact(&self, token: &str, writes: Vec<Write>) -> Result<Written, TableError> {
        self.inner.transact(token, writes).await
    }
}
