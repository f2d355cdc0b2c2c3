//! Xero's ways to write a time.

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::TimeZone,
};

/// An instant: `/Date(1552326816230+0000)/`, or ISO, which is UTC when it names no zone.
///
/// Xero: requests and responses, JSON dates; an offset there does not move the instant.
pub(crate) fn instant(text: &str) -> Option<Timestamp> {
    if let Some(inner) = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")) {
        return Timestamp::from_millisecond(milliseconds(inner)?).ok();
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let zoneless: DateTime = text.parse().ok()?;
    Some(zoneless.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp())
}

/// A calendar date, from the zone-less text if there is one, else from midnight UTC.
///
/// The date part is taken as it stands: converted to a zone west of UTC it would be the day before.
pub(crate) fn calendar(zoneless: Option<&str>, midnight: Option<&str>) -> Result<Option<Date>, Unreadable> {
    let texts: Vec<&str> = [zoneless, midnight].into_iter().flatten().filter(|text| !text.is_empty()).collect();
    match texts.iter().find_map(|text| date_part(text)) {
        Some(date) => Ok(Some(date)),
        None if texts.is_empty() => Ok(None),
        None => Err(Unreadable),
    }
}

/// None of the texts is a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable;

fn date_part(text: &str) -> Option<Date> {
    if let Some(first) = text.get(..10)
        && let Ok(date) = first.parse()
    {
        return Some(date);
    }
    Some(TimeZone::UTC.to_datetime(instant(text)?).date())
}

/// The milliseconds before an offset such as `+0000`.
fn milliseconds(inner: &str) -> Option<i64> {
    let digits_from = usize::from(inner.starts_with('-'));
    let offset = inner.get(digits_from..)?.find(['+', '-']).map(|at| at + digits_from);
    let Some(at) = offset else { return inner.parse().ok() };
    let (number, zone) = inner.split_at_checked(at)?;
    let plausible = zone.len() == 5 && zone.bytes().skip(1).all(|b| b.is_ascii_digit());
    if plausible { number.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn every_shape_of_an_instant_is_read() {
        for (text, expected) in [
            ("/Date(1552326816230)/", "2019-03-11T17:53:36.230Z"),
            ("/Date(1552953600000+0000)/", "2019-03-19T00:00:00Z"),
            ("/Date(1552953600000+1300)/", "2019-03-19T00:00:00Z"),
            ("/Date(-86400000+0000)/", "1969-12-31T00:00:00Z"),
            ("2018-11-02T16:31:30Z", "2018-11-02T16:31:30Z"),
            ("2018-11-02T16:31:30", "2018-11-02T16:31:30Z"),
            ("2019-12-07T18:46:19.5165400", "2019-12-07T18:46:19.51654Z"),
            ("2018-11-02T16:31:30+13:00", "2018-11-02T03:31:30Z"),
        ] {
            assert_eq!(instant(text), Some(at(expected)), "{text}");
        }
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        for text in ["", "/Date()/", "/Date(x)/", "/Date(1+1)/", "/Date(99999999999999999)/", "yesterday", "-"] {
            assert_eq!(instant(text), None, "{text}");
        }
    }

    #[test]
    fn a_calendar_date_is_the_date_part_and_the_zone_less_text_wins() {
        let midnight = Some("/Date(1546128000000+0000)/");
        assert_eq!(calendar(Some("2018-12-31T00:00:00"), midnight), Ok(Some(date(2018, 12, 31))));
        assert_eq!(calendar(None, midnight), Ok(Some(date(2018, 12, 30))));
        assert_eq!(calendar(Some("rubbish"), midnight), Ok(Some(date(2018, 12, 30))));
        assert_eq!(calendar(None, Some("2026-03-10")), Ok(Some(date(2026, 3, 10))));
        assert_eq!(calendar(None, Some("2026-03-10T00:00:00+13:00")), Ok(Some(date(2026, 3, 10))));
    }

    #[test]
    fn no_date_is_no_error_and_rubbish_is() {
        assert_eq!(calendar(None, None), Ok(None));
        assert_eq!(calendar(Some(""), None), Ok(None));
        assert_eq!(calendar(Some("soon"), None), Err(Unreadable));
    }
}
