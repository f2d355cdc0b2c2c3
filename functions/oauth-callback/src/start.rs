//! Beginning a consent: only a signed-in admin can.

use http::StatusCode;
use numo_app::{
    connect_ledger::begin_consent,
    error::AppError,
    port::session::{Role, Session, SessionError},
};
use numo_domain::connection::LedgerProvider;
use numo_runtime::{
    http::{
        gateway::{Request, Response},
        request, response,
    },
    telemetry::chain,
};

use crate::{
    OauthPorts, binding,
    page::{self, Page},
};

/// Sends the browser of an admin to the provider, with a cookie that binds the consent to it.
pub(crate) async fn start(ports: &OauthPorts, provider: LedgerProvider, request: &Request) -> Response {
    let session = match admin(ports, request).await {
        Ok(session) => session,
        Err(page) => return page::answer(provider, page),
    };
    let (redirect_uri, now) = (ports.redirect_uri(provider), ports.clock.now());
    match begin_consent(&ports.connect, provider, &session.org, &session.user, &redirect_uri, now).await {
        Ok(begun) => {
            let mut answer = response::redirect(StatusCode::FOUND, &begun.authorise_url);
            binding::keep(&mut answer, &ports.public_url, &begun.binding);
            answer
        }
        Err(error) => page::answer(provider, not_begun(provider, &error)),
    }
}

/// The admin's session, or the page that says why there is none.
async fn admin(ports: &OauthPorts, request: &Request) -> Result<Session, Page> {
    let token = request::cookie(request.headers(), "__session").ok_or(Page::SignInFirst)?;
    let session = ports.sessions.verify(token, ports.clock.now()).await.map_err(|error| match error {
        SessionError::Refused(reason) => {
            tracing::info!(reason, "session refused");
            Page::SignInFirst
        }
        SessionError::NoOrganisation => Page::ChooseOrganisation,
        SessionError::Unavailable(_) => {
            tracing::error!(error = chain(&error), "session not verified");
            Page::NotBegun
        }
    })?;
    match session.role {
        Role::Admin => Ok(session),
        Role::Member => Err(Page::AdminsOnly),
    }
}

fn not_begun(provider: LedgerProvider, error: &AppError) -> Page {
    tracing::error!(provider = provider.as_str(), class = error.class(), error = chain(error), "consent not begun");
    Page::NotBegun
}
