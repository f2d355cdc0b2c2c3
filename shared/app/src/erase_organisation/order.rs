//! Orders to erase organisations that a table does not know of, because it was restored from a backup.

use jiff::Timestamp;
use numo_domain::organisation::{Pause, PausedBy};

use crate::{
    erase_organisation::{note, reopen},
    error::AppError,
    store::{
        Store,
        erasure::organisation::{ErasureBy, ErasureStage},
        journal::organisation::JournalledOrder,
    },
};

/// Does what the latest order for an organisation says; true if it is erased again, or is to be.
///
/// One that was under way begins anew: what was erased is there again.
pub(crate) async fn obey(store: &Store, order: &JournalledOrder, now: Timestamp) -> Result<bool, AppError> {
    let known = store.organisation_erasure(&order.org).await?;
    match (&order.erasure, known) {
        (Some(erasure), None) => {
            let by = match &erasure.by {
                ErasureBy::Admin(user) => PausedBy::Member(user.clone()),
                ErasureBy::Operator(_) | ErasureBy::Clerk => PausedBy::Operator,
            };
            note(store, erasure, (&Pause { since: erasure.asked_at, by, until: None }, None), now).await?;
            Ok(true)
        }
        (None, Some(seen)) if seen.value.stage == ErasureStage::Asked => {
            store.withdraw_erasure(&seen, reopen, None, now).await?;
            Ok(false)
        }
        (Some(_), Some(_)) => Ok(true),
        (None, Some(_) | None) => Ok(false),
    }
}
