use std::sync::Arc;

use aws_lambda_events::sqs::SqsEvent;
use jiff::SignedDuration;
use numo_app::{
    disconnect_ledger::disconnect_ledger,
    erase_customer::ask_for_erasure,
    job::Cause,
    number_key::NumberKeys,
    port::{
        clock::Clock,
        ledger::{LedgerError, Limit, record::LedgerInvoice},
    },
    store::{Store, due::sync_work, route::Route},
    sweep_due::sweep_due,
    vault::Vault,
    wake::Waker,
};
use numo_domain::{
    connection::{Connection, ConnectionStatus, LedgerProvider},
    contact::{Contact, ContactNumber, ContactRef, ContactStatus},
    credential::{GrantRef, TokenSet},
    id::{ConnectionId, OrgId},
    invoice::{InvoiceStatus, Marked},
    money::Money,
};
use numo_runtime::{env::Env, sqs::run_batch};
use numo_testkit::{
    counting_ids::CountingIds, fixed_clock::FixedClock, memory_keys::MemoryKeys, memory_ledger::MemoryLedger,
    memory_table::MemoryTable, recording_events::RecordingEvents, recording_queue::RecordingQueue,
};

use super::*;
use crate::config::Config;

struct Fixture {
    ledger: Arc<MemoryLedger>,
    keys: Arc<MemoryKeys>,
    queue: Arc<RecordingQueue>,
    clock: Arc<FixedClock>,
    ports: SyncPorts,
}

fn now() -> Timestamp {
    "2026-11-23T06:00:00Z".parse().unwrap()
}

fn org() -> OrgId {
    "org_a".parse().unwrap()
}

fn connection() -> ConnectionId {
    "018f0000-0000-7000-8000-0000000000c1".parse().unwrap()
}

fn connected(provider: LedgerProvider) -> Connection {
    Connection {
        id: connection(),
        provider,
        tenant: "tenant-1".parse().unwrap(),
        provider_connection: "link-1".parse().unwrap(),
        holder: "holder-1".parse().unwrap(),
        name: "Palm Trading".to_owned(),
        status: ConnectionStatus::Active,
        is_demo_company: false,
        connected_at: now(),
        last_synced_at: None,
        consent_ends_at: None,
        own_reminders: None,
        sender: None,
        last_payment_on: None,
    }
}

/// An organisation with a connected ledger.
async fn fixture_of(provider: LedgerProvider) -> Fixture {
    let store = Store::new(Arc::new(MemoryTable::new()));
    let (ledger, queue) = (MemoryLedger::new(), Arc::new(RecordingQueue::new()));
    let (keys, clock) = (Arc::new(MemoryKeys::new(1)), Arc::new(FixedClock::at(now())));
    let waker = Waker { store: store.clone(), queue: queue.clone(), ids: Arc::new(CountingIds::new(1)) };
    ledger.held().read_at = now();
    let vault = Vault::new(store.clone(), keys.clone(), ledger.auth());
    let connected = connected(provider);
    let tokens = TokenSet::lasting("hush".into());
    vault.keep(&org(), &GrantRef::of(&connected), &tokens, now()).await.unwrap();
    store.save_connection(&org(), &connected, now()).await.unwrap();
    let route = Route { org: org(), connection: Some(connection()) };
    store.claim_tenant(provider, &connected.tenant, &route, now()).await.unwrap();
    let ports = SyncPorts {
        waker,
        vault,
        readers: ledger.readers(),
        events: Arc::new(RecordingEvents::new()),
        number_keys: NumberKeys::new(vec![7; 32]).unwrap(),
        clock: clock.clone(),
    };
    Fixture { ledger, keys, queue, clock, ports }
}

async fn fixture() -> Fixture {
    fixture_of(LedgerProvider::Xero).await
}

fn invoice(id: &str) -> LedgerInvoice {
    let owed = Money::parse_decimal("120.00", "AED".parse().unwrap()).unwrap();
    LedgerInvoice {
        id: id.parse().unwrap(),
        contact: "contact-1".parse().unwrap(),
        number: id.to_owned(),
        status: InvoiceStatus::Open,
        issued: None,
        due: None,
        total: owed,
        remaining: owed,
        marked: Marked::Unknown,
        expected_payment: None,
        paid: None,
        updated_at: now(),
    }
}

impl Fixture {
    /// The job of a connection that is due.
    async fn job(&self) -> Job {
        self.ports.waker.wake(&org(), &sync_work(connection()), Cause::Due, self.clock.now()).await.unwrap();
        self.queue.take().pop().unwrap()
    }

