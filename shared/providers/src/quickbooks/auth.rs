//! Access to QuickBooks companies by OAuth 2.0 with a client secret.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use numo_app::port::{
    clock::Clock,
    ledger::{
        LedgerAccess, LedgerError,
        auth::{ConsentAnswer, Granted, GrantedTenant, LedgerAuth},
    },
};
use numo_domain::{credential::TokenSet, id::LedgerTenantId};
use reqwest::{Client, RequestBuilder, Url, header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::{
    http::{
        CALL_TIMEOUT,
        base_url::BaseUrl,
        call::{Answer, Operation, call},
    },
    quickbooks::{client::QuickbooksClient, discovery::Discovery, organisation, token},
};

/// What is asked for: the accounts; there is no scope that only reads.
///
/// Intuit: scopes; those of an identity are not needed, and some apps are refused for asking.
pub const SCOPE: &str = "com.intuit.quickbooks.accounting";

/// Intuit's OAuth 2.0 endpoints.
#[derive(Clone)]
pub struct QuickbooksAuth {
    http: Client,
    discovery: Arc<Discovery>,
    company: QuickbooksClient,
    app: IntuitApp,
    clock: Arc<dyn Clock>,
    timeout: Duration,
}

impl fmt::Debug for QuickbooksAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QuickbooksAuth").field("discovery", &self.discovery).finish_non_exhaustive()
    }
}

/// Where Intuit lives; its discovery document wins over all but the accounting interface.
#[derive(Debug, Clone)]
pub struct IntuitBases {
    /// The discovery document, `https://developer.intuit.com`; `None` where there is none.
    pub discovery: Option<BaseUrl>,
    /// Consent pages, `https://appcenter.intuit.com`.
    pub authorize: BaseUrl,
    /// Tokens, `https://oauth.platform.intuit.com`.
    pub token: BaseUrl,
    /// Ends of grants, `https://developer.api.intuit.com`.
    pub revoke: BaseUrl,
    /// The accounting interface, `https://quickbooks.api.intuit.com`.
    pub api: BaseUrl,
}

/// Our registration at Intuit; sandbox and production have keys of their own.
#[derive(Debug, Clone)]
pub struct IntuitApp {
    /// Client id.
    pub client_id: String,
    /// Client secret.
    pub client_secret: SecretString,
}

impl QuickbooksAuth {
    /// Tokens are dated by the clock, not by Intuit's.
    pub fn new(http: Client, bases: IntuitBases, app: IntuitApp, clock: Arc<dyn Clock>) -> Self {
        let company = QuickbooksClient::new(http.clone(), bases.api.clone(), Arc::clone(&clock));
        let discovery = Arc::new(Discovery::new(http.clone(), bases, Arc::clone(&clock)));
        Self { http, discovery, company, app, clock, timeout: CALL_TIMEOUT }
    }

    /// The same with another timeout per call, for callers whose time is short.
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { company: self.company.with_timeout(timeout), timeout, ..self }
    }

    async fn tokens(&self, operation: &'static str, form: &[(&str, &str)]) -> Result<TokenSet, LedgerError> {
        let endpoint = self.discovery.endpoints().await.token;
        let asked_at = self.clock.now();
        // Without it nothing tells when the five years of a consent are over.
        let request = self.post(endpoint).header("x-include-refresh-token-hard-expires-in", "true").form(form);
        token::tokens(&send(operation, request).await?, asked_at)
    }

    fn post(&self, endpoint: Url) -> RequestBuilder {
        self.http
            .post(endpoint)
            .basic_auth(&self.app.client_id, Some(self.app.client_secret.expose_secret()))
            .header(header::ACCEPT, "application/json")
            .timeout(self.timeout)
    }

    /// The name of a company that the token opens.
    async fn opened(&self, token: &SecretString, realm: &LedgerTenantId) -> Result<String, LedgerError> {
        let access = LedgerAccess { tenant: realm.clone(), token: token.clone() };
        organisation::name(&self.company.get(&access, "company", &["companyinfo", realm.as_str()], &[]).await?)
    }
}

