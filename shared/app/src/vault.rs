//! The token vault: token sets sealed per organisation, renewed by one holder of a lease.

pub(crate) mod envelope;
pub mod fresh;

mod data_key;
mod opened_keys;

use std::{fmt, sync::Arc};

use jiff::Timestamp;
use numo_domain::{
    connection::LedgerProvider,
    credential::{GrantRef, TokenSet},
    id::OrgId,
};

use crate::{
    error::AppError,
    port::{
        key_service::{KeyError, KeyService},
        ledger::{
            LedgerAccess, LedgerError, PerLedger,
            auth::{GrantedTenant, LedgerAuth},
        },
    },
    store::{Created, RACES, Replaced, Store, grant::Grant, lost_races},
    vault::{
        envelope::{Bound, Sealed, open, seal},
        opened_keys::OpenedKeys,
    },
};

/// Opens and keeps token sets.
#[derive(Clone)]
pub struct Vault {
    store: Store,
    keys: Arc<dyn KeyService>,
    opened: Arc<OpenedKeys>,
    ledger_auth: PerLedger<dyn LedgerAuth>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault")
    }
}

impl Vault {
    /// A vault over a store, with what seals and what renews.
    pub fn new(store: Store, keys: Arc<dyn KeyService>, ledger_auth: PerLedger<dyn LedgerAuth>) -> Self {
        Self { store, keys, opened: Arc::default(), ledger_auth }
    }

    /// Keeps the tokens of a new consent, over whatever was there.
    pub async fn keep(&self, org: &OrgId, grant: &GrantRef, tokens: &TokenSet, now: Timestamp) -> Result<(), AppError> {
        for _ in 0..RACES {
            let seen = self.store.grant(org, grant).await?;
            let generation = seen.as_ref().map_or(0, |seen| seen.value.generation) + 1;
            let sealed = self.seal(Bound { org, grant, generation }, tokens, now).await?;
            let consent_ends_at = tokens.consent_ends_at;
            let next = Grant { sealed, generation, lease_until: None, cool_down_until: None, consent_ends_at };
            let done = match &seen {
                Some(seen) => self.store.replace_grant(org, grant, seen, &next, now).await? == Replaced::Replaced,
                None => self.store.create_grant(org, grant, &next, now).await? == Created::Created,
            };
            if done {
                return Ok(());
            }
        }
        Err(lost_races())
    }

    /// Seals a token set for what it is bound to.
    pub(crate) async fn seal(&self, bound: Bound<'_>, tokens: &TokenSet, now: Timestamp) -> Result<Sealed, AppError> {
        let (item, plain) = self.data_key(bound.org, now).await?;
        seal((&item, &plain), bound, tokens)
    }

    /// Opens what was sealed for the same.
    pub(crate) async fn unseal(&self, bound: Bound<'_>, sealed: &Sealed, now: Timestamp) -> Result<TokenSet, AppError> {
        let (context, wrapped) = sealed.key(bound)?;
        open(&self.opened_key(bound.org, (&context, wrapped), now).await?, bound, sealed)
    }

    /// When the consent behind a grant ends for good, as far as the provider told.
    pub async fn consent_ends_at(&self, org: &OrgId, grant: &GrantRef) -> Result<Option<Timestamp>, AppError> {
        Ok(self.store.grant(org, grant).await?.and_then(|grant| grant.value.consent_ends_at))
    }

    /// Whether a ledger that refused a token is still connected to it.
    pub(crate) async fn is_open(&self, provider: LedgerProvider, access: &LedgerAccess) -> Result<bool, LedgerError> {
        self.ledger_auth.of(provider).is_open(&access.token, &access.tenant).await
    }

    /// Ends the link of one ledger organisation at the provider; a grant that is dead or gone has none.
    pub(crate) async fn unlink(
        &self,
        org: &OrgId,
        provider: LedgerProvider,
        grant: &GrantRef,
        link: &GrantedTenant,
        now: Timestamp,
    ) -> Result<(), AppError> {
        match self.fresh_access_token(org, grant, now).await {
            Ok(_) => {}
            Err(AppError::ReauthRequired) => return Ok(()),
            Err(error) => return Err(error),
        }
        let Some(seen) = self.store.grant(org, grant).await? else { return Ok(()) };
        let tokens = self.open(org, grant, &seen.value, now).await?;
        match self.ledger_auth.of(provider).disconnect(&tokens, link).await {
            Ok(()) | Err(LedgerError::ReauthRequired | LedgerError::NotFound) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Deletes a grant with its tokens.
    pub(crate) async fn forget(&self, org: &OrgId, grant: &GrantRef) -> Result<(), AppError> {
        self.opened.forget();
        self.store.delete_grant(org, grant).await
    }

    async fn open(&self, org: &OrgId, grant: &GrantRef, stored: &Grant, now: Timestamp) -> Result<TokenSet, AppError> {
        self.unseal(Bound { org, grant, generation: stored.generation }, &stored.sealed, now).await
    }
}

impl From<KeyError> for AppError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Refused => Self::Malformed("grant: sealed for another organisation or grant".to_owned()),
            KeyError::Unavailable(_) => Self::AwsUnavailable(Box::new(error)),
        }
    }
}
