//! Links by which a client connects WhatsApp for the organisation without signing in.

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{delete, get},
};
use jiff::Timestamp;
use numo_app::{
    setup_link::{make_link, take_link_back},
    store::setup_link::SetupLink,
};
use numo_domain::id::UserId;
use serde::Serialize;

use crate::{
    auth::{Admin, Signed},
    failure::Failure,
    path_of::PathOf,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/setup-links", get(list).post(make)).route("/setup-links/{id}", delete(take_back))
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct SetupLinkView {
    id: String,
    /// In whose name it works.
    made_by: UserId,
    made_at: Timestamp,
    ends_at: Timestamp,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct SetupLinksView {
    links: Vec<SetupLinkView>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct NewSetupLinkView {
    #[serde(flatten)]
    link: SetupLinkView,
    /// Shown this once: whoever has it may connect WhatsApp for the organisation.
    url: String,
}

/// The links that work.
#[cfg_attr(feature = "openapi", utoipa::path(get, path = "/setup-links", responses((status = 200, body = SetupLinksView))))]
async fn list(Signed(session): Signed, State(state): State<AppState>) -> Result<Json<SetupLinksView>, Failure> {
    let mut links = state.store().setup_links(&session.org, state.now()).await?;
    links.sort_by(|one, other| (one.made_at, &one.hash).cmp(&(other.made_at, &other.hash)));
    Ok(Json(SetupLinksView { links: links.into_iter().map(SetupLinkView::from).collect() }))
}

/// Makes a link that works once and for a week at most.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        post, path = "/setup-links",
        responses((status = 201, body = NewSetupLinkView)),
        security(("session" = ["admin"])),
    )
)]
async fn make(
    Admin(session): Admin,
    State(state): State<AppState>,
) -> Result<(StatusCode, Json<NewSetupLinkView>), Failure> {
    if state.site.meta_signup.is_none() {
        return Err(Failure::not_found("address"));
    }
    let made = make_link(state.waker(), &session.org, &session.user, state.now()).await?;
    let url = format!("{}/setup/{}/{}", state.site.base(), session.org, made.token);
    Ok((StatusCode::CREATED, Json(NewSetupLinkView { link: made.link.into(), url })))
}

/// Takes a link back.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        delete, path = "/setup-links/{id}",
        params(("id" = String, Path)),
        responses((status = 204)),
        security(("session" = ["admin"])),
    )
)]
async fn take_back(
    Admin(session): Admin,
    State(state): State<AppState>,
    PathOf(id): PathOf<String>,
) -> Result<StatusCode, Failure> {
    take_link_back(state.waker(), &session.org, &session.user, &id, state.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<SetupLink> for SetupLinkView {
    fn from(SetupLink { hash, by, made_at, ends_at }: SetupLink) -> Self {
        Self { id: hash, made_by: by, made_at, ends_at }
    }
}
