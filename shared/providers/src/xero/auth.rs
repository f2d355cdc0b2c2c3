//! Access to Xero by OAuth 2.0 with a client secret and PKCE.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use numo_app::port::{
    clock::Clock,
    ledger::{Granted, GrantedTenant, LedgerAuth, LedgerError},
};
use numo_domain::credential::TokenSet;
use reqwest::{Client, header};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    http::{
        CALL_TIMEOUT,
        base_url::BaseUrl,
        call::{Operation, call},
    },
    xero::{error, parse, token},
};

/// What is asked for: to read invoices, contacts, settings and payments, also while nobody is there.
///
/// Xero: scopes for apps made since March 2026; the broad ones of before are refused.
pub const SCOPES: &str = "openid profile email offline_access accounting.invoices.read \
                          accounting.contacts.read accounting.settings.read accounting.payments.read";

/// Xero's OAuth 2.0 endpoints.
#[derive(Clone)]
pub struct XeroAuth {
    http: Client,
    bases: XeroBases,
    app: XeroApp,
    clock: Arc<dyn Clock>,
    timeout: Duration,
}

impl std::fmt::Debug for XeroAuth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("XeroAuth").field("bases", &self.bases).finish_non_exhaustive()
    }
}

/// Where Xero lives.
#[derive(Debug, Clone)]
pub struct XeroBases {
    /// Consent pages, `https://login.xero.com`.
    pub login: BaseUrl,
    /// Tokens, `https://identity.xero.com`.
    pub identity: BaseUrl,
    /// Everything else, `https://api.xero.com`.
    pub api: BaseUrl,
}

/// Our registration at Xero.
#[derive(Debug, Clone)]
pub struct XeroApp {
    /// Client id.
    pub client_id: String,
    /// Client secret.
    pub client_secret: SecretString,
}

impl XeroAuth {
    /// Tokens are dated by the clock, not by Xero's.
    pub fn new(http: Client, bases: XeroBases, app: XeroApp, clock: Arc<dyn Clock>) -> Self {
        Self { http, bases, app, clock, timeout: CALL_TIMEOUT }
    }

    /// The same with another timeout per call, for callers whose time is short.
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    async fn tokens(&self, operation: &'static str, form: &[(&str, &str)]) -> Result<TokenSet, LedgerError> {
        let asked_at = self.clock.now();
        let request = self
            .http
            .post(self.bases.identity.join(&["connect", "token"]))
            .basic_auth(&self.app.client_id, Some(self.app.client_secret.expose_secret()))
            .header(header::ACCEPT, "application/json")
            .timeout(self.timeout)
            .form(form);
        let answer = call(Operation { provider: "xero", name: operation }, request).await.map_err(unfinished)?;
        token::tokens(&answer, asked_at)
    }

    /// The organisations of one consent; the list itself has those of every consent of the user.
    async fn tenants(&self, access: &SecretString, consent: &str) -> Result<Vec<GrantedTenant>, LedgerError> {
        let request = self
            .http
            .get(self.bases.api.join(&["connections"]))
            .query(&[("authEventId", consent)])
            .bearer_auth(access.expose_secret())
            .header(header::ACCEPT, "application/json")
            .timeout(self.timeout);
        let answer = call(Operation { provider: "xero", name: "connections" }, request).await.map_err(error::failed)?;
        if !answer.is_success() {
            return Err(error::refused(&answer));
        }
        let body = parse::body(&answer)?;
        let rows = body.as_array().ok_or_else(|| LedgerError::Malformed(String::from("connections is not a list")))?;
        Ok(rows.iter().filter_map(|row| tenant(row, consent)).collect())
    }
}

