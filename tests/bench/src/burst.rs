//! A thousand connections that are due in the same minute, all limits enforced.

use std::{sync::Arc, time::Instant};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use numo_app::{
    job::{Cause, Job, Work},
    store::due::sync_work,
    sync_connection::Synced,
};
use numo_domain::{connection::LedgerProvider, id::OrgId};
use serde_json::{Value, json};

use crate::{
    Failure,
    counting_table::CountingTable,
    row::Row,
    simulator::Simulator,
    world::{Books, World},
};

/// Connections per provider.
const EACH: usize = 500;

/// Syncs at once, as the queue's mapping allows.
const AT_ONCE: usize = 20;

pub(crate) async fn measure() -> Result<Vec<Row>, Failure> {
    let simulator = Simulator::start().await?;
    let books = many_books(&simulator).await?;
    simulator
        .post(
            "xero/settings",
            &json!({"minute_limit": 60, "day_limit": 1_000, "concurrent_limit": 5, "app_minute_limit": 10_000}),
        )
        .await?;
    simulator.post("intuit/settings", &json!({"minute_limit": 500, "second_limit": 10, "batch_limit": 40})).await?;
    let world = World::over(Arc::new(CountingTable::new(false)), &simulator)?;
    for (n, books) in books.iter().enumerate() {
        let org: OrgId = format!("org_{n}").parse()?;
        world.connect(&org, books).await?;
    }
    let first: Vec<Job> = world.jobs();
    let first_sync_ms = run(&world, first).await?;
    let now = world.clock.now();
    for (n, _) in books.iter().enumerate() {
        let org: OrgId = format!("org_{n}").parse()?;
        for connection in world.store.connections(&org).await? {
            world.waker.wake(&org, &sync_work(connection.id), Cause::Due, now).await?;
        }
    }
    let due = world.jobs().into_iter().filter(|job| matches!(job.work, Work::SyncConnection { .. })).collect();
    let due_ms = run(&world, due).await?;
    let refused = refused(&simulator.get("xero/limits").await?["tenants"], "refused")
        + refused(&simulator.get("intuit/limits").await?, "throttled");
    let unsynced = unsynced(&world, books.len()).await?;
    Ok(vec![
        Row::new("burst_1000_due", refused, "calls beyond a limit", 0),
        Row::new("burst_1000_due.unsynced", unsynced, "connections", 0),
        Row::new("burst_1000_due.first_ms", first_sync_ms, "ms", 60_000),
        Row::new("burst_1000_due.due_ms", due_ms, "ms", 60_000),
    ])
}

/// Works on all jobs, as many at once as the mapping allows; says how long it took.
async fn run(world: &World, jobs: Vec<Job>) -> Result<u64, Failure> {
    let began = Instant::now();
    let syncs = jobs.iter().filter(|job| matches!(job.work, Work::SyncConnection { .. })).map(|job| world.sync(job));
    let syncs: Vec<_> = syncs.collect();
    let done: Vec<Synced> = stream::iter(syncs).buffer_unordered(AT_ONCE).try_collect().await?;
    drop(done);
    Ok(u64::try_from(began.elapsed().as_millis())?)
}

async fn many_books(simulator: &Simulator) -> Result<Vec<Books>, Failure> {
    let user = "bookkeeper@books.example";
    let made = simulator.post("xero/many", &json!({"user": user, "count": EACH})).await?;
    let tenants = made.as_array().ok_or("the simulator made no organisations")?;
    let mut books: Vec<Books> = tenants
        .iter()
        .filter_map(|tenant| tenant["tenant_id"].as_str())
        .map(|tenant| Books { provider: LedgerProvider::Xero, user: user.to_owned(), tenant: tenant.to_owned() })
        .collect();
    for n in 0..EACH {
        let asked = json!({"key": format!("burst-{n}"), "invoices": 12, "customers": 4, "payments": 2});
        let made = simulator.post("intuit/large", &asked).await?;
        let tenant = made["realm"].as_str().ok_or("the simulator made no company")?.to_owned();
        let user = "owner@harbour.example".to_owned();
        books.push(Books { provider: LedgerProvider::Quickbooks, user, tenant });
    }
    if books.len() == 2 * EACH { Ok(books) } else { Err("too few ledgers were made".into()) }
}

/// The sum of a count over all organisations, however deep it stands.
fn refused(limits: &Value, name: &str) -> u64 {
    match limits {
        Value::Object(fields) => {
            let own = fields.get(name).and_then(Value::as_u64).unwrap_or_default();
            own + fields.values().map(|value| refused(value, name)).sum::<u64>()
        }
        Value::Array(values) => values.iter().map(|value| refused(value, name)).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

async fn unsynced(world: &World, n_orgs: usize) -> Result<u64, Failure> {
    let mut unsynced = 0;
    for n in 0..n_orgs {
        let connections = world.store.connections(&format!("org_{n}").parse()?).await?;
        unsynced += u64::from(connections.iter().all(|connection| connection.last_synced_at.is_none()));
    }
    Ok(unsynced)
}
