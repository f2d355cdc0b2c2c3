//! A clock that stands still until it is moved.

use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use numo_app::port::clock::{Clock, Timer};

/// A clock that a test sets, to the millisecond.
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// Stands at an instant.
    pub fn at(instant: Timestamp) -> Self {
        Self(AtomicI64::new(instant.as_millisecond()))
    }

    /// Moves to an instant, back in time too.
    pub fn set(&self, instant: Timestamp) {
        self.0.store(instant.as_millisecond(), Ordering::SeqCst);
    }

    /// Moves on, in whole milliseconds.
    pub fn advance(&self, by: SignedDuration) {
        let milliseconds = i64::try_from(by.as_millis()).unwrap_or(0);
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }

    /// Moves to an instant, if it is still to come; between two milliseconds to the later one.
    pub fn reach(&self, instant: Timestamp) {
        let whole = instant.as_millisecond();
        let is_between = Timestamp::from_millisecond(whole).is_ok_and(|floor| floor < instant);
        self.0.fetch_max(whole + i64::from(is_between), Ordering::SeqCst);
    }
}

/// Whoever waits alone has the time pass at once; for several at a time there is `VirtualTime`.
#[async_trait]
impl Timer for FixedClock {
    async fn wait_until(&self, instant: Timestamp) {
        self.reach(instant);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        // Beyond the year 9999 time stands still.
        Timestamp::from_millisecond(self.0.load(Ordering::SeqCst)).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_passes_only_when_told_and_in_milliseconds() {
        let clock = FixedClock::at("2026-11-23T06:00:00.123456Z".parse().unwrap());
        assert_eq!(clock.now().to_string(), "2026-11-23T06:00:00.123Z");
        clock.advance(SignedDuration::from_secs(90));
        assert_eq!(clock.now().to_string(), "2026-11-23T06:01:30.123Z");
        clock.set("2026-11-01T00:00:00Z".parse().unwrap());
        assert_eq!(clock.now().to_string(), "2026-11-01T00:00:00Z");
        clock.reach("2026-11-01T00:00:00.0001Z".parse().unwrap());
        assert_eq!(clock.now().to_string(), "2026-11-01T00:00:00.001Z");
        clock.reach("2026-10-01T00:00:00Z".parse().unwrap());
        assert_eq!(clock.now().to_string(), "2026-11-01T00:00:00.001Z");
    }
}
