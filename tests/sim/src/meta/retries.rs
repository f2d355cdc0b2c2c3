use std::time::Duration;

use tokio::time::Instant;

/// Deliveries that wait for another try.
pub(crate) type Retries = Vec<Retry>;

/// The first pause, which doubles up to the longest.
const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(10);

/// How long Meta goes on (Meta: webhooks, overview; another page says 36 hours), by the simulator's clock.
const GIVEN_UP_AFTER_MS: i64 = 7 * 24 * 3_600_000;

/// A delivery that was not answered with 200.
#[derive(Debug, Clone)]
pub(crate) struct Retry {
    pub(crate) body: Vec<u8>,
    /// Updates in it that are still in flight; none for a copy.
    pub(crate) n_updates: u64,
    pub(crate) first_ms: i64,
    n_tries: u32,
    due: Instant,
}

impl Retry {
    /// A delivery that was never tried.
    pub(crate) fn new(body: Vec<u8>, n_updates: u64, now_ms: i64) -> Self {
        Self { body, n_updates, first_ms: now_ms, n_tries: 0, due: Instant::now() }
    }

    /// After one more try; nothing once Meta gives it up.
    pub(crate) fn again(self, now_ms: i64) -> Option<Self> {
        if now_ms - self.first_ms >= GIVEN_UP_AFTER_MS {
            return None;
        }
        let pause = FIRST.saturating_mul(1 << self.n_tries.min(10)).min(LONGEST);
        Some(Self { n_tries: self.n_tries + 1, due: Instant::now() + pause, ..self })
    }
}

/// Takes those whose time has come.
pub(crate) fn due(retries: &mut Retries) -> Retries {
    let now = Instant::now();
    let (due, later) = std::mem::take(retries).into_iter().partition(|retry| retry.due <= now);
    *retries = later;
    due
}

/// When the next one is due.
pub(crate) fn next(retries: &Retries) -> Option<Instant> {
    retries.iter().map(|retry| retry.due).min()
}