#[async_trait]
impl LedgerAuth for QuickbooksAuth {
    /// Intuit's discovery document names no PKCE, so the challenge stays here.
    async fn authorise_url(&self, redirect_uri: &str, state: &str, _challenge: &str) -> Result<String, LedgerError> {
        let mut url = self.discovery.endpoints().await.authorize;
        url.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", &self.app.client_id),
            ("redirect_uri", redirect_uri),
            ("scope", SCOPE),
            ("state", state),
        ]);
        // A plus that was meant is escaped by now, so those left over stand for spaces.
        Ok(url.as_str().replace('+', "%20"))
    }

    /// The company stands in the query of the callback alone, so it counts once the token opens it.
    async fn exchange(&self, answer: &ConsentAnswer, redirect_uri: &str) -> Result<Granted, LedgerError> {
        let unnamed = || LedgerError::Malformed(String::from("realmId: missing"));
        let realm = answer.realm.as_ref().ok_or_else(unnamed)?;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", answer.code.expose_secret()),
            ("redirect_uri", redirect_uri),
        ];
        let tokens = self.tokens("exchange", &form).await?;
        let name = self.opened(&tokens.access, realm).await?;
        let no_id = || LedgerError::Malformed(String::from("realmId: unreadable"));
        let tenant = GrantedTenant {
            tenant: realm.clone(),
            // There is no id of the link but the company's own.
            provider_connection: realm.as_str().parse().or(Err(no_id()))?,
            name,
        };
        // One consent opens one company.
        Ok(Granted { holder: realm.as_str().parse().or(Err(no_id()))?, tokens, tenants: vec![tenant] })
    }

    async fn refresh(&self, tokens: &TokenSet) -> Result<TokenSet, LedgerError> {
        let refresh = tokens.refresh.as_ref().ok_or(LedgerError::ReauthRequired)?;
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.expose_secret())];
        self.tokens("refresh", &form).await
    }

    async fn is_open(&self, access: &SecretString, tenant: &LedgerTenantId) -> Result<bool, LedgerError> {
        match self.opened(access, tenant).await {
            Ok(_) => Ok(true),
            Err(LedgerError::TenantRefused | LedgerError::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The grant is the company's own, so nothing else ends with it.
    async fn disconnect(&self, tokens: &TokenSet, _link: &GrantedTenant) -> Result<(), LedgerError> {
        let Some(refresh) = &tokens.refresh else { return Ok(()) };
        let endpoint = self.discovery.endpoints().await.revoke;
        let request = self.post(endpoint).json(&json!({ "token": refresh.expose_secret() }));
        token::revoked(&send("revoke", request).await?)
    }
}

/// At the OAuth endpoints nothing but an answer proves anything.
async fn send(operation: &'static str, request: RequestBuilder) -> Result<Answer, LedgerError> {
    let operation = Operation { provider: "quickbooks", name: operation };
    call(operation, request).await.map_err(|error| LedgerError::Unavailable(error.boxed()))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::http;

    struct Fixed;

    impl Clock for Fixed {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }
    }

    fn auth() -> QuickbooksAuth {
        let base: BaseUrl = "https://appcenter.intuit.com".parse().unwrap();
        let bases = IntuitBases {
            discovery: None,
            authorize: base.clone(),
            token: base.clone(),
            revoke: base.clone(),
            api: base,
        };
        let app = IntuitApp { client_id: String::from("id+1"), client_secret: "hush".into() };
        QuickbooksAuth::new(http::client("test").unwrap(), bases, app, Arc::new(Fixed))
    }

    #[tokio::test]
    async fn the_consent_address_asks_for_the_accounts_alone_and_without_pkce() {
        let url = auth().authorise_url("https://numo.example/oauth/quickbooks/callback", "s t", "ch").await.unwrap();
        let expected = "https://appcenter.intuit.com/connect/oauth2?response_type=code&client_id=id%2B1\
            &redirect_uri=https%3A%2F%2Fnumo.example%2Foauth%2Fquickbooks%2Fcallback\
            &scope=com.intuit.quickbooks.accounting&state=s%20t";
        assert_eq!(url, expected);
    }

    #[test]
    fn debug_shows_no_secret() {
        assert!(!format!("{:?} {:?}", auth(), auth().app).contains("hush"));
    }

    #[tokio::test]
    async fn a_callback_without_a_company_costs_no_code() {
        let answer =
            ConsentAnswer { code: "code".into(), verifier: String::new(), realm: None, at: Timestamp::UNIX_EPOCH };
        let refused = auth().exchange(&answer, "https://numo.example").await.unwrap_err();
        assert_eq!(refused.to_string(), "the ledger's answer cannot be read: realmId: missing");
    }
}
