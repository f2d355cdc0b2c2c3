//! The numbers that matter, as they were counted on the day.

use axum::{Json, Router, extract::State, routing::get};
use numo_app::store::figures::Figures;
use serde::Serialize;

use crate::{auth::Signed, failure::Failure, state::AppState};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/figures", get(show))
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct LatestFiguresView {
    /// None before the first plan of a day was made.
    figures: Option<Figures>,
}

/// How long customers take to pay, and what reminders bring, counted once a day.
#[cfg_attr(feature = "openapi", utoipa::path(get, path = "/figures", responses((status = 200, body = LatestFiguresView))))]
async fn show(Signed(session): Signed, State(state): State<AppState>) -> Result<Json<LatestFiguresView>, Failure> {
    Ok(Json(LatestFiguresView { figures: state.store().figures(&session.org).await? }))
}
