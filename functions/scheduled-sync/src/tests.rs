use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use aws_lambda_events::sqs::SqsEvent;
use jiff::{SignedDuration, Timestamp};
use numo_app::{
    job::Cause,
    number_key::NumberKeys,
    port::{
        clock::Clock,
        ledger::{
            Granted, LedgerAccess, LedgerAuth, LedgerContact, LedgerError, LedgerInvoice, LedgerOrganisation,
            LedgerPage, LedgerReader, PageRequest,
        },
    },
    store::{Store, due::sync_work},
    vault::Vault,
    wake::Waker,
};
use numo_domain::{
    connection::{Connection, ConnectionStatus, Provider},
    credential::{GrantRef, TokenSet},
    id::{ConnectionId, ExternalId, OrgId},
};
use numo_runtime::{env::Env, sqs::run_batch};
use numo_testkit::{
    counting_ids::CountingIds, fixed_clock::FixedClock, memory_keys::MemoryKeys, memory_table::MemoryTable,
    recording_events::RecordingEvents, recording_queue::RecordingQueue,
};
use secrecy::SecretString;

use super::*;
use crate::config::Config;

/// A ledger without rows, which can be told to refuse.
#[derive(Default)]
struct EmptyLedger {
    calls: AtomicUsize,
    refusal: Mutex<Option<LedgerError>>,
}

impl EmptyLedger {
    fn answer<T>(&self, answer: T) -> Result<T, LedgerError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        self.refusal.lock().unwrap().take().map_or(Ok(answer), Err)
    }
}

fn empty_page<T>() -> LedgerPage<T> {
    LedgerPage { records: Vec::new(), skipped: Vec::new(), has_more: false, read_at: now() }
}

#[async_trait]
impl LedgerReader for EmptyLedger {
    async fn organisation(&self, _: &LedgerAccess) -> Result<LedgerOrganisation, LedgerError> {
        self.answer(LedgerOrganisation {
            name: "Palm Trading".to_owned(),
            zone: None,
            country: None,
            base_currency: None,
            is_demo_company: false,
        })
    }

    async fn contacts(&self, _: &LedgerAccess, _: &PageRequest) -> Result<LedgerPage<LedgerContact>, LedgerError> {
        self.answer(empty_page())
    }

    async fn invoices(&self, _: &LedgerAccess, _: &PageRequest) -> Result<LedgerPage<LedgerInvoice>, LedgerError> {
        self.answer(empty_page())
    }

    async fn open_invoices_of(
        &self,
        _: &LedgerAccess,
        _: &[ExternalId],
    ) -> Result<LedgerPage<LedgerInvoice>, LedgerError> {
        self.answer(empty_page())
    }
}

/// Tokens in these tests do not end.
struct NoAuth;

#[async_trait]
impl LedgerAuth for NoAuth {
    fn authorise_url(&self, _: &str, _: &str, _: &str) -> String {
        String::new()
    }

    async fn exchange(&self, _: &SecretString, _: &str, _: &str) -> Result<Granted, LedgerError> {
        Err(LedgerError::ReauthRequired)
    }

    async fn refresh(&self, _: &TokenSet) -> Result<TokenSet, LedgerError> {
        Err(LedgerError::ReauthRequired)
    }
}

struct Fixture {
    ledger: Arc<EmptyLedger>,
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

/// An organisation with a connected ledger.
async fn fixture() -> Fixture {
    let store = Store::new(Arc::new(MemoryTable::new()));
    let (ledger, queue) = (Arc::new(EmptyLedger::default()), Arc::new(RecordingQueue::new()));
    let (keys, clock) = (Arc::new(MemoryKeys::new(1)), Arc::new(FixedClock::at(now())));
    let waker = Waker { store: store.clone(), queue: queue.clone(), ids: Arc::new(CountingIds::new(1)) };
    let vault = Vault::new(store.clone(), keys.clone(), Arc::new(NoAuth));
    let grant = GrantRef { provider: Provider::Xero, holder: "holder-1".parse().unwrap() };
    let tokens = TokenSet { access: "hush".into(), access_expires_at: None, refresh: None, scope: String::new() };
    vault.keep(&org(), &grant, &tokens, now()).await.unwrap();
    let connected = Connection {
        id: connection(),
        provider: Provider::Xero,
        tenant: "tenant-1".parse().unwrap(),
        provider_connection: "link-1".parse().unwrap(),
        holder: grant.holder,
        name: "Palm Trading".to_owned(),
        status: ConnectionStatus::Active,
        is_demo_company: false,
        connected_at: now(),
        last_synced_at: None,
    };
    store.save_connection(&org(), &connected, now()).await.unwrap();
    let ports = SyncPorts {
        waker,
        vault,
        reader: ledger.clone(),
        events: Arc::new(RecordingEvents::new()),
        number_keys: NumberKeys::new(vec![7; 32]).unwrap(),
        clock: clock.clone(),
    };
    Fixture { ledger, keys, queue, clock, ports }
}

impl Fixture {
    /// The job of a connection that is due.
    async fn job(&self) -> Job {
        self.ports.waker.wake(&org(), &sync_work(connection()), Cause::Due, self.clock.now()).await.unwrap();
        self.queue.take().pop().unwrap()
    }

