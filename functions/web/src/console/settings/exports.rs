//! Taking everything along.

use std::cmp::Reverse;

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Redirect},
    routing::get,
};
use numo_app::{
    error::AppError,
    export::{ask_for_export, take_links},
    store::export::{Export, ExportState},
};
use numo_domain::id::ExportId;

use crate::{
    console::{
        Shown,
        frame::Frame,
        notice::Notice,
        sent::Sent,
        time::{LocalTime, WallClock},
        viewer::Viewer,
    },
    path_of::PathOf,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/settings/exports", get(show).post(export))
        .route("/settings/exports/{id}/{archive}", get(fetch))
}

#[derive(Template)]
#[template(path = "settings_exports.html")]
struct ExportsPage {
    frame: Frame,
    exports: Vec<ExportText>,
    /// Names the export that is asked for, so that a form that is sent twice asks once; none while one is made.
    new_export: Option<String>,
}

/// An export, with the archives that can be fetched.
struct ExportText {
    id: String,
    of: &'static str,
    asked_at: LocalTime,
    state: String,
    archives: usize,
}

async fn show(viewer: Viewer, State(state): State<AppState>) -> Shown {
    let mut exports: Vec<Export> = match viewer.is_admin() {
        true => state.store().exports(&viewer.session.org).await?.into_iter().map(|stored| stored.value).collect(),
        false => Vec::new(),
    };
    exports.sort_by_key(|export| Reverse((export.asked_at, export.id)));
    let is_under_way = |export: &Export| matches!(export.state, ExportState::Asked | ExportState::Running);
    let page = ExportsPage {
        frame: viewer.frame(&state, "Your data"),
        new_export: (!exports.iter().any(is_under_way)).then(|| state.waker().ids.uuid().to_string()),
        exports: exports.into_iter().map(|export| ExportText::new(export, &state, &viewer.clock)).collect(),
    };
    viewer.page(&state, &page)
}

/// Asks for everything of the organisation.
async fn export(State(state): State<AppState>, sent: Sent) -> Shown {
    sent.viewer.must_be_admin()?;
    let id = sent.fields.read::<ExportId>("id", "open the page again")?;
    let session = &sent.viewer.session;
    ask_for_export(state.waker(), (&session.org, &session.user), (id, None), state.now()).await?;
    Ok(sent.done("/settings/exports", Notice::ExportAsked).into_response())
}

/// Leads to an archive, by a link that is made for this moment; a form may not lead to another host.
async fn fetch(
    viewer: Viewer,
    State(state): State<AppState>,
    PathOf((id, archive)): PathOf<(ExportId, usize)>,
) -> Shown {
    viewer.must_be_admin()?;
    let (session, now) = (&viewer.session, state.now());
    let export = state.store().export(&session.org, id).await?.ok_or(AppError::NotFound("export"))?.value;
    if !export.is_there(now) {
        return Err(AppError::NotFound("export").into());
    }
    let ports = (state.waker(), state.exports.as_ref());
    let links = take_links(ports, (&session.org, &session.user), &export, now).await?;
    let link = links.into_iter().nth(archive).ok_or(AppError::NotFound("export"))?;
    Ok(Redirect::to(&link).into_response())
}

impl ExportText {
    fn new(export: Export, state: &AppState, clock: &WallClock) -> Self {
        let is_there = export.is_there(state.now());
        let told = match &export.state {
            ExportState::Asked | ExportState::Running => "it is being made".to_owned(),
            ExportState::Ready { goes_at, .. } if is_there => format!("ready until {}", clock.show(*goes_at).text),
            ExportState::Ready { .. } => "deleted after its seven days".to_owned(),
            ExportState::Failed { why, .. } => format!("failed: {why}"),
            ExportState::Withdrawn { .. } => "deleted, since a customer was erased who may be in it".to_owned(),
        };
        Self {
            id: export.id.to_string(),
            of: if export.of.is_some() { "One customer" } else { "Everything" },
            asked_at: clock.show(export.asked_at),
            state: told,
            archives: if is_there { export.archives.len() } else { 0 },
        }
    }
}
