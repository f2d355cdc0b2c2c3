//! The items, their two sparse indexes and the tokens of transactions.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use numo_app::port::table::{Item, Key, Refusal, TableError, Write, Written};

use super::{index_cost, rules, size};

/// How long a token is known (DynamoDB API: `TransactWriteItems`).
const TOKEN_LIFE: SignedDuration = SignedDuration::from_mins(10);

/// Everything that the table holds.
#[derive(Default)]
pub(super) struct State {
    pub(super) items: BTreeMap<Key, Arc<Stored>>,
    pub(super) due: Index,
    pub(super) open: Index,
    tokens: BTreeMap<String, Vec<Write>>,
    /// The tokens that will be forgotten, oldest first.
    ageing: VecDeque<(Timestamp, String)>,
}

/// Index keys with the primary keys behind them.
pub(super) type Index = BTreeSet<(Key, Key)>;

/// An item and its size; copies of the table share it.
pub(super) struct Stored {
    pub(super) item: Item,
    pub(super) bytes: usize,
}

/// What became of writes.
pub(super) struct Applied {
    pub(super) written: Written,
    pub(super) items: u64,
    /// Write units of the table itself, as of writes outside of a transaction.
    pub(super) units: u64,
    /// Write units of its indexes.
    pub(super) index_units: u64,
}

impl State {
    pub(super) fn get(&self, key: &Key) -> Option<Item> {
        self.items.get(key).map(|stored| stored.item.clone())
    }

    /// The same items in another table, which knows no transaction.
    pub(super) fn copy(&self) -> Self {
        let (items, due, open) = (self.items.clone(), self.due.clone(), self.open.clone());
        Self { items, due, open, ..Self::default() }
    }

    /// What the indexes know, and nothing else.
    pub(super) fn copy_of_indexes(&self) -> Self {
        let (due, open) = (self.due.clone(), self.open.clone());
        let known = due.iter().chain(&open).filter_map(|(_, key)| self.items.get_key_value(key));
        let items = known.map(|(key, stored)| (key.clone(), stored.clone())).collect();
        Self { items, due, open, ..Self::default() }
    }

    pub(super) fn items(&self) -> Vec<Item> {
        self.items.values().map(|stored| stored.item.clone()).collect()
    }

    /// All of the writes if every condition holds, else none.
    pub(super) fn apply(&mut self, writes: &[Write]) -> Applied {
        let units = writes.iter().map(|write| self.units(write)).sum();
        let refusals: Vec<Refusal> = writes
            .iter()
            .enumerate()
            .filter(|(_, write)| !self.holds(write))
            .map(|(index, write)| Refusal { index, existing: self.get(write.key()) })
            .collect();
        if !refusals.is_empty() {
            return Applied { written: Written::Refused(refusals), items: 0, units, index_units: 0 };
        }
        let (mut items, mut index_units) = (0, 0);
        for write in writes {
            index_units += self.index_units(write);
            match write {
                Write::Create(item) | Write::Replace(item) => self.put(item.clone()),
                Write::Delete { key, .. } => self.remove(key),
                Write::Check { .. } => continue,
            }
            items += 1;
        }
        Applied { written: Written::Done, items, units, index_units }
    }

    /// Whether this very transaction happened already; another one under its token is an error.
    pub(super) fn is_repeat(
        &mut self,
        token: &str,
        writes: &[Write],
        now: Option<Timestamp>,
    ) -> Result<bool, TableError> {
        self.forget(now);
        match self.tokens.get(token) {
            None => Ok(false),
            Some(spent) if spent == writes => Ok(true),
            Some(_) => Err(rules::refused("the token belongs to another transaction")),
        }
    }

    pub(super) fn remember(&mut self, token: &str, writes: Vec<Write>, at: Option<Timestamp>) {
        self.ageing.extend(at.map(|at| (at, token.to_owned())));
        self.tokens.insert(token.to_owned(), writes);
    }

    fn forget(&mut self, now: Option<Timestamp>) {
        let old = |at: Timestamp| now.is_some_and(|now| now.duration_since(at) >= TOKEN_LIFE);
        while self.ageing.front().is_some_and(|(at, _)| old(*at)) {
            if let Some((_, token)) = self.ageing.pop_front() {
                self.tokens.remove(&token);
            }
        }
    }

    fn holds(&self, write: &Write) -> bool {
        let rev = self.items.get(write.key()).map(|stored| stored.item.rev);
        match write {
            Write::Create(_) => rev.is_none(),
            Write::Replace(item) => rev == Some(item.rev.saturating_sub(1)),
            Write::Delete { rev: seen, .. } => rev == Some(*seen),
            Write::Check { rev: seen, .. } => rev == *seen,
        }
    }

    fn units(&self, write: &Write) -> u64 {
        let before = self.items.get(write.key()).map_or(0, |stored| stored.bytes);
        let after = match write {
            Write::Create(item) | Write::Replace(item) => size::of(item),
            Write::Delete { .. } | Write::Check { .. } => 0,
        };
        rules::units(before.max(after))
    }

    fn index_units(&self, write: &Write) -> u64 {
        let before = self.items.get(write.key()).map(|stored| &stored.item);
        match write {
            Write::Create(item) | Write::Replace(item) => index_cost::of(before, Some(item)),
            Write::Delete { .. } => index_cost::of(before, None),
            Write::Check { .. } => 0,
        }
    }

    fn put(&mut self, item: Item) {
        self.remove(&item.key);
        if let Some(due) = &item.due {
            self.due.insert((due.clone(), item.key.clone()));
        }
        if let Some(open) = &item.open {
            self.open.insert((open.clone(), item.key.clone()));
        }
        let bytes = size::of(&item);
        self.items.insert(item.key.clone(), Arc::new(Stored { item, bytes }));
    }

    fn remove(&mut self, key: &Key) {
        let Some(stored) = self.items.remove(key) else { return };
        if let Some(due) = &stored.item.due {
            self.due.remove(&(due.clone(), key.clone()));
        }
        if let Some(open) = &stored.item.open {
            self.open.remove(&(open.clone(), key.clone()));
        }
    }
}
