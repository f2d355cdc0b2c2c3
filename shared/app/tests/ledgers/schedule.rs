//! When a connection is read next.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use numo_app::sync_connection::schedule::next_sync;
use numo_domain::{calendar::SendCalendar, id::ConnectionId, organisation::Organisation};

use crate::world::{connection_id, org};

fn minutes_after(now: &str, connection: ConnectionId) -> i64 {
    let now: Timestamp = now.parse().unwrap();
    let organisation = Organisation { zone: "Asia/Dubai".parse().unwrap(), ..Organisation::new(org()) };
    let next = next_sync(&organisation, &SendCalendar::office_hours(), connection, now);
    next.duration_since(now).as_secs() / 60
}

#[test]
fn a_ledger_is_read_every_half_hour_in_business_hours_and_every_three_hours_otherwise() {
    for (now, around) in [
        ("2026-11-26T06:00:00Z", 30),  // Thursday, 10:00
        ("2026-11-26T02:59:00Z", 180), // Thursday, 06:59
        ("2026-11-26T03:00:00Z", 30),  // Thursday, 07:00
        ("2026-11-26T15:00:00Z", 180), // Thursday, 19:00
        ("2026-11-28T06:00:00Z", 180), // Saturday
    ] {
        let minutes = minutes_after(now, connection_id());
        assert!((around * 9 / 10..=around * 11 / 10).contains(&minutes), "{now}: {minutes} min");
    }
}

#[test]
fn connections_do_not_march_in_step() {
    let times: BTreeSet<i64> = (0..40_u128)
        .map(|n| minutes_after("2026-11-28T06:00:00Z", ConnectionId::new(uuid::Uuid::from_u128(n * 7_777_777))))
        .collect();
    assert!(times.len() >= 20, "only {} different times", times.len());
    let spread = SignedDuration::from_mins(times.last().unwrap() - times.first().unwrap());
    assert!(spread >= SignedDuration::from_mins(25), "spread over {spread:?} only");
}
