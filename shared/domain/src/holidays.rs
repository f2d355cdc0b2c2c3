//! National public holidays, from the table in `holidays/national.txt`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use jiff::{ToSpan, civil::Date};

use crate::phone::CountryCode;

/// Written by `infra/holidays/generate.py`; its first lines describe the form.
const TABLE: &str = include_str!("holidays/national.txt");

/// The code under which the table keeps Easter Sundays; no country can have it.
const EASTER: &str = "@@";

/// The public holidays of one country, for the years that the table knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NationalHolidays(&'static str);

/// What a country's calendar says about a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day {
    /// No holiday.
    Ordinary,
    /// A public holiday.
    Holiday(Holiday),
    /// The day before or after an estimated holiday, which may turn out to be the holiday itself.
    BesideEstimated(Holiday),
    /// The table does not reach this date, which says nothing about it.
    Unknown,
}

/// A public holiday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holiday {
    /// The English name; two holidays on one day are separated by a semicolon.
    pub name: &'static str,
    /// Whether the day stands in for a holiday on another date.
    pub observed: bool,
    /// How sure the date is.
    pub certainty: Certainty,
}

/// How sure the date of a holiday is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// Set by law, by calculation or by announcement.
    Fixed,
    /// Expected from a lunar calendar; a sighting of the moon may move it by a day.
    Estimated,
}

impl NationalHolidays {
    /// The holidays of a country, if the table has it.
    pub fn of(country: CountryCode) -> Option<Self> {
        let lines = block(country.as_str());
        (!lines.is_empty()).then_some(Self(lines))
    }

    /// The countries that the table has, in the order of their codes.
    pub fn countries() -> impl Iterator<Item = CountryCode> {
        // Only the line of names has a blank behind the code.
        TABLE.lines().filter_map(|line| line.split_once(' ')?.0.parse().ok())
    }

    /// Whether all holidays of the date's year are known.
    pub fn covers(&self, date: Date) -> bool {
        self.year(date).is_some()
    }

    /// What the calendar says about a date.
    pub fn day(&self, date: Date) -> Day {
        let Some(year) = self.year(date) else { return Day::Unknown };
        if let Some(holiday) = self.holiday_in(year, date) {
            return Day::Holiday(holiday);
        }
        let beside = [date.yesterday(), date.tomorrow()].into_iter().flatten();
        let estimated = |holiday: &Holiday| holiday.certainty == Certainty::Estimated;
        match beside.filter_map(|next| self.holiday_on(next)).find(estimated) {
            Some(holiday) => Day::BesideEstimated(holiday),
            None => Day::Ordinary,
        }
    }

    /// The holiday on a date; none as well if the table does not cover the date.
    pub fn holiday_on(&self, date: Date) -> Option<Holiday> {
        self.holiday_in(self.year(date)?, date)
    }

    /// Whether a date is a holiday in a country or beside an estimated one.
    ///
    /// Ask [`Self::covers`] what a `false` is worth. A plan asks for thousands of dates, so the days of a country
    /// are gathered once.
    pub fn closes(country: CountryCode, date: Date) -> bool {
        static CLOSED: [OnceLock<BTreeSet<Date>>; 26 * 26] = [const { OnceLock::new() }; 26 * 26];
        let gather = || Self::of(country).map(Self::closed_days).unwrap_or_default();
        let closed = CLOSED.get(usize::from(country.index())).map(|closed| closed.get_or_init(gather));
        closed.is_some_and(|closed| closed.contains(&date))
    }

    /// Every holiday, and every day beside an estimated one.
    fn closed_days(self) -> BTreeSet<Date> {
        let firsts = self.0.lines().filter_map(|line| Date::new(line.get(2..6)?.parse().ok()?, 1, 1).ok());
        let holidays: BTreeMap<Date, Certainty> = firsts.flat_map(|first| self.holidays_in(first)).collect();
        let estimated = holidays.iter().filter(|(_, certainty)| **certainty == Certainty::Estimated);
        let beside = estimated.flat_map(|(day, _)| [day.yesterday(), day.tomorrow()]).flatten();
        beside.filter(|day| self.covers(*day)).chain(holidays.keys().copied()).collect()
    }

