//! How a consent ends: in the console, or on a page that says why not.

use http::StatusCode;
use numo_app::{connect_ledger::ConsentError, error::AppError};
use numo_domain::connection::{Connection, LedgerProvider};
use numo_runtime::{
    config::PublicUrl,
    http::{gateway::Response, response},
    telemetry::chain,
};

use crate::{
    binding,
    page::{self, Page},
};

/// Sends the browser to the console, or tells what happened; the binding is used up either way.
pub(crate) fn answer(
    public_url: &PublicUrl,
    provider: LedgerProvider,
    ended: Result<Vec<Connection>, ConsentError>,
) -> Response {
    let mut answer = match ended {
        Ok(connections) => {
            for connection in &connections {
                tracing::info!(connection = %connection.id, provider = provider.as_str(), "ledger connected");
            }
            response::redirect(StatusCode::SEE_OTHER, "/")
        }
        Err(error) => page::answer(provider, page_of(provider, &error)),
    };
    binding::forget(&mut answer, public_url);
    answer
}

/// The page of an error, which is logged here and nowhere else.
pub(crate) fn page_of(provider: LedgerProvider, error: &ConsentError) -> Page {
    let told = |page: Page| {
        tracing::info!(provider = provider.as_str(), reason = %error, "consent not finished");
        page
    };
    match error {
        ConsentError::UnknownState => told(Page::UnknownConsent),
        ConsentError::Declined => told(Page::Declined),
        ConsentError::Refused => told(Page::Refused),
        ConsentError::AlreadyLinked => told(Page::AlreadyLinked),
        ConsentError::CapReached => {
            // Nobody can connect until the provider raises the cap, which only we can ask for.
            tracing::error!(provider = provider.as_str(), reason = %error, "consent not finished");
            Page::CapReached
        }
        ConsentError::Failed(cause) => {
            let (provider, class) = (provider.as_str(), cause.class());
            tracing::error!(provider, class, error = chain(error), "consent not finished");
            failed(cause)
        }
    }
}

const fn failed(cause: &AppError) -> Page {
    match cause {
        AppError::RateLimited { .. } | AppError::Unavailable(_) | AppError::AwsUnavailable(_) => Page::Unavailable,
        AppError::Invalid { .. }
        | AppError::Unauthenticated
        | AppError::Forbidden
        | AppError::NotFound(_)
        | AppError::Conflict(_)
        | AppError::Stale
        | AppError::NotNow { .. }
        | AppError::ReauthRequired
        | AppError::Rejected(_)
        | AppError::Ambiguous
        | AppError::Malformed(_)
        | AppError::Internal(_) => Page::Failed,
    }
}
