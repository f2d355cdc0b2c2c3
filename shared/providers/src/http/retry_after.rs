//! How long a provider wants to be left alone.

use jiff::{SignedDuration, Timestamp, fmt::rfc2822::DateTimeParser};
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// Longest pause that is believed; Xero's daily limit asks for up to a day.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// `Retry-After` in seconds or as a date (RFC 9110, 10.2.3), between nothing and 24 hours.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<SignedDuration> {
    let text = text(headers, RETRY_AFTER)?;
    let pause = match text.parse::<u64>() {
        Ok(seconds) => SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX)),
        // The provider's own clock decides: ours may differ.
        Err(_) => http_date(text)?.duration_since(date(headers)?),
    };
    Some(pause.clamp(SignedDuration::ZERO, LONGEST))
}

/// The provider's clock, from the `Date` header.
pub(crate) fn date(headers: &HeaderMap) -> Option<Timestamp> {
    http_date(text(headers, DATE)?)
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

fn http_date(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn pause(value: &'static str) -> Option<SignedDuration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_static(value));
        headers.insert(DATE, HeaderValue::from_static("Mon, 23 Nov 2026 06:00:00 GMT"));
        retry_after(&headers)
    }

    #[test]
    fn seconds_and_dates_become_a_pause_of_at_most_a_day() {
        assert_eq!(pause("40"), Some(SignedDuration::from_secs(40)));
        assert_eq!(pause("66975"), Some(SignedDuration::from_secs(66_975)));
        assert_eq!(pause("99999999999999999999"), None);
        assert_eq!(pause("999999"), Some(LONGEST));
        assert_eq!(pause("Mon, 23 Nov 2026 06:01:30 GMT"), Some(SignedDuration::from_secs(90)));
        assert_eq!(pause("Sun, 22 Nov 2026 06:00:00 GMT"), Some(SignedDuration::ZERO));
        assert_eq!(pause("Wed, 23 Dec 2026 06:00:00 GMT"), Some(LONGEST));
        assert_eq!(pause("soon"), None);
        assert_eq!(pause("-5"), None);
    }

    #[test]
    fn without_the_header_there_is_no_pause() {
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
