//! A person has a ledger read now.

use numo_domain::{
    connection::{Connection, ConnectionStatus},
    id::{ConnectionId, OrgId},
};

use jiff::Timestamp;

use crate::{
    error::AppError,
    job::Cause,
    store::{Store, due::sync_work},
    wake::Waker,
};

/// Has a connection read, unless it has to be connected again first.
pub async fn read_ledger_now(
    waker: &Waker,
    org: &OrgId,
    connection: ConnectionId,
    now: Timestamp,
) -> Result<(), AppError> {
    let found = readable(&waker.store, org, connection).await?;
    waker.wake(org, &sync_work(found.id), Cause::Person, now).await?;
    Ok(())
}

/// A connection that can be read.
pub(crate) async fn readable(store: &Store, org: &OrgId, connection: ConnectionId) -> Result<Connection, AppError> {
    let found = store.connection(org, connection).await?.ok_or(AppError::NotFound("connection"))?;
    match found.status {
        ConnectionStatus::Active | ConnectionStatus::Suspended => Ok(found),
        ConnectionStatus::ReauthRequired => Err(AppError::ReauthRequired),
        ConnectionStatus::Disconnected => Err(AppError::Conflict("the ledger is disconnected")),
    }
}
