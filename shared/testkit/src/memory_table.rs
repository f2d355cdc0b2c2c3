//! The table in memory, with what DynamoDB would do.

mod index_cost;
mod page;
mod rules;
mod size;
mod state;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::Timestamp;
use numo_app::port::{
    clock::Clock,
    table::{Item, Key, Page, Query, Refusal, Table, TableError, Write, Written},
};

use crate::lock::lock;

/// The table in memory.
///
/// It is as strict as DynamoDB: key lengths, item sizes, page sizes, distinct keys, tokens.
#[derive(Default)]
pub struct MemoryTable {
    state: Mutex<state::State>,
    counts: Mutex<Counts>,
    clock: Option<Arc<dyn Clock>>,
    name: Option<String>,
}

/// What was asked of a table, and what it would cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls of `get`.
    pub gets: u64,
    /// Calls of `get_many`.
    pub get_manys: u64,
    /// Calls of `query`.
    pub queries: u64,
    /// Calls of `write`.
    pub writes: u64,
    /// Calls of `transact`.
    pub transacts: u64,
    /// Items that reads returned.
    pub items_read: u64,
    /// Their bytes, as the table counts them.
    pub bytes_read: u64,
    /// Items that were put or deleted.
    pub items_written: u64,
    /// Write units of the table itself: one per started KB, twice in transactions, refusals included.
    pub write_units: u64,
    /// Write units of its indexes.
    pub index_units: u64,
}

impl Counts {
    /// Calls that read.
    pub const fn reads(&self) -> u64 {
        self.gets + self.get_manys + self.queries
    }

    /// All calls.
    pub const fn calls(&self) -> u64 {
        self.reads() + self.writes + self.transacts
    }

    /// The write units that are paid for: those of the table and of its indexes.
    pub const fn all_write_units(&self) -> u64 {
        self.write_units + self.index_units
    }
}

impl MemoryTable {
    /// An empty table that remembers every token.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty table that forgets a token after ten minutes of this clock.
    pub fn with_clock(clock: Arc<dyn Clock>) -> Self {
        Self { clock: Some(clock), ..Self::default() }
    }

    /// Another table with the same items, as a backup that was restored under a name of its own.
    pub fn restored(&self, name: &str) -> Self {
        let state = lock(&self.state).copy();
        Self { state: Mutex::new(state), clock: self.clock.clone(), name: Some(name.to_owned()), ..Self::default() }
    }

    /// A table that answers what the indexes are asked as this one would now.
    pub fn indexes_as_they_are(&self) -> Self {
        Self { state: Mutex::new(lock(&self.state).copy_of_indexes()), ..Self::default() }
    }

    /// Every item, in the order of the keys: for assertions.
    pub fn items(&self) -> Vec<Item> {
        lock(&self.state).items()
    }

    /// What was asked so far.
    pub fn counts(&self) -> Counts {
        *lock(&self.counts)
    }

    /// What was asked so far; counting starts anew.
    pub fn take_counts(&self) -> Counts {
        std::mem::take(&mut *lock(&self.counts))
    }

    fn count(&self, add: impl FnOnce(&mut Counts)) {
        add(&mut lock(&self.counts));
    }

    fn count_read(&self, items: &[Item]) {
        self.count(|counts| {
            counts.items_read += rules::wide(items.len());
            counts.bytes_read += items.iter().map(|item| rules::wide(size::of(item))).sum::<u64>();
        });
    }

    fn now(&self) -> Option<Timestamp> {
        self.clock.as_ref().map(|clock| clock.now())
    }

    fn count_written(&self, done: &state::Applied, times: u64) {
        self.count(|counts| {
            counts.items_written += done.items;
            counts.write_units += done.units * times;
            counts.index_units += done.index_units;
        });
    }
}

impl std::fmt::Debug for MemoryTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryTable").field("counts", &self.counts()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Table for MemoryTable {
    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("table")
    }

    async fn get(&self, key: &Key) -> Result<Option<Item>, TableError> {
        self.count(|counts| counts.gets += 1);
        rules::key(key)?;
        let found = lock(&self.state).get(key);
        self.count_read(found.as_slice());
        Ok(found)
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, TableError> {
        self.count(|counts| counts.get_manys += 1);
        let keys = rules::batch(keys)?;
        let state = lock(&self.state);
        let found: Vec<Item> = keys.into_iter().filter_map(|key| state.get(key)).collect();
        self.count_read(&found);
        Ok(found)
    }

    async fn query(&self, query: &Query) -> Result<Page, TableError> {
        self.count(|counts| counts.queries += 1);
        let page = page::read(&lock(&self.state), query)?;
        self.count_read(&page.items);
        Ok(page)
    }

    async fn write(&self, write: Write) -> Result<Written, TableError> {
        self.count(|counts| counts.writes += 1);
        let write = rules::write(write)?;
        if let Write::Check { key, rev } = write {
            let existing = lock(&self.state).get(&key);
            let holds = existing.as_ref().map(|item| item.rev) == rev;
            return Ok(if holds { Written::Done } else { Written::Refused(vec![Refusal { index: 0, existing }]) });
        }
        let applied = lock(&self.state).apply(&[write]);
        self.count_written(&applied, 1);
        Ok(applied.written)
    }

    async fn transact(&self, token: &str, writes: Vec<Write>) -> Result<Written, TableError> {
        self.count(|counts| counts.transacts += 1);
        if writes.is_empty() {
            return Ok(Written::Done);
        }
        let writes = rules::transaction(token, writes)?;
        let now = self.now();
        let applied = {
            let mut state = lock(&self.state);
            if state.is_repeat(token, &writes, now)? {
                return Ok(Written::Done);
            }
            let applied = state.apply(&writes);
            if applied.written == Written::Done {
                state.remember(token, writes, now);
            }
            applied
        };
        self.count_written(&applied, 2);
        Ok(applied.written)
    }
}
