//! A table whose calls fail when told.

use std::{
    future::Future,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use numo_app::port::table::{Item, Key, Page, Query, Table, TableError, Write, Written};

use crate::{lock::lock, outage::Outage, seed::Seed};

/// Passes calls on to another table and fails where its plan says.
pub struct FaultyTable {
    inner: Arc<dyn Table>,
    state: Arc<Mutex<State>>,
}

/// Which calls fail; calls are counted from 1, all verbs together.
#[derive(Debug, Clone)]
pub enum Plan {
    /// None.
    Never,
    /// One call; all others work.
    Once {
        /// Which.
        call: u64,
        /// How.
        fault: Fault,
    },
    /// One call and all after it: the process dies there.
    Crash {
        /// Which.
        call: u64,
        /// How; the later calls are not executed.
        fault: Fault,
    },
    /// Any call, before it is executed: the table has no capacity left.
    Throttled {
        /// Decides which.
        seed: Seed,
        /// How often, in thousandths.
        per_mille: u64,
    },
    /// Any call, half of the failures before and half after the effect.
    Randomly {
        /// Decides which.
        seed: Seed,
        /// How often, in thousandths.
        per_mille: u64,
    },
}

/// When a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is not executed.
    Before,
    /// It is executed, but its answer is lost.
    After,
}

struct State {
    plan: Plan,
    calls: u64,
    crashed: bool,
}

impl FaultyTable {
    /// A table that works until it gets another plan.
    pub fn new(inner: Arc<dyn Table>) -> Self {
        Self { inner, state: Arc::new(Mutex::new(State { plan: Plan::Never, calls: 0, crashed: false })) }
    }

    /// Another table of the same process: calls of both are counted together, and one plan is for both.
    pub fn beside(&self, inner: Arc<dyn Table>) -> Self {
        Self { inner, state: Arc::clone(&self.state) }
    }

    /// Starts anew with this plan: no calls so far, not crashed.
    pub fn reset(&self, plan: Plan) {
        *lock(&self.state) = State { plan, calls: 0, crashed: false };
    }

    /// How many calls were made since the last reset, failures included.
    pub fn calls(&self) -> u64 {
        lock(&self.state).calls
    }

    /// Whether the plan's crash has happened.
    pub fn has_crashed(&self) -> bool {
        lock(&self.state).crashed
    }

    async fn call<T>(&self, inner: impl Future<Output = Result<T, TableError>> + Send) -> Result<T, TableError> {
        let fault = lock(&self.state).next();
        match fault {
            None => inner.await,
            Some(Fault::Before) => Err(failure()),
            Some(Fault::After) => {
                drop(inner.await);
                Err(failure())
            }
        }
    }
}

impl State {
    fn next(&mut self) -> Option<Fault> {
        self.calls += 1;
        if self.crashed {
            return Some(Fault::Before);
        }
        match &mut self.plan {
            Plan::Never => None,
            Plan::Once { call, fault } => (self.calls == *call).then_some(*fault),
            Plan::Crash { call, fault } => {
                self.crashed = self.calls == *call;
                self.crashed.then_some(*fault)
            }
            Plan::Throttled { seed, per_mille } => seed.happens(*per_mille).then_some(Fault::Before),
            Plan::Randomly { seed, per_mille } => {
                seed.happens(*per_mille).then(|| if seed.happens(500) { Fault::Before } else { Fault::After })
            }
        }
    }
}

impl std::fmt::Debug for FaultyTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FaultyTable").field("calls", &self.calls()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Table for FaultyTable {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn get(&self, key: &Key) -> Result<Option<Item>, TableError> {
        self.call(self.inner.get(key)).await
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, TableError> {
        self.call(self.inner.get_many(keys)).await
    }

    async fn query(&self, query: &Query) -> Result<Page, TableError> {
        self.call(self.inner.query(query)).await
    }

    async fn write(&self, write: Write) -> Result<Written, TableError> {
        self.call(self.inner.write(write)).await
    }

    async fn transact(&self, token: &str, writes: Vec<Write>) -> Result<Written, TableError> {
        self.call(self.inner.transact(token, writes)).await
    }
}

fn failure() -> TableError {
    TableError::Unavailable(Outage::because("the table was told to fail"))
}
