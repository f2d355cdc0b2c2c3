//! The console's page: who sees it, and what a browser may load for it.

mod day;
mod ledgers;
mod page;
mod shell;
mod time;
pub(crate) mod whatsapp;
mod words;

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use numo_app::{error::AppError, port::session::Session};
use numo_runtime::telemetry::chain;
use url::Url;

use crate::{
    auth::PageSession,
    console::{page::Page, shell::Shell},
    failure::Failure,
    state::{AppState, MetaSignup, Site},
};

/// The stylesheet of every page, light and dark.
pub(crate) const STYLE: &str = include_str!("../templates/style.css");

/// The console for whoever is signed in; for others a shell that signs in with ClerkJS.
pub(crate) async fn show(session: PageSession, State(state): State<AppState>) -> Response {
    let nonce = nonce(&state);
    let shown = match admit(session, &state, &nonce) {
        Ok(session) => match Page::load(&state, &session, &nonce).await {
            Ok(page) => render(StatusCode::OK, &page, &nonce, Loads::Nothing),
            Err(error) => Err(error),
        },
        Err(shown) => *shown,
    };
    shown.unwrap_or_else(|error| sorry(error, &nonce))
}

/// Who is signed in, or what everybody else is shown.
fn admit(session: PageSession, state: &AppState, nonce: &str) -> Result<Session, Box<Result<Response, AppError>>> {
    let loads = Loads::Clerk(&state.site);
    let shown = match session {
        PageSession::Signed(session) => return Ok(session),
        PageSession::SignedOut => render(StatusCode::OK, &Shell::sign_in(state, nonce), nonce, loads),
        PageSession::NoOrganisation => {
            render(StatusCode::FORBIDDEN, &Shell::no_organisation(state, nonce), nonce, loads)
        }
        PageSession::Unavailable => Err(AppError::Unavailable("the session keys are unavailable".into())),
    };
    Err(Box::new(shown))
}

/// A page that says what happened, for people who see no JSON.
#[derive(Template)]
#[template(path = "sorry.html")]
struct Sorry<'a> {
    nonce: &'a str,
    style: &'static str,
}

pub(crate) fn sorry(error: AppError, nonce: &str) -> Response {
    tracing::error!(error.class = error.class(), error.chain = chain(&error), "page failed");
    let status = Failure::from(error).status;
    render(status, &Sorry { nonce, style: STYLE }, nonce, Loads::Nothing)
        .unwrap_or_else(|_again| status.into_response())
}

/// What a browser may load for a page besides our own style.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Loads<'a> {
    /// Nothing.
    Nothing,
    /// Nothing, and its form may be sent to us.
    Form,
    /// ClerkJS, and our one script.
    Clerk(&'a Site),
    /// Meta's script as well, and what that asks for.
    MetaSignup(&'a Site, &'a MetaSignup),
}

/// A page with the headers that say what a browser may load for it.
pub(crate) fn render(
    status: StatusCode,
    page: &impl Template,
    nonce: &str,
    loads: Loads<'_>,
) -> Result<Response, AppError> {
    let html = page.render().map_err(|error| AppError::Internal(format!("a page cannot be rendered: {error}")))?;
    let policy = HeaderValue::from_str(&policy(nonce, loads))
        .map_err(|error| AppError::Internal(format!("a policy is no header: {error}")))?;
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        // A window opened for a sign-up at Meta has to reach back to the page.
        (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin-allow-popups")),
    ];
    Ok((status, headers, Html(html)).into_response())
}

/// Hosts that Meta's script frames, asks and shows pictures of.
const META_HOSTS: &str = "https://www.facebook.com https://web.facebook.com https://graph.facebook.com";

fn policy(nonce: &str, loads: Loads<'_>) -> String {
    let ours = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    let origin = |url: &Url| url.origin().ascii_serialization();
    match loads {
        Loads::Nothing => format!("{ours}; style-src 'nonce-{nonce}'"),
        Loads::Form => {
            let ours = ours.replace("form-action 'none'", "form-action 'self'");
            format!("{ours}; style-src 'nonce-{nonce}'")
        }
        Loads::Clerk(site) => {
            let clerk = origin(&site.clerk_issuer);
            format!(
                "{ours}; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}' {clerk}; connect-src {clerk}; \
                 img-src {clerk}"
            )
        }
        // Meta's script writes styles of its own, which no nonce reaches.
        Loads::MetaSignup(site, signup) => {
            let (clerk, sdk) = (origin(&site.clerk_issuer), origin(&signup.sdk_url));
            format!(
                "{ours}; style-src 'unsafe-inline'; script-src 'nonce-{nonce}' {clerk} {sdk}; \
                 connect-src 'self' {clerk} {META_HOSTS}; img-src {clerk} {META_HOSTS}; frame-src {META_HOSTS}"
            )
        }
    }
}

/// 128 unpredictable bits in hexadecimal.
pub(crate) fn nonce(state: &AppState) -> String {
    state.waker().ids.secret().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
