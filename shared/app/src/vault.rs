//! The token vault: token sets sealed per organisation, renewed by one holder of a lease.

pub mod envelope;
pub mod fresh;

use std::{fmt, sync::Arc};

use jiff::Timestamp;
use numo_domain::{
    credential::{GrantRef, TokenSet},
    id::OrgId,
};

use crate::{
    error::AppError,
    port::{
        key_service::{KeyError, KeyService},
        ledger::LedgerAuth,
    },
    store::{Created, RACES, Replaced, Store, grant::Grant, lost_races},
    vault::envelope::{open, seal},
};

/// Opens and keeps token sets.
#[derive(Clone)]
pub struct Vault {
    store: Store,
    keys: Arc<dyn KeyService>,
    ledger_auth: Arc<dyn LedgerAuth>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault")
    }
}

impl Vault {
    /// A vault over a store, with what seals and what renews.
    pub fn new(store: Store, keys: Arc<dyn KeyService>, ledger_auth: Arc<dyn LedgerAuth>) -> Self {
        Self { store, keys, ledger_auth }
    }

    /// Keeps the tokens of a new consent, over whatever was there.
    pub async fn keep(&self, org: &OrgId, grant: &GrantRef, tokens: &TokenSet, now: Timestamp) -> Result<(), AppError> {
        for _ in 0..RACES {
            let seen = self.store.grant(org, grant).await?;
            let generation = seen.as_ref().map_or(0, |seen| seen.value.generation) + 1;
            let sealed = seal(self.keys.as_ref(), org, grant, tokens).await?;
            let next = Grant { sealed, generation, lease_until: None, cool_down_until: None };
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

    async fn open(&self, org: &OrgId, grant: &GrantRef, stored: &Grant) -> Result<TokenSet, AppError> {
        open(self.keys.as_ref(), org, grant, &stored.sealed).await
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
