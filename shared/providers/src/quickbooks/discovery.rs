//! Where Intuit's OAuth endpoints are: its own document says, and is read again every day.

use std::{fmt, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use numo_app::port::clock::Clock;
use reqwest::{Client, Url, header};
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::{
    http::{
        base_url::{BaseUrl, InvalidBaseUrl},
        call::{Operation, call},
    },
    quickbooks::auth::IntuitBases,
};

/// How long a document counts.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// How long what is configured counts after a document that could not be read.
const KEPT_WITHOUT: SignedDuration = SignedDuration::from_mins(5);

/// Nobody waits longer for addresses that are known anyway.
const TIMEOUT: Duration = Duration::from_secs(3);

/// The endpoints of OAuth 2.0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoints {
    /// Consent pages.
    pub(crate) authorize: Url,
    /// Exchanges and renewals.
    pub(crate) token: Url,
    /// Ends of grants.
    pub(crate) revoke: Url,
}

impl Endpoints {
    /// Where they have always been below their hosts.
    fn configured(bases: &IntuitBases) -> Self {
        Self {
            authorize: bases.authorize.join(&["connect", "oauth2"]),
            token: bases.token.join(&["oauth2", "v1", "tokens", "bearer"]),
            revoke: bases.revoke.join(&["v2", "oauth2", "tokens", "revoke"]),
        }
    }

    /// Those of a document, each held to https or to the loopback (`OpenID` Connect Discovery 1.0).
    fn of_document(body: &[u8]) -> Option<Self> {
        let document: Document = serde_json::from_slice(body).ok()?;
        let address = |text: &str| text.parse().map(|base: BaseUrl| base.join(&[]));
        let all = || -> Result<Self, InvalidBaseUrl> {
            Ok(Self {
                authorize: address(&document.authorization_endpoint)?,
                token: address(&document.token_endpoint)?,
                revoke: address(&document.revocation_endpoint)?,
            })
        };
        all().ok()
    }
}

#[derive(Debug, Deserialize)]
struct Document {
    authorization_endpoint: String,
    token_endpoint: String,
    revocation_endpoint: String,
}

/// The endpoints, asked for when they are first needed.
pub(crate) struct Discovery {
    http: Client,
    bases: IntuitBases,
    clock: Arc<dyn Clock>,
    kept: Mutex<Option<Kept>>,
}

struct Kept {
    endpoints: Endpoints,
    until: Timestamp,
}

impl fmt::Debug for Discovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Discovery").field("bases", &self.bases).finish_non_exhaustive()
    }
}

impl Discovery {
    pub(crate) fn new(http: Client, bases: IntuitBases, clock: Arc<dyn Clock>) -> Self {
        Self { http, bases, clock, kept: Mutex::new(None) }
    }

    /// The endpoints of today's document, of the last one that could be read, or the configured ones.
    pub(crate) async fn endpoints(&self) -> Endpoints {
        let now = self.clock.now();
        let mut kept = self.kept.lock().await;
        if let Some(Kept { endpoints, until }) = kept.as_ref()
            && now < *until
        {
            return endpoints.clone();
        }
        let (endpoints, for_how_long) = match self.document().await {
            Some(endpoints) => (endpoints, KEPT),
            None => {
                let known = kept.take().map(|kept| kept.endpoints);
                (known.unwrap_or_else(|| Endpoints::configured(&self.bases)), KEPT_WITHOUT)
            }
        };
        let until = now.checked_add(for_how_long).unwrap_or(now);
        *kept = Some(Kept { endpoints: endpoints.clone(), until });
        endpoints
    }

    async fn document(&self) -> Option<Endpoints> {
        let base = self.bases.discovery.as_ref()?;
        let url = base.join(&[".well-known", "openid_configuration"]);
        let request = self.http.get(url).header(header::ACCEPT, "application/json").timeout(TIMEOUT);
        let answer = call(Operation { provider: "quickbooks", name: "discovery" }, request).await.ok()?;
        let endpoints = answer.is_success().then(|| Endpoints::of_document(&answer.body)).flatten();
        if endpoints.is_none() {
            tracing::warn!("Intuit's discovery document cannot be used");
        }
        endpoints
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::samples;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    fn real() -> Endpoints {
        Endpoints {
            authorize: url("https://appcenter.intuit.com/connect/oauth2"),
            token: url("https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"),
            revoke: url("https://developer.api.intuit.com/v2/oauth2/tokens/revoke"),
        }
    }

    #[test]
    fn the_configured_endpoints_are_those_of_intuit() {
        let base = |text: &str| text.parse().unwrap();
        let bases = IntuitBases {
            discovery: None,
            authorize: base("https://appcenter.intuit.com"),
            token: base("https://oauth.platform.intuit.com"),
            revoke: base("https://developer.api.intuit.com"),
            api: base("https://quickbooks.api.intuit.com"),
        };
        assert_eq!(Endpoints::configured(&bases), real());
    }

    #[test]
    fn the_published_document_names_the_same_endpoints() {
        let Some(text) = samples::text("quickbooks/intuit_openid_sandbox_configuration.json") else { return };
        assert_eq!(Endpoints::of_document(text.as_bytes()), Some(real()));
    }

    #[test]
    fn a_document_with_an_address_in_the_clear_is_not_used_at_all() {
        let document = |revoke: &str| {
            let body = json!({ "authorization_endpoint": "https://a.example/x", "new": [],
                "token_endpoint": "http://127.0.0.1:1/intuit-oauth/t", "revocation_endpoint": revoke });
            Endpoints::of_document(body.to_string().as_bytes())
        };
        let token = document("https://r.example").map(|endpoints| endpoints.token);
        assert_eq!(token, Some(url("http://127.0.0.1:1/intuit-oauth/t")));
        for bad in ["http://r.example/x", "ftp://r.example", "https://user@r.example", ""] {
            assert_eq!(document(bad), None, "{bad}");
        }
        for body in ["", "{}", "<html>"] {
            assert_eq!(Endpoints::of_document(body.as_bytes()), None, "{body}");
        }
    }
}
