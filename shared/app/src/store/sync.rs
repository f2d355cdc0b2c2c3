//! Where a sync stands, and what each run did.

use jiff::{SignedDuration, Timestamp};
use numo_domain::id::{ConnectionId, OrgId, SyncRunId};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::{
        ledger::{
            reader::{Place, Pull},
            record::RecordKind,
        },
        table::Order,
    },
    store::{
        Entity, Store, keys,
        part::{Part, Parted},
    },
};

/// Where the reading of a ledger stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncCursor {
    /// Everything that changed up to here is known, by the ledger's own clock; nothing before the
    /// first sync is complete.
    pub since: Option<Timestamp>,
    /// When everything open was last gone through.
    pub swept_at: Option<Timestamp>,
    /// A sync that was not finished goes on from here.
    pub underway: Option<Underway>,
    /// A webhook wakes no sync before this.
    pub quiet_until: Option<Timestamp>,
}

/// A sync that has pages left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Underway {
    /// Its run.
    pub run: SyncRunId,
    /// What it pulls.
    pub pull: Pull,
    /// Its next call.
    pub place: Place,
    /// The ledger's clock at its first call.
    pub read_at: Timestamp,
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
    /// What it pulls.
    pub kind: SyncKind,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; absent while it runs.
    pub ended_at: Option<Timestamp>,
    /// Calls to the ledger, those of the token endpoint not counted.
    pub calls: u32,
    /// Contacts read.
    pub contacts_read: u32,
    /// Contacts that were new or changed.
    pub contacts_written: u32,
    /// Sales invoices read.
    pub invoices_read: u32,
    /// Sales invoices that were new or changed.
    pub invoices_written: u32,
    /// Credits, bills and payments read.
    pub money_read: u32,
    /// Credits, bills and payments that were new or changed.
    pub money_written: u32,
    /// Rows of customers who were erased: nothing of them is kept.
    #[serde(default)]
    pub left_out: u32,
    /// Rows that could not be read.
    pub skipped: u32,
    /// The first of them.
    pub skipped_rows: Vec<SkippedRecord>,
    /// Why it ended early, if it did: an error class.
    pub failure: Option<String>,
}

/// What a run pulls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SyncKind {
    /// Everything that matters at the beginning.
    First,
    /// What changed.
    Changes,
    /// Everything that is open.
    Sweep,
}

impl SyncRun {
    /// A run that begins.
    pub fn begun(id: SyncRunId, connection: ConnectionId, kind: SyncKind, now: Timestamp) -> Self {
        Self {
            id,
            connection,
            kind,
            started_at: now,
            ended_at: None,
            calls: 0,
            contacts_read: 0,
            contacts_written: 0,
            invoices_read: 0,
            invoices_written: 0,
            money_read: 0,
            money_written: 0,
            left_out: 0,
            skipped: 0,
            skipped_rows: Vec::new(),
            failure: None,
        }
    }
}

/// A row that a sync left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SkippedRecord {
    /// What it is.
    pub kind: RecordKind,
    /// The ledger's id, if the row has one.
    pub id: Option<String>,
    /// The number printed on it, if the row has one.
    pub number: Option<String>,
    /// What is wrong, without values.
    pub reason: String,
}

impl Entity for SyncRun {
    const ENTITY: &'static str = "sync_run";
}

/// Runs are kept as long as they help to understand what happened.
pub(super) const RUNS_KEPT: SignedDuration = SignedDuration::from_hours(24 * 90);

impl Store {
    /// Where the sync of a connection stands; at its beginning before the first one.
    pub async fn sync_cursor(&self, org: &OrgId, connection: ConnectionId) -> Result<SyncCursor, AppError> {
        Ok(self.read(&keys::cursor(org, connection)).await?.map(|stored| stored.value).unwrap_or_default())
    }

    /// Moves the cursor; only whoever holds the claim of the sync may.
    pub async fn save_sync_cursor(
        &self,
        org: &OrgId,
        connection: ConnectionId,
        cursor: &SyncCursor,
        now: Timestamp,
    ) -> Result<(), AppError> {
        self.put(keys::cursor(org, connection), cursor, now).await
    }

    /// One run.
    pub(crate) async fn sync_run(
        &self,
        org: &OrgId,
        connection: ConnectionId,
        run: SyncRunId,
    ) -> Result<Option<SyncRun>, AppError> {
        Ok(self.read(&keys::run(org, connection, run)).await?.map(|stored| stored.value))
    }

    /// Writes a run's progress.
    pub async fn save_sync_run(&self, org: &OrgId, run: &SyncRun, now: Timestamp) -> Result<(), AppError> {
        let expires_at = now.saturating_add(RUNS_KEPT).ok();
        self.put_until(keys::run(org, run.connection, run.id), run, expires_at, now).await
    }

    /// The latest runs of a connection, newest first.
    pub async fn sync_runs(
        &self,
        org: &OrgId,
        connection: ConnectionId,
        limit: usize,
    ) -> Result<Vec<SyncRun>, AppError> {
        Ok(self.sync_runs_part(org, connection, &Part::first(limit)).await?.values)
    }

    /// The runs of a connection, part by part, newest first.
    pub async fn sync_runs_part(
        &self,
        org: &OrgId,
        connection: ConnectionId,
        part: &Part,
    ) -> Result<Parted<SyncRun>, AppError> {
        self.list_part(keys::org_partition(org), keys::runs(connection), Order::Descending, part).await
    }
}
