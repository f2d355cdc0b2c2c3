//! Connecting a ledger: one consent, begun and finished by the same browser.

use std::{fmt, sync::Arc};

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use numo_domain::{
    connection::{Connection, ConnectionStatus, Provider},
    credential::GrantRef,
    id::{ActivityId, ConnectionId, OrgId, UserId},
};
use secrecy::SecretString;
use serde_json::json;

use crate::{
    error::AppError,
    job::Cause,
    number_key::{NumberKeys, hex},
    port::ledger::{Granted, GrantedTenant, LedgerAuth, LedgerError},
    store::{
        activity::{Activity, Actor},
        due::sync_work,
        oauth_state::{OauthState, STATE_LIFETIME},
        route::Route,
        task::TaskAbout,
    },
    vault::Vault,
    wake::Waker,
};

/// What connecting needs.
#[derive(Clone)]
pub struct ConnectPorts {
    /// Table, queue and ids.
    pub waker: Waker,
    /// Where tokens go.
    pub vault: Vault,
    /// The provider's consent and tokens.
    pub auth: Arc<dyn LedgerAuth>,
    /// Derives the PKCE verifier.
    pub number_keys: NumberKeys,
}

impl fmt::Debug for ConnectPorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConnectPorts")
    }
}

/// A consent that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BegunConsent {
    /// Where the browser goes.
    pub authorise_url: String,
    /// The value of the cookie that binds the consent to this browser.
    pub binding: String,
}

/// Begins a consent for a signed-in admin.
pub async fn begin_consent(
    ports: &ConnectPorts,
    org: &OrgId,
    user: &UserId,
    redirect_uri: &str,
    now: Timestamp,
) -> Result<BegunConsent, AppError> {
    let [state, binding] =
        [ports.waker.ids.secret(), ports.waker.ids.secret()].map(|secret| BASE64_URL_SAFE_NO_PAD.encode(secret));
    let remembered = OauthState {
        org: org.clone(),
        user: user.clone(),
        provider: Provider::Xero,
        binding_hash: sha256_hex(&binding),
        ends_at: now.checked_add(STATE_LIFETIME).or(Err(AppError::Internal("the clock is at its end".to_owned())))?,
    };
    ports.waker.store.begin_consent(&sha256_hex(&state), &remembered, now).await?;
    let verifier = ports.number_keys.pkce_verifier(&state);
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
    Ok(BegunConsent { authorise_url: ports.auth.authorise_url(redirect_uri, &state, &challenge), binding })
}

/// What the provider sent the browser back with.
#[derive(Debug)]
pub struct Callback {
    /// The state.
    pub state: String,
    /// The code, unless the owner declined.
    pub code: Option<SecretString>,
    /// The cookie of the browser, if it has one.
    pub binding: Option<String>,
}

