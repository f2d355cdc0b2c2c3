//! Messages on the queues are hints: doubled and stale ones change nothing.

use numo_e2e::journey;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::world::World;

#[derive(Deserialize)]
struct DueItem {
    at: String,
}

pub(crate) async fn doubled_and_stale_jobs_change_nothing(world: &mut World) {
    let (org, connection) = ("org_harbour", world.harbour.connection.clone());
    let date = world.harbour.day.as_ref().unwrap().plan.header.date.clone();
    let sync = |claim: &str| job(org, "sync_connection.v1", json!({"connection": connection}), claim);
    let plan = |claim: &str| job(org, "plan_day.v1", json!({}), claim);
    world.queues.idle().await;
    // Tomorrow's plan was made before today's messages went out; it is brought up to date first.
    let plan_claim = claim(world, "DUE#PLAN#DAY").await;
    world.queues.send("plan", org, &plan(&plan_claim)).await;
    world.queues.idle().await;
    let run_before = journey::last_run(&world.owner(), &connection).await.unwrap();
    let before = Snapshot::of(world).await;

    let stale = "2026-01-01T00:00:00Z";
    let dispatch = |claim: &str| job(org, "dispatch_run.v1", json!({"date": date}), claim);
    for (queue, job) in [("sync", sync(stale)), ("plan", plan(stale)), ("dispatch", dispatch(stale))] {
        world.queues.send(queue, org, &job).await;
        world.queues.send(queue, org, &job).await;
    }
    // The claim in force, as a job has it that the queue delivers twice.
    let sync_claim = claim(world, &format!("DUE#SYNC#{connection}")).await;
    let plan_claim = claim(world, "DUE#PLAN#DAY").await;
    for (queue, job) in [("sync", sync(&sync_claim)), ("plan", plan(&plan_claim))] {
        world.queues.send(queue, org, &job).await;
        world.queues.send(queue, org, &job).await;
    }
    world.queues.idle().await;
    assert_eq!(Snapshot::of(world).await, before);
    assert_eq!(world.queues.dead().await, 0);
    let run = journey::last_run(&world.owner(), &connection).await.unwrap();
    assert_ne!(run, run_before, "the job with the claim in force was worked on");
}

/// What doubled jobs could change.
#[derive(Debug, PartialEq)]
struct Snapshot {
    invoices: Vec<Value>,
    contacts: Vec<Value>,
    reminders: Vec<Value>,
    plans: Vec<Value>,
    messages_at_meta: usize,
}

impl Snapshot {
    async fn of(world: &World) -> Self {
        let org = "org_harbour";
        Self {
            invoices: world.table.of_org(org, "INV#").await,
            contacts: world.table.of_org(org, "CONTACT#").await,
            reminders: world.table.of_org(org, "REM#").await,
            plans: world.table.of_org(org, "PLAN#").await,
            messages_at_meta: world.simulator.messages().await.unwrap().len(),
        }
    }
}

/// The claim that is in force of a due item of Harbour Lane Trading.
pub(crate) async fn claim(world: &World, key: &str) -> String {
    world.table.of_org::<DueItem>("org_harbour", key).await.remove(0).at
}

/// A job that came from a due item.
pub(crate) fn job(org: &str, kind: &str, data: Value, claim: &str) -> Value {
    json!({
        "id": uuid::Uuid::from_u128(7), "org": org, "at": "2026-01-01T00:00:00Z", "cause": "due",
        "claim": claim, "type": kind, "data": data,
    })
}
