//! Ending the account: everything of the organisation is erased, after some days in which that can be withdrawn.

use axum::{Json, Router, extract::State, routing::get};
use numo_app::erase_organisation::{ask, withdraw};
use serde::Deserialize;

use crate::{
    auth::{Admin, PresentAdmin, Signed},
    failure::Failure,
    json_body::JsonBody,
    state::AppState,
    view::erasure::OrganisationErasureView,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/organisation/erasure", get(show).post(erase).delete(take_back))
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct OrganisationErasureForm {
    /// The organisation's name as it is shown, or its id.
    confirm: String,
}

/// What ending the account deletes and keeps, and how far it came.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(get, path = "/organisation/erasure", responses((status = 200, body = OrganisationErasureView)))
)]
async fn show(
    Signed(session): Signed,
    State(state): State<AppState>,
) -> Result<Json<OrganisationErasureView>, Failure> {
    let erasure = state.store().organisation_erasure(&session.org).await?;
    Ok(Json(OrganisationErasureView::new(&state, erasure.map(|seen| seen.value))?))
}

/// Ends the account: nothing goes out from now on, and after seven days everything is erased.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        post, path = "/organisation/erasure",
        request_body = OrganisationErasureForm,
        responses((status = 200, body = OrganisationErasureView)),
        security(("session" = ["admin"])),
    )
)]
async fn erase(
    PresentAdmin(session): PresentAdmin,
    State(state): State<AppState>,
    JsonBody(form): JsonBody<OrganisationErasureForm>,
) -> Result<Json<OrganisationErasureView>, Failure> {
    let erasure = ask(state.waker(), (&session.org, &session.user), &form.confirm, state.now()).await?;
    Ok(Json(OrganisationErasureView::new(&state, Some(erasure))?))
}

/// Takes it back before it has begun; sending stays paused until somebody goes on.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        delete, path = "/organisation/erasure",
        responses((status = 200, body = OrganisationErasureView)),
        security(("session" = ["admin"])),
    )
)]
async fn take_back(
    Admin(session): Admin,
    State(state): State<AppState>,
) -> Result<Json<OrganisationErasureView>, Failure> {
    withdraw(state.waker(), (&session.org, &session.user), state.now()).await?;
    Ok(Json(OrganisationErasureView::new(&state, None)?))
}
