//! Ids and secrets that are the same on every run.

use std::sync::Mutex;

use numo_app::port::clock::Ids;
use uuid::{Builder, Uuid};

use crate::{lock::lock, seed::Seed};

/// 2026-01-01 in milliseconds: the time in the first uuid.
const START: u64 = 1_767_225_600_000;

/// Uuids in ascending order and secrets, all from one seed.
#[derive(Debug)]
pub struct CountingIds(Mutex<State>);

#[derive(Debug)]
struct State {
    made: u64,
    seed: Seed,
}

impl CountingIds {
    /// The sequence of a seed.
    pub const fn new(seed: u64) -> Self {
        Self(Mutex::new(State { made: 0, seed: Seed::new(seed) }))
    }
}

impl Ids for CountingIds {
    fn uuid(&self) -> Uuid {
        let mut state = lock(&self.0);
        state.made += 1;
        let mut random = [0; 10];
        random.copy_from_slice(state.seed.bytes().first_chunk::<10>().unwrap_or(&[0; 10]));
        Builder::from_unix_timestamp_millis(START + state.made, &random).into_uuid()
    }

    fn secret(&self) -> [u8; 32] {
        lock(&self.0).seed.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_are_of_version_7_ascend_and_depend_on_the_seed_alone() {
        let (first, second, other) = (CountingIds::new(1), CountingIds::new(1), CountingIds::new(2));
        let ids: Vec<Uuid> = (0..100).map(|_| first.uuid()).collect();
        assert_eq!(ids, (0..100).map(|_| second.uuid()).collect::<Vec<_>>());
        assert!(ids.is_sorted());
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
        assert_ne!(ids[0], other.uuid());
        assert_eq!(first.secret(), second.secret());
        assert_ne!(first.secret(), other.secret());
    }
}
