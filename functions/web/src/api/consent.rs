//! The admin's statement that customers may be written to.

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use numo_app::configure;
use numo_domain::organisation::{ATTESTATION_TEXT, ATTESTATION_VERSION, Attestation};
use serde::{Deserialize, Serialize};

use crate::{
    auth::{Admin, Signed},
    failure::Failure,
    json_body::JsonBody,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/consent/attestation", get(show).post(give))
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct StatementView {
    text: &'static str,
    version: u16,
    given: Option<Attestation>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct AttestationForm {
    version: u16,
    #[serde(default)]
    authorised_by: String,
}

/// The statement that customers may be written to, and who gave it.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(get, path = "/consent/attestation", responses((status = 200, body = StatementView)))
)]
async fn show(Signed(session): Signed, State(state): State<AppState>) -> Result<Json<StatementView>, Failure> {
    let organisation = state.store().organisation(&session.org).await?;
    Ok(Json(StatementView::new(organisation.attestation)))
}

/// Gives the statement in force.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        post, path = "/consent/attestation",
        request_body = AttestationForm,
        responses((status = 201, body = StatementView)),
        security(("session" = ["admin"])),
    )
)]
async fn give(
    Admin(session): Admin,
    State(state): State<AppState>,
    JsonBody(form): JsonBody<AttestationForm>,
) -> Result<(StatusCode, Json<StatementView>), Failure> {
    let AttestationForm { version, authorised_by } = form;
    let (waker, now) = (state.waker(), state.now());
    let organisation =
        configure::attest_consent(waker, &session.org, &session.user, version, authorised_by, now).await?;
    Ok((StatusCode::CREATED, Json(StatementView::new(organisation.attestation))))
}

impl StatementView {
    const fn new(given: Option<Attestation>) -> Self {
        Self { text: ATTESTATION_TEXT, version: ATTESTATION_VERSION, given }
    }
}
