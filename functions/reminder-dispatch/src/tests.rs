use std::sync::Arc;

use async_trait::async_trait;
use aws_lambda_events::sqs::SqsEvent;
use jiff::SignedDuration;
use numo_app::{
    job::Cause,
    number_key::NumberKeys,
    port::{
        clock::Clock,
        template_library::TemplateLibrary,
        whatsapp::{
            AccountError, FoundTemplate, Messaging, NumberInfo, SendError, SenderAccess, Taken, WhatsappAccount,
        },
    },
    store::{
        Store,
        due::{Claimed, dispatch_work, settle_work},
        reminder::claim::SendClaim,
    },
    vault::Vault,
    wake::Waker,
};
use numo_domain::{
    account_bill::Sums,
    attempt::{Attempt, Evidence},
    contact::ContactRef,
    conversation::{Answer, Recipient},
    id::{AttemptId, MediaId, OrgId, PhoneNumberId, PolicyId, WabaId},
    message::Message,
    money::Money,
    phone::PhoneNumber,
    policy::{Caps, StepId, Tone},
    reminder::{Occasion, Reminder, ReminderKey, ReminderState, TemplateRef, state_change::StateChange},
    template::{AccountTemplate, PackTemplate},
};
use numo_runtime::{env::Env, sqs::run_batch};
use numo_testkit::{
    counting_ids::CountingIds, fixed_clock::FixedClock, memory_keys::MemoryKeys, memory_ledger::MemoryLedger,
    memory_table::MemoryTable, recording_events::RecordingEvents, recording_queue::RecordingQueue,
};
use secrecy::SecretString;

use super::*;
use crate::config::Config;

/// A way of sending that nothing in these tests may use.
struct Untouched;

#[async_trait]
impl Messaging for Untouched {
    async fn send(&self, _: &SenderAccess, _: &PhoneNumber, _: AttemptId, _: &Message) -> Result<Taken, SendError> {
        panic!("a message was sent")
    }

    async fn upload_pdf(&self, _: &SenderAccess, _: &[u8]) -> Result<MediaId, AccountError> {
        panic!("a file was uploaded")
    }

    async fn answer(&self, _: &SenderAccess, _: &Recipient, _: &Answer) -> Result<Taken, SendError> {
        panic!("an answer was sent")
    }
}

#[async_trait]
impl WhatsappAccount for Untouched {
    fn library(&self) -> &dyn TemplateLibrary {
        panic!("the library was looked at")
    }

    async fn number(&self, _: &SenderAccess) -> Result<NumberInfo, AccountError> {
        panic!("a number was looked at")
    }

    async fn numbers_of(&self, _: &WabaId, _: &SecretString) -> Result<Vec<PhoneNumberId>, AccountError> {
        panic!("an account was looked at")
    }

    async fn subscribe(&self, _: &WabaId, _: &SecretString) -> Result<(), AccountError> {
        panic!("an account was subscribed to")
    }

    async fn templates(&self, _: &WabaId, _: &SecretString) -> Result<Vec<FoundTemplate>, AccountError> {
        panic!("texts were looked at")
    }

    async fn unarchive(&self, _: &WabaId, _: &SecretString, _: &[String]) -> Result<(), AccountError> {
        panic!("texts were brought back")
    }

    async fn billed(&self, _: &WabaId, _: &SecretString, _: Timestamp, _: Timestamp) -> Result<Sums, AccountError> {
        panic!("a bill was asked for")
    }

    async fn create_template(
        &self,
        _: &WabaId,
        _: &SecretString,
        _: &PackTemplate,
    ) -> Result<AccountTemplate, AccountError> {
        panic!("a text was registered")
    }
}

struct Fixture {
    ledger: Arc<MemoryLedger>,
    queue: Arc<RecordingQueue>,
    clock: Arc<FixedClock>,
    ports: DispatchPorts,
}

fn now() -> Timestamp {
    "2026-11-23T06:00:00Z".parse().unwrap()
}

fn org() -> OrgId {
    "org_a".parse().unwrap()
}

fn attempt() -> AttemptId {
    "018f0000-0000-7000-8000-0000000000a1".parse().unwrap()
}

fn fixture() -> Fixture {
    let store = Store::new(Arc::new(MemoryTable::new()));
    let (ledger, queue) = (MemoryLedger::new(), Arc::new(RecordingQueue::new()));
    let clock = Arc::new(FixedClock::at(now()));
    let ports = DispatchPorts {
        waker: Waker { store: store.clone(), queue: queue.clone(), ids: Arc::new(CountingIds::new(1)) },
        vault: Vault::new(store, Arc::new(MemoryKeys::new(1)), ledger.auth()),
        checks: ledger.checks(),
        documents: ledger.documents(),
        messaging: Arc::new(Untouched),
        account: Arc::new(Untouched),
        events: Arc::new(RecordingEvents::new()),
        number_keys: NumberKeys::new(vec![7; 32]).unwrap(),
        clock: clock.clone(),
        timer: clock.clone(),
    };
    Fixture { ledger, queue, clock, ports }
}

fn sending() -> Reminder {
    let connection = "018f0000-0000-7000-8000-0000000000c1".parse().unwrap();
    let key = ReminderKey {
        contact: ContactRef { connection, contact: "contact-1".parse().unwrap() },
        currency: "AED".parse().unwrap(),
        anchor: "invoice-1".parse().unwrap(),
        cycle: 0,
        occasion: Occasion::Step(StepId(1)),
    };
    Reminder {
        key,
        date: "2026-11-23".parse().unwrap(),
        attempt: attempt(),
        attempt_number: 1,
        claimed_at: now(),
        state: ReminderState::Sending,
        history: vec![StateChange { state: ReminderState::Sending, at: now() }],
        message: None,
        recipient: "0123456789abcdef0123456789abcdef".parse().unwrap(),
        sender: "106540352242922".parse().unwrap(),
        tone: Tone::Friendly,
        counted_from: None,
        listed: vec!["invoice-1".parse().unwrap()],
        asked_by: None,
        cost: None,
        report: numo_domain::delivery_report::DeliveryReport::default(),
        earlier: std::collections::BTreeMap::new(),
        expired_before: 0,
    }
}