    /// The job of a connection that an admin has ended.
    async fn unlink_job(&self) -> Job {
        let admin = "user_1".parse().unwrap();
        disconnect_ledger(&self.ports.waker, &org(), &admin, connection(), self.clock.now()).await.unwrap();
        self.queue.take().pop().unwrap()
    }

    /// How many records of a batch of one job come back.
    async fn work(&self, job: &Job) -> usize {
        let mut batch: SqsEvent = serde_json::from_str(include_str!("../tests/fixtures/sqs.json")).unwrap();
        batch.records[0].body = Some(serde_json::to_string(job).unwrap());
        let handle = |job: Job, deadline| handle(&self.ports, job, deadline);
        run_batch(self.clock.as_ref(), batch, Timestamp::MAX, &handle).await.batch_item_failures.len()
    }

    async fn outcome(&self, job: &Job, deadline: Timestamp) -> &'static str {
        handle(&self.ports, job.clone(), deadline).await.unwrap().0
    }

    async fn is_routed(&self) -> bool {
        let route = self.ports.waker.store.route_of_tenant(LedgerProvider::Xero, &"tenant-1".parse().unwrap()).await;
        route.unwrap().is_some()
    }

    async fn has_tokens(&self) -> bool {
        let grant = GrantRef::of(&connected(LedgerProvider::Xero));
        self.ports.vault.fresh_access_token(&org(), &grant, self.clock.now()).await.is_ok()
    }
}

#[tokio::test]
async fn a_first_sync_reads_the_ledger_of_either_provider_and_wakes_the_planner() {
    for provider in LedgerProvider::ALL {
        let fixture = fixture_of(provider).await;
        let job = fixture.job().await;
        assert_eq!(fixture.work(&job).await, 0);
        assert_eq!(fixture.ledger.asked(), ["organisation", "everything since 2024-11-23, page 1, with hush"]);
        let woken: Vec<Work> = fixture.queue.take().into_iter().map(|job| job.work).collect();
        assert_eq!(woken, [Work::PlanDay {}]);
        let synced = fixture.ports.waker.store.connection(&org(), connection()).await.unwrap().unwrap();
        assert_eq!(synced, Connection { last_synced_at: Some(now()), ..connected(provider) });
    }
}

#[tokio::test]
async fn a_job_that_comes_twice_reads_the_ledger_once() {
    let fixture = fixture().await;
    let job = fixture.job().await;
    assert_eq!(fixture.outcome(&job, Timestamp::MAX).await, "complete");
    fixture.ledger.asked();
    assert_eq!(fixture.outcome(&job, Timestamp::MAX).await, "stale");
    assert_eq!(fixture.ledger.asked(), [""; 0]);
}

#[tokio::test]
async fn a_sync_near_its_deadline_wakes_itself_and_goes_on_where_it_stopped() {
    let fixture = fixture().await;
    fixture.ledger.held().invoices = vec![invoice("invoice-1"), invoice("invoice-2")];
    fixture.ledger.held().rows_per_page = 1;
    let job = fixture.job().await;
    assert_eq!(fixture.outcome(&job, now() + SignedDuration::from_secs(39)).await, "continued");
    let next = fixture.queue.take().pop().unwrap();
    assert_eq!((&next.work, next.cause), (&job.work, Cause::Step));
    fixture.ledger.asked();
    assert_eq!(fixture.outcome(&next, Timestamp::MAX).await, "complete");
    assert_eq!(fixture.ledger.asked(), ["everything since 2024-11-23, page 2, with hush"]);
}

#[tokio::test]
async fn a_ledger_that_asks_for_patience_is_asked_again_when_it_said() {
    let fixture = fixture().await;
    let job = fixture.job().await;
    let patience = SignedDuration::from_mins(40);
    let refusal = LedgerError::RateLimited { limit: Limit::Minute, retry_after: Some(patience) };
    fixture.ledger.held().refusals.push_back(refusal);
    assert_eq!(fixture.work(&job).await, 0);
    assert!(!fixture.ports.waker.store.holds_claim(&org(), &job.work, job.claim.unwrap()).await.unwrap());
    assert!(fixture.ports.waker.store.holds_claim(&org(), &job.work, now() + patience).await.unwrap());
}

#[tokio::test]
async fn a_key_service_that_is_down_leaves_the_job_to_the_queue() {
    let fixture = fixture().await;
    // What was opened to connect the ledger is forgotten by now.
    fixture.clock.advance(SignedDuration::from_mins(6));
    let job = fixture.job().await;
    fixture.keys.fail();
    assert_eq!(fixture.work(&job).await, 1);
    fixture.keys.recover();
    assert_eq!(fixture.work(&job).await, 0);
}

