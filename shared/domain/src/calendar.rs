//! Days and hours on which messages may go out.

pub mod clock;
pub mod country;
pub mod zones;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, iter,
    str::FromStr,
};

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::TimeZone,
};
use serde::{Deserialize, Serialize};

use self::country::HolidayCalendar;
use crate::holidays::Day;

/// Longest search for an allowed day: a calendar closed for longer than a year is never open.
const HORIZON_DAYS: usize = 366;

/// When messages may go out: hours per weekday, closed days, dated exceptions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SendCalendar {
    /// Hours per weekday, Monday first; none means closed.
    pub week: [Option<Window>; 7],
    /// Days on which nothing goes out.
    #[serde(default)]
    pub closed: BTreeSet<Date>,
    /// The country whose public holidays are closed days as well, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holidays: Option<HolidayCalendar>,
    /// Hours of single dates, such as Ramadan; they win over the week, the closed days and the holidays.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub overrides: BTreeMap<Date, Option<Window>>,
}

impl SendCalendar {
    /// Monday to Friday, nine to five.
    pub fn office_hours() -> Self {
        let day = Some(Window { start: Minute(9 * 60), end: Minute(17 * 60) });
        let week = [day, day, day, day, day, None, None];
        Self { week, closed: BTreeSet::new(), holidays: None, overrides: BTreeMap::new() }
    }

    /// The hours of a date, if it is an allowed sending day.
    pub fn window_on(&self, date: Date) -> Option<Window> {
        if let Some(hours) = self.overrides.get(&date) {
            return *hours;
        }
        if self.closed.contains(&date) {
            return None;
        }
        let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or_default();
        let hours = self.week.get(weekday).copied().flatten()?;
        let holiday = self.holidays.is_some_and(|holidays| holidays.closes(date));
        (!holiday).then_some(hours)
    }

    /// What the country's calendar says about a date, if public holidays are closed days.
    ///
    /// A date that is [`Day::Unknown`] is not closed.
    pub fn national_day(&self, date: Date) -> Option<Day> {
        self.holidays.map(|holidays| holidays.day(date))
    }

    /// Whether messages may go out on a date.
    pub fn is_allowed(&self, date: Date) -> bool {
        self.window_on(date).is_some()
    }

    /// The first allowed sending day on or after a date.
    pub fn next_allowed(&self, from: Date) -> Option<Date> {
        let days = iter::successors(Some(from), |date| date.tomorrow().ok());
        days.take(HORIZON_DAYS).find(|date| self.is_allowed(*date))
    }

    /// The first allowed sending day after so many business days behind a date.
    pub fn day_after(&self, date: Date, business_days: usize) -> Option<Date> {
        (0..=business_days).try_fold(date, |day, _| self.next_allowed(day.tomorrow().ok()?))
    }

    /// The latest allowed sending day that has more than so many others between it and a date, that date included.
    pub fn allowed_day_before(&self, date: Date, others: usize) -> Option<Date> {
        let back = iter::successors(Some(date), |day| day.yesterday().ok()).take(HORIZON_DAYS);
        back.filter(|day| self.is_allowed(*day)).nth(others + 1)
    }

    /// The first instant of a date's hours that is not before `earliest`.
    pub fn slot(&self, date: Date, zone: &Zone, earliest: Timestamp) -> Option<Timestamp> {
        let (start, end) = zone.span(date, self.window_on(date)?)?;
        let slot = start.max(earliest);
        (slot < end).then_some(slot)
    }
}

/// Hours of one day, start included and end not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(try_from = "RawWindow")]
pub struct Window {
    start: Minute,
    end: Minute,
}

#[derive(Deserialize)]
struct RawWindow {
    start: Minute,
    end: Minute,
}

/// A window has to end after it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a window must end after it starts, on the same day")]
pub struct InvalidWindow;

impl Window {
    /// Hours from start to end of one day.
    pub fn new(start: Minute, end: Minute) -> Result<Self, InvalidWindow> {
        if start < end { Ok(Self { start, end }) } else { Err(InvalidWindow) }
    }

    /// When it starts.
    pub const fn start(&self) -> Minute {
        self.start
    }

    /// When it is over.
    pub const fn end(&self) -> Minute {
        self.end
    }

    /// From midnight to midnight.
    pub const fn whole_day() -> Self {
        Self { start: Minute(0), end: Minute(24 * 60) }
    }
}

