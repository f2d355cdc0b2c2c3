//! The sweep of a minute in which a hundred connections are due, among a thousand and among a hundred thousand.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use numo_app::{
    store::{Store, due::sync_work},
    sweep_due::sweep_due,
    wake::Waker,
};
use numo_domain::id::{ConnectionId, OrgId};
use numo_testkit::{
    counting_ids::CountingIds,
    memory_table::{Counts, MemoryTable},
    recording_queue::RecordingQueue,
};
use uuid::Uuid;

use crate::{Failure, row::Row};

/// Connections that are due.
const DUE: u64 = 100;

/// Parts of the index that due work is spread over.
const SHARDS: u64 = 16;

pub(crate) async fn measure() -> Result<Vec<Row>, Failure> {
    let (few, many) = (sweep(1_000).await?, sweep(100_000).await?);
    // The gate is looked at and each part is asked once; what is due is read and claimed.
    let most = 1 + SHARDS + 2 * DUE;
    Ok(vec![
        Row::new("sweep_calls.1000", few.calls(), "calls of the table", most),
        Row::new("sweep_calls.100000", many.calls(), "calls of the table", few.calls()),
        Row::new("sweep_items.100000", many.items_read, "items read", few.items_read),
    ])
}

/// What a sweep asks of a table with so many connections.
async fn sweep(connections: u64) -> Result<Counts, Failure> {
    let (table, queue) = (Arc::new(MemoryTable::new()), Arc::new(RecordingQueue::new()));
    let store = Store::new(table.clone());
    let waker = Waker { store: store.clone(), queue: queue.clone(), ids: Arc::new(CountingIds::new(1)) };
    let now: Timestamp = "2026-11-28T06:00:00Z".parse()?;
    let (due, later) =
        (now.checked_sub(SignedDuration::from_secs(30))?, now.checked_add(SignedDuration::from_mins(30))?);
    for n in 0..connections {
        let org: OrgId = format!("org_{n}").parse()?;
        // Those that are due stand among the others.
        let at = if n % (connections / DUE) == 0 { due } else { later };
        store.mark_due(&org, &sync_work(ConnectionId::new(Uuid::from_u128(u128::from(n) + 1))), at, now).await?;
    }
    // The first sweep of a table's life names its gate, and finds nothing yet.
    sweep_due(&waker, due.checked_sub(SignedDuration::from_mins(1))?).await?;
    table.take_counts();
    let swept = sweep_due(&waker, now).await?;
    let jobs = queue.take().len();
    if u64::try_from(swept.woken)? != DUE || u64::try_from(jobs)? != DUE {
        return Err(format!("{} of {DUE} were woken, {jobs} jobs were sent", swept.woken).into());
    }
    Ok(table.take_counts())
}
