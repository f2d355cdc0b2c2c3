//! One business with one connected ledger, and records of round shape.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp, civil::date};
use numo_app::{
    connect_ledger::ConnectPorts,
    invoice_documents::DocumentPorts,
    job::{Cause, Job, Work},
    number_key::NumberKeys,
    port::{
        clock::Clock,
        ledger::record::{LedgerBill, LedgerContact, LedgerCredit, LedgerInvoice, LedgerPayment},
    },
    rate_gate::parked,
    store::{Store, due::sync_work, gate::Gate, sync::SyncRun},
    sync_connection::{SyncPorts, Synced, sync_connection},
    vault::Vault,
    wake::Waker,
};
use numo_domain::{
    connection::{Connection, ConnectionStatus, LedgerProvider},
    contact::{ContactRef, ContactStatus, LedgerPhone, LedgerPhoneKind},
    credential::{GrantRef, TokenSet},
    credit::CreditKind,
    id::{ConnectionId, OrgId, UserId},
    invoice::{InvoiceStatus, Marked},
    money::Money,
};
use numo_testkit::{
    counting_ids::CountingIds, fixed_clock::FixedClock, memory_keys::MemoryKeys, memory_ledger::MemoryLedger,
    memory_table::MemoryTable, recording_events::RecordingEvents, recording_queue::RecordingQueue,
};

pub(crate) struct World {
    pub(crate) ledger: Arc<MemoryLedger>,
    pub(crate) table: Arc<MemoryTable>,
    pub(crate) queue: Arc<RecordingQueue>,
    pub(crate) events: Arc<RecordingEvents>,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) store: Store,
    pub(crate) waker: Waker,
    pub(crate) vault: Vault,
    pub(crate) ports: SyncPorts,
}

/// A Thursday, ten o'clock in Dubai.
pub(crate) fn start() -> Timestamp {
    "2026-11-26T06:00:00Z".parse().unwrap()
}

pub(crate) fn org() -> OrgId {
    "org_a".parse().unwrap()
}

pub(crate) fn admin() -> UserId {
    "user_a".parse().unwrap()
}

pub(crate) fn connection_id() -> ConnectionId {
    "018f0000-0000-7000-8000-0000000000c1".parse().unwrap()
}

pub(crate) fn connection(provider: LedgerProvider) -> Connection {
    Connection {
        id: connection_id(),
        provider,
        tenant: "tenant-1".parse().unwrap(),
        provider_connection: "link-1".parse().unwrap(),
        holder: "holder-1".parse().unwrap(),
        name: "Palm Trading".to_owned(),
        status: ConnectionStatus::Active,
        is_demo_company: false,
        connected_at: start(),
        last_synced_at: None,
        consent_ends_at: None,
        own_reminders: None,
        sender: None,
        last_payment_on: None,
    }
}

/// Tokens that end half an hour after an instant.
pub(crate) fn tokens(access: &str, from: Timestamp) -> TokenSet {
    TokenSet {
        access: access.into(),
        access_expires_at: from.checked_add(SignedDuration::from_mins(30)).ok(),
        refresh: Some(format!("refresh of {access}").into()),
        scope: String::new(),
        consent_ends_at: None,
    }
}

impl World {
    /// With nothing connected.
    pub(crate) fn empty() -> Self {
        let (ledger, clock) = (MemoryLedger::new(), Arc::new(FixedClock::at(start())));
        let table = Arc::new(MemoryTable::with_clock(clock.clone()));
        let (queue, events) = (Arc::new(RecordingQueue::new()), Arc::new(RecordingEvents::new()));
        let store = Store::new(table.clone());
        let waker = Waker { store: store.clone(), queue: queue.clone(), ids: Arc::new(CountingIds::new(1)) };
        let vault = Vault::new(store.clone(), Arc::new(MemoryKeys::new(1)), ledger.auth());
        let ports = SyncPorts {
            waker: waker.clone(),
            vault: vault.clone(),
            readers: ledger.readers(),
            events: events.clone(),
            number_keys: NumberKeys::new(vec![7; 32]).unwrap(),
            clock: clock.clone(),
        };
        ledger.held().read_at = start();
        Self { ledger, table, queue, events, clock, store, waker, vault, ports }
    }

    /// With a connected ledger whose sync is due.
    pub(crate) async fn connected(provider: LedgerProvider) -> Self {
        let world = Self::empty();
        let connection = connection(provider);
        world.vault.keep(&org(), &GrantRef::of(&connection), &tokens("token-1", start()), start()).await.unwrap();
        world.store.save_connection(&org(), &connection, start()).await.unwrap();
        world
    }

    pub(crate) fn connect_ports(&self) -> ConnectPorts {
        ConnectPorts {
            waker: self.waker.clone(),
            vault: self.vault.clone(),
            auth: self.ledger.auth(),
            number_keys: self.ports.number_keys.clone(),
        }
    }

    pub(crate) fn document_ports(&self) -> DocumentPorts {
        DocumentPorts {
            store: self.store.clone(),
            vault: self.vault.clone(),
            documents: self.ledger.documents(),
            clock: self.clock.clone(),
        }
    }

    /// Lets time pass, for the ledger as well.
    pub(crate) fn pass(&self, time: SignedDuration) {
        self.clock.advance(time);
        self.ledger.held().read_at = self.clock.now();
    }

