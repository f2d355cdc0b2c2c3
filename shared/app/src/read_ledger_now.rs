//! A person has a ledger read now.

use numo_domain::{
    connection::ConnectionStatus,
    id::{ConnectionId, OrgId},
};

use jiff::Timestamp;

use crate::{error::AppError, job::Cause, store::due::sync_work, wake::Waker};

/// Has a connection read, unless it has to be connected again first.
pub async fn read_ledger_now(
    waker: &Waker,
    org: &OrgId,
    connection: ConnectionId,
    now: Timestamp,
) -> Result<(), AppError> {
    let found = waker.store.connection(org, connection).await?.ok_or(AppError::NotFound("connection"))?;
    match found.status {
        ConnectionStatus::Active | ConnectionStatus::Suspended => {}
        ConnectionStatus::ReauthRequired => return Err(AppError::ReauthRequired),
        ConnectionStatus::Disconnected => return Err(AppError::Conflict("the ledger is disconnected")),
    }
    waker.wake(org, &sync_work(found.id), Cause::Person, now).await?;
    Ok(())
}
