//! The page that connects WhatsApp: Meta's window is opened from it and reports to it.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use numo_app::{
    error::AppError,
    port::session::{Role, Session},
};
use numo_domain::organisation::{ATTESTATION_TEXT, ATTESTATION_VERSION, Organisation};

use crate::{
    auth::PageSession,
    console::{Loads, Problem, nonce, render, viewer::admit},
    failure::Failure,
    state::{AppState, MetaSignup},
};

/// What an admin confirms and enters before Meta's window opens.
#[derive(Template)]
#[template(path = "whatsapp.html")]
struct SignupPage<'a> {
    nonce: &'a str,
    script: &'static str,
    clerk_js: String,
    clerk_ui: String,
    publishable_key: &'a str,
    meta: &'a MetaSignup,
    home: String,
    /// For whom a client connects WhatsApp by a link; none for an admin who is signed in.
    client_of: Option<&'a str>,
    is_admin: bool,
    is_attested: bool,
    attestation_text: &'static str,
    attestation_version: u16,
}

const SCRIPT: &str = include_str!("../../templates/whatsapp.js");

/// The page, where the sign-up is set up; numbers can be entered by the API in any case.
pub(crate) async fn show(session: PageSession, State(state): State<AppState>) -> Response {
    let Some(meta) = &state.site.meta_signup else { return Failure::not_found("address").into_response() };
    let nonce = nonce(&state);
    match admit(session, &state, &nonce) {
        Ok(session) => {
            let shown = page(&state, &session, meta, &nonce).await;
            shown.unwrap_or_else(|error| Problem::from(error).into_response())
        }
        Err(shown) => *shown,
    }
}

async fn page(state: &AppState, session: &Session, meta: &MetaSignup, nonce: &str) -> Result<Response, AppError> {
    let organisation = state.store().organisation(&session.org).await?;
    rendered(state, (&organisation, session.role == Role::Admin, None), meta, nonce)
}

/// The same page for a client who came by a link.
pub(crate) fn page_of_link(
    state: &AppState,
    organisation: &Organisation,
    meta: &MetaSignup,
    nonce: &str,
) -> Result<Response, AppError> {
    rendered(state, (organisation, true, Some(&organisation.name)), meta, nonce)
}

fn rendered(
    state: &AppState,
    (organisation, is_admin, client_of): (&Organisation, bool, Option<&str>),
    meta: &MetaSignup,
    nonce: &str,
) -> Result<Response, AppError> {
    let site = &state.site;
    let page = SignupPage {
        nonce,
        script: SCRIPT,
        clerk_js: site.clerk_script("/npm/@clerk/clerk-js@6/dist/clerk.browser.js"),
        clerk_ui: site.clerk_script("/npm/@clerk/ui@1/dist/ui.browser.js"),
        publishable_key: &site.clerk_publishable_key,
        meta,
        home: format!("{}/", site.base()),
        client_of,
        is_admin,
        is_attested: organisation.is_attested(),
        attestation_text: ATTESTATION_TEXT,
        attestation_version: ATTESTATION_VERSION,
    };
    render(StatusCode::OK, &page, nonce, Loads::MetaSignup(site, meta))
}
