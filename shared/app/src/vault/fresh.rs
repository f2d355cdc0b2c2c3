//! One routine that hands out access tokens and renews them, for every caller.
//!
//! Whoever renews holds a lease on the item and writes only if the lease is still his; the loser
//! of a race uses the token while it is valid, or comes back in a few seconds. Nobody waits in a
//! loop. Only a dead refresh token ends a connection; a timeout never does.

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    connection::{LedgerProvider, Provider},
    credential::{GrantRef, TokenSet},
    id::OrgId,
};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    error::AppError,
    port::ledger::LedgerError,
    store::{Replaced, Stored, grant::Grant},
    vault::{Vault, envelope::Bound},
};

/// Longer than a refresh may take; afterwards somebody else may try.
const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// After a failed refresh nobody tries for this long.
const COOL_DOWN: SignedDuration = SignedDuration::from_secs(30);

/// When a caller who got no token should come back.
pub const COME_BACK: SignedDuration = SignedDuration::from_secs(5);

impl Vault {
    /// A token that can be used now, renewed if need be.
    ///
    /// # Errors
    /// `ReauthRequired` when the owner has to connect again; `RateLimited` with a short time when
    /// somebody else is renewing and the old token has ended; `Unavailable` when the provider is.
    pub async fn fresh_access_token(
        &self,
        org: &OrgId,
        grant: &GrantRef,
        now: Timestamp,
    ) -> Result<SecretString, AppError> {
        let Some(seen) = self.store.grant(org, grant).await? else { return Err(AppError::ReauthRequired) };
        let tokens = self.open(org, grant, &seen.value, now).await?;
        if tokens.is_fresh(now) {
            return Ok(tokens.access);
        }
        if tokens.refresh.is_none() {
            return if tokens.is_valid(now) { Ok(tokens.access) } else { Err(AppError::ReauthRequired) };
        }
        self.renew_under_lease(org, grant, seen, tokens, now).await
    }

    /// A token in place of one that the ledger refused before its time: our clock was wrong, or it
    /// was taken back.
    ///
    /// # Errors
    /// As of [`Self::fresh_access_token`]; `ReauthRequired` also when nothing can be renewed.
    pub async fn token_after_refusal(
        &self,
        org: &OrgId,
        grant: &GrantRef,
        refused: &SecretString,
        now: Timestamp,
    ) -> Result<SecretString, AppError> {
        let Some(seen) = self.store.grant(org, grant).await? else { return Err(AppError::ReauthRequired) };
        let tokens = self.open(org, grant, &seen.value, now).await?;
        if tokens.access.expose_secret() != refused.expose_secret() {
            // Somebody renewed it meanwhile.
            return Ok(tokens.access);
        }
        if tokens.refresh.is_none() {
            return Err(AppError::ReauthRequired);
        }
        // The token is worth nothing, whatever its time says.
        let ended = TokenSet { access_expires_at: Some(Timestamp::MIN), ..tokens };
        self.renew_under_lease(org, grant, seen, ended, now).await
    }

    async fn renew_under_lease(
        &self,
        org: &OrgId,
        grant: &GrantRef,
        seen: Stored<Grant>,
        tokens: TokenSet,
        now: Timestamp,
    ) -> Result<SecretString, AppError> {
        let busy = seen.value.lease_until.is_some_and(|until| until > now);
        let cooling = seen.value.cool_down_until.is_some_and(|until| until > now);
        if busy || cooling {
            return still_valid(tokens, now);
        }
        let lease = Grant { lease_until: now.saturating_add(LEASE).ok(), ..seen.value.clone() };
        if self.store.replace_grant(org, grant, &seen, &lease, now).await? == Replaced::Raced {
            return self.token_of_the_winner(org, grant, tokens, now).await;
        }
        let held = Stored { value: lease, rev: seen.rev + 1, ..seen };
        self.renew(org, grant, held, tokens, now).await
    }

    async fn renew(
        &self,
        org: &OrgId,
        grant: &GrantRef,
        held: Stored<Grant>,
        tokens: TokenSet,
        now: Timestamp,
    ) -> Result<SecretString, AppError> {
        match self.ledger_auth.of(ledger_of(grant.provider)?).refresh(&tokens).await {
            Ok(answer) => self.keep_renewed(org, grant, &held, tokens.renewed_by(answer), now).await,
            Err(LedgerError::ReauthRequired) => {
                let latest = self.store.grant(org, grant).await?.ok_or(AppError::ReauthRequired)?;
                if latest.value.generation > held.value.generation {
                    return Ok(self.open(org, grant, &latest.value, now).await?.access);
                }
                Err(AppError::ReauthRequired)
            }
            Err(error) => {
                tracing::warn!(metric = "token_refresh_failed", error = %error, "a token set could not be renewed");
                let released = Grant {
                    lease_until: None,
                    cool_down_until: now.saturating_add(COOL_DOWN).ok(),
                    ..held.value.clone()
                };
                // The lease ends by itself if this write is lost.
                if let Err(error) = self.store.replace_grant(org, grant, &held, &released, now).await {
                    tracing::warn!(error = %error, "the lease on a grant could not be released");
                }
                if tokens.is_valid(now) { Ok(tokens.access) } else { Err(error.into()) }
            }
        }
    }

    async fn keep_renewed(
        &self,
        org: &OrgId,
        grant: &GrantRef,
        held: &Stored<Grant>,
        renewed: TokenSet,
        now: Timestamp,
    ) -> Result<SecretString, AppError> {
        let kept = async {
            let generation = held.value.generation + 1;
            let sealed = self.seal(Bound { org, grant, generation }, &renewed, now).await?;
            let consent_ends_at = renewed.consent_ends_at.or(held.value.consent_ends_at);
            let next = Grant { sealed, generation, lease_until: None, cool_down_until: None, consent_ends_at };
            self.store.replace_grant(org, grant, held, &next, now).await
        };
        match kept.await {
            Ok(Replaced::Replaced) => Ok(renewed.access),
            // Our lease ran out and somebody renewed after us: theirs is the newer family.
            Ok(Replaced::Raced) => {
                tracing::error!(metric = "token_write_lost", "a renewed token set lost its lease before it was stored");
                self.token_of_the_winner(org, grant, renewed, now).await
            }
            Err(error) => {
                tracing::error!(metric = "token_write_failed", error = %error, "a renewed token set could not be stored");
                Err(error)
            }
        }
    }

    async fn token_of_the_winner(
        &self,
        org: &OrgId,
        grant: &GrantRef,
        ours: TokenSet,
        now: Timestamp,
    ) -> Result<SecretString, AppError> {
        if let Some(latest) = self.store.grant(org, grant).await? {
            let tokens = self.open(org, grant, &latest.value, now).await?;
            if tokens.is_fresh(now) {
                return Ok(tokens.access);
            }
        }
        still_valid(ours, now)
    }
}

/// Who renews the tokens of a provider; Meta's have nothing to renew them by.
fn ledger_of(provider: Provider) -> Result<LedgerProvider, AppError> {
    match provider {
        Provider::Xero => Ok(LedgerProvider::Xero),
        Provider::Quickbooks => Ok(LedgerProvider::Quickbooks),
        Provider::Whatsapp => Err(AppError::ReauthRequired),
    }
}

fn still_valid(tokens: TokenSet, now: Timestamp) -> Result<SecretString, AppError> {
    if tokens.is_valid(now) { Ok(tokens.access) } else { Err(AppError::RateLimited { retry_after: Some(COME_BACK) }) }
}
