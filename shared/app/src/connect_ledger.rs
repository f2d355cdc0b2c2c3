//! Connecting a ledger: one consent, begun and finished by the same browser.

pub mod choice;

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use numo_domain::{
    connection::{Connection, ConnectionStatus, LedgerProvider},
    credential::{GrantRef, TokenSet},
    id::{ActivityId, ConnectionId, GrantHolder, LedgerTenantId, OrgId, UserId},
};
use secrecy::SecretString;
use serde_json::json;

use crate::{
    error::AppError,
    job::Cause,
    number_key::{NumberKeys, hex},
    port::ledger::{
        LedgerError, PerLedger,
        auth::{ConsentAnswer, GrantedTenant, LedgerAuth},
    },
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
    /// The providers' consents and tokens.
    pub auth: PerLedger<dyn LedgerAuth>,
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
    provider: LedgerProvider,
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
        provider,
        binding_hash: sha256_hex(&binding),
        ends_at: now.checked_add(STATE_LIFETIME).or(Err(AppError::Internal("the clock is at its end".to_owned())))?,
    };
    ports.waker.store.begin_consent(&sha256_hex(&state), &remembered, now).await?;
    let verifier = ports.number_keys.pkce_verifier(&state);
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
    let authorise_url = ports.auth.of(provider).authorise_url(redirect_uri, &state, &challenge).await?;
    Ok(BegunConsent { authorise_url, binding })
}

/// What the provider sent the browser back with.
#[derive(Debug)]
pub struct Callback {
    /// Whose callback it is.
    pub provider: LedgerProvider,
    /// The state.
    pub state: String,
    /// The code, or why there is none.
    pub code: Result<SecretString, NoCode>,
    /// Intuit's `realmId`, which nobody signed.
    pub realm: Option<LedgerTenantId>,
    /// The cookie of the browser, if it has one.
    pub binding: Option<String>,
}

/// Why a provider sent a browser back without a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoCode {
    /// The owner declined.
    Declined,
    /// The provider lets our app connect no further organisation.
    CapReached,
}

/// How a consent ended well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finished {
    /// Its one organisation is connected, and its first sync begins.
    Connected(Vec<Connection>),
    /// It has several: the owner is to choose.
    Choose {
        /// The secret by which the browser that began asks for the choice.
        choice: String,
    },
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
    /// The provider lets our app connect no further organisation.
    #[error("the provider's cap of connections is reached")]
    CapReached,
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

/// Finishes a consent: the state is used up, and the organisation of this very consent is
/// connected; where there are several, nothing is connected before the owner chose.
pub async fn finish_consent(
    ports: &ConnectPorts,
    callback: Callback,
    redirect_uri: &str,
    now: Timestamp,
) -> Result<Finished, ConsentError> {
    let binding_hash = sha256_hex(&callback.binding.ok_or(ConsentError::UnknownState)?);
    let taken = ports.waker.store.take_consent(&sha256_hex(&callback.state), &binding_hash, now).await?;
    let begun = taken.filter(|begun| begun.provider == callback.provider).ok_or(ConsentError::UnknownState)?;
    let code = callback.code.map_err(|why| match why {
        NoCode::Declined => ConsentError::Declined,
        NoCode::CapReached => ConsentError::CapReached,
    })?;
    let verifier = ports.number_keys.pkce_verifier(&callback.state);
    let answer = ConsentAnswer { code, verifier, realm: callback.realm, at: now };
    let granted = ports.auth.of(begun.provider).exchange(&answer, redirect_uri).await.map_err(not_exchanged)?;
    let consent =
        Consented { org: begun.org, user: begun.user, provider: begun.provider, holder: granted.holder.clone() };
    match granted.tenants.as_slice() {
        [] => Err(ConsentError::Declined),
        [one] => {
            let connected = connect(ports, &consent, &granted.tokens, std::slice::from_ref(one), now).await?;
            Ok(Finished::Connected(connected))
        }
        [_, ..] => choice::keep(ports, &consent, &granted, binding_hash, now).await,
    }
}

fn not_exchanged(error: LedgerError) -> ConsentError {
    match error {
        LedgerError::ReauthRequired
        | LedgerError::Rejected(_)
        | LedgerError::TokenRefused
        | LedgerError::TenantRefused
        | LedgerError::NotFound
        | LedgerError::Suspended => ConsentError::Refused,
        error @ (LedgerError::RateLimited { .. } | LedgerError::Unavailable(_) | LedgerError::Malformed(_)) => {
            ConsentError::Failed(error.into())
        }
    }
}

