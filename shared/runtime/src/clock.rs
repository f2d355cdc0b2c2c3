//! The real time and real chance; nothing else in the product asks for either.

use async_trait::async_trait;
use aws_lc_rs::rand;
use jiff::Timestamp;
use numo_app::port::clock::{Clock, Ids, Timer};
use uuid::{Builder, Uuid};

/// The clock of the machine, to the millisecond.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        // Stored times are milliseconds; a finer one would not be equal to itself when read again.
        milliseconds(machine_time())
    }
}

#[async_trait]
impl Timer for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that waits")]
    async fn wait_until(&self, instant: Timestamp) {
        // An instant that has passed is no time to wait.
        let left = instant.duration_since(machine_time()).try_into().unwrap_or_default();
        tokio::time::sleep(left).await;
    }
}

/// Ids and secrets from the random generator of AWS-LC.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl Ids for SystemIds {
    fn uuid(&self) -> Uuid {
        let milliseconds = u64::try_from(machine_time().as_millisecond()).unwrap_or_default();
        Builder::from_unix_timestamp_millis(milliseconds, &random()).into_uuid()
    }

    fn secret(&self) -> [u8; 32] {
        random()
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock of the machine")]
fn machine_time() -> Timestamp {
    Timestamp::now()
}

fn milliseconds(instant: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(instant.as_millisecond()).unwrap_or(instant)
}

#[expect(clippy::panic, reason = "without randomness every id and secret could be guessed: the work fails instead")]
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if rand::fill(&mut bytes).is_err() {
        panic!("no randomness");
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_whole_milliseconds_and_goes_on() {
        let (first, second) = (SystemClock.now(), SystemClock.now());
        assert_eq!(first.subsec_nanosecond() % 1_000_000, 0);
        assert!(first <= second && first > "2026-01-01T00:00:00Z".parse().unwrap());
    }

    #[tokio::test]
    async fn waiting_ends_when_the_clock_has_reached_the_instant() {
        let instant = SystemClock.now().saturating_add(jiff::SignedDuration::from_millis(5)).unwrap();
        SystemClock.wait_until(instant).await;
        assert!(SystemClock.now() >= instant);
        SystemClock.wait_until(Timestamp::MIN).await;
    }

    #[test]
    fn uuids_are_of_version_7_with_the_present_time_and_never_alike() {
        let (before, [a, b], after) = (SystemClock.now(), [SystemIds.uuid(), SystemIds.uuid()], SystemClock.now());
        let (seconds, nanoseconds) = a.get_timestamp().unwrap().to_unix();
        let made_at = Timestamp::new(seconds.try_into().unwrap(), nanoseconds.try_into().unwrap()).unwrap();
        assert_eq!(a.get_version_num(), 7);
        assert!(before <= made_at && made_at <= after);
        assert_ne!(a, b);
        assert_ne!(SystemIds.secret(), SystemIds.secret());
    }
}
