//! Access to Xero by OAuth 2.0 with a client secret and PKCE.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use numo_app::port::{
    clock::Clock,
    ledger::{
        LedgerError,
        auth::{ConsentAnswer, Granted, GrantedTenant, LedgerAuth},
    },
};
use numo_domain::{credential::TokenSet, id::LedgerTenantId};
use reqwest::{Client, RequestBuilder, header};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    http::{
        CALL_TIMEOUT,
        base_url::BaseUrl,
        call::{Answer, CallError, Operation, call},
    },
    xero::{answer, error, token},
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

    /// The organisations that a token's user ever connected, or those of one consent.
    async fn connections(&self, access: &SecretString, filter: &[(&str, &str)]) -> Result<Vec<Value>, LedgerError> {
        let request = self.http.get(self.bases.api.join(&["connections"])).query(filter);
        let answer = self.authorised("connections", request, access).await?;
        if answer.is_success() { answer::json(&answer) } else { Err(error::refused(&answer)) }
    }

    async fn authorised(
        &self,
        operation: &'static str,
        request: RequestBuilder,
        access: &SecretString,
    ) -> Result<Answer, LedgerError> {
        let request = request
            .bearer_auth(access.expose_secret())
            .header(header::ACCEPT, "application/json")
            .timeout(self.timeout);
        call(Operation { provider: "xero", name: operation }, request).await.map_err(error::failed)
    }
}

#[async_trait]
impl LedgerAuth for XeroAuth {
    async fn authorise_url(&self, redirect_uri: &str, state: &str, challenge: &str) -> Result<String, LedgerError> {
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
        Ok(url.as_str().replace('+', "%20"))
    }

    async fn exchange(&self, answer: &ConsentAnswer, redirect_uri: &str) -> Result<Granted, LedgerError> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", answer.code.expose_secret()),
            ("redirect_uri", redirect_uri),
            ("code_verifier", &answer.verifier),
        ];
        let tokens = self.tokens("exchange", &form).await?;
        let claims = token::claims(&tokens.access)?;
        let rows = self.connections(&tokens.access, &[("authEventId", &claims.consent)]).await?;
        // The filter narrows the answer, the check proves it: without it all of the user's would count.
        let tenants = rows.iter().filter_map(|row| tenant(row, &claims.consent)).collect();
        Ok(Granted { holder: claims.user, tokens, tenants })
    }

    async fn refresh(&self, tokens: &TokenSet) -> Result<TokenSet, LedgerError> {
        let refresh = tokens.refresh.as_ref().ok_or(LedgerError::ReauthRequired)?;
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.expose_secret())];
        self.tokens("refresh", &form).await
    }

    /// The token outlives the connection: an organisation that is no longer listed was disconnected.
    async fn is_open(&self, access: &SecretString, tenant: &LedgerTenantId) -> Result<bool, LedgerError> {
        let rows = self.connections(access, &[]).await?;
        Ok(rows.iter().any(|row| row.get("tenantId").and_then(Value::as_str) == Some(tenant.as_str())))
    }

    /// Deletes the one connection. Revoking the token would end every organisation of its user.
    async fn disconnect(&self, tokens: &TokenSet, link: &GrantedTenant) -> Result<(), LedgerError> {
        let url = self.bases.api.join(&["connections", link.provider_connection.as_str()]);
        let answer = self.authorised("disconnect", self.http.delete(url), &tokens.access).await?;
        let is_gone = answer.is_success() || answer.status == 404;
        if is_gone { Ok(()) } else { Err(error::refused(&answer)) }
    }
}

/// At the token endpoint nothing but an answer proves anything.
fn unfinished(error: CallError) -> LedgerError {
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

    #[tokio::test]
    async fn the_consent_address_asks_for_granular_scopes_with_pkce() {
        let url = auth().authorise_url("https://numo.example/oauth/xero/callback", "s t", "ch").await.unwrap();
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
