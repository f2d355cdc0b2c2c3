#![doc = include_str!("../README.md")]

pub mod config;

#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use http::{Method, StatusCode};
use numo_app::port::{clock::Clock, queue::QueueError};
use numo_providers::whatsapp::{delivery::split, signature::verify_signature};
use numo_runtime::{
    deliveries::Deliveries,
    http::{
        gateway::{Request, Response},
        request, response,
    },
    metric,
    telemetry::chain,
};
use secrecy::{ExposeSecret, SecretString};

/// What the webhook needs.
#[derive(Clone)]
pub struct WebhookPorts {
    /// Where verified deliveries go.
    pub deliveries: Arc<dyn Deliveries>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl fmt::Debug for WebhookPorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookPorts")
    }
}

/// What proves that Meta is calling.
#[derive(Debug, Clone)]
pub struct WebhookKeys {
    /// App secrets that count: the present one, and the one before it while it is rotated.
    pub app_secrets: Vec<SecretString>,
    /// What Meta repeats when it verifies our address.
    pub verify_token: SecretString,
}

/// Answers one call of Meta.
pub async fn route(ports: &WebhookPorts, keys: &WebhookKeys, request: &Request) -> Response {
    match *request.method() {
        Method::GET => verification(keys, request),
        Method::POST => delivery(ports, keys, request).await,
        _ => response::empty(StatusCode::METHOD_NOT_ALLOWED),
    }
}

/// Meta: webhooks, verification requests.
fn verification(keys: &WebhookKeys, request: &Request) -> Response {
    let is_subscribe = request::query(request, "hub.mode").as_deref() == Some("subscribe");
    let token = request::query(request, "hub.verify_token").unwrap_or_default();
    let is_ours = verify_slices_are_equal(token.as_bytes(), keys.verify_token.expose_secret().as_bytes()).is_ok();
    match request::query(request, "hub.challenge") {
        Some(challenge) if is_subscribe && is_ours => response::text(StatusCode::OK, challenge),
        Some(_) | None => {
            metric::webhook_rejected("verify_token");
            response::empty(StatusCode::FORBIDDEN)
        }
    }
}

/// Meta: webhooks, event notifications; anything but 200 is sent again for days.
async fn delivery(ports: &WebhookPorts, keys: &WebhookKeys, request: &Request) -> Response {
    let body = request.body();
    let signature = request.headers().get("x-hub-signature-256").and_then(|value| value.to_str().ok());
    if !signature.is_some_and(|signature| verify_signature(signature, body, &keys.app_secrets)) {
        metric::webhook_rejected(if signature.is_some() { "signature" } else { "no_signature" });
        return response::empty(StatusCode::UNAUTHORIZED);
    }
    let Ok(parts) = split(body) else {
        metric::webhook_rejected("malformed");
        tracing::error!("signed body that is no webhook of WhatsApp");
        return response::empty(StatusCode::OK);
    };
    let received_at = ports.clock.now();
    for (waba, changes) in parts {
        if let Err(error) = ports.deliveries.send(&waba, &changes, received_at).await {
            return not_taken(&error);
        }
    }
    response::empty(StatusCode::OK)
}

/// Meta sends everything again; what was taken already changes nothing the second time.
fn not_taken(error: &QueueError) -> Response {
    metric::webhook_rejected("queue");
    tracing::error!(error = chain(error), "delivery not queued");
    response::empty(StatusCode::SERVICE_UNAVAILABLE)
}
