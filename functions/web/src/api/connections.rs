//! Connected ledgers.

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use jiff::Timestamp;
use numo_app::{
    error::AppError,
    job::{Cause, Work},
    store::sync::{SkippedRecord, SyncRun},
};
use numo_domain::{
    connection::{Connection, ConnectionStatus, Provider},
    id::ConnectionId,
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    auth::{Admin, Signed},
    failure::Failure,
    path_of::PathOf,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/connections", get(list)).route("/connections/{id}/sync", post(sync))
}

#[derive(Debug, Serialize)]
struct ConnectionView {
    id: ConnectionId,
    provider: Provider,
    name: String,
    status: ConnectionStatus,
    is_demo_company: bool,
    connected_at: Timestamp,
    last_synced_at: Option<Timestamp>,
    last_run: Option<RunView>,
}

#[derive(Debug, Serialize)]
struct RunView {
    started_at: Timestamp,
    ended_at: Option<Timestamp>,
    first: bool,
    contacts_read: u32,
    contacts_written: u32,
    invoices_read: u32,
    invoices_written: u32,
    skipped: u32,
    skipped_rows: Vec<SkippedRecord>,
    failure: Option<String>,
}

async fn list(Signed(session): Signed, State(state): State<AppState>) -> Result<Json<Value>, Failure> {
    let mut connections = Vec::new();
    for connection in state.store().connections(&session.org).await? {
        let run = state.store().sync_runs(&session.org, connection.id, 1).await?.into_iter().next();
        connections.push(ConnectionView::new(connection, run));
    }
    let xero = Provider::Xero.as_str();
    let available = json!([{"provider": xero, "start_url": state.site.start_url(xero)}]);
    Ok(Json(json!({"connections": connections, "available": available})))
}

async fn sync(
    Admin(session): Admin,
    State(state): State<AppState>,
    PathOf(connection): PathOf<ConnectionId>,
) -> Result<(StatusCode, Json<Value>), Failure> {
    let found = state.store().connection(&session.org, connection).await?;
    let work = Work::SyncConnection { connection: found.ok_or(AppError::NotFound("connection"))?.id };
    state.waker().wake(&session.org, &work, Cause::Person, state.now()).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({"status": "queued"}))))
}

impl ConnectionView {
    fn new(connection: Connection, run: Option<SyncRun>) -> Self {
        Self {
            id: connection.id,
            provider: connection.provider,
            name: connection.name,
            status: connection.status,
            is_demo_company: connection.is_demo_company,
            connected_at: connection.connected_at,
            last_synced_at: connection.last_synced_at,
            last_run: run.map(RunView::from),
        }
    }
}

impl From<SyncRun> for RunView {
    fn from(run: SyncRun) -> Self {
        Self {
            started_at: run.started_at,
            ended_at: run.ended_at,
            first: run.first,
            contacts_read: run.contacts_read,
            contacts_written: run.contacts_written,
            invoices_read: run.invoices_read,
            invoices_written: run.invoices_written,
            skipped: run.skipped,
            skipped_rows: run.skipped_rows,
            failure: run.failure,
        }
    }
}