impl TryFrom<RawWindow> for Window {
    type Error = InvalidWindow;

    fn try_from(raw: RawWindow) -> Result<Self, InvalidWindow> {
        Self::new(raw.start, raw.end)
    }
}

/// A minute of the day, `00:00` to `24:00`, on the wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
#[serde(try_from = "String", into = "String")]
pub struct Minute(u16);

/// A time of day was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a time of day is written HH:MM, from 00:00 to 24:00")]
pub struct InvalidMinute;

impl fmt::Display for Window {
    /// `09:00 to 17:00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.start, self.end)
    }
}

impl FromStr for Minute {
    type Err = InvalidMinute;

    fn from_str(text: &str) -> Result<Self, InvalidMinute> {
        let (hours, minutes) = text.split_once(':').ok_or(InvalidMinute)?;
        let two_digits = |part: &str| {
            let plain = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
            if plain { part.parse::<u16>().or(Err(InvalidMinute)) } else { Err(InvalidMinute) }
        };
        let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
        let of_day = hours * 60 + minutes;
        if minutes < 60 && of_day <= 24 * 60 { Ok(Self(of_day)) } else { Err(InvalidMinute) }
    }
}

impl TryFrom<String> for Minute {
    type Error = InvalidMinute;

    fn try_from(text: String) -> Result<Self, InvalidMinute> {
        text.parse()
    }
}

impl From<Minute> for String {
    fn from(minute: Minute) -> String {
        minute.to_string()
    }
}

impl fmt::Display for Minute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// An IANA time zone from the bundled database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
#[serde(try_from = "String", into = "String")]
pub struct Zone(TimeZone);

/// An IANA name such as `Asia/Dubai` was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not the name of a time zone, such as Asia/Dubai")]
pub struct UnknownZone(String);

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(TimeZone::UTC);

    /// The local time at an instant.
    pub fn local(&self, at: Timestamp) -> DateTime {
        self.0.to_datetime(at)
    }

    /// The local date of an instant.
    pub fn date(&self, at: Timestamp) -> Date {
        self.0.to_datetime(at).date()
    }

    /// The instant of a wall-clock minute; in a gap the later, in a fold the earlier one.
    pub fn instant(&self, date: Date, minute: Minute) -> Option<Timestamp> {
        let (date, of_day) = if minute.0 == 24 * 60 { (date.tomorrow().ok()?, 0) } else { (date, minute.0) };
        let (hour, minute) = (i8::try_from(of_day / 60).ok()?, i8::try_from(of_day % 60).ok()?);
        self.0.to_timestamp(date.at(hour, minute, 0, 0)).ok()
    }

    /// From the instant a window of a date starts to the instant it or the date ends, that one not included.
    fn span(&self, date: Date, window: Window) -> Option<(Timestamp, Timestamp)> {
        Some((self.instant(date, window.start)?, self.instant(date, window.end)?.min(self.end_of(date)?)))
    }

    /// The instant at which a date is over.
    pub fn end_of(&self, date: Date) -> Option<Timestamp> {
        self.instant(date, Window::whole_day().end)
    }

    /// The IANA name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }
}

impl FromStr for Zone {
    type Err = UnknownZone;

    fn from_str(name: &str) -> Result<Self, UnknownZone> {
        TimeZone::get(name).map(Self).or(Err(UnknownZone(name.to_owned())))
    }
}

impl TryFrom<String> for Zone {
    type Error = UnknownZone;

