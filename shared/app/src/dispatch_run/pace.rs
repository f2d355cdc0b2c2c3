//! How fast a number may send: never more in a second than Meta takes, evenly, and slower after a refusal.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};
use numo_domain::{id::PhoneNumberId, sender::Sender};

/// The paces of the numbers of a run.
#[derive(Debug, Default)]
pub(super) struct Paces(BTreeMap<PhoneNumberId, Pace>);

impl Paces {
    /// The pace of a number, as it has become in this run.
    pub(super) fn of(&mut self, sender: &Sender, now: Timestamp) -> &mut Pace {
        self.0.entry(sender.phone_number_id.clone()).or_insert_with(|| Pace::of(sender, now))
    }
}

/// The pace of one number.
#[derive(Debug)]
pub(super) struct Pace {
    /// Messages in a second, at least one.
    per_second: u32,
    /// When the last messages began, as many as a second takes at most.
    begun: VecDeque<Timestamp>,
    /// No message before.
    not_before: Option<Timestamp>,
    /// When it was lowered the last time.
    lowered_at: Option<Timestamp>,
}

/// What Meta counts by.
const SECOND: SignedDuration = SignedDuration::from_secs(1);

impl Pace {
    /// A run often goes on where another one ended a moment ago: the second before counts as used up, evenly.
    fn of(sender: &Sender, now: Timestamp) -> Self {
        let allowed = sender.per_second();
        // The owner types in the phone app, from the same allowance.
        let per_second = if sender.is_on_biz_app { allowed - allowed / 10 } else { allowed };
        let mut pace = Self { per_second, begun: VecDeque::new(), not_before: None, lowered_at: None };
        let before = (1..=per_second)
            .rev()
            .filter_map(|n| now.checked_sub(SECOND * i32::try_from(n).ok()? / pace.divisor()).ok());
        pace.begun = before.collect();
        pace
    }

    /// Messages in a second.
    pub(super) fn per_second(&self) -> usize {
        usize::try_from(self.per_second).unwrap_or(usize::MAX)
    }

    /// When the next message may begin, from an instant on.
    pub(super) fn next(&self, now: Timestamp) -> Timestamp {
        // A little faster than even, so that what began late can be made up for within the second.
        let spaced = self.begun.back().and_then(|last| last.checked_add(SECOND * 4 / 5 / self.divisor()).ok());
        let first = self.begun.len().checked_sub(self.per_second()).and_then(|place| self.begun.get(place));
        let second = first.and_then(|first| first.checked_add(SECOND).ok());
        [spaced, second, self.not_before].into_iter().flatten().fold(now, Timestamp::max)
    }

    /// A message begins.
    pub(super) fn begin(&mut self, now: Timestamp) {
        self.begun.push_back(now);
        while self.begun.len() > self.per_second() {
            self.begun.pop_front();
        }
    }

    /// Meta refused a message that began at an instant: a quarter slower from now on, and not before `again`.
    ///
    /// What began before it was lowered the last time proves nothing about the present pace.
    pub(super) fn lower(&mut self, begun: Timestamp, (now, again): (Timestamp, Timestamp)) {
        self.not_before = self.not_before.max(Some(again));
        if self.lowered_at.is_some_and(|at| begun <= at) {
            return;
        }
        self.lowered_at = Some(now);
        self.per_second = (self.per_second - self.per_second / 4).max(1);
    }

    fn divisor(&self) -> i32 {
        i32::try_from(self.per_second).unwrap_or(i32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use numo_domain::sender::{SenderStatus, Throughput};
    use numo_testkit::seed::Seed;

    use super::*;

    fn sender(is_on_biz_app: bool, throughput: Throughput) -> Sender {
        Sender {
            phone_number_id: "200".parse().unwrap(),
            waba: "100".parse().unwrap(),
            number: "+971509990000".parse().unwrap(),
            verified_name: String::new(),
            daily_limit: None,
            is_on_biz_app,
            throughput,
            status: SenderStatus::Ready,
            stopped_at: None,
            restriction: None,
            stopped_for: None,
            looked_at: None,
            heard_up_to: None,
        }
    }

    fn after(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(1_764_000_000_000 + milliseconds).unwrap()
    }

    /// When messages begin, each of them so late.
    fn begun(pace: &mut Pace, late: impl IntoIterator<Item = i64>) -> Vec<i64> {
        let mut now = after(0);
        let begin = |late| {
            now = pace.next(now).checked_add(SignedDuration::from_millis(late)).unwrap();
            pace.begin(now);
            now.duration_since(after(0)).as_millis().try_into().unwrap()
        };
        late.into_iter().map(begin).collect()
    }

    #[test]
    fn a_minute_takes_as_many_messages_as_the_number_has_a_minute() {
        for (is_on_biz_app, throughput, per_second) in
            [(false, Throughput::Standard, 80), (true, Throughput::Standard, 18), (false, Throughput::High, 1_000)]
        {
            let mut pace = Pace::of(&sender(is_on_biz_app, throughput), after(0));
            let begun = begun(&mut pace, vec![0; 60 * per_second + 1]);
            assert_eq!(begun.last(), Some(&60_000), "{per_second}");
        }
    }

    #[test]
    fn a_refusal_slows_down_once_for_all_that_was_under_way_and_waits_a_moment() {
        let mut pace = Pace::of(&sender(false, Throughput::Standard), after(0));
        pace.lower(after(0), (after(200), after(1_200)));
        pace.lower(after(150), (after(300), after(1_300)));
        assert_eq!((pace.per_second(), pace.next(after(310))), (60, after(1_300)));
        pace.lower(after(1_300), (after(1_500), after(2_500)));
        assert_eq!(pace.per_second(), 45);
        (0..40).for_each(|n| pace.lower(after(3_000 + n), (after(3_000 + n), after(3_000 + n))));
        assert_eq!(pace.per_second(), 3);
    }

    #[test]
    fn however_late_messages_begin_no_second_has_more_of_them_than_allowed() {
        for number in 0..200 {
            let mut seed = Seed::new(number);
            let mut pace = Pace::of(&sender(false, Throughput::Standard), after(0));
            let late = (0..400).map(|_| i64::try_from(seed.next() % 40).unwrap() * i64::from(seed.happens(300)));
            let begun = begun(&mut pace, late.collect::<Vec<_>>());
            assert!(begun.windows(81).all(|window| window[80] - window[0] >= 1_000), "seed {number}");
        }
    }
}
