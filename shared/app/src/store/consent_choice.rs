//! Consents with several organisations that wait for the owner's choice.

use jiff::Timestamp;
use numo_domain::{
    connection::LedgerProvider,
    id::{GrantHolder, OrgId, UserId},
};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::ledger::auth::GrantedTenant,
    store::{Created, Entity, Replaced, Store, Stored, keys, new_item},
    vault::envelope::Sealed,
};

/// What there is to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ConsentChoice {
    /// For whom.
    pub org: OrgId,
    /// By whom.
    pub user: UserId,
    /// At which provider.
    pub provider: LedgerProvider,
    /// Whose token set it is.
    pub holder: GrantHolder,
    /// The tokens, sealed as the vault seals them.
    pub sealed: Sealed,
    /// The organisations.
    pub tenants: Vec<GrantedTenant>,
    /// SHA-256 of the cookie of the browser that began, in hexadecimal.
    pub binding_hash: String,
    /// Not valid from here on.
    pub ends_at: Timestamp,
}

impl Entity for ConsentChoice {
    const ENTITY: &'static str = "consent_choice";
}

impl Store {
    pub(crate) async fn keep_consent_choice(
        &self,
        choice_hash: &str,
        choice: &ConsentChoice,
        now: Timestamp,
    ) -> Result<(), AppError> {
        let mut item = new_item(keys::consent_choice(choice_hash), choice, now)?;
        item.expires_at = Some(choice.ends_at);
        match self.create_item(item).await? {
            Created::Created => Ok(()),
            Created::AlreadyExists => Err(AppError::Internal("two equal consent choices".to_owned())),
        }
    }

    /// The choice, if this is the browser that began.
    pub(crate) async fn consent_choice(
        &self,
        choice_hash: &str,
        binding_hash: &str,
        now: Timestamp,
    ) -> Result<Option<ConsentChoice>, AppError> {
        Ok(self.valid_choice(choice_hash, binding_hash, now).await?.map(|stored| stored.value))
    }

    /// The same; it is consumed by being taken.
    pub(crate) async fn take_consent_choice(
        &self,
        choice_hash: &str,
        binding_hash: &str,
        now: Timestamp,
    ) -> Result<Option<ConsentChoice>, AppError> {
        let Some(stored) = self.valid_choice(choice_hash, binding_hash, now).await? else { return Ok(None) };
        let taken = self.remove(keys::consent_choice(choice_hash), &stored).await? == Replaced::Replaced;
        Ok(taken.then_some(stored.value))
    }

    async fn valid_choice(
        &self,
        choice_hash: &str,
        binding_hash: &str,
        now: Timestamp,
    ) -> Result<Option<Stored<ConsentChoice>>, AppError> {
        let stored = self.read::<ConsentChoice>(&keys::consent_choice(choice_hash)).await?;
        Ok(stored.filter(|stored| stored.value.binding_hash == binding_hash && stored.value.ends_at > now))
    }
}