#[async_trait]
impl LedgerAuth for XeroAuth {
    fn authorise_url(&self, redirect_uri: &str, state: &str, challenge: &str) -> String {
        let mut url = self.bases.login.join(&["identity", "connect", "authorize"]);
        url.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", &self.app.client_id),
            ("redirect_uri", redirect_uri),
            ("scope", SCOPES),
            ("state", state),
            ("code_challenge", challenge),
            ("code_challenge_method", "S256"),
        ]);
        // A plus that was meant is escaped by now, so those left over stand for spaces.
        url.as_str().replace('+', "%20")
    }

    async fn exchange(&self, code: &SecretString, verifier: &str, redirect_uri: &str) -> Result<Granted, LedgerError> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.expose_secret()),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier),
        ];
        let tokens = self.tokens("exchange", &form).await?;
        let claims = token::claims(&tokens.access)?;
        let tenants = self.tenants(&tokens.access, &claims.consent).await?;
        Ok(Granted { holder: claims.user, tokens, tenants })
    }

    async fn refresh(&self, tokens: &TokenSet) -> Result<TokenSet, LedgerError> {
        let refresh = tokens.refresh.as_ref().ok_or(LedgerError::ReauthRequired)?;
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.expose_secret())];
        self.tokens("refresh", &form).await
    }
}

/// At the token endpoint nothing but an answer proves anything.
fn unfinished(error: crate::http::call::CallError) -> LedgerError {
    LedgerError::Unavailable(error.boxed())
}

/// A row of `/connections`, if it is an organisation of this consent (Xero: identity API).
fn tenant(row: &Value, consent: &str) -> Option<GrantedTenant> {
    let raw = RawConnection::deserialize(row).ok()?;
    let ours = raw.auth_event_id.as_deref() == Some(consent) && raw.tenant_type == "ORGANISATION";
    let granted = GrantedTenant {
        tenant: raw.tenant_id.parse().ok()?,
        provider_connection: raw.id.parse().ok()?,
        name: raw.tenant_name.unwrap_or_default(),
    };
    ours.then_some(granted)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawConnection {
    id: String,
    auth_event_id: Option<String>,
    tenant_id: String,
    tenant_type: String,
    tenant_name: Option<String>,
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::{http, samples};

    struct Fixed;

    impl Clock for Fixed {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }
    }

    fn auth() -> XeroAuth {
        let base: BaseUrl = "https://login.xero.com".parse().unwrap();
        let bases = XeroBases { login: base.clone(), identity: base.clone(), api: base };
        let app = XeroApp { client_id: String::from("id+1"), client_secret: "hush".into() };
        XeroAuth::new(http::client("test").unwrap(), bases, app, Arc::new(Fixed))
    }

    #[test]
    fn the_consent_address_asks_for_granular_scopes_with_pkce() {
        let url = auth().authorise_url("https://numo.example/oauth/xero/callback", "s t", "ch");
        let expected = "https://login.xero.com/identity/connect/authorize?response_type=code&client_id=id%2B1\
            &redirect_uri=https%3A%2F%2Fnumo.example%2Foauth%2Fxero%2Fcallback\
            &scope=openid%20profile%20email%20offline_access%20accounting.invoices.read%20accounting.contacts.read\
            %20accounting.settings.read%20accounting.payments.read&state=s%20t&code_challenge=ch\
            &code_challenge_method=S256";
        assert_eq!(url, expected);
    }

    #[test]
    fn debug_shows_no_secret() {
        assert!(!format!("{:?} {:?}", auth(), auth().app).contains("hush"));
    }

    #[test]
    fn only_organisations_of_this_consent_are_granted() {
        let row = |event: Option<&str>, kind: &str| json!({ "id": "k", "authEventId": event, "tenantId": "t", "tenantType": kind, "new": 1 });
        let expected = GrantedTenant {
            tenant: "t".parse().unwrap(),
            provider_connection: "k".parse().unwrap(),
            name: String::new(),
        };
        assert_eq!(tenant(&row(Some("e"), "ORGANISATION"), "e"), Some(expected));
        for other in [row(Some("f"), "ORGANISATION"), row(None, "ORGANISATION"), row(Some("e"), "PRACTICE"), json!(1)] {
            assert_eq!(tenant(&other, "e"), None, "{other}");
        }
    }

    #[test]
    fn the_official_connection_has_no_consent_and_so_is_not_granted() {
        let Some(rows) = samples::json("xero/openapi_connections_200.json") else { return };
        let mut row = rows[0].clone();
        assert_eq!(tenant(&row, "e"), None);
        row["authEventId"] = json!("e");
        assert_eq!(tenant(&row, "e").unwrap().name, "Demo Company (NZ)");
    }
}