/// Why a consent was not finished; each has its own page.
#[derive(Debug, thiserror::Error)]
pub enum ConsentError {
    /// Replayed, expired, begun by another browser, or never begun.
    #[error("the consent is not the one that this browser began")]
    UnknownState,
    /// The owner declined, or chose no organisation.
    #[error("access was not granted")]
    Declined,
    /// The provider did not take the code.
    #[error("the provider did not accept the consent")]
    Refused,
    /// The ledger organisation belongs to somebody else here.
    #[error("the ledger organisation is connected to another organisation")]
    AlreadyLinked,
    /// Anything else.
    #[error("the consent could not be finished")]
    Failed(#[source] AppError),
}

impl<E: Into<AppError>> From<E> for ConsentError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Finishes a consent: the state is used up, tokens are sealed, the organisations of this very
/// consent are connected and their first sync begins.
pub async fn finish_consent(
    ports: &ConnectPorts,
    callback: Callback,
    redirect_uri: &str,
    now: Timestamp,
) -> Result<Vec<Connection>, ConsentError> {
    let binding = callback.binding.ok_or(ConsentError::UnknownState)?;
    let taken = ports.waker.store.take_consent(&sha256_hex(&callback.state), &sha256_hex(&binding), now).await?;
    let begun = taken.ok_or(ConsentError::UnknownState)?;
    let code = callback.code.ok_or(ConsentError::Declined)?;
    let verifier = ports.number_keys.pkce_verifier(&callback.state);
    let granted = ports.auth.exchange(&code, &verifier, redirect_uri).await.map_err(|error| match error {
        LedgerError::ReauthRequired | LedgerError::Rejected(_) => ConsentError::Refused,
        error @ (LedgerError::RateLimited { .. }
        | LedgerError::Unavailable(_)
        | LedgerError::TenantGone
        | LedgerError::Malformed(_)) => ConsentError::Failed(error.into()),
    })?;
    if granted.tenants.is_empty() {
        return Err(ConsentError::Declined);
    }
    connect(ports, &begun, &granted, now).await
}

async fn connect(
    ports: &ConnectPorts,
    begun: &OauthState,
    granted: &Granted,
    now: Timestamp,
) -> Result<Vec<Connection>, ConsentError> {
    // All are looked at before one is claimed, so that a refused consent leaves no claim behind.
    for tenant in &granted.tenants {
        let owner = ports.waker.store.owner_of_xero_tenant(&tenant.tenant).await?;
        if owner.is_some_and(|owner| owner != begun.org) {
            return Err(ConsentError::AlreadyLinked);
        }
    }
    let mut routes = Vec::with_capacity(granted.tenants.len());
    for tenant in &granted.tenants {
        let own = Route { org: begun.org.clone(), connection: Some(ConnectionId::new(ports.waker.ids.uuid())) };
        let owner = ports.waker.store.claim_xero_tenant(&tenant.tenant, &own, now).await?;
        if owner.org != begun.org {
            return Err(ConsentError::AlreadyLinked);
        }
        routes.push((tenant, owner));
    }
    let grant = GrantRef { provider: begun.provider, holder: granted.holder.clone() };
    ports.vault.keep(&begun.org, &grant, &granted.tokens, now).await?;
    let mut connections = Vec::with_capacity(routes.len());
    for (tenant, route) in routes {
        let id = route
            .connection
            .ok_or_else(|| AppError::Malformed("route: a ledger route without connection".to_owned()))?;
        let connection = save(ports, begun, granted, tenant, id, now).await?;
        ports.waker.wake(&begun.org, &sync_work(id), Cause::Person, now).await?;
        connections.push(connection);
    }
    Ok(connections)
}

async fn save(
    ports: &ConnectPorts,
    begun: &OauthState,
    granted: &Granted,
    tenant: &GrantedTenant,
    id: ConnectionId,
    now: Timestamp,
) -> Result<Connection, AppError> {
    let store = &ports.waker.store;
    let known = store.connection(&begun.org, id).await?;
    let connection = Connection {
        id,
        provider: begun.provider,
        tenant: tenant.tenant.clone(),
        provider_connection: tenant.provider_connection.clone(),
        holder: granted.holder.clone(),
        name: tenant.name.clone(),
        status: ConnectionStatus::Active,
        is_demo_company: known.as_ref().is_some_and(|known| known.is_demo_company),
        connected_at: known.as_ref().map_or(now, |known| known.connected_at),
        last_synced_at: known.and_then(|known| known.last_synced_at),
    };
    store.save_connection(&begun.org, &connection, now).await?;
    store.close_task(&begun.org, &TaskAbout::ReconnectLedger(id)).await?;
    let detail = json!({"connection": id, "provider": begun.provider});
    let activity =
        Activity { at: now, actor: Actor::User(begun.user.clone()), action: "connection.made".to_owned(), detail };
    store.record(&begun.org, ActivityId::new(ports.waker.ids.uuid()), &activity).await?;
    Ok(connection)
}

fn sha256_hex(text: &str) -> String {
    hex(digest(&SHA256, text.as_bytes()).as_ref())
}
