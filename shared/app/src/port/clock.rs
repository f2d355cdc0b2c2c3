//! Time and chance, so that tests can hold both still.

use async_trait::async_trait;
use jiff::Timestamp;
use uuid::Uuid;

/// The time.
pub trait Clock: Send + Sync {
    /// The present instant, to the millisecond.
    fn now(&self) -> Timestamp;
}

/// Waiting within an invocation, for seconds: what takes longer is due again in the table.
#[async_trait]
pub trait Timer: Send + Sync {
    /// Comes back once the clock has reached an instant.
    async fn wait_until(&self, instant: Timestamp);
}

/// Identifiers and secrets that nobody can guess.
pub trait Ids: Send + Sync {
    /// A new uuid, version 7.
    fn uuid(&self) -> Uuid;

    /// 32 unpredictable bytes.
    fn secret(&self) -> [u8; 32];
}
