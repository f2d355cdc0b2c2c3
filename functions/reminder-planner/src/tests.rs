use std::sync::Arc;

use aws_lambda_events::sqs::SqsEvent;
use numo_app::{job::Cause, store::Store};
use numo_domain::{
    id::{OrgId, PolicyId},
    policy::{Policy, PolicyState},
};
use numo_runtime::{env::Env, sqs::run_batch};
use numo_testkit::{
    counting_ids::CountingIds,
    faulty_table::{Fault, FaultyTable, Plan},
    fixed_clock::FixedClock,
    memory_table::MemoryTable,
    recording_queue::RecordingQueue,
};

use super::*;
use crate::config::Config;

struct Fixture {
    table: Arc<FaultyTable>,
    queue: Arc<RecordingQueue>,
    waker: Waker,
}

fn now() -> Timestamp {
    "2026-11-23T06:00:00Z".parse().unwrap()
}

fn org() -> OrgId {
    "org_a".parse().unwrap()
}

fn fixture() -> Fixture {
    let table = Arc::new(FaultyTable::new(Arc::new(MemoryTable::new())));
    let queue = Arc::new(RecordingQueue::new());
    let store = Store::new(table.clone());
    let waker = Waker { store, queue: queue.clone(), ids: Arc::new(CountingIds::new(1)) };
    Fixture { table, queue, waker }
}

impl Fixture {
    async fn activate(&self) {
        let policy = Policy { state: PolicyState::Active, ..Policy::standard(now()) };
        let based_on = self.waker.store.policies(&org()).await.unwrap().organisation_default.version;
        let default = PolicyId::organisation_default();
        self.waker.store.save_policy(&org(), (&default, based_on), policy, now()).await.unwrap();
    }

    async fn job(&self) -> Job {
        self.waker.wake(&org(), &Work::PlanDay {}, Cause::Due, now()).await.unwrap();
        self.queue.take().pop().unwrap()
    }

    /// How many records of a batch of one job come back.
    async fn work(&self, job: &Job) -> usize {
        let mut batch: SqsEvent = serde_json::from_str(include_str!("../tests/fixtures/sqs.json")).unwrap();
        batch.records[0].body = Some(serde_json::to_string(job).unwrap());
        let handle = |job: Job, _| handle(&self.waker, job, now());
        run_batch(&FixedClock::at(now()), batch, Timestamp::MAX, &handle).await.batch_item_failures.len()
    }

    async fn generation(&self) -> Option<u32> {
        let header = self.waker.store.plan_header(&org(), "2026-11-23".parse().unwrap()).await.unwrap();
        header.map(|header| header.value.generation)
    }
}

#[tokio::test]
async fn a_job_plans_the_day_and_its_double_does_not_plan_it_again() {
    let fixture = fixture();
    fixture.activate().await;
    let job = fixture.job().await;
    assert_eq!((fixture.work(&job).await, fixture.generation().await), (0, Some(1)));
    assert_eq!((fixture.work(&job).await, fixture.generation().await), (0, Some(1)));
    assert_eq!(handle(&fixture.waker, job, now()).await.unwrap(), Done("nothing_to_plan"));
}

#[tokio::test]
async fn a_table_that_is_down_leaves_the_job_to_the_queue() {
    let fixture = fixture();
    fixture.activate().await;
    let job = fixture.job().await;
    fixture.table.reset(Plan::Once { call: 2, fault: Fault::Before });
    assert_eq!((fixture.work(&job).await, fixture.generation().await), (1, None));
    assert_eq!((fixture.work(&job).await, fixture.generation().await), (0, Some(1)));
}

#[tokio::test]
async fn a_job_without_a_claim_or_of_another_queue_is_quarantined() {
    let fixture = fixture();
    let job = fixture.job().await;
    let other = Work::DispatchRun { date: "2026-11-23".parse().unwrap() };
    assert_eq!(fixture.work(&Job { claim: None, ..job.clone() }).await, 1);
    assert_eq!(fixture.work(&Job { work: other, ..job }).await, 1);
}

#[test]
fn a_configuration_error_lists_every_key() {
    assert_eq!(
        Config::read(Env::given([])).unwrap_err().to_string(),
        "configuration: NUMO_TABLE is missing; NUMO_QUEUE_DISPATCH is missing"
    );
}
