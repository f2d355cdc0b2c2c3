//! The small page that signs in with ClerkJS and comes back.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};

use crate::{
    auth::PageSession,
    console::{nonce, viewer::admit},
    state::AppState,
};

/// Where the public pages lead; `shell.js` tells them apart.
pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/sign-in", get(enter)).route("/sign-up", get(enter))
}

/// Signs in and leads to the first page; whoever is signed in is led there at once.
async fn enter(session: PageSession, State(state): State<AppState>) -> Response {
    match admit(session, &state, &nonce(&state)) {
        Ok(_) => Redirect::to("/").into_response(),
        Err(shown) => *shown,
    }
}

/// What is loaded where no valid session cookie came (Clerk: JavaScript quickstart).
#[derive(Template)]
#[template(path = "shell.html")]
pub(super) struct Shell<'a> {
    nonce: &'a str,
    script: &'static str,
    clerk_js: String,
    clerk_ui: String,
    publishable_key: &'a str,
    has_no_organisation: bool,
}

const SCRIPT: &str = include_str!("../../templates/shell.js");

impl<'a> Shell<'a> {
    /// Signs in, or renews the cookie of whoever is signed in.
    pub(super) fn sign_in(state: &'a AppState, nonce: &'a str) -> Self {
        let site = &state.site;
        Self {
            nonce,
            script: SCRIPT,
            clerk_js: site.clerk_script("/npm/@clerk/clerk-js@6/dist/clerk.browser.js"),
            clerk_ui: site.clerk_script("/npm/@clerk/ui@1/dist/ui.browser.js"),
            publishable_key: &site.clerk_publishable_key,
            has_no_organisation: false,
        }
    }

    /// Says that an organisation has to be chosen, and comes back when one is.
    pub(super) fn no_organisation(state: &'a AppState, nonce: &'a str) -> Self {
        Self { has_no_organisation: true, ..Self::sign_in(state, nonce) }
    }
}
