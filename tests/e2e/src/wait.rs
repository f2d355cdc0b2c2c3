//! Waiting for a condition of another process, with an end.

use std::time::{Duration, Instant};

use jiff::{Timestamp, ToSpan as _, tz::TimeZone};

use crate::error::JourneyError;

/// What one look found.
#[derive(Debug)]
pub enum Look<T> {
    /// The condition holds.
    Done(T),
    /// Not yet; the text tells what is there instead.
    NotYet(String),
}

/// Pauses between two looks grow from the first to the last, and are longer than the looks, so that looking
/// slows nothing down.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LAST_PAUSE: Duration = Duration::from_secs(1);
const PAUSE_PER_LOOK: u32 = 4;

/// Looks again and again until the condition holds or the limit has passed.
pub async fn until<T>(
    what: &str,
    limit: Duration,
    mut look: impl AsyncFnMut() -> Result<Look<T>, JourneyError>,
) -> Result<T, JourneyError> {
    let start = Instant::now();
    let mut time = FIRST_PAUSE;
    loop {
        let looked = Instant::now();
        match look().await? {
            Look::Done(found) => return Ok(found),
            Look::NotYet(last) if start.elapsed() >= limit => {
                return Err(JourneyError::TooLate { what: what.to_owned(), seconds: limit.as_secs(), last });
            }
            Look::NotYet(_) => pause(time.max(looked.elapsed() * PAUSE_PER_LOOK)).await,
        }
        time = (time * 3 / 2).min(LAST_PAUSE);
    }
}

/// Waits until the day of no zone ends within a span: a plan belongs to one day.
pub async fn clear_of_midnight(zones: &[&str], span: Duration) {
    while let Some(left) = zones.iter().filter_map(|zone| until_midnight(zone)).filter(|left| *left <= span).max() {
        pause(left + Duration::from_secs(2)).await;
    }
}

/// The time that is left of a zone's day.
#[expect(clippy::disallowed_methods, reason = "the real clock decides when the product's day ends")]
fn until_midnight(zone: &str) -> Option<Duration> {
    let (now, zone) = (Timestamp::now(), TimeZone::get(zone).ok()?);
    let tomorrow = zone.to_datetime(now).date().saturating_add(1.day());
    let midnight = zone.to_timestamp(tomorrow.at(0, 0, 0, 0)).ok()?;
    Duration::try_from(midnight.duration_since(now)).ok()
}

/// Lets other processes go on.
#[expect(clippy::disallowed_methods, reason = "waits for another process, bounded by the caller's limit")]
pub async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}
