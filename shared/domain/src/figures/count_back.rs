//! Days sales outstanding by count-back: how many days of sales are still owed.

use std::collections::BTreeMap;

use jiff::{ToSpan, civil::Date};

/// The days of sales, from today backwards, that what is owed amounts to; rounded to whole days, half up.
///
/// The sales of the present month so far are taken off what is owed, then those of the month before, and so on; each
/// month that is taken off wholly counts with its days, the last one with a share of them. Nothing where the months of
/// which all sales are known, from `since` on, do not reach so far back, and zero where nothing is owed.
///
/// `sales` has amounts by the first day of their month, in the minor units of what is owed; a month without any counts
/// with its days.
pub fn days_sales_outstanding(owed: i64, sales: &BTreeMap<Date, i64>, since: Date, today: Date) -> Option<i64> {
    let (mut left, mut days, mut month) = (i128::from(owed.max(0)), 0_i64, today.first_of_month());
    let mut length = i64::from(today.day());
    while left > 0 {
        if month < since {
            return None;
        }
        let sold = i128::from(sales.get(&month).copied().unwrap_or_default().max(0));
        if left < sold {
            let share = (2 * left * i128::from(length) + sold) / (2 * sold);
            return Some(days + i64::try_from(share).ok()?);
        }
        (left, days) = (left - sold, days + length);
        month = month.checked_sub(1.month()).ok()?;
        length = i64::from(month.days_in_month());
    }
    Some(days)
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn sales<const N: usize>(months: [(i16, i8, i64); N]) -> BTreeMap<Date, i64> {
        months.into_iter().map(|(year, month, sold)| (date(year, month, 1), sold)).collect()
    }

    const LONG_AGO: Date = date(2020, 1, 1);

    #[test]
    fn the_example_of_a_textbook() {
        // Receivables of 130 on 30 June, sales of 60 in June, 50 in May and 40 in April: all of June (30 days) and of
        // May (31 days), and 20 of April's 40 (15 of its 30 days).
        let sold = sales([(2026, 4, 40), (2026, 5, 50), (2026, 6, 60)]);
        assert_eq!(days_sales_outstanding(130, &sold, LONG_AGO, date(2026, 6, 30)), Some(76));
    }

    #[test]
    fn the_present_month_counts_with_the_days_that_have_passed() {
        let sold = sales([(2026, 5, 62), (2026, 6, 60)]);
        let on = |owed, day| days_sales_outstanding(owed, &sold, LONG_AGO, date(2026, 6, day));
        assert_eq!([on(0, 10), on(30, 10), on(60, 10), on(62, 10), on(-5, 10)], [0, 5, 10, 11, 0].map(Some));
        assert_eq!(on(1, 10), Some(0), "a sixth of a day");
        assert_eq!(on(3, 10), Some(1), "half a day");
    }

    #[test]
    fn a_month_without_sales_counts_with_its_days() {
        let sold = sales([(2026, 1, 100), (2026, 3, 10)]);
        assert_eq!(days_sales_outstanding(60, &sold, LONG_AGO, date(2026, 3, 31)), Some(31 + 28 + 16));
    }

    #[test]
    fn where_more_is_owed_than_the_known_months_sold_nothing_is_said() {
        let sold = sales([(2026, 2, 10), (2026, 3, 10)]);
        let since = |month| days_sales_outstanding(25, &sold, date(2026, month, 1), date(2026, 3, 31));
        assert_eq!((since(2), since(3)), (None, None));
        let enough = days_sales_outstanding(20, &sold, date(2026, 2, 1), date(2026, 3, 31));
        assert_eq!(enough, Some(31 + 28));
    }

    /// How what is owed stands to the sales of so many half days up to today.
    fn beside(owed: i64, half_days: i64, months: &BTreeMap<Date, i64>, today: Date) -> Ordering {
        let (mut left, mut halves, mut at) = (owed, half_days, today);
        loop {
            let (sold, length) = (months[&at.first_of_month()], 2 * i64::from(at.day()));
            if halves < length {
                return (left * length).cmp(&(sold * halves));
            }
            (left, halves, at) = (left - sold, halves - length, at.first_of_month().yesterday().unwrap());
        }
    }

    proptest! {
        #[test]
        fn what_is_owed_lies_between_the_sales_of_half_a_day_less_and_half_a_day_more(
            sold in proptest::collection::vec(1_i64..5_000, 12),
            owed in 1_i64..40_000,
            day in 1_i8..=28,
        ) {
            let today = date(2026, 12, day);
            let mut months: BTreeMap<Date, i64> =
                (1..=12).zip(&sold).map(|(month, sold)| (date(2026, month, 1), *sold)).collect();
            let all: i64 = sold.iter().sum();
            match days_sales_outstanding(owed, &months, date(2026, 1, 1), today) {
                None => prop_assert!(owed > all),
                Some(days) => {
                    prop_assert!(owed <= all);
                    months.insert(date(2025, 12, 1), 5_000);
                    prop_assert_ne!(beside(owed, (2 * days - 1).max(0), &months, today), Ordering::Less);
                    prop_assert_ne!(beside(owed, 2 * days + 1, &months, today), Ordering::Greater);
                    let more = days_sales_outstanding(owed + 100, &months, date(2026, 1, 1), today);
                    prop_assert!(more.is_none_or(|more| more >= days));
                }
            }
        }
    }
}
