//! Data keys that were opened, kept for one organisation and for minutes.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use numo_domain::id::OrgId;

use crate::{port::key_service::PlainKey, store::data_key::DataKeyItem};

/// Whoever loses the right to a key loses it after this, counted from when the first was opened.
const KEPT_FOR: SignedDuration = SignedDuration::from_mins(5);

/// The plain data keys of the organisation in hand, by their wrapped form.
///
/// A run that goes on in the next job of the same process does not have them opened again. They are wiped as soon
/// as a key of another organisation is put in, or asked for, or their time is over.
#[derive(Default)]
pub(super) struct OpenedKeys(Mutex<Option<InHand>>);

/// The organisation in hand.
struct InHand {
    org: OrgId,
    until: Timestamp,
    keys: BTreeMap<Vec<u8>, PlainKey>,
    /// The one to seal with.
    sealing: Option<(DataKeyItem, PlainKey)>,
}

impl InHand {
    fn of(org: &OrgId, now: Timestamp) -> Self {
        let until = now.saturating_add(KEPT_FOR).unwrap_or(now);
        Self { org: org.clone(), until, keys: BTreeMap::new(), sealing: None }
    }
}

impl fmt::Debug for OpenedKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenedKeys")
    }
}

impl OpenedKeys {
    /// A key of an organisation that was opened lately.
    pub(super) fn get(&self, org: &OrgId, wrapped: &[u8], now: Timestamp) -> Option<PlainKey> {
        self.in_hand(org, now).as_ref()?.keys.get(wrapped).cloned()
    }

    /// The key to seal with, if that is known since lately.
    pub(super) fn sealing(&self, org: &OrgId, now: Timestamp) -> Option<(DataKeyItem, PlainKey)> {
        self.in_hand(org, now).as_ref()?.sealing.clone()
    }

    /// Keeps a key that was opened.
    pub(super) fn keep(&self, org: &OrgId, wrapped: Vec<u8>, key: PlainKey, now: Timestamp) {
        let mut held = self.in_hand(org, now);
        held.get_or_insert_with(|| InHand::of(org, now)).keys.insert(wrapped, key);
    }

    /// Keeps the key to seal with.
    pub(super) fn seal_with(&self, org: &OrgId, key: (DataKeyItem, PlainKey), now: Timestamp) {
        let mut held = self.in_hand(org, now);
        held.get_or_insert_with(|| InHand::of(org, now)).sealing = Some(key);
    }

    /// What is in hand of an organisation; anything else is wiped.
    fn in_hand(&self, org: &OrgId, now: Timestamp) -> MutexGuard<'_, Option<InHand>> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.take_if(|held| held.org != *org || now >= held.until);
        held
    }

    /// Wipes everything.
    pub(super) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}
