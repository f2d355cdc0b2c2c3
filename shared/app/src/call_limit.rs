//! How many calls of the API an organisation may make in a minute.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use numo_domain::id::OrgId;

use crate::store::Store;

/// Calls that a process takes at once, so that not every call writes.
const TAKEN_AT_ONCE: u32 = 20;

/// Organisations that a process remembers; with more of them it begins anew.
const REMEMBERED: usize = 1_000;

/// Counts calls: together in the table, and what was taken of it in the process.
pub struct CallLimit {
    store: Store,
    per_minute: u32,
    taken: Mutex<HashMap<OrgId, Taken>>,
}

/// What is left of the calls that were taken in a minute.
#[derive(Debug, Clone, Copy)]
struct Taken {
    minute: i64,
    left: u32,
}

/// Whether a call may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It may.
    Admitted,
    /// The calls of the minute are made; it ends so much later.
    Refused(SignedDuration),
    /// The organisation is being erased, or was: whatever changes something comes too late.
    Erased,
}

impl fmt::Debug for CallLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallLimit").field("per_minute", &self.per_minute).finish_non_exhaustive()
    }
}

impl CallLimit {
    /// A limit of so many calls in each minute of the clock.
    pub fn new(store: Store, per_minute: u32) -> Self {
        Self { store, per_minute, taken: Mutex::default() }
    }

    /// Counts a call.
    ///
    /// While the table fails nobody is refused: what the call asks for will tell.
    pub async fn admit(&self, org: &OrgId, now: Timestamp) -> Admission {
        let minute = now.as_second().div_euclid(60);
        if self.takes_one(org, minute) {
            return Admission::Admitted;
        }
        // Looked at as often as calls are taken: what is written meanwhile is swept up (`erase_organisation`).
        if matches!(self.store.is_being_erased(org).await, Ok(true)) {
            return Admission::Erased;
        }
        let taken = self.store.take_calls(org, minute, (TAKEN_AT_ONCE, self.per_minute), now).await;
        let taken = taken.unwrap_or_else(|error| {
            tracing::warn!(class = error.class(), "calls of an organisation are not counted");
            1
        });
        match taken.checked_sub(1) {
            Some(left) => {
                let mut all = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
                if all.len() >= REMEMBERED {
                    all.clear();
                }
                all.insert(org.clone(), Taken { minute, left });
                Admission::Admitted
            }
            None => Admission::Refused(SignedDuration::from_secs(60 - now.as_second().rem_euclid(60))),
        }
    }

    fn takes_one(&self, org: &OrgId, minute: i64) -> bool {
        let mut all = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get_mut(org).filter(|taken| taken.minute == minute && taken.left > 0) {
            Some(taken) => {
                taken.left -= 1;
                true
            }
            None => false,
        }
    }
}