    /// How many records of a batch of one job come back.
    async fn work(&self, job: &Job) -> usize {
        let mut batch: SqsEvent = serde_json::from_str(include_str!("../tests/fixtures/sqs.json")).unwrap();
        batch.records[0].body = Some(serde_json::to_string(job).unwrap());
        let handle = |job: Job, _| handle(&self.ports, job);
        run_batch(self.clock.as_ref(), batch, Timestamp::MAX, &handle).await.batch_item_failures.len()
    }
}

#[tokio::test]
async fn a_first_sync_reads_the_ledger_and_wakes_the_planner() {
    let fixture = fixture().await;
    let job = fixture.job().await;
    assert_eq!(fixture.work(&job).await, 0);
    assert_eq!(fixture.ledger.calls.load(Ordering::SeqCst), 3);
    let woken: Vec<Work> = fixture.queue.take().into_iter().map(|job| job.work).collect();
    assert_eq!(woken, [Work::PlanDay {}]);
    let synced = fixture.ports.waker.store.connection(&org(), connection()).await.unwrap().unwrap();
    assert_eq!(synced.last_synced_at, Some(now()));
}

#[tokio::test]
async fn a_job_that_comes_twice_reads_the_ledger_once() {
    let fixture = fixture().await;
    let job = fixture.job().await;
    assert_eq!(fixture.work(&job).await, 0);
    assert_eq!(fixture.work(&job).await, 0);
    assert_eq!(fixture.ledger.calls.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_ledger_that_asks_for_patience_is_asked_again_when_it_said() {
    let fixture = fixture().await;
    let job = fixture.job().await;
    let patience = SignedDuration::from_mins(40);
    *fixture.ledger.refusal.lock().unwrap() = Some(LedgerError::RateLimited { retry_after: Some(patience) });
    assert_eq!(fixture.work(&job).await, 0);
    assert!(!fixture.ports.waker.store.holds_claim(&org(), &job.work, job.claim.unwrap()).await.unwrap());
    assert!(fixture.ports.waker.store.holds_claim(&org(), &job.work, now() + patience).await.unwrap());
}

#[tokio::test]
async fn a_key_service_that_is_down_leaves_the_job_to_the_queue() {
    let fixture = fixture().await;
    let job = fixture.job().await;
    fixture.keys.fail();
    assert_eq!(fixture.work(&job).await, 1);
    fixture.keys.recover();
    assert_eq!(fixture.work(&job).await, 0);
}

#[tokio::test]
async fn a_job_without_a_claim_or_of_another_queue_is_quarantined() {
    let fixture = fixture().await;
    let job = fixture.job().await;
    assert_eq!(fixture.work(&Job { claim: None, ..job.clone() }).await, 1);
    assert_eq!(fixture.work(&Job { work: Work::PlanDay {}, ..job }).await, 1);
    assert_eq!(fixture.ledger.calls.load(Ordering::SeqCst), 0);
}

#[test]
fn a_configuration_error_lists_every_key() {
    let env = Env::given([("NUMO_TABLE", "numo-test"), ("NUMO_XERO_API_BASE", "http://api.xero.com")]);
    assert_eq!(
        Config::read(env).unwrap_err().to_string(),
        "configuration: NUMO_VAULT_KEY is missing; NUMO_SECRETS_ID is missing; NUMO_BUS is missing; \
         NUMO_QUEUE_PLAN is missing; NUMO_XERO_LOGIN_BASE is missing; NUMO_XERO_IDENTITY_BASE is missing; \
         NUMO_XERO_API_BASE: a base address is https://…, or http://… on the loopback, without query, fragment or user"
    );
}