fn said() -> Attempt {
    let owed = Money::parse_decimal("120.00", "AED".parse().unwrap()).unwrap();
    Attempt {
        policy: PolicyId::organisation_default(),
        policy_version: 1,
        template: TemplateRef { name: "reminder_v1".to_owned(), language: "en".to_owned() },
        text: "text".to_owned(),
        lines: Vec::new(),
        total: owed,
        evidence: Evidence {
            read_at: now(),
            anchor_remaining: owed,
            anchor_updated_at: Some(now()),
            request_ids: Vec::new(),
        },
    }
}

impl Fixture {
    async fn job(&self, work: &Work) -> Job {
        self.ports.waker.wake(&org(), work, Cause::Due, self.clock.now()).await.unwrap();
        self.queue.take().pop().unwrap()
    }

    /// How many records of a batch of one job come back.
    async fn work(&self, job: &Job) -> usize {
        let mut batch: SqsEvent = serde_json::from_str(include_str!("../tests/fixtures/sqs.json")).unwrap();
        batch.records[0].body = Some(serde_json::to_string(job).unwrap());
        let handle = |job: Job, deadline| handle(&self.ports, job, deadline);
        run_batch(self.clock.as_ref(), batch, Timestamp::MAX, &handle).await.batch_item_failures.len()
    }

    async fn state(&self) -> ReminderState {
        self.ports.waker.store.reminder_of_attempt(&org(), attempt()).await.unwrap().unwrap().state
    }
}

#[tokio::test]
async fn a_day_without_an_approved_plan_sends_nothing_and_asks_nobody() {
    let fixture = fixture();
    let job = fixture.job(&dispatch_work("2026-11-23".parse().unwrap())).await;
    assert_eq!(handle(&fixture.ports, job.clone(), Timestamp::MAX).await.unwrap(), Done("not_today"));
    assert_eq!(handle(&fixture.ports, job, Timestamp::MAX).await.unwrap(), Done("stale"));
    assert_eq!(fixture.ledger.asked(), [""; 0]);
}

#[tokio::test]
async fn case_36_a_send_without_a_stored_answer_becomes_unknown_and_a_task() {
    let fixture = fixture();
    let store = &fixture.ports.waker.store;
    let basis = store.claim_basis(&org(), &sending().key, &sending().recipient).await.unwrap();
    let claimed = store.claim_send(&org(), (sending(), said()), &basis, Caps::default(), now()).await.unwrap();
    assert!(matches!(claimed, SendClaim::Claimed(stored) if stored.value == sending()));
    fixture.clock.advance(SignedDuration::from_mins(16));
    let job = fixture.job(&settle_work(attempt())).await;
    assert_eq!((fixture.work(&job).await, fixture.state().await), (0, ReminderState::Unknown));
    assert_eq!(fixture.ports.waker.store.tasks(&org()).await.unwrap().len(), 1);
    assert_eq!(handle(&fixture.ports, job, Timestamp::MAX).await.unwrap(), Done("stale"));
}

#[tokio::test]
async fn an_account_of_which_no_number_is_left_is_not_looked_at_again() {
    let fixture = fixture();
    let work = Work::CheckAccount { waba: "100".parse().unwrap() };
    let job = fixture.job(&work).await;
    assert_eq!(handle(&fixture.ports, job.clone(), Timestamp::MAX).await.unwrap(), Done("checked"));
    assert_eq!(handle(&fixture.ports, job, Timestamp::MAX).await.unwrap(), Done("stale"));
    let later = now().checked_add(SignedDuration::from_hours(48)).unwrap();
    assert_eq!(fixture.ports.waker.store.claim_work(&org(), &work, later).await.unwrap(), Claimed::Lost);
}

#[tokio::test]
async fn a_job_without_a_claim_or_of_another_queue_is_quarantined() {
    let fixture = fixture();
    let job = fixture.job(&settle_work(attempt())).await;
    assert_eq!(fixture.work(&Job { claim: None, ..job.clone() }).await, 1);
    let connection = "018f0000-0000-7000-8000-0000000000c1".parse().unwrap();
    for work in [Work::PlanDay {}, Work::SyncConnection { connection }, Work::UnlinkConnection { connection }] {
        assert_eq!(fixture.work(&Job { work, ..job.clone() }).await, 1);
    }
}

#[test]
fn a_configuration_error_lists_every_key() {
    let env = Env::given([("NUMO_BUS", "numo-test"), ("NUMO_META_GRAPH_VERSION", "v25.0")]);
    assert_eq!(
        Config::read(env).unwrap_err().to_string(),
        "configuration: NUMO_TABLE is missing; NUMO_JOURNAL is missing; NUMO_VAULT_KEY is missing; NUMO_SECRETS_ID is missing; \
         NUMO_QUEUE_DISPATCH is missing; NUMO_XERO_LOGIN_BASE is missing; \
         NUMO_XERO_IDENTITY_BASE is missing; NUMO_XERO_API_BASE is missing; \
         NUMO_INTUIT_AUTHORIZE_BASE is missing; NUMO_INTUIT_TOKEN_BASE is missing; \
         NUMO_INTUIT_REVOKE_BASE is missing; NUMO_QUICKBOOKS_API_BASE is missing; NUMO_META_GRAPH_BASE is missing; \
         NUMO_PUBLIC_URL is missing"
    );
}
