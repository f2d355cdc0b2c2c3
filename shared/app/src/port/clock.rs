//! Time and chance, so that tests can hold both still.

use jiff::Timestamp;
use uuid::Uuid;

/// The time.
pub trait Clock: Send + Sync {
    /// The present instant, to the millisecond.
    fn now(&self) -> Timestamp;
}

/// Identifiers and secrets that nobody can guess.
pub trait Ids: Send + Sync {
    /// A new uuid, version 7.
    fn uuid(&self) -> Uuid;

    /// 32 unpredictable bytes.
    fn secret(&self) -> [u8; 32];
}
