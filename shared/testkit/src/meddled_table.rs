//! A table in which somebody else does something between two calls.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use numo_app::port::table::{Item, Key, Page, Query, Table, TableError, Write, Written};

use crate::lock::lock;

type Meddling = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Passes calls on to another table; before one of them, something else runs to its end.
pub struct MeddledTable {
    inner: Arc<dyn Table>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    calls: u64,
    before: Option<(u64, Meddling)>,
}

impl MeddledTable {
    /// A table that nobody meddles with yet.
    pub fn new(inner: Arc<dyn Table>) -> Self {
        Self { inner, state: Mutex::default() }
    }

    /// Counts anew, and runs something before the call with this number, from 1.
    pub fn meddle(&self, call: u64, meddling: impl Future<Output = ()> + Send + 'static) {
        *lock(&self.state) = State { calls: 0, before: Some((call, Box::pin(meddling))) };
    }

    /// Whether the meddling has happened.
    pub fn is_meddled(&self) -> bool {
        lock(&self.state).before.is_none()
    }

    async fn count(&self) {
        let meddling = {
            let mut state = lock(&self.state);
            state.calls += 1;
            let calls = state.calls;
            state.before.take_if(|(call, _)| *call == calls)
        };
        if let Some((_, meddling)) = meddling {
            meddling.await;
        }
    }
}

#[async_trait]
impl Table for MeddledTable {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn get(&self, key: &Key) -> Result<Option<Item>, TableError> {
        self.count().await;
        self.inner.get(key).await
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, TableError> {
        self.count().await;
        self.inner.get_many(keys).await
    }

    async fn query(&self, query: &Query) -> Result<Page, TableError> {
        self.count().await;
        self.inner.query(query).await
    }

    async fn write(&self, write: Write) -> Result<Written, TableError> {
        self.count().await;
        self.inner.write(write).await
    }

    async fn transact(&self, token: &str, writes: Vec<Write>) -> Result<Written, TableError> {
        self.count().await;
        self.inner.transact(token, writes).await
    }
}

impl std::fmt::Debug for MeddledTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MeddledTable").finish_non_exhaustive()
    }
}
