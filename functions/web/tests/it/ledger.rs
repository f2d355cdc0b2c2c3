//! What a ledger holds, pulled into the table as a sync does it.

use std::sync::Arc;

use jiff::Timestamp;
use numo_app::{
    job::Cause,
    number_key::NumberKeys,
    port::ledger::record::{LedgerBill, LedgerCredit, RecordKind, SkippedRow},
    store::due::sync_work,
    sync_connection::{SyncPorts, Synced, sync_connection},
};
use numo_domain::{
    credential::{GrantRef, TokenSet},
    credit::CreditKind,
    money::Money,
};
use numo_testkit::{fixed_clock::FixedClock, memory_ledger::Held, recording_events::RecordingEvents};

use crate::{
    seed::{CONNECTION_A, aed, org},
    world::{World, now},
};

impl World {
    /// Syncs the connection of organisation A with a ledger that is filled before.
    pub(crate) async fn sync(&self, fill: impl FnOnce(&mut Held)) -> Synced {
        let (org, id) = (org("org_a"), CONNECTION_A.parse().unwrap());
        let connection = self.store.connection(&org, id).await.unwrap().unwrap();
        let tokens = TokenSet::lasting("hush".to_owned().into());
        self.vault.keep(&org, &GrantRef::of(&connection), &tokens, now()).await.unwrap();
        self.ledger.held().read_at = now();
        fill(&mut self.ledger.held());
        self.waker.wake(&org, &sync_work(id), Cause::Person, now()).await.unwrap();
        let claim = self.queue.take().pop().unwrap().claim.unwrap();
        let ports = SyncPorts {
            waker: self.waker.clone(),
            vault: self.vault.clone(),
            readers: self.ledger.readers(),
            events: Arc::new(RecordingEvents::new()),
            number_keys: NumberKeys::new(vec![7; 32]).unwrap(),
            clock: Arc::new(FixedClock::at(now())),
        };
        let synced = Box::pin(sync_connection(&ports, &org, id, claim, Timestamp::MAX)).await.unwrap();
        self.queue.take();
        self.table.take_counts();
        synced
    }
}

/// Money of the customer `c-1` that no invoice took up.
pub(crate) fn credit(id: &str, kind: CreditKind, minor: i64) -> LedgerCredit {
    LedgerCredit {
        id: id.parse().unwrap(),
        kind,
        contact: "c-1".parse().unwrap(),
        number: id.to_uppercase(),
        date: "2026-11-20".parse().ok(),
        remaining: aed(minor),
        updated_at: now(),
    }
}

/// A bill of a supplier.
pub(crate) fn bill(id: &str, contact: &str, remaining: Money) -> LedgerBill {
    LedgerBill { id: id.parse().unwrap(), contact: contact.parse().unwrap(), remaining, updated_at: now() }
}

/// An invoice of `c-1` that cannot be read.
pub(crate) fn skipped(id: &str, number: Option<&str>) -> SkippedRow {
    SkippedRow {
        kind: RecordKind::Invoice,
        id: id.parse().ok(),
        number: number.map(str::to_owned),
        contact: "c-1".parse().ok(),
        reason: "CurrencyCode: missing".to_owned(),
    }
}
