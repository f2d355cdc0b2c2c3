//! A table whose calls let other work run in between, as the seed decides.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use numo_app::port::table::{Item, Key, Page, Query, Table, TableError, Write, Written};
use numo_testkit::seed::Seed;

/// Interleaves the calls of jobs that run side by side.
#[expect(missing_debug_implementations, reason = "nobody prints it")]
pub struct YieldingTable {
    inner: Arc<dyn Table>,
    seed: Mutex<Seed>,
}

impl YieldingTable {
    /// Yields before calls, as the seed decides.
    pub fn new(inner: Arc<dyn Table>, seed: Seed) -> Self {
        Self { inner, seed: Mutex::new(seed) }
    }

    async fn turn(&self) {
        let turns = self.seed.lock().unwrap().next() % 3;
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
    }
}

#[async_trait]
impl Table for YieldingTable {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn get(&self, key: &Key) -> Result<Option<Item>, TableError> {
        self.turn().await;
        self.inner.get(key).await
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, TableError> {
        self.turn().await;
        self.inner.get_many(keys).await
    }

    async fn query(&self, query: &Query) -> Result<Page, TableError> {
        self.turn().await;
        self.inner.query(query).await
    }

    async fn write(&self, write: Write) -> Result<Written, TableError> {
        self.turn().await;
        self.inner.write(write).await
    }

    async fn transact(&self, token: &str, writes: Vec<Write>) -> Result<Written, TableError> {
        self.turn().await;
        self.inner.transact(token, writes).await
    }
}
