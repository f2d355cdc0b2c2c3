#![doc = include_str!("../README.md")]

pub mod config;

mod clerk;
pub mod partner;

#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc};

use http::{Method, StatusCode};
use numo_app::{
    error::{AppError, Disposition},
    ledger_news::take_news,
    port::clock::{Clock, Ids},
    store::Store,
};
use numo_domain::connection::LedgerProvider;
use numo_runtime::{
    http::{
        gateway::{Request, Response},
        request, response,
    },
    metric,
    telemetry::chain,
};

use crate::partner::WebhookKeys;

/// What the webhooks need.
#[derive(Clone)]
pub struct WebhookPorts {
    /// Where due work stands.
    pub store: Store,
    /// Ids of lines in activity logs.
    pub ids: Arc<dyn Ids>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl fmt::Debug for WebhookPorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookPorts")
    }
}

/// Answers one call of an accounting system or of Clerk, never with a word.
pub async fn route(ports: &WebhookPorts, keys: &WebhookKeys, request: &Request) -> Response {
    let (path, is_post) = (request::path(request), *request.method() == Method::POST);
    let provider = partner::provider_at(path);
    if provider.is_none() && path != clerk::PATH {
        return response::empty(StatusCode::NOT_FOUND);
    }
    if !is_post {
        return response::empty(StatusCode::METHOD_NOT_ALLOWED);
    }
    let Some(provider) = provider else { return clerk::route(ports, &keys.clerk, request).await };
    if !partner::is_signed(provider, keys, request) {
        metric::ledger_webhook(provider, "rejected");
        return response::empty(partner::refusal(provider));
    }
    delivery(ports, provider, request.body()).await
}

/// Takes in a signed body; anything but 200 is sent again, and what follows it is held back.
async fn delivery(ports: &WebhookPorts, provider: LedgerProvider, body: &[u8]) -> Response {
    let news = partner::news(provider, body);
    match take_news(&ports.store, &news, ports.clock.now()).await {
        Ok(report) => {
            metric::ledger_webhook(provider, "accepted");
            let provider = provider.as_str();
            tracing::info!(
                provider,
                marked = report.marked,
                unknown = report.unknown,
                ignored = news.n_ignored,
                "ledger news"
            );
            response::empty(StatusCode::OK)
        }
        Err(error) => not_taken(provider, &error),
    }
}

/// What a repeat can put right is sent again; for anything else the next sync by the clock has to do.
fn not_taken(provider: LedgerProvider, error: &AppError) -> Response {
    metric::ledger_webhook(provider, "failed");
    tracing::error!(provider = provider.as_str(), error = chain(error), "ledger news not taken in");
    response::empty(match error.disposition() {
        Disposition::Retry => StatusCode::SERVICE_UNAVAILABLE,
        Disposition::Done | Disposition::Quarantine => StatusCode::OK,
    })
}
