//! What a ledger's webhook says: that something changed, and in which organisations.

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use numo_domain::{connection::LedgerProvider, id::LedgerTenantId};

use crate::{
    error::AppError,
    store::{Store, due::sync_work},
};

/// One verified delivery of a ledger's webhook.
///
/// Its events only say where to look: what changed is read from the ledger, so repeats, disorder
/// and forged contents change nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerNews {
    /// Whose webhook.
    pub provider: LedgerProvider,
    /// The organisations with events that matter here.
    pub tenants: BTreeSet<LedgerTenantId>,
    /// Events of kinds that nobody here reads, or that could not be read.
    pub n_ignored: usize,
}

/// What came of a delivery.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NewsReport {
    /// Connections whose next sync was brought forward.
    pub marked: usize,
    /// Organisations that nobody connected here, or no longer.
    pub unknown: usize,
}

/// Events come in bursts: the sync waits until a burst is over.
const BURST: SignedDuration = SignedDuration::from_secs(20);

/// Brings forward the syncs of the organisations that a delivery names; doing it again changes nothing.
///
/// # Errors
/// The first failure, after all were tried: a ledger that cannot be marked does not hold up the others.
pub async fn take_news(store: &Store, news: &LedgerNews, now: Timestamp) -> Result<NewsReport, AppError> {
    let marks: Vec<_> = news.tenants.iter().map(|tenant| mark(store, news.provider, tenant, now)).collect();
    let marked: Vec<Result<bool, AppError>> = stream::iter(marks).buffer_unordered(MARKS_AT_ONCE).collect().await;
    let marked: Vec<bool> = marked.into_iter().collect::<Result<_, _>>()?;
    let n_marked = marked.iter().filter(|is_marked| **is_marked).count();
    Ok(NewsReport { marked: n_marked, unknown: marked.len() - n_marked })
}

/// Marks under way at once: a delivery has to be answered in 3 seconds.
const MARKS_AT_ONCE: usize = 8;

async fn mark(
    store: &Store,
    provider: LedgerProvider,
    tenant: &LedgerTenantId,
    now: Timestamp,
) -> Result<bool, AppError> {
    let Some(route) = store.route_of_tenant(provider, tenant).await? else { return Ok(false) };
    let Some(connection) = route.connection else { return Ok(false) };
    let quiet_until = store.sync_cursor(&route.org, connection).await?.quiet_until;
    let after_burst = now.saturating_add(BURST).unwrap_or(now);
    let at = quiet_until.map_or(after_burst, |quiet| quiet.max(after_burst));
    store.mark_due_after_claim(&route.org, &sync_work(connection), at, now).await?;
    Ok(true)
}