    /// The job of a sync that is woken now.
    pub(crate) async fn job(&self) -> Job {
        self.waker.wake(&org(), &sync_work(connection_id()), Cause::Person, self.clock.now()).await.unwrap();
        let mut jobs = self.queue.take().into_iter();
        jobs.rfind(|job| matches!(job.work, Work::SyncConnection { .. })).unwrap()
    }

    /// A sync with all the time it may want.
    pub(crate) async fn sync(&self) -> Synced {
        self.sync_within(SignedDuration::from_mins(10)).await
    }

    pub(crate) async fn sync_within(&self, time: SignedDuration) -> Synced {
        let job = self.job().await;
        let deadline = self.clock.now().checked_add(time).unwrap();
        sync_connection(&self.ports, &org(), connection_id(), job.claim.unwrap(), deadline).await.unwrap()
    }

    /// A first sync, after which nothing is remembered of what the ledger was asked.
    pub(crate) async fn synced(provider: LedgerProvider) -> Self {
        let world = Self::connected(provider).await;
        world.ledger.held().invoices = vec![invoice("i1", "c1", "AED 400"), invoice("i2", "c2", "AED 90")];
        world.ledger.held().contacts = vec![contact("c1", "+971501234567"), contact("c2", "+971501234568")];
        assert!(matches!(world.sync().await, Synced::Complete(_)));
        world.ledger.asked();
        world
    }

    pub(crate) async fn connection(&self) -> Connection {
        self.store.connection(&org(), connection_id()).await.unwrap().unwrap()
    }

    /// The gate that was closed last, though it may be open again.
    pub(crate) async fn gate(&self) -> Option<Gate> {
        parked(&self.store, &org(), &self.connection().await, Timestamp::MIN).await.unwrap()
    }

    /// When the next sync is due.
    pub(crate) async fn next_sync_in(&self) -> Option<SignedDuration> {
        let due = self.store.due(&org(), &sync_work(connection_id())).await.unwrap()?;
        Some(due.value.at.duration_since(self.clock.now()).max(SignedDuration::ZERO))
    }

    /// The state and remainder of every open or formerly open invoice, by id.
    pub(crate) async fn invoices(&self, ids: &[&str]) -> Vec<String> {
        let ids: Vec<_> = ids.iter().map(|id| id.parse().unwrap()).collect();
        let mut known = self.store.invoices_by_id(&org(), connection_id(), &ids).await.unwrap();
        known.sort_by(|a, b| a.value.invoice.id.cmp(&b.value.invoice.id));
        known
            .iter()
            .map(|known| {
                let invoice = &known.value.invoice;
                format!("{} {:?} {}", invoice.id, invoice.status, invoice.remaining)
            })
            .collect()
    }
}

/// The run of a sync that is complete.
pub(crate) fn complete(synced: Synced) -> SyncRun {
    match synced {
        Synced::Complete(run) => *run,
        early @ (Synced::Continued | Synced::Stale | Synced::Postponed) => panic!("the sync ended as {early:?}"),
    }
}

pub(crate) fn contact_ref(contact: &str) -> ContactRef {
    ContactRef { connection: connection_id(), contact: contact.parse().unwrap() }
}

pub(crate) fn contact(id: &str, number: &str) -> LedgerContact {
    LedgerContact {
        id: id.parse().unwrap(),
        name: format!("Customer {id}"),
        status: ContactStatus::Active,
        phones: vec![LedgerPhone { kind: LedgerPhoneKind::Mobile, text: number.to_owned() }],
        payer: None,
        groups: Vec::new(),
        updated_at: start(),
    }
}

fn money(text: &str) -> Money {
    let (currency, amount) = text.split_once(' ').unwrap();
    Money::parse_decimal(amount, currency.parse().unwrap()).unwrap()
}

pub(crate) fn invoice(id: &str, contact: &str, remaining: &str) -> LedgerInvoice {
    LedgerInvoice {
        id: id.parse().unwrap(),
        contact: contact.parse().unwrap(),
        number: format!("INV-{id}"),
        status: InvoiceStatus::Open,
        issued: Some(date(2026, 10, 1)),
        due: Some(date(2026, 11, 1)),
        total: money(remaining),
        remaining: money(remaining),
        marked: Marked::Unknown,
        expected_payment: None,
        paid: None,
        updated_at: start(),
    }
}

pub(crate) fn credit(id: &str, kind: CreditKind, contact: &str, remaining: &str) -> LedgerCredit {
    LedgerCredit {
        id: id.parse().unwrap(),
        kind,
        contact: contact.parse().unwrap(),
        number: String::new(),
        date: None,
        remaining: money(remaining),
        updated_at: start(),
    }
}

pub(crate) fn bill(id: &str, contact: &str, remaining: &str) -> LedgerBill {
    LedgerBill {
        id: id.parse().unwrap(),
        contact: contact.parse().unwrap(),
        remaining: money(remaining),
        updated_at: start(),
    }
}

pub(crate) fn payment(id: &str, contact: &str, day: i8) -> LedgerPayment {
    LedgerPayment {
        id: id.parse().unwrap(),
        contact: contact.parse().unwrap(),
        date: Some(date(2026, 11, day)),
        amount: money("AED 50"),
        invoices: vec!["i1".parse().unwrap()],
        is_reversed: false,
        updated_at: start(),
    }
}
