//! What others made that pages are built from, with its licence.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};

use crate::{
    assets::HTMX_LICENCE,
    console::{Loads, Problem, nonce, render},
    state::AppState,
};

#[derive(Template)]
#[template(path = "acknowledgements.html")]
struct Acknowledgements {
    htmx_licence: &'static str,
}

pub(super) async fn show(State(state): State<AppState>) -> Response {
    let (page, nonce) = (Acknowledgements { htmx_licence: HTMX_LICENCE }, nonce(&state));
    let shown = render(StatusCode::OK, &page, &nonce, Loads::Nothing);
    shown.unwrap_or_else(|error| Problem::from(error).into_response())
}
