//! Taking data along: everything of the organisation, or of one customer.

use std::{cmp::Reverse, collections::BTreeMap};

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use jiff::Timestamp;
use numo_app::{
    error::AppError,
    export::{LINK_LIVES, ask_for_export, take_links},
    store::export::{Archive, Export, ExportState},
};
use numo_domain::{
    contact::ContactRef,
    id::{ConnectionId, ExportId, ExternalId, UserId},
};
use serde::Serialize;

use crate::{
    auth::{Admin, NewId},
    failure::Failure,
    path_of::PathOf,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/exports", get(list).post(ask))
        .route("/exports/{id}", get(show))
        .route("/customers/{connection}/{contact}/export", post(ask_of_customer))
}

/// An export.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct ExportView {
    id: ExportId,
    /// The customer that it is of; nothing for everything.
    customer: Option<ContactRef>,
    asked_by: UserId,
    asked_at: Timestamp,
    /// `asked`, `running`, `ready`, `failed` or `gone`.
    state: &'static str,
    /// Why it failed, or is gone before its time.
    why: Option<String>,
    ready_at: Option<Timestamp>,
    /// When its archives are deleted.
    goes_at: Option<Timestamp>,
    archives: Vec<ArchiveView>,
    /// Lines per file.
    items: BTreeMap<String, u64>,
}

/// An archive of an export; a large one has several.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct ArchiveView {
    /// Bytes.
    size: u64,
    /// SHA-256, in hexadecimal.
    sha256: String,
    /// Whoever has it gets the archive, until `link_ends_at`; only where one export is asked for that is ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link_ends_at: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct ExportsView {
    exports: Vec<ExportView>,
}

/// The exports of the last 30 days, newest first.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        get, path = "/exports",
        responses((status = 200, body = ExportsView)),
        security(("session" = ["admin"])),
    )
)]
async fn list(Admin(session): Admin, State(state): State<AppState>) -> Result<Json<ExportsView>, Failure> {
    let exports = state.store().exports(&session.org).await?;
    let mut exports: Vec<Export> = exports.into_iter().map(|stored| stored.value).collect();
    exports.sort_by_key(|export| Reverse((export.asked_at, export.id)));
    let exports = exports.into_iter().map(|export| ExportView::new(export, state.now())).collect();
    Ok(Json(ExportsView { exports }))
}

/// Asks for everything of the organisation.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        post, path = "/exports",
        responses((status = 202, body = ExportView)),
        security(("session" = ["admin"])),
    )
)]
async fn ask(
    Admin(session): Admin,
    State(state): State<AppState>,
    new_id: NewId,
) -> Result<(StatusCode, Json<ExportView>), Failure> {
    let (who, id) = ((&session.org, &session.user), export_id(&new_id)?);
    let export = ask_for_export(state.waker(), who, (id, None), state.now()).await?;
    Ok((StatusCode::ACCEPTED, Json(ExportView::new(export, state.now()))))
}

/// Asks for what is known of one customer.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        post, path = "/customers/{connection}/{contact}/export",
        params(("connection" = ConnectionId, Path), ("contact" = ExternalId, Path)),
        responses((status = 202, body = ExportView)),
        security(("session" = ["admin"])),
    )
)]
async fn ask_of_customer(
    Admin(session): Admin,
    State(state): State<AppState>,
    PathOf((connection, contact)): PathOf<(ConnectionId, ExternalId)>,
    new_id: NewId,
) -> Result<(StatusCode, Json<ExportView>), Failure> {
    let (who, of) = ((&session.org, &session.user), Some(ContactRef { connection, contact }));
    let export = ask_for_export(state.waker(), who, (export_id(&new_id)?, of), state.now()).await?;
    Ok((StatusCode::ACCEPTED, Json(ExportView::new(export, state.now()))))
}

/// An export, with links to its archives while it is ready: each answer has new ones, and is a line of the activity log.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        get, path = "/exports/{id}",
        params(("id" = ExportId, Path)),
        responses((status = 200, body = ExportView)),
        security(("session" = ["admin"])),
    )
)]
async fn show(
    Admin(session): Admin,
    State(state): State<AppState>,
    PathOf(id): PathOf<ExportId>,
) -> Result<Json<ExportView>, Failure> {
    let (org, now) = (&session.org, state.now());
    let export = state.store().export(org, id).await?.ok_or(AppError::NotFound("export"))?.value;
    if !export.is_there(now) {
        return Ok(Json(ExportView::new(export, now)));
    }
    let ports = (state.waker(), state.exports.as_ref());
    let links = take_links(ports, (org, &session.user), &export, now).await?;
    let mut view = ExportView::new(export, now);
    for (archive, link) in view.archives.iter_mut().zip(links) {
        (archive.link, archive.link_ends_at) = (Some(link), now.saturating_add(LINK_LIVES).ok());
    }
    Ok(Json(view))
}

fn export_id(NewId(id): &NewId) -> Result<ExportId, AppError> {
    id.parse().map_err(|_invalid| AppError::Internal("a new id is no uuid".to_owned()))
}

impl ExportView {
    fn new(export: Export, now: Timestamp) -> Self {
        let is_there = export.is_there(now);
        let (state, why, ready_at, goes_at) = match export.state {
            ExportState::Asked => ("asked", None, None, None),
            ExportState::Running => ("running", None, None, None),
            ExportState::Ready { at, goes_at } => {
                (if is_there { "ready" } else { "gone" }, None, Some(at), Some(goes_at))
            }
            ExportState::Failed { why, .. } => ("failed", Some(why), None, None),
            ExportState::Withdrawn { .. } => ("gone", Some(WITHDRAWN.to_owned()), None, None),
        };
        let archive =
            |made: Archive| ArchiveView { size: made.size, sha256: made.sha256, link: None, link_ends_at: None };
        Self {
            id: export.id,
            customer: export.of,
            asked_by: export.asked_by,
            asked_at: export.asked_at,
            state,
            why,
            ready_at,
            goes_at,
            archives: export.archives.into_iter().map(archive).collect(),
            items: export.items,
        }
    }
}

const WITHDRAWN: &str = "a customer was erased who may be in it: ask for a new one";
