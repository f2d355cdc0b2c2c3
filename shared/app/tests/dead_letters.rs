//! What queues gave up, in the hands of operators.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use numo_app::{
    job::{Cause, Job, Work},
    operator::{
        OperatorPorts,
        dead_letters::{Carries, Fate, Looked, Selection, look, settle},
    },
    plan_day::plan_day,
    port::dead_letters::DeadLetterQueue::{Dispatch, Meta, Plan},
    store::{Store, activity::Line, route::Route},
    wake::Waker,
};
use numo_domain::id::{OperatorId, OrgId};
use numo_testkit::{
    counting_ids::CountingIds, memory_dead_letters::MemoryDeadLetters, memory_table::MemoryTable,
    recording_queue::RecordingQueue,
};
use serde_json::{Value, json};

const DELIVERY: &str = r#"{"type":"meta_delivery.v1","waba":"100","received_at":"2026-11-23T06:00:00Z","body":[
    {"field":"messages","value":{"messages":[{"from":"971501234567","text":{"body":"STOP, Acme"}}]}},
    {"field":"messages","value":{}},{"field":"account_update","value":{}},{"field":"Call +971501234567","value":{}}]}"#;

struct World {
    ports: OperatorPorts,
    waker: Waker,
    queue: Arc<RecordingQueue>,
    letters: MemoryDeadLetters,
}

fn org(name: &str) -> OrgId {
    name.parse().unwrap()
}

fn ann() -> OperatorId {
    "ann".parse().unwrap()
}

fn now() -> Timestamp {
    "2026-11-24T06:00:00Z".parse().unwrap()
}

fn everything() -> Selection {
    Selection::default()
}

impl World {
    fn new() -> Self {
        let (store, ids) = (Store::new(Arc::new(MemoryTable::new())), Arc::new(CountingIds::new(1)));
        let queue = Arc::new(RecordingQueue::new());
        let waker = Waker { store: store.clone(), queue: queue.clone(), ids: ids.clone() };
        Self { ports: OperatorPorts { store, ids }, waker, queue, letters: MemoryDeadLetters::new() }
    }

    /// A day's plan that was asked for, and whose job its queue gave up.
    async fn dead_plan(&self, of: &str) -> (String, Job) {
        self.waker.wake(&org(of), &Work::PlanDay {}, Cause::Due, now()).await.unwrap();
        let job = self.queue.take().pop().unwrap();
        (self.letters.place(Plan, &serde_json::to_string(&job).unwrap(), now()), job)
    }

    async fn settle(&self, which: &Selection, fate: Fate) -> Vec<String> {
        let done = settle((&self.ports, &self.letters), (&ann(), "fixed in 0.1.1"), (which, fate), now()).await;
        done.unwrap().into_iter().map(|looked| looked.id).collect()
    }

    async fn look(&self, which: &Selection) -> Vec<Looked> {
        look(&self.ports.store, &self.letters, which).await.unwrap()
    }

    async fn lines_of(&self, name: &str) -> Vec<(String, Value)> {
        told(self.ports.store.activity(&org(name), 10).await.unwrap())
    }

    async fn operations(&self) -> Vec<(String, Value)> {
        told(self.ports.store.operations(10).await.unwrap())
    }
}

fn told(lines: Vec<Line>) -> Vec<(String, Value)> {
    lines.into_iter().map(|line| (line.activity.action, line.activity.detail)).collect()
}

fn line(fate: &str, queue: &str, kinds: Value) -> (String, Value) {
    (format!("dead_letters.{fate}"), json!({"queue": queue, "kinds": kinds, "reason": "fixed in 0.1.1"}))
}

