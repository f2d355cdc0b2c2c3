//! Whether anything may go out at all, looked at again while a run lasts.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::{error::AppError, messaging_gate::closed_until, store::Store};

/// A stop of the operators holds within ten seconds, and 80 messages a second of every organisation read one item.
const LOOK_EVERY: SignedDuration = SignedDuration::from_secs(5);

/// What a run last saw of the messaging gate.
#[derive(Debug, Default)]
pub(crate) struct GateWatch(Mutex<Option<Seen>>);

#[derive(Debug, Clone, Copy)]
struct Seen {
    at: Timestamp,
    closed_until: Option<Timestamp>,
}

impl GateWatch {
    /// When to come back, if nothing may go out now.
    pub(super) async fn closed_until(&self, store: &Store, now: Timestamp) -> Result<Option<Timestamp>, AppError> {
        let seen = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(seen) = seen.filter(|seen| now.duration_since(seen.at) < LOOK_EVERY) {
            return Ok(seen.closed_until);
        }
        let closed_until = closed_until(store, now).await?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Seen { at: now, closed_until });
        Ok(closed_until)
    }
}
