//! What operators do by hand.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use std::sync::Arc;

use jiff::{Timestamp, civil::date};
use numo_app::{
    configure::{Sending, pause},
    error::AppError,
    messaging_gate::pause_of,
    operator::{OperatorPorts, Order, connections::sync_now, order_everybody, order_one},
    store::{Store, activity::Actor, due::sync_work},
    wake::Waker,
};
use numo_domain::{
    connection::{Connection, ConnectionStatus, LedgerProvider},
    id::{ConnectionId, OperatorId, OrgId, UserId},
    organisation::{Organisation, PausedBy},
};
use numo_testkit::{counting_ids::CountingIds, memory_table::MemoryTable, recording_queue::RecordingQueue};

struct World {
    ports: OperatorPorts,
    waker: Waker,
}

impl World {
    async fn new() -> Self {
        let (store, ids) = (Store::new(Arc::new(MemoryTable::new())), Arc::new(CountingIds::new(1)));
        store.change_organisation(&org(), now(), |profile| profile.name = "Harbour".to_owned()).await.unwrap();
        let waker = Waker { store: store.clone(), queue: Arc::new(RecordingQueue::new()), ids: ids.clone() };
        Self { ports: OperatorPorts { store, ids }, waker }
    }

    async fn order(&self, order: Order) -> Result<Organisation, AppError> {
        order_one(&self.ports, &org(), (&ann(), " a complaint "), &order, now()).await
    }

    async fn member(&self, sending: Sending) {
        let member: UserId = "user_ann".parse().unwrap();
        pause(&self.waker, &org(), &member, sending, now()).await.unwrap();
    }

    /// Who keeps everything from going out.
    async fn held_by(&self) -> Option<PausedBy> {
        let organisation = self.ports.store.organisation(&org()).await.unwrap();
        let pause = pause_of(&self.ports.store, &organisation, date(2026, 11, 24)).await.unwrap();
        pause.map(|pause| pause.by)
    }
}

fn org() -> OrgId {
    "org_a".parse().unwrap()
}

fn ann() -> OperatorId {
    "ann".parse().unwrap()
}

fn now() -> Timestamp {
    "2026-11-24T06:00:00Z".parse().unwrap()
}

const STOP: Order = Order::Stop { until: None };

#[tokio::test]
async fn people_of_an_organisation_neither_lift_nor_lose_their_pause_by_that_of_the_operators() {
    let world = World::new().await;
    let members = Some(PausedBy::Member("user_ann".parse().unwrap()));
    world.member(Sending::Pause { until: None }).await;
    world.order(STOP).await.unwrap();
    assert_eq!(world.held_by().await, Some(PausedBy::Operator));
    world.order(Order::GoOn).await.unwrap();
    assert_eq!(world.held_by().await, members);
    world.order(STOP).await.unwrap();
    world.member(Sending::Resume).await;
    assert_eq!(world.held_by().await, Some(PausedBy::Operator));
    world.order(Order::GoOn).await.unwrap();
    assert_eq!(world.held_by().await, None);
}

#[tokio::test]
async fn a_stop_with_an_end_is_over_on_that_day_and_one_that_stands_keeps_its_beginning() {
    let world = World::new().await;
    let until = date(2026, 11, 26);
    world.order(STOP).await.unwrap();
    let later = "2026-11-25T06:00:00Z".parse().unwrap();
    let order = Order::Stop { until: Some(until) };
    let stopped = order_one(&world.ports, &org(), (&ann(), "why"), &order, later).await.unwrap();
    let stop = stopped.operator_pause.clone().unwrap();
    assert_eq!((stop.since, stop.until), (now(), Some(until)));
    assert_eq!(stopped.pause_on(date(2026, 11, 25)), Some(&stop));
    assert_eq!(stopped.pause_on(until), None);
}

