//! Messages of webhooks that were taken in, where doing it twice would show.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    clerk_news::REPEATED_WITHIN,
    error::AppError,
    port::table::Item,
    store::{Entity, Store, keys, new_item},
};

/// That a message was taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct TakenIn {
    at: Timestamp,
}

impl Entity for TakenIn {
    const ENTITY: &'static str = "taken_in";
}

impl Store {
    /// Whether a message of Clerk's webhook was taken in before.
    pub(crate) async fn is_taken_in(&self, message: &str) -> Result<bool, AppError> {
        Ok(self.read::<TakenIn>(&keys::taken_in(message)).await?.is_some())
    }

    /// Notes that one was; again changes nothing.
    pub(crate) async fn note_taken_in(&self, message: &str, now: Timestamp) -> Result<(), AppError> {
        let expires_at = now.saturating_add(REPEATED_WITHIN).ok();
        let item = Item { expires_at, ..new_item(keys::taken_in(message), &TakenIn { at: now }, now)? };
        self.create_item(item).await.map(|_| ())
    }
}
