//! Meta's limit: so many people within any 24 hours, whatever the calendar says (Meta: messaging limits).

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::{id::NumberKey, plan::Channel};

/// For how long somebody who was written to counts.
const COUNTS_FOR: SignedDuration = SignedDuration::from_hours(24);

/// Of Meta's own limit at most this part is used, in percent.
const OF_METAS_LIMIT: u32 = 80;

/// What a plan has used of the limit, and what earlier messages have.
pub(super) struct RollingLimit<'a> {
    /// How many people may be written to, where Meta sets a limit.
    pub(super) most: Option<u32>,
    written_to: &'a BTreeMap<NumberKey, Timestamp>,
    /// When those stop to count who were written to before, in order.
    ends: Vec<Timestamp>,
    /// Those who are written to on the day; they count until it is over.
    taken: u32,
}

/// A place for one more person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// From when on.
    pub at: Timestamp,
    /// How many count before.
    pub after: u32,
}

impl<'a> RollingLimit<'a> {
    pub(super) fn of(channel: &'a Channel) -> Self {
        let mut ends: Vec<Timestamp> = channel.written_to.values().map(|at| end(*at)).collect();
        ends.sort_unstable();
        Self {
            most: channel.daily_limit.map(|limit| limit.saturating_mul(OF_METAS_LIMIT) / 100),
            written_to: &channel.written_to,
            ends,
            taken: channel.sends_before,
        }
    }

    /// The first time not before `at` that has a place for somebody, if it comes before `until`.
    pub(super) fn place(&self, who: &NumberKey, at: Timestamp, until: Option<Timestamp>) -> Option<Place> {
        let own = self.written_to.get(who).map(|at| end(*at));
        let at = match self.most {
            Some(most) => {
                self.free_at(own, most.checked_sub(self.taken)?.checked_sub(1)?).map_or(at, |free| free.max(at))
            }
            None => at,
        };
        let others = self.n_counting(at).saturating_sub(u32::from(own.is_some_and(|own| own > at)));
        let after = self.taken.saturating_add(others);
        until.is_none_or(|until| at < until).then_some(Place { at, after })
    }

    /// Somebody is written to.
    pub(super) fn take(&mut self, who: &NumberKey) {
        self.taken = self.taken.saturating_add(1);
        // Nobody counts twice.
        if let Some(own) = self.written_to.get(who).and_then(|at| self.ends.binary_search(&end(*at)).ok()) {
            self.ends.remove(own);
        }
    }

    /// When no more than `most` others count that were written to before.
    fn free_at(&self, own: Option<Timestamp>, most: u32) -> Option<Timestamp> {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let last = self.ends.len().checked_sub(most)?.checked_sub(1)?;
        let free_at = self.ends.get(last)?;
        match own {
            // One of those who count then is the very person.
            Some(own) if own >= *free_at => self.ends.get(last.checked_sub(1)?).copied(),
            Some(_) | None => Some(*free_at),
        }
    }

    fn n_counting(&self, at: Timestamp) -> u32 {
        let over = self.ends.partition_point(|end| *end <= at);
        u32::try_from(self.ends.len().saturating_sub(over)).unwrap_or(u32::MAX)
    }
}

fn end(written_at: Timestamp) -> Timestamp {
    written_at.checked_add(COUNTS_FOR).unwrap_or(written_at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_795_400_000 + minute * 60).unwrap()
    }

    fn person(n: u8) -> NumberKey {
        format!("k{n}").parse().unwrap()
    }

    /// People who count at a time, of those written to before and those that a plan writes to.
    fn counting(written: &[(u8, i64)], planned: &[(u8, Timestamp)], time: Timestamp) -> usize {
        let since = time.checked_sub(COUNTS_FOR).unwrap();
        let all = written.iter().map(|(who, minute)| (*who, at(*minute))).chain(planned.iter().copied());
        all.filter(|(_, at)| *at > since && *at <= time)
            .map(|(who, _)| who)
            .collect::<std::collections::BTreeSet<u8>>()
            .len()
    }

    fn channel(written: &[(u8, i64)], daily_limit: Option<u32>) -> Channel {
        let mut channel = Channel { daily_limit, ..Channel::default() };
        for (who, minute) in written {
            let last = channel.written_to.entry(person(*who)).or_insert(at(*minute));
            *last = at(*minute).max(*last);
        }
        channel
    }

    #[test]
    fn whoever_was_written_to_yesterday_makes_room_a_day_later_and_not_at_midnight() {
        let channel = channel(&[(1, -1_430), (2, -600), (3, -20)], Some(5));
        let mut limit = RollingLimit::of(&channel);
        // Four fifths of five are four: one place is free at once, the next ten minutes later.
        assert_eq!(limit.place(&person(9), at(0), None), Some(Place { at: at(0), after: 3 }));
        limit.take(&person(9));
        assert_eq!(limit.place(&person(8), at(0), None), Some(Place { at: at(10), after: 3 }));
        assert_eq!(limit.place(&person(8), at(0), Some(at(10))), None);
        // Who counts already takes no place of another.
        assert_eq!(limit.place(&person(2), at(0), None), Some(Place { at: at(0), after: 3 }));
        limit.take(&person(2));
        assert_eq!(limit.place(&person(8), at(0), None), Some(Place { at: at(10), after: 3 }));
        limit.take(&person(8));
        limit.take(&person(7));
        assert_eq!(limit.place(&person(6), at(0), None), None);
    }

    #[test]
    fn without_a_limit_everybody_has_a_place_and_knows_who_comes_before() {
        let channel = channel(&[(1, -30), (2, -1_500)], None);
        let mut limit = RollingLimit::of(&channel);
        assert_eq!(limit.place(&person(9), at(0), None), Some(Place { at: at(0), after: 1 }));
        limit.take(&person(9));
        assert_eq!(limit.place(&person(1), at(0), Some(at(1))), Some(Place { at: at(0), after: 1 }));
    }

    proptest! {
        #[test]
        fn no_24_hours_have_more_people_than_the_limit_leaves_whatever_went_out_before_and_at_whichever_hours(
            written in prop::collection::vec((0u8..30, -2_880i64..0), 0..40),
            wanted in prop::collection::vec((0u8..40, 0i64..1_000), 1..40),
            daily_limit in 1u32..40,
        ) {
            let channel = channel(&written, Some(daily_limit));
            let mut limit = RollingLimit::of(&channel);
            let most = usize::try_from(daily_limit * 80 / 100).unwrap();
            let mut planned: Vec<(u8, Timestamp)> = Vec::new();
            for (who, minute) in wanted {
                if planned.iter().any(|(taken, _)| *taken == who) {
                    continue;
                }
                let Some(place) = limit.place(&person(who), at(minute), Some(at(1_200))) else { continue };
                prop_assert!(place.at >= at(minute) && place.at < at(1_200));
                limit.take(&person(who));
                planned.push((who, place.at));
                prop_assert!(usize::try_from(place.after).unwrap() < most);
            }
            for (_, time) in &planned {
                prop_assert!(counting(&written, &planned, *time) <= most);
            }
        }
    }
}
