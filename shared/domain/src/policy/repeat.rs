//! Repeating the last step, and where that ends.

use jiff::{ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

/// How the last step goes on when nobody pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Repeat {
    /// Time between two messages.
    pub every: Every,
    /// How many repeats there are; afterwards a person has to act.
    pub at_most: u8,
}

/// Time between two repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Every {
    /// Days.
    Days(u16),
    /// Calendar months: a month after 31 January is the end of February.
    Months(u8),
}

impl Repeat {
    /// The day of the `n`th repeat, counted from the day on which the last step went out.
    ///
    /// Counted from that day and not from the repeat before, so that a short month shortens no other.
    pub fn day(self, last_step_sent: Date, n: u8) -> Date {
        let n = i64::from(n);
        last_step_sent.saturating_add(match self.every {
            Every::Days(days) => (n * i64::from(days)).days(),
            Every::Months(months) => (n * i64::from(months)).months(),
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_month_after_the_end_of_january_is_the_end_of_february_and_then_the_end_of_march() {
        let monthly = Repeat { every: Every::Months(1), at_most: 4 };
        let days = [1, 2, 3].map(|n| monthly.day(date(2026, 1, 31), n));
        assert_eq!(days, [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]);
        assert_eq!(monthly.day(date(2024, 1, 31), 1), date(2024, 2, 29));
    }

    #[test]
    fn days_are_counted_from_the_day_on_which_the_last_step_went_out() {
        let weekly = Repeat { every: Every::Days(7), at_most: 4 };
        assert_eq!(weekly.day(date(2026, 11, 23), 4), date(2026, 12, 21));
    }
}
