use serde_json::{Value, json};

/// The calls of one company as its limits see them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meter {
    n_calls: u64,
    seconds: Window,
    minutes: Window,
    batch_minutes: Window,
    n_throttled: u64,
    n_in_flight: u64,
    most_in_flight: u64,
}

/// Counts calls in spans of equal length and remembers the fullest.
#[derive(Debug, Clone, Default)]
struct Window {
    at: i64,
    n_calls: u64,
    most: u64,
}

/// How many calls the spans of a call have seen, itself included; no batches if it is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) in_second: u64,
    pub(crate) in_minute: u64,
    pub(crate) batches_in_minute: u64,
}

impl Meter {
    pub(crate) fn begin(&mut self, now_s: i64, is_batch: bool) -> Seen {
        self.n_calls += 1;
        self.n_in_flight += 1;
        self.most_in_flight = self.most_in_flight.max(self.n_in_flight);
        Seen {
            in_second: self.seconds.add(now_s),
            in_minute: self.minutes.add(now_s.div_euclid(60)),
            batches_in_minute: if is_batch { self.batch_minutes.add(now_s.div_euclid(60)) } else { 0 },
        }
    }

    pub(crate) fn end(&mut self) {
        self.n_in_flight = self.n_in_flight.saturating_sub(1);
    }

    pub(crate) fn throttled(&mut self) {
        self.n_throttled += 1;
    }

    /// Forgets all but the calls that are under way.
    pub(crate) fn reset(&mut self) {
        *self = Self { n_in_flight: self.n_in_flight, most_in_flight: self.n_in_flight, ..Self::default() };
    }

    pub(crate) fn shown(&self) -> Value {
        json!({
            "calls": self.n_calls, "throttled": self.n_throttled, "max_concurrent": self.most_in_flight,
            "max_per_second": self.seconds.most, "max_per_minute": self.minutes.most,
            "max_batches_per_minute": self.batch_minutes.most,
        })
    }
}

impl Window {
    fn add(&mut self, at: i64) -> u64 {
        if self.at != at {
            *self = Self { at, n_calls: 0, most: self.most };
        }
        self.n_calls += 1;
        self.most = self.most.max(self.n_calls);
        self.n_calls
    }
}
