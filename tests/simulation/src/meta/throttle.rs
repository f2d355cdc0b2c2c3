//! The throughput of numbers, as Meta counts it.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};
use numo_domain::id::PhoneNumberId;

/// Takes so many messages of a number in any second.
#[derive(Debug, Clone, Default)]
pub(super) struct Throttle {
    per_second: Option<usize>,
    taken: BTreeMap<PhoneNumberId, VecDeque<Timestamp>>,
    n_refused: usize,
}

impl Throttle {
    pub(super) fn at(per_second: usize) -> Self {
        Self { per_second: Some(per_second), ..Self::default() }
    }

    pub(super) fn n_refused(&self) -> usize {
        self.n_refused
    }

    /// Whether a message is within the throughput of its number.
    pub(super) fn admits(&mut self, number: &PhoneNumberId, now: Timestamp) -> bool {
        let Some(per_second) = self.per_second else { return true };
        let taken = self.taken.entry(number.clone()).or_default();
        let second_ago = now.checked_sub(SignedDuration::from_secs(1)).unwrap();
        while taken.front().is_some_and(|at| *at <= second_ago) {
            taken.pop_front();
        }
        let is_admitted = taken.len() < per_second;
        if is_admitted {
            taken.push_back(now);
        } else {
            self.n_refused += 1;
        }
        is_admitted
    }
}
