#![doc = include_str!("../README.md")]

pub mod config;
pub mod serve;
pub mod state;
pub mod wiring;

mod api;
mod assets;
mod auth;
mod compress;
mod console;
mod csrf;
mod csv_file;
mod data_deletion;
mod etag;
mod failure;
mod headers;
mod import_report;
mod import_rows;
mod json_body;
mod once;
mod paging;
mod path_of;
mod pay;
mod processors;
mod public;
mod public_page;
mod setup;
mod trail;
mod unsubscribe;
mod view;

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::DefaultBodyLimit,
    middleware::{from_fn, from_fn_with_state},
    routing::get,
};
use numo_app::call_limit::CallLimit;

use crate::{failure::Failure, state::AppState};

/// The API described for programs, from the types of its routes.
#[cfg(feature = "openapi")]
pub fn openapi() -> String {
    api::document::document()
}

/// Longest request body that is read, unless a route says otherwise.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Longest request body that any route reads.
const LONGEST_BODY_BYTES: usize = api::LONGEST_BODY_BYTES;

/// The JSON API below `/v1`: what the function `api` answers.
pub fn api_router(state: AppState) -> Router {
    around(below_v1(&state), state)
}

/// Console and public pages, pay buttons, data deletion and health check: what the function `web` answers.
pub fn page_router(state: AppState) -> Router {
    around(pages(), state)
}

/// Both, as they are behind one address: API Gateway asks one function or the other.
pub fn router(state: AppState) -> Router {
    around(pages().merge(below_v1(&state)), state)
}

fn pages() -> Router<AppState> {
    Router::new()
        .merge(console::routes())
        .route("/healthz", get(|| async { "ok" }))
        .route("/pay/{token}", get(pay::open))
        .route("/setup/{org}/{token}", get(setup::show).post(setup::connect))
        .route("/unsubscribe/{org}/{user}/{token}", get(unsubscribe::ask).post(unsubscribe::confirm))
        .merge(public::routes())
        .merge(data_deletion::routes())
}

fn below_v1(state: &AppState) -> Router<AppState> {
    let routes = api::routes()
        .route_layer(from_fn_with_state(state.clone(), once::once))
        .route_layer(from_fn(etag::not_modified));
    Router::new().nest("/v1", routes)
}

/// What every request passes, whatever its route.
fn around(routes: Router<AppState>, state: AppState) -> Router {
    let limit = state.site.calls_per_minute.map(|most| Arc::new(CallLimit::new(state.store().clone(), most)));
    routes
        .fallback(|| async { Failure::not_found("address") })
        .method_not_allowed_fallback(|| async { Failure::wrong_method() })
        .layer(Extension(limit))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(from_fn_with_state(state.clone(), headers::add))
        .layer(from_fn_with_state(state.clone(), trail::follow))
        .with_state(state)
}
