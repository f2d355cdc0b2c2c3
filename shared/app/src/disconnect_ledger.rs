//! Ending a connection: nothing is read from this moment, and its tokens are deleted.

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    connection::{Connection, ConnectionStatus},
    credential::GrantRef,
    id::{ActivityId, ConnectionId, OrgId, UserId},
};
use serde_json::json;

use crate::{
    error::AppError,
    job::Cause,
    port::ledger::auth::GrantedTenant,
    store::{
        Store,
        activity::{Activity, Actor},
        due::unlink_work,
        task::TaskAbout,
    },
    vault::Vault,
    wake::Waker,
};

/// Ends a connection on an admin's word; its history stays, so that a reconnect finds it again.
///
/// The provider is told by the job that this wakes: its link ends, and no other organisation's.
pub async fn disconnect_ledger(
    waker: &Waker,
    org: &OrgId,
    user: &UserId,
    connection: ConnectionId,
    now: Timestamp,
) -> Result<(), AppError> {
    let found = waker.store.connection(org, connection).await?.ok_or(AppError::NotFound("connection"))?;
    waker.store.is_still_expected().await?;
    if found.status == ConnectionStatus::Disconnected {
        return Ok(());
    }
    waker
        .store
        .change_connection(org, connection, now, |connection| connection.status = ConnectionStatus::Disconnected)
        .await?;
    let detail = json!({"connection": connection, "provider": found.provider});
    let activity =
        Activity { at: now, actor: Actor::User(user.clone()), action: "connection.ended".to_owned(), detail };
    waker.store.record(org, ActivityId::new(waker.ids.uuid()), &activity).await?;
    waker.wake(org, &unlink_work(connection), Cause::Person, now).await
}

/// How unlinking ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unlinked {
    /// The link is gone and the tokens are deleted.
    Done,
    /// The provider could not be told; the next time stands in the table.
    Postponed,
    /// The job was stale, or the connection was made again meanwhile.
    Stale,
}

/// A provider that does not answer is told again after this.
const AFTER_FAILURE: SignedDuration = SignedDuration::from_mins(5);

/// Tokens are deleted after this, whether or not the provider could be told.
const AT_THE_LATEST: SignedDuration = SignedDuration::from_hours(24);

/// Tells the provider that a connection ended, deletes its tokens, and gives the ledger up.
pub async fn unlink_connection(
    waker: &Waker,
    vault: &Vault,
    org: &OrgId,
    connection: ConnectionId,
    claim: Timestamp,
    now: Timestamp,
) -> Result<Unlinked, AppError> {
    let (store, work) = (&waker.store, unlink_work(connection));
    if !store.holds_claim(org, &work, claim).await? {
        return Ok(Unlinked::Stale);
    }
    let found = store.connection(org, connection).await?;
    let Some(found) = found.filter(|found| found.status == ConnectionStatus::Disconnected) else {
        store.finish_due(org, &work, claim, None, now).await?;
        return Ok(Unlinked::Stale);
    };
    let grant = GrantRef::of(&found);
    if let Err(error) = end_link(vault, org, &found, now).await {
        tracing::warn!(connection = %connection, provider = found.provider.as_str(), error = %error, "a link could not be ended");
        let next = error.patience()?.unwrap_or(AFTER_FAILURE);
        if !is_overdue(store, org, &found, now).await? {
            store.finish_due(org, &work, claim, now.saturating_add(next).ok(), now).await?;
            return Ok(Unlinked::Postponed);
        }
    }
    // Whoever connected it again meanwhile keeps what they have.
    let now_held = store.connection(org, connection).await?;
    if now_held.is_none_or(|held| held.status != ConnectionStatus::Disconnected) {
        store.finish_due(org, &work, claim, None, now).await?;
        return Ok(Unlinked::Stale);
    }
    if !is_shared(store, org, &found, &grant).await? {
        vault.forget(org, &grant).await?;
    }
    store.release_tenant(org, found.provider, &found.tenant).await?;
    for settled in [
        TaskAbout::ReconnectLedger(connection),
        TaskAbout::ConsentEnds(connection),
        TaskAbout::LedgerSuspended(connection),
        TaskAbout::LedgerUnreadable(connection),
    ] {
        store.close_task(org, &settled).await?;
    }
    store.finish_due(org, &work, claim, None, now).await?;
    Ok(Unlinked::Done)
}

/// Ends the link of a connection at its provider; one that is gone, or that no token opens any more, is done.
pub(crate) async fn end_link(vault: &Vault, org: &OrgId, ended: &Connection, now: Timestamp) -> Result<(), AppError> {
    let link = GrantedTenant {
        tenant: ended.tenant.clone(),
        provider_connection: ended.provider_connection.clone(),
        name: ended.name.clone(),
    };
    vault.unlink(org, ended.provider, &GrantRef::of(ended), &link, now).await
}

/// Whether another ledger of the business is opened by the same token set.
async fn is_shared(store: &Store, org: &OrgId, ended: &Connection, grant: &GrantRef) -> Result<bool, AppError> {
    let others = store.connections(org).await?;
    Ok(others.iter().any(|other| {
        other.id != ended.id && other.status != ConnectionStatus::Disconnected && GrantRef::of(other) == *grant
    }))
}

/// Whether the provider could not be told for too long.
async fn is_overdue(store: &Store, org: &OrgId, ended: &Connection, now: Timestamp) -> Result<bool, AppError> {
    let since = store.due_since(org, &unlink_work(ended.id)).await?;
    Ok(since.is_some_and(|since| now.duration_since(since) > AT_THE_LATEST))
}
