//! Days by their numbers: the year that is meant when none is named, and which of two numbers is the month.

use jiff::{ToSpan, civil::Date};

use super::{DayOrder, date::Named};

/// How far ahead a promise may lie.
const FURTHEST_DAYS: i32 = 366;

/// How long ago a date without a year still is the one that has just passed.
const JUST_PASSED_DAYS: i32 = 31;

/// A day, if it is today or later and at most a year away.
pub(super) fn within_a_year(day: Date, today: Date) -> Named {
    let furthest = today.checked_add(FURTHEST_DAYS.days()).unwrap_or(Date::MAX);
    if (today..=furthest).contains(&day) { Named::Day(day) } else { Named::OutOfRange }
}

/// A day of a month of a year; without the year the next such day, unless it has just passed.
pub(super) fn day_of_month(day: i8, month: i8, year: Option<i16>, today: Date) -> Option<Named> {
    if let Some(year) = year {
        return Date::new(year, month, day).ok().map(|date| within_a_year(date, today));
    }
    coming(today, |year| Date::new(year, month, day).ok())
}

/// The last day of a month, the next such unless it has just passed.
pub(super) fn last_of_month(month: i8, today: Date) -> Option<Named> {
    coming(today, |year| Date::new(year, month, 1).ok().map(Date::last_of_month))
}

fn coming(today: Date, in_year: impl Fn(i16) -> Option<Date>) -> Option<Named> {
    let years = [today.year().checked_sub(1), Some(today.year()), today.year().checked_add(1)];
    let days: Vec<Date> = years.into_iter().flatten().filter_map(in_year).collect();
    let earliest = today.checked_sub(JUST_PASSED_DAYS.days()).unwrap_or(Date::MIN);
    if days.iter().any(|day| (earliest..today).contains(day)) {
        return Some(Named::OutOfRange);
    }
    days.into_iter().find(|day| *day >= today).map(|day| within_a_year(day, today))
}

/// A date in digits such as 2026-12-01, 3/4, 03.04.27; an amount or a time is none.
///
/// Read against the organisation's order only if that order gives no day of any calendar.
pub(super) fn read(word: &str, today: Date, order: DayOrder) -> Option<Named> {
    let sign = word.chars().find(|c| !c.is_ascii_digit()).filter(|sign| matches!(sign, '/' | '-' | '.'))?;
    let parts: Vec<&str> = word.split(sign).collect();
    let (first, second, year) = match parts.as_slice() {
        [year, month, day] if year.len() == 4 => {
            return day_of_month(small(day)?, small(month)?, Some(year.parse().ok()?), today);
        }
        [first, second, year] => (small(first)?, small(second)?, Some(full_year(year)?)),
        [first, second] => (small(first)?, small(second)?, None),
        _ => return None,
    };
    let day_first = day_of_month(first, second, year, today);
    let month_first = day_of_month(second, first, year, today);
    match (day_first, month_first) {
        (only, None) | (None, only) => only,
        (Some(Named::Day(day_first)), Some(Named::Day(month_first))) if day_first != month_first => {
            Some(Named::Either { day_first, month_first })
        }
        (Some(day_first), Some(month_first)) => Some(match order {
            DayOrder::DayFirst => day_first,
            DayOrder::MonthFirst => month_first,
        }),
    }
}

fn small(part: &str) -> Option<i8> {
    (part.len() <= 2).then(|| part.parse().ok()).flatten()
}

fn full_year(part: &str) -> Option<i16> {
    let year: i16 = part.parse().ok()?;
    match part.len() {
        4 => Some(year),
        2 => Some(2000 + year),
        _ => None,
    }
}
