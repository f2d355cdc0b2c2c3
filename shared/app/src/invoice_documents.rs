//! The pay page and the PDF of an invoice, fetched when a message needs them.

use std::{fmt, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    connection::{Connection, ConnectionStatus},
    id::OrgId,
    invoice::Invoice,
};

use crate::{
    error::AppError,
    ledger_session::LedgerSession,
    port::{
        clock::Clock,
        ledger::{PerLedger, documents::LedgerDocuments},
    },
    rate_gate,
    store::{Store, document::KeptPayLink},
    vault::Vault,
};

/// What fetching needs.
#[derive(Clone)]
pub struct DocumentPorts {
    /// The table.
    pub store: Store,
    /// Tokens.
    pub vault: Vault,
    /// The ledgers.
    pub documents: PerLedger<dyn LedgerDocuments>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl fmt::Debug for DocumentPorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DocumentPorts")
    }
}

/// A pay page without an end of its own is asked for again after this.
const LINK_GOOD_FOR: SignedDuration = SignedDuration::from_hours(24 * 7);

/// That there is no pay page may change sooner.
const NO_LINK_GOOD_FOR: SignedDuration = SignedDuration::from_hours(24);

/// A customer may open a message late: a page that ends within this is fetched again.
const LINK_LASTS: SignedDuration = SignedDuration::from_hours(48);

/// The pay page of an open invoice, if the business has one for it.
pub async fn pay_link(
    ports: &DocumentPorts,
    org: &OrgId,
    connection: &Connection,
    invoice: &Invoice,
) -> Result<Option<String>, AppError> {
    let (store, now) = (&ports.store, ports.clock.now());
    if !invoice.is_open() {
        return Ok(None);
    }
    let kept = store.pay_link(org, connection.id, &invoice.id).await?;
    if let Some(kept) = kept.filter(|kept| kept.good_until > now) {
        return Ok(kept.url);
    }
    let mut session = opened(ports, org, connection, now).await?;
    let documents = ports.documents.of(connection.provider);
    let mut answer = documents.pay_link(session.access(), &invoice.id).await;
    if session.renews(&answer).await? {
        answer = documents.pay_link(session.access(), &invoice.id).await;
    }
    let link = match answer {
        Ok(link) => link,
        Err(error) => {
            let error = session.explain(error).await;
            return Err(rate_gate::classed(store, org, connection, error, ports.clock.now()).await);
        }
    };
    let (url, good_until) = match link {
        None => (None, now.saturating_add(NO_LINK_GOOD_FOR)),
        Some(link) => {
            let last = link.expires_at.map(|ends| ends.saturating_sub(LINK_LASTS).unwrap_or(now));
            let usual = now.saturating_add(LINK_GOOD_FOR);
            (Some(link.url), usual.map(|usual| last.map_or(usual, |last| last.min(usual))))
        }
    };
    let kept = KeptPayLink { url, good_until: good_until.unwrap_or(now) };
    store.keep_pay_link(org, connection.id, &invoice.id, &kept, now).await?;
    Ok(kept.url)
}

/// The PDF of an invoice, as the ledger prints it now.
pub async fn pdf(
    ports: &DocumentPorts,
    org: &OrgId,
    connection: &Connection,
    invoice: &Invoice,
) -> Result<Vec<u8>, AppError> {
    let (store, now) = (&ports.store, ports.clock.now());
    let mut session = opened(ports, org, connection, now).await?;
    let documents = ports.documents.of(connection.provider);
    let mut answer = documents.pdf(session.access(), &invoice.id).await;
    if session.renews(&answer).await? {
        answer = documents.pdf(session.access(), &invoice.id).await;
    }
    match answer {
        Ok(file) => Ok(file),
        Err(error) => {
            let error = session.explain(error).await;
            Err(rate_gate::classed(store, org, connection, error, ports.clock.now()).await)
        }
    }
}

async fn opened<'a>(
    ports: &'a DocumentPorts,
    org: &'a OrgId,
    connection: &'a Connection,
    now: Timestamp,
) -> Result<LedgerSession<'a>, AppError> {
    match connection.status {
        ConnectionStatus::Active => {}
        ConnectionStatus::Suspended => return Err(AppError::Rejected("suspended".to_owned())),
        ConnectionStatus::ReauthRequired | ConnectionStatus::Disconnected => return Err(AppError::ReauthRequired),
    }
    if let Some(gate) = rate_gate::parked(&ports.store, org, connection, now).await? {
        return Err(AppError::RateLimited { retry_after: Some(gate.parked_until.duration_since(now)) });
    }
    LedgerSession::open(&ports.vault, ports.clock.clone(), org, connection).await
}
