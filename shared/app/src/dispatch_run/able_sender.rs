//! A look at a number before reminders go out from it: what Meta blocked since the last one costs no customer a message.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    connection::Connection,
    id::{OrgId, PhoneNumberId},
    sender::{Sender, SenderStatus},
};

use crate::{
    check_account::number::Standing,
    dispatch_run::{DispatchPorts, ready::ready_sender, side_by_side::is_the_ledgers},
    error::AppError,
    meta_trouble::look_soon,
    port::whatsapp::SenderAccess,
};

/// What Meta said of a number is believed for this long.
const BELIEVED_FOR: SignedDuration = SignedDuration::from_hours(1);

/// The numbers that a run has asked about, whatever came of it.
#[derive(Debug, Default)]
pub(crate) struct Looks(Mutex<BTreeSet<PhoneNumberId>>);

impl Looks {
    /// Whether a number is to be asked about; it is once a run.
    fn begin(&self, sender: &Sender, now: Timestamp) -> bool {
        let is_old = sender.looked_at.is_none_or(|at| now.duration_since(at) >= BELIEVED_FOR);
        is_old && self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(sender.phone_number_id.clone())
    }
}

/// The first number that may write for a ledger and is ready to by what Meta said within the hour.
///
/// A look that fails stops nothing: it is a call of another kind, with limits of its own, and Meta says with the
/// first message what it did not say here. A token that is refused, or a number that is gone, is an answer.
pub(crate) async fn able_sender(
    ports: &DispatchPorts,
    org: &OrgId,
    connection: &Connection,
    looks: &Looks,
) -> Result<Option<(Sender, SenderAccess)>, AppError> {
    let store = &ports.waker.store;
    while let Some((sender, access)) = ready_sender(ports, org, connection).await? {
        let now = ports.clock.now();
        if !looks.begin(&sender, now) {
            return Ok(Some((sender, access)));
        }
        let standing = match Standing::ask(&*ports.account, &sender, &access.token, now).await {
            Ok(standing) => standing,
            Err(error) if is_the_ledgers(&error) => {
                tracing::info!(error = %error, "a number could not be asked about before a run");
                return Ok(Some((sender, access)));
            }
            Err(error) => return Err(error),
        };
        let is_ready = standing.status == SenderStatus::Ready;
        if !is_ready {
            // From now on it is asked about every hour.
            look_soon(store, org, &sender.waba, now).await?;
        }
        standing.settle(store, org, &sender, now).await?;
        if is_ready {
            return Ok(Some((sender, access)));
        }
    }
    Ok(None)
}
