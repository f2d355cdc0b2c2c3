//! Connected ledgers.

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post, put},
};
use numo_app::{
    configure,
    disconnect_ledger::disconnect_ledger,
    error::AppError,
    read_ledger_now::read_ledger_now,
    store::{expected::Subject, unreadable::UnreadableRecord},
};
use numo_domain::{
    connection::{Connection, ConnectionStatus, LedgerProvider},
    id::{ConnectionId, OrgId, PhoneNumberId},
};
use serde::{Deserialize, Serialize};

use crate::{
    api::asked::QueuedView,
    auth::{Admin, PresentAdmin, Signed},
    etag::{IfMatch, Tagged},
    failure::Failure,
    json_body::JsonBody,
    paging::Paged,
    path_of::PathOf,
    state::AppState,
    view::connection::{ConnectionView, RunView},
};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/connections", get(list))
        .route("/connections/{id}", get(show).delete(disconnect))
        .route("/connections/{id}/sender", put(set_sender))
        .route("/connections/{id}/sync", post(sync))
        .route("/connections/{id}/syncs", get(syncs))
        .route("/connections/{id}/unreadable", get(unreadable))
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct ConnectionsView {
    connections: Vec<ConnectionView>,
    available: Vec<AvailableView>,
}

/// A kind of ledger that can be connected.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct AvailableView {
    provider: LedgerProvider,
    /// Where a consent starts.
    start_url: String,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct SyncsView {
    syncs: Vec<RunView>,
    /// Where the next part begins; none at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct UnreadableView {
    unreadable: Vec<UnreadableRecord>,
    /// Where the next part begins; none at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct DisconnectedView {
    /// `disconnected`.
    status: ConnectionStatus,
}

/// The connected ledgers, and those that can be connected.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(get, path = "/connections", responses((status = 200, body = ConnectionsView)))
)]
async fn list(Signed(session): Signed, State(state): State<AppState>) -> Result<Json<ConnectionsView>, Failure> {
    let mut connections = Vec::new();
    for connection in state.store().connections(&session.org).await? {
        connections.push(ConnectionView::load(&state, &session.org, connection).await?);
    }
    let start =
        |provider: LedgerProvider| AvailableView { provider, start_url: state.site.start_url(provider.as_str()) };
    Ok(Json(ConnectionsView { connections, available: LedgerProvider::ALL.map(start).into() }))
}

/// One connected ledger.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        get, path = "/connections/{id}",
        params(("id" = ConnectionId, Path)),
        responses((status = 200, body = ConnectionView)),
    )
)]
async fn show(
    Signed(session): Signed,
    State(state): State<AppState>,
    PathOf(connection): PathOf<ConnectionId>,
) -> Result<Tagged<ConnectionView>, Failure> {
    let found = state.store().revised_connection(&session.org, connection).await?;
    let (found, revision) = found.ok_or_else(|| Failure::not_found("connection"))?;
    Ok(Tagged::new(revision, ConnectionView::load(&state, &session.org, found).await?))
}

/// The latest reads of a ledger, newest first.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        get, path = "/connections/{id}/syncs",
        params(crate::paging::PartQuery, ("id" = ConnectionId, Path)),
        responses((status = 200, body = SyncsView)),
    )
)]
async fn syncs(
    Signed(session): Signed,
    State(state): State<AppState>,
    PathOf(connection): PathOf<ConnectionId>,
    paged: Paged,
) -> Result<Json<SyncsView>, Failure> {
    let part = paged.part(&session.org)?;
    let found = found(&state, &session.org, connection).await?;
    let runs = state.store().sync_runs_part(&session.org, found.id, &part).await?.map(RunView::from);
    Ok(Json(SyncsView { syncs: runs.values, next_cursor: paged.next(&session.org, "", runs.next) }))
}

/// Records of a ledger that the owner has to put right.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        get, path = "/connections/{id}/unreadable",
        params(crate::paging::PartQuery, ("id" = ConnectionId, Path)),
        responses((status = 200, body = UnreadableView)),
    )
)]
async fn unreadable(
    Signed(session): Signed,
    State(state): State<AppState>,
    PathOf(connection): PathOf<ConnectionId>,
    paged: Paged,
) -> Result<Json<UnreadableView>, Failure> {
    let part = paged.part(&session.org)?;
    let found = found(&state, &session.org, connection).await?;
    let records = state.store().unreadable_part(&session.org, found.id, &part).await?;
    let next_cursor = paged.next(&session.org, "", records.next);
    Ok(Json(UnreadableView { unreadable: records.values, next_cursor }))
}

/// Which number writes to the ledger's customers.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ConnectionSenderForm))]
#[serde(deny_unknown_fields)]
struct SenderForm {
    /// One of the organisation's; null for any that no other ledger has for itself.
    #[serde(deserialize_with = "Option::deserialize")]
    #[cfg_attr(feature = "openapi", schema(required = true))]
    phone_number_id: Option<PhoneNumberId>,
}

/// The number that writes to the customers of a ledger.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        put, path = "/connections/{id}/sender",
        params(("id" = ConnectionId, Path)),
        request_body = SenderForm,
        responses((status = 200, body = ConnectionView)),
        security(("session" = ["admin"])),
    )
)]
async fn set_sender(
    Admin(session): Admin,
    State(state): State<AppState>,
    PathOf(connection): PathOf<ConnectionId>,
    if_match: IfMatch,
    JsonBody(SenderForm { phone_number_id }): JsonBody<SenderForm>,
) -> Result<Tagged<ConnectionView>, Failure> {
    let waker = if_match.waker(&state, &session.org, Subject::Connection(connection));
    let of = (connection, phone_number_id);
    configure::set_sender(&waker, &session.org, &session.user, of, state.now()).await?;
    show(Signed(session), State(state), PathOf(connection)).await
}

/// A ledger that cannot be read is not waited for in vain.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        post, path = "/connections/{id}/sync",
        params(("id" = ConnectionId, Path)),
        responses((status = 202, body = QueuedView)),
        security(("session" = ["admin"])),
    )
)]
async fn sync(
    Admin(session): Admin,
    State(state): State<AppState>,
    PathOf(connection): PathOf<ConnectionId>,
) -> Result<(StatusCode, Json<QueuedView>), Failure> {
    read_ledger_now(state.waker(), &session.org, connection, state.now()).await?;
    Ok((StatusCode::ACCEPTED, Json(QueuedView::QUEUED)))
}

/// Nothing is read from this answer on; the provider is told by a job.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        delete, path = "/connections/{id}",
        params(("id" = ConnectionId, Path)),
        responses((status = 202, body = DisconnectedView)),
        security(("session" = ["admin"])),
    )
)]
async fn disconnect(
    PresentAdmin(session): PresentAdmin,
    State(state): State<AppState>,
    PathOf(connection): PathOf<ConnectionId>,
    if_match: IfMatch,
) -> Result<(StatusCode, Json<DisconnectedView>), Failure> {
    let waker = if_match.waker(&state, &session.org, Subject::Connection(connection));
    disconnect_ledger(&waker, &session.org, &session.user, connection, state.now()).await?;
    Ok((StatusCode::ACCEPTED, Json(DisconnectedView { status: ConnectionStatus::Disconnected })))
}

async fn found(state: &AppState, org: &OrgId, connection: ConnectionId) -> Result<Connection, AppError> {
    state.store().connection(org, connection).await?.ok_or(AppError::NotFound("connection"))
}
