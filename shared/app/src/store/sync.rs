//! Where a sync stands, and what each run did.

use jiff::{SignedDuration, Timestamp};
use numo_domain::id::{ConnectionId, OrgId, SyncRunId};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::table::{Order, Query, Range, Source},
    store::{Entity, Store, Stored, decode, keys, new_item},
};

/// Up to when a ledger was read completely, by the ledger's own clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncCursor {
    /// Contacts changed up to here are known.
    pub contacts: Timestamp,
    /// Invoices changed up to here are known.
    pub invoices: Timestamp,
}

impl Entity for SyncCursor {
    const ENTITY: &'static str = "sync_cursor";
}

/// One run of a sync, with live progress.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncRun {
    /// Ours.
    pub id: SyncRunId,
    /// Which ledger.
    pub connection: ConnectionId,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; absent while it runs.
    pub ended_at: Option<Timestamp>,
    /// Everything, or what changed.
    pub first: bool,
    /// Contacts read.
    pub contacts_read: u32,
    /// Contacts that were new or changed.
    pub contacts_written: u32,
    /// Sales invoices read.
    pub invoices_read: u32,
    /// Sales invoices that were new or changed.
    pub invoices_written: u32,
    /// Rows that could not be read.
    pub skipped: u32,
    /// The first of them.
    pub skipped_rows: Vec<SkippedRecord>,
    /// Why it ended early, if it did: an error class.
    pub failure: Option<String>,
}

/// A row that a sync left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedRecord {
    /// `contact` or `invoice`.
    pub entity: String,
    /// The ledger's id, if the row has one.
    pub id: Option<String>,
    /// What is wrong, without values.
    pub reason: String,
}

impl Entity for SyncRun {
    const ENTITY: &'static str = "sync_run";
}

/// Runs are kept as long as they help to understand what happened.
const RUNS_KEPT: SignedDuration = SignedDuration::from_hours(24 * 90);

impl Store {
    /// Where the sync of a connection stands; nothing before the first one is complete.
    pub async fn sync_cursor(&self, org: &OrgId, connection: ConnectionId) -> Result<Option<SyncCursor>, AppError> {
        Ok(self.read(&keys::cursor(org, connection)).await?.map(|stored| stored.value))
    }

    /// Moves the cursor, after the last page alone.
    pub async fn save_sync_cursor(
        &self,
        org: &OrgId,
        connection: ConnectionId,
        cursor: &SyncCursor,
        now: Timestamp,
    ) -> Result<(), AppError> {
        self.put(keys::cursor(org, connection), cursor, now).await
    }

    /// Writes a run's progress.
    pub async fn save_sync_run(&self, org: &OrgId, run: &SyncRun, now: Timestamp) -> Result<(), AppError> {
        let key = keys::run(org, run.connection, run.id);
        let seen: Option<Stored<SyncRun>> = self.read(&key).await?;
        let mut item = new_item(key, run, now)?;
        item.expires_at = now.saturating_add(RUNS_KEPT).ok();
        match seen {
            None => self.create_item(item).await.map(|_| ()),
            Some(seen) => {
                item.rev = seen.rev + 1;
                item.created_at = seen.created_at;
                self.replace_item(item).await.map(|_| ())
            }
        }
    }

    /// The latest runs of a connection, newest first.
    pub async fn sync_runs(
        &self,
        org: &OrgId,
        connection: ConnectionId,
        limit: usize,
    ) -> Result<Vec<SyncRun>, AppError> {
        let query = Query {
            source: Source::Table(keys::org_partition(org)),
            range: Range::Prefix(keys::runs(connection)),
            limit,
            after: None,
            order: Order::Descending,
        };
        let page = self.query(&query).await?;
        page.items.into_iter().map(|item| decode(item).map(|stored| stored.value)).collect()
    }
}
