//! Inbound messages: stored in one transaction with their effect, so that no crash swallows a STOP.

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    consent::ConsentChange,
    contact::ContactRef,
    id::{MessageId, NumberKey, OrgId},
};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::table::{Write, Written},
    store::{Entity, RACES, Store, consent::ConsentOf, keys, lost_races, new_item},
};

/// That a message came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbound {
    /// Meta's id of it.
    pub message: MessageId,
    /// When it was written, by Meta's clock.
    pub at: Timestamp,
    /// What it was understood as: `stop`, `start` or `unread`.
    pub intent: String,
}

impl Entity for Inbound {
    const ENTITY: &'static str = "inbound";
}

/// Whether an inbound message was new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ingested {
    /// It was, and its effect is stored.
    New,
    /// It was here before.
    Seen,
}

/// Longer than any provider repeats a delivery.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 400);

/// At most this many contacts of one number are changed together.
const MAX_CONTACTS: usize = 50;

impl Store {
    /// Stores a message with the change of consent it means, for the number and its contacts.
    pub async fn ingest_inbound(
        &self,
        org: &OrgId,
        number: &NumberKey,
        contacts: &[ContactRef],
        inbound: &Inbound,
        change: Option<&ConsentChange>,
        now: Timestamp,
    ) -> Result<Ingested, AppError> {
        let key = keys::inbound(org, number, &inbound.message);
        for _ in 0..RACES {
            if self.read::<Inbound>(&key).await?.is_some() {
                return Ok(Ingested::Seen);
            }
            let mut item = new_item(key.clone(), inbound, now)?;
            item.expires_at = now.saturating_add(KEPT).ok();
            let mut writes = vec![Write::Create(item)];
            if let Some(change) = change {
                let contacts = contacts.iter().take(MAX_CONTACTS).cloned().map(ConsentOf::Contact);
                for of in std::iter::once(ConsentOf::Number(number.clone())).chain(contacts) {
                    writes.extend(self.consent_write(org, of, change, now).await?);
                }
            }
            if self.write_all(writes).await? == Written::Done {
                return Ok(Ingested::New);
            }
        }
        Err(lost_races())
    }
}
