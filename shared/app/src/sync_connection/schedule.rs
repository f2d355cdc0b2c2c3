//! When a connection is read next: often while people work, seldom otherwise, never all at once.

use jiff::{SignedDuration, Timestamp};
use numo_domain::{calendar::SendCalendar, id::ConnectionId, organisation::Organisation};

/// Between two syncs in business hours.
const BUSY: SignedDuration = SignedDuration::from_mins(30);

/// Between two syncs otherwise.
const QUIET: SignedDuration = SignedDuration::from_hours(3);

/// Business hours by the organisation's clock, on days on which it sends at all.
const OPEN: std::ops::Range<i8> = 7..19;

/// The time of the next sync, spread by up to a tenth so that connections do not march in step.
pub fn next_sync(
    organisation: &Organisation,
    calendar: &SendCalendar,
    connection: ConnectionId,
    now: Timestamp,
) -> Timestamp {
    let local = organisation.zone.local(now);
    let is_business_day = calendar.is_allowed(local.date());
    let interval = if is_business_day && OPEN.contains(&local.hour()) { BUSY } else { QUIET };
    now.saturating_add(spread(interval, connection, now)).unwrap_or(now)
}

/// Between nine and eleven tenths of an interval, by connection and hour.
fn spread(interval: SignedDuration, connection: ConnectionId, now: Timestamp) -> SignedDuration {
    let hour = u128::from(now.as_second().div_euclid(3_600).unsigned_abs());
    // The low bits of our ids are random; the prime moves every connection differently each hour.
    let place = connection.uuid().as_u128().wrapping_add(hour * 7_919) % 201;
    let thousandths = 900 + i64::try_from(place).unwrap_or_default();
    SignedDuration::from_secs(interval.as_secs() * thousandths / 1_000)
}
