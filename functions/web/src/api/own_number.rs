//! The WhatsApp number that a member proves to be their own.

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use jiff::Timestamp;
use numo_app::{
    own_number::{forget_number, give_code},
    store::expected::Subject,
};
use numo_domain::member::Member;
use serde::Serialize;

use crate::{
    auth::Signed,
    etag::{IfMatch, Tagged},
    failure::Failure,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/me/number", get(show).post(ask).delete(forget))
}

/// The number, masked even for its owner.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct OwnNumberView {
    number_masked: Option<String>,
    verified_at: Option<Timestamp>,
    /// Until when the code that was given last waits to be written.
    code_ends_at: Option<Timestamp>,
}

/// What the member writes to whom.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct CodeView {
    message: String,
    write_to: String,
    link: String,
    ends_at: Timestamp,
}

/// The number that the member proved to be their own.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(get, path = "/me/number", responses((status = 200, body = OwnNumberView)))
)]
async fn show(Signed(session): Signed, State(state): State<AppState>) -> Result<Tagged<OwnNumberView>, Failure> {
    let (member, revision) = state.store().revised_member(&session.org, &session.user).await?;
    Ok(Tagged::new(revision, OwnNumberView::new(&member, state.now())))
}

/// A code with which a member proves a number.
#[cfg_attr(feature = "openapi", utoipa::path(post, path = "/me/number", responses((status = 201, body = CodeView))))]
async fn ask(Signed(session): Signed, State(state): State<AppState>) -> Result<(StatusCode, Json<CodeView>), Failure> {
    let given = give_code(state.waker(), &session.org, &session.user, state.now()).await?;
    let view = CodeView {
        message: given.code.to_string(),
        write_to: given.write_to.as_e164().to_owned(),
        link: given.link(),
        ends_at: given.ends_at,
    };
    Ok((StatusCode::CREATED, Json(view)))
}

/// Forgets the number, and a code that waits.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(delete, path = "/me/number", responses((status = 200, body = OwnNumberView)))
)]
async fn forget(
    Signed(session): Signed,
    State(state): State<AppState>,
    if_match: IfMatch,
) -> Result<Tagged<OwnNumberView>, Failure> {
    let waker = if_match.waker(&state, &session.org, Subject::Member(&session.user));
    forget_number(&waker, &session.org, &session.user, state.now()).await?;
    show(Signed(session), State(state)).await
}

impl OwnNumberView {
    fn new(member: &Member, now: Timestamp) -> Self {
        Self {
            number_masked: member.number.as_ref().map(|own| own.number.masked()),
            verified_at: member.number.as_ref().map(|own| own.verified_at),
            code_ends_at: member.waiting_code(now).map(|code| code.ends_at),
        }
    }
}