#[tokio::test]
async fn a_connection_that_was_ended_is_unlinked_once_and_its_tokens_are_deleted() {
    let fixture = fixture().await;
    let job = fixture.unlink_job().await;
    assert_eq!(fixture.outcome(&job, Timestamp::MAX).await, "unlinked");
    assert_eq!(fixture.ledger.asked(), ["disconnect link-1"]);
    assert_eq!((fixture.is_routed().await, fixture.has_tokens().await), (false, false));
    assert_eq!(fixture.outcome(&job, Timestamp::MAX).await, "stale");
    assert_eq!(fixture.ledger.asked(), [""; 0]);
}

#[tokio::test]
async fn a_provider_that_cannot_be_told_of_the_end_is_told_again() {
    let fixture = fixture().await;
    let job = fixture.unlink_job().await;
    fixture.ledger.held().disconnects.push_back(LedgerError::Unavailable("down".into()));
    assert_eq!(fixture.outcome(&job, Timestamp::MAX).await, "postponed");
    assert_eq!((fixture.is_routed().await, fixture.has_tokens().await), (true, true));
    let again = now() + SignedDuration::from_mins(5);
    assert!(fixture.ports.waker.store.holds_claim(&org(), &job.work, again).await.unwrap());
}

#[tokio::test]
async fn a_job_without_a_claim_or_of_another_queue_is_quarantined() {
    let fixture = fixture().await;
    let job = fixture.job().await;
    assert_eq!(fixture.work(&Job { claim: None, ..job.clone() }).await, 1);
    assert_eq!(fixture.work(&Job { work: Work::PlanDay {}, ..job }).await, 1);
    assert_eq!(fixture.ledger.asked(), [""; 0]);
}

#[test]
fn a_configuration_error_lists_every_key() {
    let env = Env::given([("NUMO_TABLE", "numo-test"), ("NUMO_XERO_API_BASE", "http://api.xero.com")]);
    assert_eq!(
        Config::read(env).unwrap_err().to_string(),
        "configuration: NUMO_JOURNAL is missing; NUMO_VAULT_KEY is missing; NUMO_SECRETS_ID is missing; NUMO_BUS is missing; \
         NUMO_QUEUE_PLAN is missing; NUMO_QUEUE_SYNC is missing; NUMO_XERO_LOGIN_BASE is missing; \
         NUMO_XERO_IDENTITY_BASE is missing; NUMO_XERO_API_BASE: a base address is https://…, or http://… on the \
         loopback, without query, fragment or user; NUMO_INTUIT_AUTHORIZE_BASE is missing; \
         NUMO_INTUIT_TOKEN_BASE is missing; NUMO_INTUIT_REVOKE_BASE is missing; NUMO_QUICKBOOKS_API_BASE is missing"
    );
}

#[tokio::test]
async fn a_customer_who_was_erased_is_deleted_at_once_and_looked_for_again_later() {
    let fixture = fixture().await;
    let (store, contact) = (&fixture.ports.waker.store, "c-1".parse().unwrap());
    let known = Contact {
        at: ContactRef { connection: connection(), contact },
        name: "Acme".to_owned(),
        status: ContactStatus::Active,
        number: ContactNumber::Missing,
        first_key: None,
        typed: None,
        typed_before: None,
        payer: None,
        groups: Vec::new(),
        updated_at: now(),
    };
    store.upsert_contact(&org(), None, &known, now()).await.unwrap();
    let (ports, by) = ((&fixture.ports.waker, &fixture.ports.number_keys), "user_ann".parse().unwrap());
    ask_for_erasure(ports, (&org(), &by), &known.at, "Acme", now()).await.unwrap();
    let job = fixture.queue.take().pop().unwrap();
    assert_eq!(fixture.outcome(&job, Timestamp::MAX).await, "again");
    assert_eq!(store.contacts(&org()).await.unwrap(), []);
    assert_eq!(fixture.outcome(&job, Timestamp::MAX).await, "stale");
    fixture.clock.advance(SignedDuration::from_mins(20));
    sweep_due(&fixture.ports.waker, fixture.clock.now()).await.unwrap();
    let again = fixture.queue.take().into_iter().find(|again| again.work == job.work).unwrap();
    assert_eq!(fixture.outcome(&again, Timestamp::MAX).await, "erased");
}