#[tokio::test]
async fn what_an_operator_gets_wrong_is_told_by_its_name_and_changes_nothing() {
    let world = World::new().await;
    let nobody: OrgId = "org_typo".parse().unwrap();
    let unknown = order_one(&world.ports, &nobody, (&ann(), "why"), &STOP, now()).await.unwrap_err();
    assert!(matches!(unknown, AppError::NotFound("organisation")), "{unknown}");
    let today = Order::Stop { until: Some(date(2026, 11, 24)) };
    let day = Order::Stop { until: Some(date(2026, 12, 1)) };
    let long = "x".repeat(201);
    let refused = [
        order_one(&world.ports, &org(), (&ann(), "why"), &today, now()).await.map(drop),
        order_everybody(&world.ports, (&ann(), "why"), &day, now()).await.map(drop),
        order_one(&world.ports, &org(), (&ann(), "  "), &STOP, now()).await.map(drop),
        order_everybody(&world.ports, (&ann(), &long), &STOP, now()).await.map(drop),
        order_everybody(&world.ports, (&ann(), "two\nlines"), &STOP, now()).await.map(drop),
    ];
    let fields = refused.map(|refused| match refused {
        Err(AppError::Invalid { field, .. }) => field,
        other => panic!("{other:?}"),
    });
    assert_eq!(fields, ["until", "until", "reason", "reason", "reason"]);
    assert_eq!(world.held_by().await, None);
    assert_eq!(world.ports.store.activity(&org(), 10).await.unwrap(), []);
    assert_eq!(world.ports.store.operations(10).await.unwrap(), []);
}

#[tokio::test]
async fn everything_that_operators_do_is_in_an_activity_log_with_their_name_and_reason() {
    let world = World::new().await;
    world.order(STOP).await.unwrap();
    world.order(Order::GoOn).await.unwrap();
    order_everybody(&world.ports, (&ann(), "outage"), &STOP, now()).await.unwrap();
    assert_eq!(world.held_by().await, Some(PausedBy::Operator));
    order_everybody(&world.ports, (&ann(), "over"), &Order::GoOn, now()).await.unwrap();
    assert_eq!(world.held_by().await, None);
    let said = |lines: Vec<numo_app::store::activity::Line>| -> Vec<(String, String)> {
        let lines: Vec<_> = lines.into_iter().map(|line| line.activity).collect();
        assert!(lines.iter().all(|line| line.actor == Actor::Operator(ann()) && line.at == now()));
        lines.into_iter().map(|line| (line.action, line.detail["reason"].as_str().unwrap().to_owned())).collect()
    };
    let pair = |action: &str, reason: &str| (action.to_owned(), reason.to_owned());
    let of_one = said(world.ports.store.activity(&org(), 10).await.unwrap());
    let expected = [pair("everything.let_go_on", "a complaint"), pair("everything.stopped", "a complaint")];
    assert_eq!(of_one, expected);
    let of_all = said(world.ports.store.operations(10).await.unwrap());
    assert_eq!(of_all, [pair("everybody.let_go_on", "over"), pair("everybody.stopped", "outage")]);
}

/// A ledger, as far as operators care.
async fn ledger(world: &World, id: ConnectionId, status: ConnectionStatus) {
    let ledger = Connection {
        id,
        provider: LedgerProvider::Xero,
        tenant: "tenant-a".parse().unwrap(),
        provider_connection: "link-a".parse().unwrap(),
        holder: "holder-a".parse().unwrap(),
        name: "Harbour".to_owned(),
        status,
        is_demo_company: false,
        connected_at: now(),
        last_synced_at: None,
        consent_ends_at: None,
        own_reminders: None,
        sender: None,
        last_payment_on: None,
    };
    world.ports.store.save_connection(&org(), &ledger, now()).await.unwrap();
}

#[tokio::test]
async fn a_ledger_is_due_for_the_next_sweep_on_the_word_of_an_operator_and_one_that_cannot_be_read_is_not() {
    let world = World::new().await;
    let id: ConnectionId = "018f0000-0000-7000-8000-00000000000c".parse().unwrap();
    let sync = async |org: &OrgId| sync_now(&world.ports, (org, id), (&ann(), "ticket 4711"), now()).await;
    let due_at = async || world.ports.store.due(&org(), &sync_work(id)).await.unwrap().map(|due| due.value.at);
    let stranger: OrgId = "org_b".parse().unwrap();
    for status in [ConnectionStatus::ReauthRequired, ConnectionStatus::Disconnected] {
        ledger(&world, id, status).await;
        assert!(sync(&org()).await.is_err(), "{status:?}");
    }
    assert!(matches!(sync(&stranger).await, Err(AppError::NotFound("connection"))));
    assert_eq!((due_at().await, world.ports.store.activity(&org(), 10).await.unwrap()), (None, vec![]));
    ledger(&world, id, ConnectionStatus::Active).await;
    sync(&org()).await.unwrap();
    assert_eq!(due_at().await, Some(now()));
    let lines = world.ports.store.activity(&org(), 10).await.unwrap();
    let detail = serde_json::json!({"connection": id, "reason": "ticket 4711"});
    assert!(lines.len() == 1 && lines[0].activity.detail == detail, "{lines:?}");
}
