//! Finishing a consent, or saying why it was not finished.

use http::StatusCode;
use lambda_http::{Body, Request, Response};
use numo_app::{
    connect_ledger::{Callback, ConsentError, finish_consent},
    error::AppError,
};
use numo_domain::connection::Connection;
use numo_runtime::{
    http::{request, response},
    telemetry::chain,
};

use crate::{
    OauthPorts, binding,
    page::{self, Page},
};

/// Uses the consent up and sends the browser to the console.
pub(crate) async fn callback(ports: &OauthPorts, request: &Request) -> Response<Body> {
    let mut answer = match finish(ports, request).await {
        Ok(connections) => {
            for connection in &connections {
                tracing::info!(connection = %connection.id, provider = connection.provider.as_str(), "ledger connected");
            }
            response::redirect(StatusCode::SEE_OTHER, "/")
        }
        Err(error) => page::answer(page_of(&error)),
    };
    binding::forget(&mut answer, &ports.public_url);
    answer
}

async fn finish(ports: &OauthPorts, request: &Request) -> Result<Vec<Connection>, ConsentError> {
    let state = request::query(request, "state").ok_or(ConsentError::UnknownState)?;
    // An answer that says both is no grant.
    let code = match request::query(request, "error") {
        Some(_) => None,
        None => request::query(request, "code").map(Into::into),
    };
    let callback = Callback { state, code, binding: binding::shown(request) };
    finish_consent(&ports.connect, callback, &ports.redirect_uri(), ports.clock.now()).await
}

fn page_of(error: &ConsentError) -> Page {
    match error {
        ConsentError::UnknownState => told(error, Page::UnknownConsent),
        ConsentError::Declined => told(error, Page::Declined),
        ConsentError::Refused => told(error, Page::Refused),
        ConsentError::AlreadyLinked => told(error, Page::AlreadyLinked),
        ConsentError::Failed(cause) => {
            tracing::error!(class = cause.class(), error = chain(error), "consent not finished");
            match cause {
                AppError::RateLimited { .. } | AppError::Unavailable(_) | AppError::AwsUnavailable(_) => {
                    Page::Unavailable
                }
                AppError::Invalid { .. }
                | AppError::Unauthenticated
                | AppError::Forbidden
                | AppError::NotFound(_)
                | AppError::Conflict(_)
                | AppError::ReauthRequired
                | AppError::Rejected(_)
                | AppError::Ambiguous
                | AppError::Malformed(_)
                | AppError::Internal(_) => Page::Failed,
            }
        }
    }
}

fn told(error: &ConsentError, page: Page) -> Page {
    tracing::info!(reason = %error, "consent not finished");
    page
}
