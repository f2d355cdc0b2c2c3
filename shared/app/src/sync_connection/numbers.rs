//! Numbers that admins typed, read with the numbering plans before the ledger is asked.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::Timestamp;
use numo_domain::{
    contact::{ContactNumber, ContactRef},
    id::{ConnectionId, OrgId},
    phone::typed::TypedPhone,
};

use crate::{
    error::AppError,
    job::{Cause, Work},
    sync_connection::SyncPorts,
};

/// Numbers read side by side; each is a transaction of two items.
const AT_ONCE: usize = 8;

/// Reads the numbers that were typed for customers of a connection, whether its ledger can be read or not.
///
/// Returns until when the ledger need not be asked, if the sync was woken for them and it was asked a moment ago.
pub(super) async fn read_numbers(
    ports: &SyncPorts,
    org: &OrgId,
    connection: ConnectionId,
    now: Timestamp,
) -> Result<Option<Timestamp>, AppError> {
    let store = &ports.waker.store;
    let unread = store.unread_numbers(org, connection).await?;
    if unread.is_empty() {
        return Ok(None);
    }
    let home = store.organisation(org).await?.country;
    let read = |typed: &TypedPhone| -> Result<ContactNumber, AppError> {
        Ok(match typed.read(home) {
            Ok(number) => {
                let key = ports.number_keys.key(org, &number)?;
                ContactNumber::usable(number, key)
            }
            Err(why) => ContactNumber::Unusable { why },
        })
    };
    let settled = unread.iter().map(|contact: &ContactRef| store.settle_number(org, contact, read, now));
    stream::iter(settled.collect::<Vec<_>>()).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
    ports.waker.wake(org, &Work::PlanDay {}, Cause::Step, now).await?;
    let cursor = store.sync_cursor(org, connection).await?;
    Ok(cursor.quiet_until.filter(|until| *until > now && cursor.underway.is_none()))
}
