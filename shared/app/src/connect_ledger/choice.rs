//! A consent with several organisations: the owner chooses which of them are connected.
//!
//! Until then the tokens lie sealed in an item that lives as long as a consent may take.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use numo_domain::{
    connection::Connection,
    credential::{GrantRef, TokenSet},
    id::{LedgerTenantId, OrgId},
};

use crate::{
    connect_ledger::{ConnectPorts, ConsentError, Consented, Finished, connect, sha256_hex},
    error::AppError,
    port::ledger::auth::{Granted, GrantedTenant},
    store::{consent_choice::ConsentChoice, oauth_state::STATE_LIFETIME},
    vault::envelope::Bound,
};

/// An organisation that can be chosen, or why it cannot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoiceOf {
    /// The organisation.
    pub tenant: GrantedTenant,
    /// Who has it here.
    pub held_by: HeldBy,
}

/// Who has a ledger organisation here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldBy {
    /// Nobody.
    Nobody,
    /// This business already.
    Us,
    /// Another business; it cannot be chosen.
    Others,
}

/// What the browser that began may choose from; nothing if it is another browser, or too late.
pub async fn choices(
    ports: &ConnectPorts,
    choice: &str,
    binding: &str,
    now: Timestamp,
) -> Result<Option<Vec<ChoiceOf>>, AppError> {
    let kept = ports.waker.store.consent_choice(&sha256_hex(choice), &sha256_hex(binding), now).await?;
    let Some(kept) = kept else { return Ok(None) };
    let mut choices = Vec::with_capacity(kept.tenants.len());
    for tenant in kept.tenants {
        let held_by = held_by(ports, &kept.org, kept.provider, &tenant.tenant).await?;
        choices.push(ChoiceOf { tenant, held_by });
    }
    Ok(Some(choices))
}

/// Connects what was chosen; what was not, and belongs to nobody here, is unlinked at the provider.
pub async fn choose(
    ports: &ConnectPorts,
    choice: &str,
    binding: &str,
    chosen: &[LedgerTenantId],
    now: Timestamp,
) -> Result<Vec<Connection>, ConsentError> {
    let taken = ports.waker.store.take_consent_choice(&sha256_hex(choice), &sha256_hex(binding), now).await?;
    let kept = taken.ok_or(ConsentError::UnknownState)?;
    let consent = Consented { org: kept.org, user: kept.user, provider: kept.provider, holder: kept.holder };
    let grant = GrantRef { provider: consent.provider.into(), holder: consent.holder.clone() };
    let tokens = ports.vault.unseal(Bound::before(&consent.org, &grant), &kept.sealed, now).await?;
    let (wanted, others): (Vec<GrantedTenant>, Vec<GrantedTenant>) =
        kept.tenants.into_iter().partition(|tenant| chosen.contains(&tenant.tenant));
    for tenant in &others {
        let held_by = held_by(ports, &consent.org, consent.provider, &tenant.tenant).await?;
        if held_by == HeldBy::Nobody {
            give_up(ports, &consent, &tokens, tenant).await;
        }
    }
    if wanted.is_empty() {
        return Err(ConsentError::Declined);
    }
    connect(ports, &consent, &tokens, &wanted, now).await
}

/// A link too many costs the business nothing, so a failure is only told.
async fn give_up(ports: &ConnectPorts, consent: &Consented, tokens: &TokenSet, tenant: &GrantedTenant) {
    if let Err(error) = ports.auth.of(consent.provider).disconnect(tokens, tenant).await {
        tracing::warn!(provider = consent.provider.as_str(), error = %error, "an organisation that was not chosen stays linked");
    }
}

async fn held_by(
    ports: &ConnectPorts,
    org: &OrgId,
    provider: numo_domain::connection::LedgerProvider,
    tenant: &LedgerTenantId,
) -> Result<HeldBy, AppError> {
    let route = ports.waker.store.route_of_tenant(provider, tenant).await?;
    Ok(match route {
        None => HeldBy::Nobody,
        Some(route) if route.org == *org => HeldBy::Us,
        Some(_) => HeldBy::Others,
    })
}

pub(super) async fn keep(
    ports: &ConnectPorts,
    consent: &Consented,
    granted: &Granted,
    binding_hash: String,
    now: Timestamp,
) -> Result<Finished, ConsentError> {
    let grant = GrantRef { provider: consent.provider.into(), holder: consent.holder.clone() };
    let ends_at = now.checked_add(STATE_LIFETIME).or(Err(AppError::Internal("the clock is at its end".to_owned())))?;
    let kept = ConsentChoice {
        org: consent.org.clone(),
        user: consent.user.clone(),
        provider: consent.provider,
        holder: consent.holder.clone(),
        sealed: ports.vault.seal(Bound::before(&consent.org, &grant), &granted.tokens, now).await?,
        tenants: granted.tenants.clone(),
        binding_hash,
        ends_at,
    };
    let choice = BASE64_URL_SAFE_NO_PAD.encode(ports.waker.ids.secret());
    ports.waker.store.keep_consent_choice(&sha256_hex(&choice), &kept, now).await?;
    Ok(Finished::Choose { choice })
}
