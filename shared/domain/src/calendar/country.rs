//! What is usual in a country: its working week, and its holidays as closed days.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Minute, SendCalendar, Window};
use crate::{
    holidays::{Day, NationalHolidays},
    phone::CountryCode,
};

const OPEN: Option<Window> = Some(Window { start: Minute(9 * 60), end: Minute(17 * 60) });
const UNTIL_NOON: Option<Window> = Some(Window { start: Minute(9 * 60), end: Minute(12 * 60) });

/// A country whose public holidays are closed days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HolidayCalendar {
    /// The country.
    pub country: CountryCode,
}

impl HolidayCalendar {
    /// What the country's calendar says about a date; unknown for a country without a calendar.
    pub fn day(&self, date: Date) -> Day {
        NationalHolidays::of(self.country).map_or(Day::Unknown, |holidays| holidays.day(date))
    }

    pub(super) fn closes(&self, date: Date) -> bool {
        NationalHolidays::closes(self.country, date)
    }
}

impl SendCalendar {
    /// The usual working week of a country, nine to five, its public holidays closed.
    pub fn for_country(country: CountryCode) -> Self {
        Self { week: working_week(country), holidays: Some(HolidayCalendar { country }), ..Self::office_hours() }
    }
}

/// Working days from Monday on: CLDR 48.2 `weekData`, and where it differs the sources of decision 9.
fn working_week(country: CountryCode) -> [Option<Window>; 7] {
    match country.as_str() {
        // Friday and Saturday.
        "BD" | "BH" | "DJ" | "DZ" | "EG" | "IL" | "IQ" | "JO" | "KW" | "LY" | "MV" | "OM" | "QA" | "SA" | "SD"
        | "SY" | "YE" => [OPEN, OPEN, OPEN, OPEN, None, None, OPEN],
        // Thursday and Friday.
        "AF" => [OPEN, OPEN, OPEN, None, None, OPEN, OPEN],
        // Friday, after half a Thursday.
        "IR" => [OPEN, OPEN, OPEN, UNTIL_NOON, None, OPEN, OPEN],
        // Friday and Sunday.
        "BN" => [OPEN, OPEN, OPEN, OPEN, None, OPEN, None],
        // Saturday.
        "NP" => [OPEN, OPEN, OPEN, OPEN, OPEN, None, OPEN],
        // Saturday and Sunday, after half a Friday.
        "AE" => [OPEN, OPEN, OPEN, OPEN, UNTIL_NOON, None, None],
        _ => [OPEN, OPEN, OPEN, OPEN, OPEN, None, None],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::{ToSpan, civil::date};
    use proptest::prelude::*;

    use super::*;

    fn calendar(country: &str) -> SendCalendar {
        SendCalendar::for_country(country.parse().unwrap())
    }

    /// The days of the first full week of February 2026 that are open, which has no holiday in these countries.
    fn open_days(country: &str) -> String {
        let week = SendCalendar { holidays: None, ..calendar(country) };
        let days = date(2026, 2, 2).series(1.day()).zip(["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]);
        days.filter(|(day, _)| week.is_allowed(*day)).map(|(_, name)| name).collect()
    }

    #[test]
    fn the_working_week_is_that_of_the_country() {
        for (country, days) in [
            ("SA", "MoTuWeThSu"),
            ("EG", "MoTuWeThSu"),
            ("BD", "MoTuWeThSu"),
            ("IL", "MoTuWeThSu"),
            ("AF", "MoTuWeSaSu"),
            ("IR", "MoTuWeThSaSu"),
            ("BN", "MoTuWeThSa"),
            ("NP", "MoTuWeThFrSu"),
            ("AE", "MoTuWeThFr"),
            ("GB", "MoTuWeThFr"),
            ("ZZ", "MoTuWeThFr"),
        ] {
            assert_eq!(open_days(country), days, "{country}");
        }
    }

    #[test]
    fn friday_ends_at_noon_in_the_emirates_and_thursday_in_iran() {
        let noon = Window::new("09:00".parse().unwrap(), "12:00".parse().unwrap()).ok();
        assert_eq!(calendar("AE").window_on(date(2026, 2, 6)), noon);
        assert_eq!(calendar("IR").window_on(date(2026, 2, 5)), noon);
    }

    #[test]
    fn a_saudi_week_goes_on_on_sunday() {
        assert_eq!(calendar("SA").next_allowed(date(2026, 2, 6)), Some(date(2026, 2, 8)));
    }

    #[test]
    fn a_public_holiday_moves_to_the_next_allowed_day() {
        assert_eq!(calendar("GB").next_allowed(date(2026, 12, 25)), Some(date(2026, 12, 29)));
        assert_eq!(SendCalendar::office_hours().next_allowed(date(2026, 12, 25)), Some(date(2026, 12, 25)));
    }

    #[test]
    fn an_estimated_eid_closes_every_day_from_the_day_before_to_the_day_after() {
        let open = calendar("AE");
        assert!(open.is_allowed(date(2027, 5, 13)));
        for day in date(2027, 5, 14).series(1.day()).take(6) {
            assert!(!open.is_allowed(day), "{day}");
        }
        assert_eq!(open.next_allowed(date(2027, 5, 14)), Some(date(2027, 5, 20)));
        assert_eq!(open.allowed_day_before(date(2027, 5, 20), 0), Some(date(2027, 5, 13)));
    }

    #[test]
    fn an_override_wins_over_a_holiday_and_over_the_day_beside_it() {
        let mut open = calendar("AE");
        let short = Window::new("10:00".parse().unwrap(), "14:00".parse().unwrap()).ok();
        open.overrides = BTreeMap::from([(date(2027, 5, 14), short), (date(2027, 5, 17), short)]);
        assert_eq!(open.window_on(date(2027, 5, 14)), short);
        assert_eq!(open.window_on(date(2027, 5, 17)), short);
        assert_eq!(open.window_on(date(2027, 5, 18)), None);
    }

    #[test]
    fn own_closed_days_close_beside_the_holidays() {
        let mut open = calendar("GB");
        open.closed.insert(date(2026, 12, 29));
        assert_eq!(open.next_allowed(date(2026, 12, 25)), Some(date(2026, 12, 30)));
    }

    #[test]
    fn a_date_beyond_the_table_is_open_and_said_to_be_unknown() {
        let open = calendar("GB");
        assert!(open.is_allowed(date(2036, 12, 25)));
        assert_eq!(open.national_day(date(2036, 12, 25)), Some(Day::Unknown));
        assert_eq!(calendar("ZZ").national_day(date(2026, 12, 25)), Some(Day::Unknown));
        assert_eq!(SendCalendar::office_hours().national_day(date(2026, 12, 25)), None);
    }

    #[test]
    fn a_calendar_written_without_holidays_reads_as_it_was_and_is_written_as_it_was() {
        let written = serde_json::to_value(SendCalendar::office_hours()).unwrap();
        assert!(written.get("holidays").is_none());
        assert_eq!(serde_json::from_value::<SendCalendar>(written).unwrap(), SendCalendar::office_hours());
        let written = serde_json::to_value(calendar("AE")).unwrap();
        assert_eq!(written["holidays"], serde_json::json!({"country": "AE"}));
        assert_eq!(serde_json::from_value::<SendCalendar>(written).unwrap(), calendar("AE"));
    }

    proptest! {
        #[test]
        fn no_date_and_no_country_makes_a_calendar_panic(
            country in "[A-Z]{2}",
            day in prop_oneof![0i32..5000, -4_000_000i32..2_900_000],
        ) {
            let date = date(2024, 1, 1).saturating_add(day.days());
            let open = calendar(&country);
            let closed = matches!(open.national_day(date), Some(Day::Holiday(_) | Day::BesideEstimated(_)));
            prop_assert!(!(closed && open.is_allowed(date)));
        }
    }
}
