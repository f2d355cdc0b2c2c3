//! Intuit's ways to write a time.

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::TimeZone,
};

/// An instant: US Pacific time with its offset, whatever the company's zone.
///
/// Instants are compared, never their texts: the offset changes with daylight saving. A text
/// without a zone is taken as UTC, which is no later than what was meant, so that a watermark made
/// of it skips nothing.
pub(crate) fn instant(text: &str) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let zoneless: DateTime = text.parse().ok()?;
    Some(zoneless.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp())
}

/// A calendar date: its first ten characters as they stand, whatever zone or time follows.
pub(crate) fn calendar(text: &str) -> Option<Date> {
    text.get(..10)?.parse().ok()
}

/// An instant as queries and `changedSince` take it, in whole seconds and never later than meant.
pub(crate) fn to_query(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn instants_are_the_same_across_daylight_saving() {
        for (text, expected) in [
            ("2026-10-31T23:30:00-07:00", Some("2026-11-01T06:30:00Z")),
            ("2026-11-01T01:30:00-08:00", Some("2026-11-01T09:30:00Z")),
            ("2016-12-07T15:27:09.527-08:00", Some("2016-12-07T23:27:09.527Z")),
            ("2025-09-10T21:31:25.179851517Z", Some("2025-09-10T21:31:25.179851517Z")),
            ("2016-01-01T00:00:00", Some("2016-01-01T00:00:00Z")),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(instant(text), expected.map(|text| text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn a_calendar_date_stands_as_it_is_written() {
        for text in ["2026-03-10", "2026-03-10-08:00", "2026-03-10T23:00:00-08:00"] {
            assert_eq!(calendar(text), Some(date(2026, 3, 10)), "{text}");
        }
        for text in ["", "2026-3-1", "soon", "2026-02-30"] {
            assert_eq!(calendar(text), None, "{text}");
        }
    }

    #[test]
    fn a_query_asks_from_the_whole_second_before() {
        assert_eq!(to_query("2026-11-23T06:00:00.999Z".parse().unwrap()), "2026-11-23T06:00:00Z");
    }
}
