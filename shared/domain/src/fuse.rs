//! The fuse of a recipient number: it blows before a second message goes out.

use jiff::{Timestamp, ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{id::AttemptId, policy::Caps};

/// The sends to one number in the last seven days.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fuse {
    /// Sends, oldest first.
    pub sends: Vec<FusedSend>,
}

/// One send, on the organisation's local date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FusedSend {
    /// The organisation's local date.
    pub date: Date,
    /// When it was claimed.
    pub at: Timestamp,
    /// The attempt that it was claimed for.
    pub attempt: AttemptId,
}

/// Which cap holds a send back, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FuseRefusal {
    /// A message went to this number today.
    #[error("this number already got a message on this day")]
    Daily,
    /// The last message is too recent.
    #[error("the gap between two messages to this number has not passed")]
    Gap {
        /// The first date on which it has.
        until: Date,
    },
    /// Enough messages in seven days.
    #[error("this number got as many messages as seven days allow")]
    SevenDays {
        /// The first date on which one is allowed again.
        until: Date,
    },
}

impl Fuse {
    /// Whether one more message may go out on a date.
    pub fn check(&self, date: Date, caps: Caps) -> Result<(), FuseRefusal> {
        if self.sends.iter().any(|send| send.date == date) {
            return Err(FuseRefusal::Daily);
        }
        let gap = i64::from(caps.gap_days);
        if let Some(last) = self.sends.iter().map(|send| send.date).max() {
            let until = last.saturating_add(gap.days());
            if date < until {
                return Err(FuseRefusal::Gap { until });
            }
        }
        let week_ago = date.saturating_sub(6.days());
        let mut recent: Vec<Date> = self.sends.iter().map(|s| s.date).filter(|sent| *sent >= week_ago).collect();
        recent.sort_unstable();
        let allowed = usize::from(caps.per_seven_days);
        match recent.len().checked_sub(allowed).and_then(|blocking| recent.get(blocking)) {
            Some(first) => Err(FuseRefusal::SevenDays { until: first.saturating_add(7.days()) }),
            None => Ok(()),
        }
    }

    /// The fuse after one more send; sends older than seven days are dropped.
    pub fn with(mut self, send: FusedSend) -> Self {
        let horizon = send.date.saturating_sub(7.days());
        self.sends.retain(|kept| kept.date >= horizon);
        self.sends.push(send);
        self
    }

    /// The fuse without an attempt that Meta certainly did not take.
    pub fn without(mut self, attempt: AttemptId) -> Self {
        self.sends.retain(|send| send.attempt != attempt);
        self
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const CAPS: Caps = Caps { gap_days: 2, per_seven_days: 3 };

    fn send(day: Date, n: u128) -> FusedSend {
        FusedSend { date: day, at: Timestamp::UNIX_EPOCH, attempt: AttemptId::new(uuid::Uuid::from_u128(n)) }
    }

    #[test]
    fn a_second_message_on_one_day_is_refused_whatever_the_caps() {
        let fuse = Fuse::default().with(send(date(2026, 11, 23), 1));
        let loose = Caps { gap_days: 0, per_seven_days: 99 };
        assert_eq!(fuse.check(date(2026, 11, 23), loose), Err(FuseRefusal::Daily));
        assert_eq!(fuse.check(date(2026, 11, 24), loose), Ok(()));
    }

    #[test]
    fn the_gap_names_the_first_allowed_date() {
        let fuse = Fuse::default().with(send(date(2026, 11, 23), 1));
        assert_eq!(fuse.check(date(2026, 11, 24), CAPS), Err(FuseRefusal::Gap { until: date(2026, 11, 25) }));
        assert_eq!(fuse.check(date(2026, 11, 25), CAPS), Ok(()));
    }

    #[test]
    fn the_fourth_message_in_seven_days_waits() {
        let fuse = [20, 22, 24].iter().fold(Fuse::default(), |fuse, day| fuse.with(send(date(2026, 11, *day), 1)));
        assert_eq!(fuse.check(date(2026, 11, 26), CAPS), Err(FuseRefusal::SevenDays { until: date(2026, 11, 27) }));
        assert_eq!(fuse.check(date(2026, 11, 27), CAPS), Ok(()));
    }

    #[test]
    fn an_attempt_that_meta_did_not_take_frees_the_day() {
        let fuse = Fuse::default().with(send(date(2026, 11, 23), 7));
        let freed = fuse.without(AttemptId::new(uuid::Uuid::from_u128(7)));
        assert_eq!(freed.check(date(2026, 11, 23), CAPS), Ok(()));
    }

    proptest! {
        #[test]
        fn whatever_is_tried_no_two_sends_share_a_day_and_no_week_has_more_than_three(days in prop::collection::vec(0i64..40, 1..60)) {
            let mut fuse = Fuse::default();
            let mut sent: Vec<Date> = Vec::new();
            let mut days = days;
            days.sort_unstable();
            for day in days {
                let today = date(2026, 1, 1).saturating_add(day.days());
                if fuse.check(today, CAPS).is_ok() {
                    fuse = fuse.with(send(today, 1));
                    sent.push(today);
                }
            }
            for window in sent.windows(2) {
                prop_assert!(window[1].since(window[0]).unwrap().get_days() >= 2);
            }
            for window in sent.windows(4) {
                prop_assert!(window[3].since(window[0]).unwrap().get_days() >= 7);
            }
        }
    }
}
