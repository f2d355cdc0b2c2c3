//! What has to be there before a message goes out: a number that may write, and the ledger's present word.

use std::collections::BTreeSet;

use numo_domain::{
    connection::{Connection, ConnectionStatus},
    contact::ContactRef,
    credential::GrantRef,
    id::OrgId,
    sender::{Sender, SenderStatus, senders_for},
};

use crate::{
    dispatch_run::{
        DispatchPorts,
        fresh_read::{FreshRead, read_ledger},
    },
    error::AppError,
    meta_trouble::stop_sender,
    port::whatsapp::SenderAccess,
};

/// The first number that may write for a ledger and is ready to, with what opens it.
pub(super) async fn ready_sender(
    ports: &DispatchPorts,
    org: &OrgId,
    connection: &Connection,
) -> Result<Option<(Sender, SenderAccess)>, AppError> {
    let senders = senders(ports, org, connection).await?;
    let Some(sender) = senders.into_iter().find(|sender| sender.status == SenderStatus::Ready) else {
        return Ok(None);
    };
    let access = access(ports, org, &sender).await?;
    Ok(access.map(|access| (sender, access)))
}

/// What opens a number; none if its token is dead, and then the number is stopped.
pub(crate) async fn access(
    ports: &DispatchPorts,
    org: &OrgId,
    sender: &Sender,
) -> Result<Option<SenderAccess>, AppError> {
    let grant = GrantRef::of_account(&sender.waba);
    let token = match ports.vault.fresh_access_token(org, &grant, ports.clock.now()).await {
        Err(AppError::ReauthRequired) => {
            let (whose, now) = ((&sender.waba, &sender.phone_number_id), ports.clock.now());
            stop_sender(&ports.waker.store, org, whose, (SenderStatus::ReauthRequired, None), now).await?;
            return Ok(None);
        }
        token => token?,
    };
    Ok(Some(SenderAccess { phone_number_id: sender.phone_number_id.clone(), token }))
}

/// The numbers that may write for a ledger.
pub(super) async fn senders(
    ports: &DispatchPorts,
    org: &OrgId,
    connection: &Connection,
) -> Result<Vec<Sender>, AppError> {
    let store = &ports.waker.store;
    let (connections, senders) = (store.connections(org).await?, store.senders(org).await?);
    // The ledger may have got another number since the work began.
    let connection = connections.iter().find(|known| known.id == connection.id).unwrap_or(connection);
    Ok(senders_for(connection.sender.as_ref(), &connections, &senders).into_iter().cloned().collect())
}

/// Asks the ledger for everything that decides about some customers, right now.
///
/// # Errors
/// `ReauthRequired` when the ledger has to be connected again.
pub(crate) async fn fresh(
    ports: &DispatchPorts,
    org: &OrgId,
    connection: &Connection,
    customers: &BTreeSet<ContactRef>,
) -> Result<FreshRead, AppError> {
    match connection.status {
        ConnectionStatus::Active => {}
        ConnectionStatus::Suspended => return Err(AppError::Rejected("suspended".to_owned())),
        ConnectionStatus::ReauthRequired | ConnectionStatus::Disconnected => return Err(AppError::ReauthRequired),
    }
    read_ledger(ports, org, connection, customers).await
}
