//! OAuth states: used once, by the browser that began.

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    connection::LedgerProvider,
    id::{OrgId, UserId},
};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    store::{Created, Entity, Replaced, Store, keys, new_item},
};

/// How long a consent may take.
pub const STATE_LIFETIME: SignedDuration = SignedDuration::from_mins(10);

/// What a consent was begun for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OauthState {
    /// For whom.
    pub org: OrgId,
    /// By whom.
    pub user: UserId,
    /// At which provider.
    pub provider: LedgerProvider,
    /// SHA-256 of the cookie that the browser got, in hexadecimal.
    pub binding_hash: String,
    /// Not valid from here on.
    pub ends_at: Timestamp,
}

impl Entity for OauthState {
    const ENTITY: &'static str = "oauth_state";
}

impl Store {
    /// Remembers a consent that was begun.
    pub async fn begin_consent(&self, state_hash: &str, state: &OauthState, now: Timestamp) -> Result<(), AppError> {
        let mut item = new_item(keys::oauth_state(state_hash), state, now)?;
        item.expires_at = Some(state.ends_at);
        match self.create_item(item).await? {
            Created::Created => Ok(()),
            Created::AlreadyExists => Err(AppError::Internal("two equal consent states".to_owned())),
        }
    }

    /// The state, if this is the browser that began; it is consumed by being taken.
    pub async fn take_consent(
        &self,
        state_hash: &str,
        binding_hash: &str,
        now: Timestamp,
    ) -> Result<Option<OauthState>, AppError> {
        let key = keys::oauth_state(state_hash);
        let Some(stored) = self.read::<OauthState>(&key).await? else { return Ok(None) };
        // A foreign browser must not use up the state of the right one.
        if stored.value.binding_hash != binding_hash || stored.value.ends_at <= now {
            return Ok(None);
        }
        let taken = self.remove(key, &stored).await? == Replaced::Replaced;
        Ok(taken.then_some(stored.value))
    }
}
