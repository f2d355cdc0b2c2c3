//! Locks that outlive a failed test.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The value, also after a panic elsewhere: the panic itself is what the test reports.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
