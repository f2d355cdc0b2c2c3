use std::sync::Arc;

use aws_lambda_events::sqs::SqsEvent;
use jiff::SignedDuration;
use numo_app::{
    erase_organisation::begin,
    export::{ask_for_export, run::ExportPorts},
    number_key::NumberKeys,
    port::clock::Clock,
    store::Store,
    sweep_due::sweep_due,
    vault::Vault,
    wake::Waker,
};
use numo_domain::id::{ExportId, OrgId};
use numo_runtime::{env::Env, sqs::run_batch};
use numo_testkit::{
    counting_ids::CountingIds, fixed_clock::FixedClock, memory_bucket::MemoryBucket, memory_keys::MemoryKeys,
    memory_ledger::MemoryLedger, memory_people::MemoryPeople, memory_signup::MemorySignup, memory_table::MemoryTable,
    recording_queue::RecordingQueue,
};

use super::*;
use crate::config::Config;

struct Fixture {
    table: Arc<MemoryTable>,
    queue: Arc<RecordingQueue>,
    clock: Arc<FixedClock>,
    ports: ErasurePorts,
}

fn org() -> OrgId {
    "org_a".parse().unwrap()
}

/// An organisation that Clerk has deleted.
async fn fixture() -> Fixture {
    let (table, queue) = (Arc::new(MemoryTable::new()), Arc::new(RecordingQueue::new()));
    let clock = Arc::new(FixedClock::at("2026-11-28T06:00:00Z".parse().unwrap()));
    let store = Store::new(table.clone());
    store.change_organisation(&org(), clock.now(), |profile| profile.name = "Harbour".to_owned()).await.unwrap();
    begin(&store, &org(), clock.now()).await.unwrap();
    let waker = Waker { store: store.clone(), queue: queue.clone(), ids: Arc::new(CountingIds::new(1)) };
    let ports = ErasurePorts {
        vault: Vault::new(store, Arc::new(MemoryKeys::new(1)), MemoryLedger::new().auth()),
        exports: ExportPorts { waker: waker.clone(), bucket: MemoryBucket::new(), clock: clock.clone() },
        waker,
        signup: MemorySignup::new(),
        organisations: Arc::new(MemoryPeople::new()),
        number_keys: NumberKeys::new(vec![7; 32]).unwrap(),
        clock: clock.clone(),
    };
    Fixture { table, queue, clock, ports }
}

impl Fixture {
    /// The job that the sweep sends.
    async fn job(&self) -> Job {
        sweep_due(&self.ports.waker, self.clock.now()).await.unwrap();
        self.queue.take().into_iter().rfind(|job| job.work == Work::EraseOrganisation {}).unwrap()
    }

    /// How many records of a batch of one job come back.
    async fn work(&self, job: &Job) -> usize {
        let mut batch: SqsEvent = serde_json::from_str(include_str!("../tests/fixtures/sqs.json")).unwrap();
        batch.records[0].body = Some(serde_json::to_string(job).unwrap());
        let handle = |job: Job, deadline| handle(&self.ports, job, deadline);
        run_batch(self.clock.as_ref(), batch, Timestamp::MAX, &handle).await.batch_item_failures.len()
    }
}

#[tokio::test]
async fn an_organisation_is_erased_stage_by_stage_and_a_job_that_comes_twice_changes_nothing() {
    let fixture = fixture().await;
    let mut outcomes = Vec::new();
    for _ in 0..3 {
        let job = fixture.job().await;
        outcomes.push(handle(&fixture.ports, job.clone(), Timestamp::MAX).await.unwrap().0);
        let before = fixture.table.items();
        assert_eq!(handle(&fixture.ports, job, Timestamp::MAX).await.unwrap().0, "stale");
        assert!(fixture.table.items() == before);
        fixture.clock.advance(SignedDuration::from_mins(20));
    }
    assert_eq!(outcomes, ["waits", "waits", "erased"]);
    let left: Vec<String> = fixture.table.items().into_iter().map(|item| item.key.pk).collect();
    assert!(left.iter().all(|pk| !pk.starts_with("ORG#")), "{left:?}");
}

#[tokio::test]
async fn a_job_near_its_deadline_wakes_itself_and_goes_on() {
    let fixture = fixture().await;
    let job = fixture.job().await;
    let deadline = fixture.clock.now() + SignedDuration::from_secs(29);
    assert_eq!(handle(&fixture.ports, job.clone(), deadline).await.unwrap().0, "continued");
    let next = fixture.queue.take().pop().unwrap();
    assert_eq!(next.work, job.work);
    assert_eq!(handle(&fixture.ports, next, Timestamp::MAX).await.unwrap().0, "waits");
}

#[tokio::test]
async fn an_export_is_made_once() {
    let fixture = fixture().await;
    let (id, by) = (ExportId::new(uuid::Uuid::from_u128(1)), "user_ann".parse().unwrap());
    ask_for_export(&fixture.ports.waker, (&org(), &by), (id, None), fixture.clock.now()).await.unwrap();
    let job = fixture.queue.take().into_iter().rfind(|job| job.work == Work::Export { id }).unwrap();
    assert_eq!(handle(&fixture.ports, job.clone(), Timestamp::MAX).await.unwrap().0, "ready");
    assert_eq!(handle(&fixture.ports, job, Timestamp::MAX).await.unwrap().0, "stale");
}

#[tokio::test]
async fn a_job_without_a_claim_or_of_another_queue_is_quarantined() {
    let fixture = fixture().await;
    let job = fixture.job().await;
    assert_eq!(fixture.work(&Job { claim: None, ..job.clone() }).await, 1);
    assert_eq!(fixture.work(&Job { work: Work::PlanDay {}, ..job.clone() }).await, 1);
    assert_eq!(fixture.work(&job).await, 0);
}

#[test]
fn a_configuration_error_lists_every_key() {
    let error = Config::read(Env::given([("NUMO_TABLE", "numo-test")])).unwrap_err().to_string();
    let missing = [
        "NUMO_JOURNAL",
        "NUMO_EXPORTS",
        "NUMO_VAULT_KEY",
        "NUMO_SECRETS_ID",
        "NUMO_QUEUE_ERASURE",
        "NUMO_XERO_API_BASE",
        "NUMO_INTUIT_REVOKE_BASE",
        "NUMO_META_GRAPH_BASE",
        "NUMO_META_GRAPH_VERSION",
        "NUMO_PUBLIC_URL",
        "NUMO_CLERK_API_BASE",
    ];
    for key in missing {
        assert_eq!(error.matches(&format!("{key} is missing")).count(), 1, "{key} in {error}");
    }
}
