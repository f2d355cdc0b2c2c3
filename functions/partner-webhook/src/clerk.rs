//! Clerk's webhook.

use http::StatusCode;
use numo_app::{
    clerk_news::{ClerkPorts, Taken, take_clerk_news},
    error::Disposition,
};
use numo_providers::clerk::{
    signature::{SignedHeaders, verify_signature},
    webhook,
};
use numo_runtime::{
    http::{
        gateway::{Request, Response},
        response,
    },
    metric,
    telemetry::chain,
};
use secrecy::SecretString;

use crate::WebhookPorts;

/// Where Clerk calls.
pub(crate) const PATH: &str = "/webhooks/clerk";

/// Longest id of a message; Svix makes them of about thirty signs.
const MAX_ID: usize = 256;

/// Answers a call of Clerk; anything but 2xx is sent again, for more than a day.
pub(crate) async fn route(ports: &WebhookPorts, secrets: &[SecretString], request: &Request) -> Response {
    let (now, body) = (ports.clock.now(), request.body());
    let signed = signed(request).filter(|headers| verify_signature(*headers, body, secrets, now));
    let Some(SignedHeaders { id, .. }) = signed else {
        metric::clerk_webhook("rejected");
        return response::empty(StatusCode::UNAUTHORIZED);
    };
    let Some(news) = webhook::news(body) else {
        metric::clerk_webhook("ignored");
        return response::empty(StatusCode::OK);
    };
    let clerk = ClerkPorts { store: ports.store.clone(), ids: ports.ids.clone() };
    match take_clerk_news(&clerk, id, &news, now).await {
        Ok(taken) => {
            metric::clerk_webhook(match taken {
                Taken::Done => "accepted",
                Taken::Nothing => "nothing",
                Taken::Repeated => "repeated",
            });
            response::empty(StatusCode::OK)
        }
        Err(error) => {
            metric::clerk_webhook("failed");
            tracing::error!(error = chain(&error), "news of Clerk not taken in");
            response::empty(match error.disposition() {
                Disposition::Retry => StatusCode::SERVICE_UNAVAILABLE,
                Disposition::Done | Disposition::Quarantine => StatusCode::OK,
            })
        }
    }
}

fn signed(request: &Request) -> Option<SignedHeaders<'_>> {
    let header = |name| request.headers().get(name)?.to_str().ok();
    let headers = SignedHeaders {
        id: header("svix-id")?,
        timestamp: header("svix-timestamp")?,
        signature: header("svix-signature")?,
    };
    (headers.id.len() <= MAX_ID).then_some(headers)
}
