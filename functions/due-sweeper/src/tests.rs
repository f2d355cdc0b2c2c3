use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use numo_app::{
    job::{Cause, Work},
    store::Store,
};
use numo_runtime::env::Env;
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
    clock: FixedClock,
    waker: Waker,
}

impl Fixture {
    async fn sweep(&self) -> Result<Swept, AppError> {
        let event = serde_json::from_str(include_str!("../tests/fixtures/scheduler.json")).unwrap();
        handle(&self.waker, &self.clock, &event).await
    }
}

fn fixture() -> Fixture {
    let table = Arc::new(FaultyTable::new(Arc::new(MemoryTable::new())));
    let queue = Arc::new(RecordingQueue::new());
    let store = Store::new(table.clone());
    let waker = Waker { store, queue: queue.clone(), ids: Arc::new(CountingIds::new(1)) };
    Fixture { table, queue, clock: FixedClock::at(now()), waker }
}

fn now() -> Timestamp {
    "2026-11-23T06:00:00Z".parse().unwrap()
}

#[tokio::test]
async fn due_work_is_woken_once_and_work_of_the_future_is_not() {
    let fixture = fixture();
    for (org, minutes) in [("org_a", -1), ("org_b", 0), ("org_c", 1)] {
        let at = now() + SignedDuration::from_mins(minutes);
        fixture.waker.store.mark_due(&org.parse().unwrap(), &Work::PlanDay {}, at, now()).await.unwrap();
    }
    let swept = fixture.sweep().await.unwrap();
    assert_eq!(swept, Swept { woken: 2, lost: 0, failed: 0 });
    let mut woken: Vec<_> =
        fixture.queue.take().into_iter().map(|job| (job.org.to_string(), job.work, job.cause)).collect();
    woken.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(woken, ["org_a", "org_b"].map(|org| (org.to_owned(), Work::PlanDay {}, Cause::Due)));
    assert_eq!(fixture.sweep().await.unwrap(), Swept::default());
}

#[tokio::test]
async fn work_of_every_kind_is_woken() {
    let fixture = fixture();
    let (org, id) = ("org_a".parse().unwrap(), "018f0000-0000-7000-8000-0000000000c1");
    let work = [
        Work::SyncConnection { connection: id.parse().unwrap() },
        Work::UnlinkConnection { connection: id.parse().unwrap() },
        Work::EraseCustomer { connection: id.parse().unwrap(), contact: "c-1".parse().unwrap() },
        Work::CheckOrganisation {},
        Work::EraseOrganisation {},
        Work::PlanDay {},
        Work::MailOwner {},
        Work::DispatchRun { date: "2026-11-23".parse().unwrap() },
        Work::SettleDay { date: "2026-11-23".parse().unwrap() },
        Work::SettleAttempt { attempt: id.parse().unwrap() },
        Work::CheckAccount { waba: "100".parse().unwrap() },
        Work::SendAnswer { attempt: id.parse().unwrap() },
        Work::ManualSend { id: id.parse().unwrap() },
        Work::TestMessage { id: id.parse().unwrap() },
    ];
    for work in &work {
        fixture.waker.store.mark_due(&org, work, now(), now()).await.unwrap();
    }
    assert_eq!(fixture.sweep().await.unwrap(), Swept { woken: work.len(), lost: 0, failed: 0 });
    let woken: Vec<Work> = fixture.queue.take().into_iter().map(|job| job.work).collect();
    assert!(work.iter().all(|work| woken.contains(work)), "{woken:?}");
}

#[tokio::test]
async fn work_whose_job_could_not_be_sent_is_found_again_later() {
    let fixture = fixture();
    fixture.waker.store.mark_due(&"org_a".parse().unwrap(), &Work::PlanDay {}, now(), now()).await.unwrap();
    fixture.queue.fail();
    assert_eq!(fixture.sweep().await.unwrap(), Swept { woken: 0, lost: 0, failed: 1 });
    fixture.queue.recover();
    fixture.clock.advance(SignedDuration::from_mins(6));
    assert_eq!(fixture.sweep().await.unwrap(), Swept { woken: 1, lost: 0, failed: 0 });
}

#[tokio::test]
async fn a_table_that_cannot_be_read_fails_the_call() {
    let fixture = fixture();
    fixture.table.reset(Plan::Once { call: 1, fault: Fault::Before });
    assert!(matches!(fixture.sweep().await, Err(AppError::AwsUnavailable(_))));
}

#[tokio::test]
async fn an_event_without_anything_in_it_sweeps_as_well() {
    let fixture = fixture();
    fixture.waker.store.mark_due(&"org_a".parse().unwrap(), &Work::PlanDay {}, now(), now()).await.unwrap();
    let swept = handle(&fixture.waker, &fixture.clock, &Value::Null).await.unwrap();
    assert_eq!(swept, Swept { woken: 1, lost: 0, failed: 0 });
}

#[test]
fn a_configuration_error_lists_every_key() {
    assert_eq!(
        Config::read(Env::given([("NUMO_TABLE", "numo-test")])).unwrap_err().to_string(),
        "configuration: NUMO_QUEUE_SYNC is missing; NUMO_QUEUE_PLAN is missing; NUMO_QUEUE_DISPATCH is missing; \
         NUMO_QUEUE_ERASURE is missing"
    );
}
