pub(crate) mod cors;
pub(crate) mod state;

mod backend;
mod scripts;
mod sign_in;
mod token;
mod users;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/clerk/.well-known/jwks.json", get(token::jwks))
        .route("/clerk/sign-in", get(sign_in::page).post(sign_in::enter))
        .route("/clerk/v1/client", get(token::client))
        .route("/clerk/v1/client/sessions/token", post(token::session))
        .route("/clerk/v1/client/sign-out", post(token::sign_out))
        // The router knows no parameter before a suffix, so the two bundles are named whole.
        .route("/clerk/npm/@clerk/clerk-js@6/dist/clerk.browser.js", get(scripts::clerk))
        .route("/clerk/npm/@clerk/ui@1/dist/ui.browser.js", get(scripts::ui))
        .route("/clerk-api/v1/organizations/{org}", get(backend::organisation).delete(backend::delete))
        .route("/clerk-api/v1/organizations/{org}/memberships", get(backend::memberships))
        .route("/clerk-api/v1/users", get(backend::users))
        .route("/clerk-api/v1/users/{user}/organization_memberships", get(backend::organisations))
        .route("/_control/clerk/token", post(token::control))
}
