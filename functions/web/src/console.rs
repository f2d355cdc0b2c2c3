//! The console's page: who sees it, and what a browser may load for it.

mod day;
mod ledgers;
mod page;
mod shell;
mod time;
mod words;

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use numo_app::error::AppError;
use numo_runtime::telemetry::chain;

use crate::{
    auth::PageSession,
    console::{page::Page, shell::Shell},
    failure::Failure,
    state::AppState,
};

/// The stylesheet of every page, light and dark.
pub(crate) const STYLE: &str = include_str!("../templates/style.css");

/// The console for whoever is signed in; for others a shell that signs in with ClerkJS.
pub(crate) async fn show(session: PageSession, State(state): State<AppState>) -> Response {
    let nonce = nonce(&state);
    let shown = match session {
        PageSession::Signed(session) => match Page::load(&state, &session, &nonce).await {
            Ok(page) => render(StatusCode::OK, &page, &nonce, None),
            Err(error) => Err(error),
        },
        PageSession::SignedOut => render(StatusCode::OK, &Shell::sign_in(&state, &nonce), &nonce, Some(&state)),
        PageSession::NoOrganisation => {
            render(StatusCode::FORBIDDEN, &Shell::no_organisation(&state, &nonce), &nonce, Some(&state))
        }
        PageSession::Unavailable => Err(AppError::Unavailable("the session keys are unavailable".into())),
    };
    shown.unwrap_or_else(|error| sorry(error, &nonce))
}

/// A page that says what happened, for people who see no JSON.
#[derive(Template)]
#[template(path = "sorry.html")]
struct Sorry<'a> {
    nonce: &'a str,
    style: &'static str,
}

fn sorry(error: AppError, nonce: &str) -> Response {
    tracing::error!(error.class = error.class(), error.chain = chain(&error), "page failed");
    let status = Failure::from(error).status;
    render(status, &Sorry { nonce, style: STYLE }, nonce, None).unwrap_or_else(|_again| status.into_response())
}

/// `script_host` is given where ClerkJS is loaded.
pub(crate) fn render(
    status: StatusCode,
    page: &impl Template,
    nonce: &str,
    clerk_on: Option<&AppState>,
) -> Result<Response, AppError> {
    let html = page.render().map_err(|error| AppError::Internal(format!("a page cannot be rendered: {error}")))?;
    let policy = HeaderValue::from_str(&policy(nonce, clerk_on))
        .map_err(|error| AppError::Internal(format!("a policy is no header: {error}")))?;
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        // A window opened for a sign-up at Meta has to reach back to the page.
        (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin-allow-popups")),
    ];
    Ok((status, headers, Html(html)).into_response())
}

/// Nothing but our own style; where ClerkJS signs in, also our one script and Clerk's host.
fn policy(nonce: &str, clerk_on: Option<&AppState>) -> String {
    let ours = format!(
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src 'nonce-{nonce}'"
    );
    match clerk_on {
        None => ours,
        Some(state) => {
            let clerk = state.site.clerk_issuer.origin().ascii_serialization();
            format!("{ours}; script-src 'nonce-{nonce}' {clerk}; connect-src {clerk}; img-src {clerk}")
        }
    }
}

/// 128 unpredictable bits in hexadecimal.
pub(crate) fn nonce(state: &AppState) -> String {
    state.waker().ids.secret().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
