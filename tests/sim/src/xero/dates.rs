use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// A calendar date as midnight UTC, `/Date(ms+0000)/` (Xero: requests and responses).
pub(crate) fn calendar(date: Date) -> String {
    instant(start_ms(date))
}

/// The zone-less twin of a calendar date, `2026-03-10T00:00:00`.
pub(crate) fn calendar_string(date: Date) -> String {
    format!("{date}T00:00:00")
}

pub(crate) fn instant(ms: i64) -> String {
    format!("/Date({ms}+0000)/")
}

pub(crate) fn instant_string(ms: i64) -> String {
    timestamp(ms).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `/connections` has seven fractional digits and no zone (Xero: identity API).
pub(crate) fn seven_digits(ms: i64) -> String {
    format!("{}{:03}0000", timestamp(ms).strftime("%Y-%m-%dT%H:%M:%S."), ms.rem_euclid(1000))
}

/// Milliseconds of a `/Date(..)/` value.
pub(crate) fn parse(value: &Value) -> Option<i64> {
    let inner = value.as_str()?.strip_prefix("/Date(")?.strip_suffix(")/")?;
    inner.strip_suffix("+0000").unwrap_or(inner).parse().ok()
}

/// The calendar date of a `/Date(..)/` value; the epoch for one that cannot be read.
pub(crate) fn date_of(value: &Value) -> Date {
    timestamp(parse(value).unwrap_or_default()).to_zoned_datetime(TimeZone::UTC).date()
}

pub(crate) fn start_ms(date: Date) -> i64 {
    date.to_zoned_datetime(TimeZone::UTC).map_or(0, |midnight| midnight.timestamp().as_millisecond())
}

pub(crate) fn plus_days(date: Date, days: i64) -> Date {
    date.saturating_add(SignedDuration::from_hours(24 * days))
}

/// `If-Modified-Since` is ISO and UTC, here with or without a zone.
pub(crate) fn modified_since(text: &str) -> Option<i64> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at.as_millisecond());
    }
    let at: DateTime = text.parse().ok()?;
    Some(at.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp().as_millisecond())
}

fn timestamp(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or_default()
}