#[tokio::test]
async fn a_look_leaves_every_letter_in_its_place_and_tells_nothing_that_a_customer_wrote() {
    let world = World::new();
    let route = Route { org: org("org_b"), connection: None };
    world.ports.store.claim_waba(&"100".parse().unwrap(), &route, now()).await.unwrap();
    let (plan, job) = world.dead_plan("org_a").await;
    let delivery = world.letters.place(Meta, DELIVERY, now());
    let newer = world.letters.place(Dispatch, r#"{"type":"dispatch_run.v9","org":"org_a"}"#, now());
    let odd = world.letters.place(Dispatch, r#"{"type":"Call +971501234567"}"#, now());
    let due_at = job.claim;
    let fields =
        BTreeMap::from([("account_update".to_owned(), 1), ("messages".to_owned(), 2), ("other".to_owned(), 1)]);
    let looked =
        |queue, id: &str, carries, org| Looked { queue, id: id.to_owned(), sent_at: now(), received: 6, carries, org };
    let expected = [
        looked(Plan, &plan, Carries::Job { job: Box::new(job), due_at }, Some(org("org_a"))),
        looked(Dispatch, &newer, Carries::Unreadable { kind: Some("dispatch_run.v9".to_owned()) }, None),
        looked(Dispatch, &odd, Carries::Unreadable { kind: None }, None),
        looked(Meta, &delivery, Carries::Delivery { waba: "100".parse().unwrap(), fields }, Some(org("org_b"))),
    ];
    let seen = world.look(&everything()).await;
    assert_eq!(seen, expected);
    assert!(!format!("{seen:?}").contains("1234567") && !format!("{seen:?}").contains("Acme"));
    assert_eq!(world.letters.in_sight().len(), 4);
    assert_eq!((world.lines_of("org_a").await, world.operations().await), (vec![], vec![]));
}

#[tokio::test]
async fn what_is_redriven_goes_back_to_its_queue_once_and_the_rest_stays_where_it_is() {
    let world = World::new();
    let (a, job_a) = world.dead_plan("org_a").await;
    let (b, _) = world.dead_plan("org_b").await;
    let delivery = world.letters.place(Meta, DELIVERY, now());
    let of_a = Selection { org: Some(org("org_a")), ..everything() };
    assert_eq!(world.settle(&of_a, Fate::Redriven).await, [a]);
    assert_eq!(world.letters.sent_again(), [(Plan, serde_json::to_string(&job_a).unwrap())]);
    assert_eq!(world.letters.in_sight(), [(Plan, b.clone()), (Meta, delivery.clone())]);
    assert_eq!(world.lines_of("org_a").await, [line("redriven", "plan", json!({"plan_day.v1": 1}))]);
    assert_eq!((world.lines_of("org_b").await, world.operations().await), (vec![], vec![]));
    let deliveries = Selection { kind: Some("meta_delivery.v1".to_owned()), ..everything() };
    assert_eq!(world.settle(&deliveries, Fate::Redriven).await, [delivery]);
    assert_eq!(world.letters.sent_again().len(), 2);
    assert_eq!(world.operations().await, [line("redriven", "meta", json!({"meta_delivery.v1": 1}))]);
    let nothing = Selection { id: Some("letter-9".to_owned()), ..everything() };
    assert_eq!(world.settle(&nothing, Fate::Redriven).await, Vec::<String>::new());
    assert_eq!(world.letters.in_sight(), [(Plan, b)]);
}

#[tokio::test]
async fn what_is_discarded_is_gone_and_the_log_knows_what_it_was() {
    let world = World::new();
    let (a, _) = world.dead_plan("org_a").await;
    let broken = world.letters.place(Plan, "{", now());
    let (b, _) = world.dead_plan("org_b").await;
    let both = world.settle(&Selection { queue: Some(Plan), ..everything() }, Fate::Discarded).await;
    assert_eq!(both, [a, broken, b]);
    assert_eq!((world.letters.in_sight(), world.letters.sent_again()), (vec![], vec![]));
    for name in ["org_a", "org_b"] {
        assert_eq!(world.lines_of(name).await, [line("discarded", "plan", json!({"plan_day.v1": 1}))], "{name}");
    }
    assert_eq!(world.operations().await, [line("discarded", "plan", json!({"unreadable": 1}))]);
}

#[tokio::test]
async fn a_letter_that_could_not_be_sent_again_is_not_lost() {
    let world = World::new();
    let (a, _) = world.dead_plan("org_a").await;
    world.letters.fail_to_send(true);
    let redriven =
        settle((&world.ports, &world.letters), (&ann(), "why"), (&everything(), Fate::Redriven), now()).await;
    assert_eq!(redriven.unwrap_err().to_string(), "the platform is unavailable");
    assert_eq!(world.letters.in_sight(), [(Plan, a.clone())]);
    world.letters.fail_to_send(false);
    assert_eq!(world.settle(&everything(), Fate::Redriven).await, [a]);
}

#[tokio::test]
async fn without_a_reason_nothing_is_taken_or_changed() {
    let world = World::new();
    let (a, _) = world.dead_plan("org_a").await;
    for fate in [Fate::Redriven, Fate::Discarded] {
        let refused = settle((&world.ports, &world.letters), (&ann(), " "), (&everything(), fate), now()).await;
        assert_eq!(refused.unwrap_err().to_string(), "reason: 1 to 200 characters in one line");
    }
    assert_eq!(world.letters.in_sight(), [(Plan, a)]);
    assert_eq!(world.lines_of("org_a").await, []);
}

#[tokio::test]
async fn a_job_that_is_redriven_after_its_work_was_done_changes_nothing() {
    let table = Arc::new(MemoryTable::new());
    let world = World::new();
    let (store, ids) = (Store::new(table.clone()), Arc::new(CountingIds::new(1)));
    let waker = Waker { store: store.clone(), queue: world.queue.clone(), ids };
    store.change_organisation(&org("org_a"), now(), |profile| profile.name = "Harbour".to_owned()).await.unwrap();
    waker.wake(&org("org_a"), &Work::PlanDay {}, Cause::Due, now()).await.unwrap();
    let job = world.queue.take().pop().unwrap();
    // The sweep issues the work again, and this time it is done.
    let later = now().checked_add(jiff::SignedDuration::from_hours(1)).unwrap();
    waker.wake(&org("org_a"), &Work::PlanDay {}, Cause::Due, later).await.unwrap();
    let again = world.queue.take().pop().unwrap();
    plan_day(&waker, &org("org_a"), again.claim.unwrap(), later).await.unwrap();
    let before = table.items();
    assert_eq!(plan_day(&waker, &org("org_a"), job.claim.unwrap(), later).await.unwrap(), None);
    assert_eq!(table.items(), before);
    assert_eq!(world.queue.take(), []);
}
