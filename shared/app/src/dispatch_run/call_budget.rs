//! How often a run may ask a ledger: no run uses up what a minute of the ledger has.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

/// The calls of a run to one ledger within the last minute.
#[derive(Debug, Default)]
pub(super) struct CallBudget {
    calls: VecDeque<(Timestamp, usize)>,
}

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

impl CallBudget {
    /// When the ledger may be asked again, if that is later than now; a check costs what the dearest one cost.
    ///
    /// A run does not wait for it, and the next one knows nothing of its calls: all of them have to be a minute old.
    pub(super) fn free_at(&self, per_minute: usize, now: Timestamp) -> Option<Timestamp> {
        let next = self.calls.iter().map(|(_, calls)| *calls).max().unwrap_or_default();
        let is_recent = |(at, _): &&(Timestamp, usize)| now.duration_since(*at) < MINUTE;
        let made: usize = self.calls.iter().filter(is_recent).map(|(_, calls)| *calls).sum();
        let newest = self.calls.back().filter(|_| made > 0 && made + next > per_minute);
        newest.and_then(|(at, _)| at.checked_add(MINUTE).ok())
    }

    /// When the last call will be a minute old, if that is still to come.
    pub(super) fn forgotten_at(&self, now: Timestamp) -> Option<Timestamp> {
        let (newest, _) = self.calls.back()?;
        newest.checked_add(MINUTE).ok().filter(|at| *at > now)
    }

    /// A check was made that took so many calls.
    pub(super) fn spend(&mut self, now: Timestamp, calls: usize) {
        self.calls.retain(|(at, _)| now.duration_since(*at) < MINUTE);
        self.calls.push_back((now, calls.max(1)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_764_000_000 + seconds).unwrap()
    }

    #[test]
    fn a_minute_has_fifty_calls_whatever_a_check_costs() {
        for (cost, checks) in [(1, 50), (5, 10), (7, 7), (60, 1)] {
            let mut budget = CallBudget::default();
            let mut made = 0;
            while budget.free_at(50, after(made)).is_none() && made < 60 {
                budget.spend(after(made), cost);
                made += 1;
            }
            assert_eq!(made, checks, "{cost}");
        }
    }

    #[test]
    fn the_latest_call_makes_room_after_a_minute() {
        let mut budget = CallBudget::default();
        (0..10).for_each(|n| budget.spend(after(n), 5));
        assert_eq!(budget.free_at(50, after(10)), Some(after(69)));
        // Within one run a call that is a minute old makes room by itself.
        assert_eq!(budget.free_at(50, after(60)), None);
        assert_eq!([after(68), after(69)].map(|now| budget.forgotten_at(now)), [Some(after(69)), None]);
        assert_eq!(CallBudget::default().forgotten_at(after(0)), None);
    }
}
