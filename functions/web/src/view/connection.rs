//! A connected ledger: how it is, and what was read from it.

use jiff::{Timestamp, civil::Date};
use numo_app::{
    error::AppError,
    port::ledger::Limit,
    rate_gate::parked,
    store::sync::{SkippedRecord, SyncKind, SyncRun},
};
use numo_domain::{
    connection::{Connection, ConnectionStatus, LedgerProvider},
    id::{ConnectionId, OrgId, PhoneNumberId, SyncRunId},
};
use serde::Serialize;

use crate::state::AppState;

/// Said of a ledger that writes to customers as well.
pub(crate) const OWN_REMINDERS: &str = "The ledger sends reminders of its own as well, so customers may get both.";

/// A connected ledger.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(crate) struct ConnectionView {
    id: ConnectionId,
    provider: LedgerProvider,
    name: String,
    status: ConnectionStatus,
    parked: Option<ParkedView>,
    is_demo_company: bool,
    connected_at: Timestamp,
    consent_ends_at: Option<Timestamp>,
    own_reminders: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    own_reminders_warning: Option<&'static str>,
    sender: Option<PhoneNumberId>,
    last_payment_on: Option<Date>,
    last_synced_at: Option<Timestamp>,
    last_run: Option<RunView>,
}

/// Until when a ledger is left alone, because of which limit of its provider.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct ParkedView {
    until: Timestamp,
    limit: Limit,
}

/// A read of a ledger; one without an end goes on, and its counts grow.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(crate) struct RunView {
    id: SyncRunId,
    kind: SyncKind,
    started_at: Timestamp,
    ended_at: Option<Timestamp>,
    calls: u32,
    contacts_read: u32,
    contacts_written: u32,
    invoices_read: u32,
    invoices_written: u32,
    money_read: u32,
    money_written: u32,
    /// Rows of customers who were erased.
    left_out: u32,
    skipped: u32,
    skipped_rows: Vec<SkippedRecord>,
    failure: Option<String>,
}

impl ConnectionView {
    /// A connection with its latest run and its gate.
    pub(crate) async fn load(state: &AppState, org: &OrgId, connection: Connection) -> Result<Self, AppError> {
        let run = state.store().sync_runs(org, connection.id, 1).await?.into_iter().next();
        let parked = parked(state.store(), org, &connection, state.now()).await?;
        Ok(Self {
            id: connection.id,
            provider: connection.provider,
            name: connection.name,
            status: connection.status,
            parked: parked.map(|gate| ParkedView { until: gate.parked_until, limit: gate.limit }),
            is_demo_company: connection.is_demo_company,
            connected_at: connection.connected_at,
            consent_ends_at: connection.consent_ends_at,
            own_reminders: connection.own_reminders,
            sender: connection.sender,
            own_reminders_warning: (connection.own_reminders == Some(true)).then_some(OWN_REMINDERS),
            last_payment_on: connection.last_payment_on,
            last_synced_at: connection.last_synced_at,
            last_run: run.map(RunView::from),
        })
    }
}

impl From<SyncRun> for RunView {
    fn from(run: SyncRun) -> Self {
        Self {
            id: run.id,
            kind: run.kind,
            started_at: run.started_at,
            ended_at: run.ended_at,
            calls: run.calls,
            contacts_read: run.contacts_read,
            contacts_written: run.contacts_written,
            invoices_read: run.invoices_read,
            invoices_written: run.invoices_written,
            money_read: run.money_read,
            money_written: run.money_written,
            left_out: run.left_out,
            skipped: run.skipped,
            skipped_rows: run.skipped_rows,
            failure: run.failure,
        }
    }
}