/// Who consented to what, for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Consented {
    pub org: OrgId,
    pub user: UserId,
    pub provider: LedgerProvider,
    pub holder: GrantHolder,
}

/// Seals the tokens and connects organisations; either all or none is claimed.
async fn connect(
    ports: &ConnectPorts,
    consent: &Consented,
    tokens: &TokenSet,
    tenants: &[GrantedTenant],
    now: Timestamp,
) -> Result<Vec<Connection>, ConsentError> {
    let store = &ports.waker.store;
    // All are looked at before one is claimed, so that a refused consent leaves no claim behind.
    for tenant in tenants {
        let route = store.route_of_tenant(consent.provider, &tenant.tenant).await?;
        if route.is_some_and(|route| route.org != consent.org) {
            return Err(ConsentError::AlreadyLinked);
        }
    }
    if store.is_being_erased(&consent.org).await? {
        return Err(AppError::Conflict("this organisation is being erased").into());
    }
    let known = store.connections(&consent.org).await?;
    let mut routes = Vec::with_capacity(tenants.len());
    for tenant in tenants {
        // A ledger that was connected before gets its history back.
        let before = known.iter().find(|known| known.provider == consent.provider && known.tenant == tenant.tenant);
        let id = before.map_or_else(|| ConnectionId::new(ports.waker.ids.uuid()), |before| before.id);
        let own = Route { org: consent.org.clone(), connection: Some(id) };
        let owner = store.claim_tenant(consent.provider, &tenant.tenant, &own, now).await?;
        if owner.org != consent.org {
            return Err(ConsentError::AlreadyLinked);
        }
        routes.push((tenant, owner));
    }
    let grant = GrantRef { provider: consent.provider.into(), holder: consent.holder.clone() };
    ports.vault.keep(&consent.org, &grant, tokens, now).await?;
    let mut connections = Vec::with_capacity(routes.len());
    for (tenant, route) in routes {
        let id = route
            .connection
            .ok_or_else(|| AppError::Malformed("route: a ledger route without connection".to_owned()))?;
        let connection = save(ports, consent, tokens, tenant, id, now).await?;
        ports.waker.wake(&consent.org, &sync_work(id), Cause::Person, now).await?;
        connections.push(connection);
    }
    Ok(connections)
}

async fn save(
    ports: &ConnectPorts,
    consent: &Consented,
    tokens: &TokenSet,
    tenant: &GrantedTenant,
    id: ConnectionId,
    now: Timestamp,
) -> Result<Connection, AppError> {
    let (store, org) = (&ports.waker.store, &consent.org);
    let known = store.connection(org, id).await?;
    let connection = Connection {
        id,
        provider: consent.provider,
        tenant: tenant.tenant.clone(),
        provider_connection: tenant.provider_connection.clone(),
        holder: consent.holder.clone(),
        name: tenant.name.clone(),
        status: ConnectionStatus::Active,
        is_demo_company: known.as_ref().is_some_and(|known| known.is_demo_company),
        connected_at: known.as_ref().map_or(now, |known| known.connected_at),
        last_synced_at: known.as_ref().and_then(|known| known.last_synced_at),
        consent_ends_at: tokens.consent_ends_at,
        own_reminders: known.as_ref().and_then(|known| known.own_reminders),
        sender: known.as_ref().and_then(|known| known.sender.clone()),
        last_payment_on: known.and_then(|known| known.last_payment_on),
    };
    store.save_connection(org, &connection, now).await?;
    for settled in [TaskAbout::ReconnectLedger(id), TaskAbout::ConsentEnds(id), TaskAbout::LedgerSuspended(id)] {
        store.close_task(org, &settled).await?;
    }
    let detail = json!({"connection": id, "provider": consent.provider});
    let activity =
        Activity { at: now, actor: Actor::User(consent.user.clone()), action: "connection.made".to_owned(), detail };
    store.record(org, ActivityId::new(ports.waker.ids.uuid()), &activity).await?;
    Ok(connection)
}

pub(crate) fn sha256_hex(text: &str) -> String {
    hex(digest(&SHA256, text.as_bytes()).as_ref())
}
