//! Beginning a consent: only a signed-in admin can.

use http::StatusCode;
use lambda_http::{Body, Request, Response};
use numo_app::{
    connect_ledger::begin_consent,
    error::AppError,
    port::session::{Role, Session, SessionError},
};
use numo_runtime::{
    http::{request, response},
    telemetry::chain,
};

use crate::{
    OauthPorts, binding,
    page::{self, Page},
};

/// Sends the browser of an admin to Xero, with a cookie that binds the consent to it.
pub(crate) async fn start(ports: &OauthPorts, request: &Request) -> Response<Body> {
    let session = match admin(ports, request).await {
        Ok(session) => session,
        Err(page) => return page::answer(page),
    };
    let (redirect_uri, now) = (ports.redirect_uri(), ports.clock.now());
    match begin_consent(&ports.connect, &session.org, &session.user, &redirect_uri, now).await {
        Ok(begun) => {
            let mut answer = response::redirect(StatusCode::FOUND, &begun.authorise_url);
            binding::keep(&mut answer, &ports.public_url, &begun.binding);
            answer
        }
        Err(error) => page::answer(not_begun(&error)),
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

fn not_begun(error: &AppError) -> Page {
    tracing::error!(class = error.class(), error = chain(error), "consent not begun");
    Page::NotBegun
}
