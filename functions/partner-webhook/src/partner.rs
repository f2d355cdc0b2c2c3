//! How each accounting system calls: where, how it signs, and what it wants to hear.

use http::StatusCode;
use numo_app::ledger_news::LedgerNews;
use numo_domain::connection::LedgerProvider;
use numo_providers::{quickbooks, xero};
use numo_runtime::http::gateway::Request;
use secrecy::SecretString;

/// What proves who is calling: for each, the present key, and the one before it while it is rotated.
#[derive(Debug, Clone)]
pub struct WebhookKeys {
    /// Signing keys of Xero.
    pub xero: Vec<SecretString>,
    /// Verifier tokens of Intuit.
    pub intuit: Vec<SecretString>,
    /// Signing secrets of Clerk.
    pub clerk: Vec<SecretString>,
}

/// Whose webhook a path is.
pub(crate) fn provider_at(path: &str) -> Option<LedgerProvider> {
    match path {
        "/webhooks/xero" => Some(LedgerProvider::Xero),
        "/webhooks/intuit" => Some(LedgerProvider::Quickbooks),
        _ => None,
    }
}

/// Whether a call is signed by the provider.
pub(crate) fn is_signed(provider: LedgerProvider, keys: &WebhookKeys, request: &Request) -> bool {
    let body = request.body();
    let signature = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    match provider {
        LedgerProvider::Xero => signature("x-xero-signature")
            .is_some_and(|signature| xero::signature::verify_signature(signature, body, &keys.xero)),
        LedgerProvider::Quickbooks => signature("intuit-signature")
            .is_some_and(|signature| quickbooks::signature::verify_signature(signature, body, &keys.intuit)),
    }
}

/// What a provider wants to hear of a bad signature.
///
/// Xero: webhooks, intent to receive, is passed with 401 only. Intuit: webhooks, migration to
/// `CloudEvents`, names 403 and has its gateway send whole batches again after a 400.
pub(crate) const fn refusal(provider: LedgerProvider) -> StatusCode {
    match provider {
        LedgerProvider::Xero => StatusCode::UNAUTHORIZED,
        LedgerProvider::Quickbooks => StatusCode::FORBIDDEN,
    }
}

/// What a signed body says.
pub(crate) fn news(provider: LedgerProvider, body: &[u8]) -> LedgerNews {
    match provider {
        LedgerProvider::Xero => xero::webhook::news(body),
        LedgerProvider::Quickbooks => quickbooks::webhook::news(body),
    }
}