    /// The holidays in the year of a date, each once.
    fn holidays_in(self, date: Date) -> BTreeMap<Date, Certainty> {
        let mut holidays = BTreeMap::new();
        for entry in self.year(date).into_iter().flat_map(|year| self.entries_in(year)) {
            if let Some(day) = entry.place.in_year_of(date) {
                holidays.entry(day).or_insert(entry.certainty);
            }
        }
        holidays
    }

    /// What the table lists for the year of a date alone.
    fn year(&self, date: Date) -> Option<&'static str> {
        self.0.lines().find_map(|line| of_year(line, date))
    }

    fn holiday_in(&self, year: &'static str, date: Date) -> Option<Holiday> {
        let entry = self.entries_in(year).find(|entry| entry.place.in_year_of(date) == Some(date))?;
        let name = self.0.lines().next()?.get(3..)?.split('|').nth(entry.name)?;
        Some(Holiday { name, observed: entry.observed, certainty: entry.certainty })
    }

    /// What the table lists for a year, and for every year; the first entry of a date counts.
    fn entries_in(self, year: &'static str) -> impl Iterator<Item = Entry> {
        let every_year = self.0.lines().find_map(|line| line.get(2..)?.strip_prefix('*')).unwrap_or_default();
        entries(year).chain(entries(every_year))
    }
}

/// One holiday as the table writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    place: Place,
    name: usize,
    observed: bool,
    certainty: Certainty,
}

/// Where in a year a holiday lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// Month and day.
    Date(i8, i8),
    /// Days after Easter Sunday.
    Easter(i32),
}

impl Place {
    /// The day in the year of a date; none for 29 February in a common year.
    fn in_year_of(self, date: Date) -> Option<Date> {
        match self {
            Self::Date(month, day) => Date::new(date.year(), month, day).ok(),
            Self::Easter(days) => easter(date)?.checked_add(days.days()).ok(),
        }
    }
}

/// Easter Sunday of the year of a date.
fn easter(date: Date) -> Option<Date> {
    let sunday = block(EASTER).lines().find_map(|line| of_year(line, date))?;
    let (month, day) = month_and_day(sunday.trim_start())?;
    Date::new(date.year(), month, day).ok()
}

/// What follows the code and the year, if a line is that of the date's year.
fn of_year(line: &'static str, date: Date) -> Option<&'static str> {
    let year: i16 = line.get(2..6)?.parse().ok()?;
    if year == date.year() { line.get(6..) } else { None }
}

/// The entries of a line, what cannot be read left out; a test reads every line.
fn entries(text: &'static str) -> impl Iterator<Item = Entry> {
    text.split_ascii_whitespace().filter_map(entry)
}

fn entry(text: &str) -> Option<Entry> {
    let marks = text.trim_end_matches(['+', '~']);
    let (place, letter) = marks.split_at_checked(marks.len().checked_sub(1)?)?;
    let place = match place.strip_prefix('e') {
        Some(days) => Place::Easter(days.parse().ok()?),
        None => month_and_day(place).map(|(month, day)| Place::Date(month, day))?,
    };
    let marks = text.get(marks.len()..)?;
    let certainty = if marks.contains('~') { Certainty::Estimated } else { Certainty::Fixed };
    Some(Entry { place, name: position(letter)?, observed: marks.contains('+'), certainty })
}

fn month_and_day(text: &str) -> Option<(i8, i8)> {
    let (month, day) = text.split_at_checked(2)?;
    Some((month.parse().ok()?, day.parse().ok()?))
}

/// The position of a name: small letters, capitals, then digits.
fn position(letter: &str) -> Option<usize> {
    let letters = ('a'..='z').chain('A'..='Z').chain('0'..='9');
    letters.into_iter().position(|known| letter.starts_with(known))
}

/// The lines that start with a code; the table is in the order of its lines.
fn block(code: &str) -> &'static str {
    let start = boundary(|line| line < code);
    let end = boundary(|line| line < code || line.starts_with(code));
    TABLE.get(start..end).unwrap_or_default()
}

/// Where the lines that come before something end, found by halving.
fn boundary(before: impl Fn(&str) -> bool) -> usize {
    let bytes = TABLE.as_bytes();
    let (mut low, mut high) = (0, TABLE.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let (head, tail) = bytes.split_at_checked(middle).unwrap_or_default();
        let start = head.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
        let end = tail.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |newline| middle + newline + 1);
        if before(TABLE.get(start..end).unwrap_or_default()) {
            low = end;
        } else {
            high = start;
        }
    }
    low
}

#[cfg(test)]
mod tests;
