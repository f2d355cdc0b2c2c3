use std::sync::LazyLock;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};

/// Times are US Pacific with daylight saving, wherever the company is (Intuit: reference, 2.3).
static PACIFIC: LazyLock<TimeZone> = LazyLock::new(|| TimeZone::get("America/Los_Angeles").unwrap_or(TimeZone::UTC));

/// `2026-05-05T03:13:29-07:00`, as objects carry it.
pub(crate) fn pacific(ms: i64) -> String {
    zoned(ms).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// `2026-05-05T03:13:29.345-07:00`, as answers carry it.
pub(crate) fn pacific_ms(ms: i64) -> String {
    zoned(ms).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
}

/// `2025-09-08T20:52:31.657Z`, as the older webhooks carry it.
pub(crate) fn utc_ms(ms: i64) -> String {
    timestamp(ms).strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// `2025-09-10T21:31:25.179000000Z`, as cloud events carry it.
pub(crate) fn utc_ns(ms: i64) -> String {
    timestamp(ms).strftime("%Y-%m-%dT%H:%M:%S%.9fZ").to_string()
}

/// Milliseconds of an instant with an offset or `Z`; without one it is Pacific, and a date is its midnight.
pub(crate) fn parse(text: &str) -> Option<i64> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at.as_millisecond());
    }
    let local: DateTime = text.parse().ok()?;
    Some(local.to_zoned_datetime(PACIFIC.clone()).ok()?.timestamp().as_millisecond())
}

/// Nine in the morning of a day in California.
pub(crate) fn morning_ms(date: Date) -> i64 {
    date.at(9, 0, 0, 0).to_zoned_datetime(PACIFIC.clone()).map_or(0, |at| at.timestamp().as_millisecond())
}

fn zoned(ms: i64) -> ZonedDateTime {
    timestamp(ms).to_zoned_datetime(PACIFIC.clone())
}

fn timestamp(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or_default()
}
