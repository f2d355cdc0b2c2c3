//! What an organisation costs on a day on which nothing happens: jobs, units of the table, calls of the key service.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use jiff::SignedDuration;
use numo_app::{
    job::Job,
    port::{
        clock::Clock as _,
        queue::{Queue, QueueError},
    },
    sweep_due::sweep_due,
};
use numo_simulation::world::World;
use numo_testkit::faulty_table::Plan;

use crate::{Failure, row::Row};

/// Customers of the organisation; none of them owes anything.
const CUSTOMERS: u32 = 200;

const MINUTES: u32 = 24 * 60;

/// Bytes of a read unit, strongly consistent.
const READ_UNIT: u64 = 4_096;

/// The kinds of jobs that a quiet day has.
const KINDS: [(&str, u64); 4] =
    [("sync_connection.v1", 30), ("plan_day.v1", 3), ("check_organisation.v1", 1), ("check_account.v1", 1)];

pub(crate) async fn measure() -> Result<Vec<Row>, Failure> {
    let mut world = World::new(4);
    world.set_up(1, CUSTOMERS).await;
    // What follows from setting up is not of a quiet day.
    world.run_in_peace(24).await;
    let queue = Arc::new(CountingQueue { inner: Arc::clone(&world.waker.queue), sent: Mutex::default() });
    world.waker.queue = queue.clone();
    let (opened, mut written, mut read) = (world.keys.calls(), 0, 0);
    world.table.take_counts();
    for _ in 0..MINUTES {
        let woken = sweep_due(&world.waker, world.clock.now()).await?.woken;
        // What the sweep asks is the same for any number of organisations; what it writes is theirs.
        written += world.table.take_counts().all_write_units();
        if woken > 0 {
            world.work_with(Plan::Never).await;
            let counts = world.table.take_counts();
            written += counts.all_write_units();
            read += counts.reads() + counts.bytes_read / READ_UNIT;
        }
        world.clock.advance(SignedDuration::from_mins(1));
    }
    if !world.meta.taken().is_empty() {
        return Err("a message went out on a quiet day".into());
    }
    let sent = queue.sent.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let mut rows = vec![
        Row::new("idle_day.write_units", written, "write units", 1_100),
        Row::new("idle_day.read_units", read, "read units", 1_600),
        Row::new("idle_day.kms_calls", world.keys.calls() - opened, "calls", 32),
        Row::new("idle_day.jobs", sent.values().sum(), "jobs", 36),
    ];
    for (kind, limit) in KINDS {
        let jobs = sent.get(kind).copied().unwrap_or_default();
        rows.push(Row::new(format!("idle_day.jobs.{}", kind.trim_end_matches(".v1")), jobs, "jobs", limit));
    }
    Ok(rows)
}

/// Counts the jobs that it hands on, by their kind.
struct CountingQueue {
    inner: Arc<dyn Queue>,
    sent: Mutex<BTreeMap<&'static str, u64>>,
}

#[async_trait]
impl Queue for CountingQueue {
    async fn send(&self, job: &Job) -> Result<(), QueueError> {
        *self.sent.lock().unwrap_or_else(PoisonError::into_inner).entry(job.work.name()).or_default() += 1;
        self.inner.send(job).await
    }
}
