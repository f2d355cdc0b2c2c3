//! Numbers that one organisation has, under an account that another has: what an operator needs to set that right.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use numo_domain::id::{OrgId, PhoneNumberId, WabaId};
use serde::{Deserialize, Serialize};

use crate::{
    delivery::UpdateKind,
    error::AppError,
    port::table::{Item, Write, Written},
    store::{Entity, RACES, Store, keys, lost_races, new_item, next_item},
};

/// That Meta's updates name an account and a number of two organisations; nothing of what they say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookMismatch {
    /// The account of the entry.
    pub waba: WabaId,
    /// The number within it.
    pub phone_number_id: PhoneNumberId,
    /// Who owns the account here.
    pub account_of: OrgId,
    /// Who owns the number here.
    pub number_of: OrgId,
    /// What such updates are.
    pub kinds: BTreeSet<UpdateKind>,
    /// When the first one came.
    pub since: Timestamp,
    /// When the latest came, to the hour.
    pub last_at: Timestamp,
}

impl Entity for WebhookMismatch {
    const ENTITY: &'static str = "webhook_mismatch";
}

/// What comes again within this time is not noted again: a number may get thousands of statuses an hour.
const NOTED_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// So long after the latest one an operator can look.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 90);

impl Store {
    /// Notes that updates of some kinds were left out; what is noted already changes nothing.
    pub(crate) async fn note_mismatch(&self, noted: &WebhookMismatch, now: Timestamp) -> Result<(), AppError> {
        let key = keys::whatsapp::mismatch(&noted.waba, &noted.phone_number_id);
        for _ in 0..RACES {
            let write = match self.read::<WebhookMismatch>(&key).await? {
                None => Write::Create(kept(new_item(key.clone(), noted, now)?, now)),
                Some(seen) => {
                    let mut next = WebhookMismatch { since: seen.value.since, ..noted.clone() };
                    next.kinds.extend(&seen.value.kinds);
                    let is_late = now.duration_since(seen.value.last_at) >= NOTED_AGAIN_AFTER;
                    next.last_at = if is_late { now } else { seen.value.last_at };
                    if next == seen.value {
                        return Ok(());
                    }
                    Write::Replace(kept(next_item(key.clone(), &seen, &next, now)?, now))
                }
            };
            if self.write_all(vec![write]).await? == Written::Done {
                return Ok(());
            }
        }
        Err(lost_races())
    }
}

fn kept(item: Item, now: Timestamp) -> Item {
    Item { expires_at: now.saturating_add(KEPT).ok(), ..item }
}