    fn try_from(name: String) -> Result<Self, UnknownZone> {
        name.parse()
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> String {
        zone.name().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use jiff::{ToSpan, civil::date};
    use proptest::prelude::*;

    use super::*;

    fn zone(name: &str) -> Zone {
        name.parse().unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_local_date_decides_not_the_date_in_utc() {
        assert_eq!(zone("America/Los_Angeles").date(at("2026-03-10T05:00:00Z")), date(2026, 3, 9));
        assert_eq!(zone("Asia/Dubai").date(at("2026-03-10T21:00:00Z")), date(2026, 3, 11));
    }

    #[test]
    fn a_slot_is_the_first_allowed_instant_of_the_day() {
        let calendar = SendCalendar::office_hours();
        let dubai = zone("Asia/Dubai");
        let monday = date(2026, 11, 23);
        let slot = |earliest| calendar.slot(monday, &dubai, at(earliest));
        assert_eq!(slot("2026-11-22T00:00:00Z"), Some(at("2026-11-23T05:00:00Z")));
        assert_eq!(slot("2026-11-23T08:30:00Z"), Some(at("2026-11-23T08:30:00Z")));
        assert_eq!(slot("2026-11-23T13:00:00Z"), None);
        assert_eq!(calendar.slot(date(2026, 11, 22), &dubai, at("2026-11-22T00:00:00Z")), None);
    }

    #[test]
    fn closed_days_and_week_ends_move_to_the_next_allowed_day() {
        let mut calendar = SendCalendar::office_hours();
        calendar.closed.extend([date(2026, 12, 25), date(2026, 12, 28)]);
        assert_eq!(calendar.next_allowed(date(2026, 12, 25)), Some(date(2026, 12, 29)));
        assert_eq!(calendar.allowed_day_before(date(2026, 12, 30), 1), Some(date(2026, 12, 24)));
        calendar.overrides.insert(date(2026, 12, 26), Some(Window::whole_day()));
        assert_eq!(calendar.next_allowed(date(2026, 12, 25)), Some(date(2026, 12, 26)));
    }

    #[test]
    fn a_calendar_that_never_opens_has_no_next_day() {
        let calendar = SendCalendar { week: [None; 7], ..SendCalendar::office_hours() };
        assert_eq!(calendar.next_allowed(date(2026, 1, 1)), None);
    }

    #[test]
    fn a_slot_in_the_spring_gap_is_the_later_and_in_the_autumn_fold_the_earlier_instant() {
        let new_york = zone("America/New_York");
        let half_past = |hour: u16| Minute(hour * 60 + 30);
        assert_eq!(new_york.instant(date(2026, 3, 8), half_past(2)), Some(at("2026-03-08T07:30:00Z")));
        assert_eq!(new_york.instant(date(2026, 11, 1), half_past(1)), Some(at("2026-11-01T05:30:00Z")));
    }

    #[test]
    fn hours_that_the_clock_jumps_over_at_midnight_do_not_move_to_the_next_date() {
        // In Nuuk it is never 23 o'clock on this Saturday.
        let nuuk = zone("America/Nuuk");
        let saturday = date(2026, 3, 28);
        let slot = |start: &str, end: &str, earliest| {
            let window = Window::new(start.parse().unwrap(), end.parse().unwrap()).ok();
            let calendar = SendCalendar { week: [window; 7], ..SendCalendar::office_hours() };
            calendar.slot(saturday, &nuuk, at(earliest))
        };
        assert_eq!(slot("23:10", "23:40", "2026-03-28T00:00:00Z"), None);
        assert_eq!(slot("22:00", "23:40", "2026-03-29T00:59:59Z"), Some(at("2026-03-29T00:59:59Z")));
        assert_eq!(slot("22:00", "23:40", "2026-03-29T01:00:00Z"), None);
    }

    #[test]
    fn windows_and_times_of_day_are_checked_when_read() {
        for bad in [
            r#"{"start":"17:00","end":"09:00"}"#,
            r#"{"start":"09:00","end":"09:00"}"#,
            r#"{"start":"9:00","end":"10:00"}"#,
            r#"{"start":"09:60","end":"10:00"}"#,
            r#"{"start":"09:00","end":"24:01"}"#,
        ] {
            assert!(serde_json::from_str::<Window>(bad).is_err(), "{bad}");
        }
        let window: Window = serde_json::from_str(r#"{"start":"00:00","end":"24:00"}"#).unwrap();
        assert_eq!(window, Window::whole_day());
    }

    proptest! {
        #[test]
        fn a_slot_always_lies_on_its_date_and_not_before_the_earliest(
            day in 0i32..3000,
            earliest_s in 1_700_000_000i64..1_960_000_000,
            name in prop::sample::select(vec!["Europe/London", "America/New_York", "Asia/Dubai", "Australia/Lord_Howe", "Asia/Kathmandu"]),
        ) {
            let zone = zone(name);
            let date = date(2024, 1, 1).checked_add(day.days()).unwrap();
            let calendar = SendCalendar { week: [Some(Window::whole_day()); 7], ..SendCalendar::office_hours() };
            let earliest = Timestamp::from_second(earliest_s).unwrap();
            if let Some(slot) = calendar.slot(date, &zone, earliest) {
                prop_assert_eq!(zone.date(slot), date);
                prop_assert!(slot >= earliest);
            }
        }
    }
}
