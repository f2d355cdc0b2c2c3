//! Connected ledgers.

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post, put},
};
use numo_app::{configure, disconnect_ledger::disconnect_ledger, error::AppError, job::Cause, store::due::sync_work};
use numo_domain::{
    connection::{Connection, ConnectionStatus, LedgerProvider},
    id::{ConnectionId, OrgId, PhoneNumberId},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    auth::{Admin, Signed},
    failure::Failure,
    json_body::JsonBody,
    path_of::PathOf,
    state::AppState,
    view::connection::{ConnectionView, RunView},
};

/// Runs that one answer holds.
const LATEST_RUNS: usize = 20;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/connections", get(list))
        .route("/connections/{id}", get(show).delete(disconnect))
        .route("/connections/{id}/sender", put(set_sender))
        .route("/connections/{id}/sync", post(sync))
        .route("/connections/{id}/syncs", get(syncs))
        .route("/connections/{id}/unreadable", get(unreadable))
}

async fn list(Signed(session): Signed, State(state): State<AppState>) -> Result<Json<Value>, Failure> {
    let mut connections = Vec::new();
    for connection in state.store().connections(&session.org).await? {
        connections.push(ConnectionView::load(&state, &session.org, connection).await?);
    }
    let available = LedgerProvider::ALL
        .map(|provider| json!({"provider": provider, "start_url": state.site.start_url(provider.as_str())}));
    Ok(Json(json!({"connections": connections, "available": available})))
}

async fn show(
    Signed(session): Signed,
    State(state): State<AppState>,
    PathOf(connection): PathOf<ConnectionId>,
) -> Result<Json<ConnectionView>, Failure> {
    let found = found(&state, &session.org, connection).await?;
    Ok(Json(ConnectionView::load(&state, &session.org, found).await?))
}

async fn syncs(
    Signed(session): Signed,
    State(state): State<AppState>,
    PathOf(connection): PathOf<ConnectionId>,
) -> Result<Json<Value>, Failure> {
    let found = found(&state, &session.org, connection).await?;
    let runs = state.store().sync_runs(&session.org, found.id, LATEST_RUNS).await?;
    let runs: Vec<RunView> = runs.into_iter().map(RunView::from).collect();
    Ok(Json(json!({"syncs": runs})))
}

async fn unreadable(
    Signed(session): Signed,
    State(state): State<AppState>,
    PathOf(connection): PathOf<ConnectionId>,
) -> Result<Json<Value>, Failure> {
    let found = found(&state, &session.org, connection).await?;
    Ok(Json(json!({"unreadable": state.store().unreadable_records(&session.org, found.id).await?})))
}

/// Which number writes to the ledger's customers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SenderForm {
    /// One of the organisation's; null for any that no other ledger has for itself.
    #[serde(deserialize_with = "Option::deserialize")]
    phone_number_id: Option<PhoneNumberId>,
}

async fn set_sender(
    Admin(session): Admin,
    State(state): State<AppState>,
    PathOf(connection): PathOf<ConnectionId>,
    JsonBody(SenderForm { phone_number_id }): JsonBody<SenderForm>,
) -> Result<Json<ConnectionView>, Failure> {
    let (waker, of) = (state.waker(), (connection, phone_number_id));
    let changed = configure::set_sender(waker, &session.org, &session.user, of, state.now()).await?;
    Ok(Json(ConnectionView::load(&state, &session.org, changed).await?))
}

/// A ledger that cannot be read is not waited for in vain.
async fn sync(
    Admin(session): Admin,
    State(state): State<AppState>,
    PathOf(connection): PathOf<ConnectionId>,
) -> Result<(StatusCode, Json<Value>), Failure> {
    let found = found(&state, &session.org, connection).await?;
    match found.status {
        ConnectionStatus::Active | ConnectionStatus::Suspended => {}
        ConnectionStatus::ReauthRequired => return Err(AppError::ReauthRequired.into()),
        ConnectionStatus::Disconnected => return Err(AppError::Conflict("the ledger is disconnected").into()),
    }
    state.waker().wake(&session.org, &sync_work(found.id), Cause::Person, state.now()).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({"status": "queued"}))))
}

/// Nothing is read from this answer on; the provider is told by a job.
async fn disconnect(
    Admin(session): Admin,
    State(state): State<AppState>,
    PathOf(connection): PathOf<ConnectionId>,
) -> Result<(StatusCode, Json<Value>), Failure> {
    disconnect_ledger(state.waker(), &session.org, &session.user, connection, state.now()).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({"status": ConnectionStatus::Disconnected}))))
}

async fn found(state: &AppState, org: &OrgId, connection: ConnectionId) -> Result<Connection, AppError> {
    state.store().connection(org, connection).await?.ok_or(AppError::NotFound("connection"))
}
