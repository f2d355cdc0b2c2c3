use numo_sim::{Options, Sim};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};

/// A started simulator with an HTTP client that follows no redirects.
pub(crate) struct Bench {
    pub(crate) sim: Sim,
    pub(crate) http: Client,
}

pub(crate) const REDIRECT: &str = "http://127.0.0.1:9/oauth/xero/callback";
pub(crate) const SCOPES: &str = "openid profile email offline_access accounting.invoices.read \
                                 accounting.payments.read accounting.contacts.read accounting.settings.read";

impl Bench {
    pub(crate) async fn start() -> Self {
        Self::with(Options { today: Some("2026-11-23".parse().unwrap()), ..Options::default() }).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let http = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { sim: Sim::start(options).await.unwrap(), http }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sim.base_url)
    }

    pub(crate) async fn control(&self, path: &str, body: Value) -> Value {
        let response = self.http.post(self.url(&format!("/_control/{path}"))).json(&body).send().await.unwrap();
        assert!(response.status().is_success(), "{path}: {}", response.status());
        let text = response.text().await.unwrap();
        if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() }
    }

    pub(crate) async fn look(&self, path: &str) -> Value {
        self.http.get(self.url(&format!("/_control/{path}"))).send().await.unwrap().json().await.unwrap()
    }

    pub(crate) async fn tenant_id(&self, key: &str) -> String {
        let tenants = self.look("xero/tenants").await;
        let found = tenants.as_array().unwrap().iter().find(|tenant| tenant["key"] == key).unwrap();
        found["tenant_id"].as_str().unwrap().to_owned()
    }

    /// Goes through consent for a tenant and returns the code.
    pub(crate) async fn consent(&self, key: &str, extra: &[(&str, &str)]) -> String {
        let tenant = self.tenant_id(key).await;
        let mut query = vec![
            ("response_type", "code"),
            ("client_id", "client"),
            ("redirect_uri", REDIRECT),
            ("scope", SCOPES),
            ("state", "s1"),
            ("sim_choose", &tenant),
        ];
        query.extend_from_slice(extra);
        let location = location(&self.authorize(&query).await);
        let found = location.query_pairs().find(|(name, _)| name == "code");
        found.unwrap_or_else(|| panic!("no code in {location}")).1.into_owned()
    }

    pub(crate) async fn authorize(&self, query: &[(&str, &str)]) -> Response {
        let url = self.url("/xero-login/identity/connect/authorize");
        self.http.get(url).query(query).send().await.unwrap()
    }

    pub(crate) async fn token(&self, fields: &[(&str, &str)]) -> (u16, Value) {
        let url = self.url("/xero-identity/connect/token");
        answer(self.http.post(url).basic_auth("client", Some("secret")).form(fields)).await
    }

    pub(crate) async fn exchange(&self, code: &str) -> (u16, Value) {
        self.token(&[("grant_type", "authorization_code"), ("code", code), ("redirect_uri", REDIRECT)]).await
    }

    pub(crate) async fn refresh(&self, token: &str) -> (u16, Value) {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// The token set after consent of a user to one or more tenants, by keys or ids.
    pub(crate) async fn bulk(&self, user: &str, choice: &str) -> Value {
        let asked = [
            ("response_type", "code"),
            ("client_id", "client"),
            ("redirect_uri", REDIRECT),
            ("scope", SCOPES),
            ("sim_user", user),
            ("sim_choose", choice),
        ];
        let url = location(&self.authorize(&asked).await);
        let code = url.query_pairs().find(|(name, _)| name == "code");
        self.exchange(&code.unwrap_or_else(|| panic!("no code in {url}")).1).await.1
    }

    pub(crate) async fn connections(&self, tokens: &Value) -> Value {
        let access = tokens["access_token"].as_str().unwrap();
        answer(self.http.get(self.url("/xero-api/connections")).bearer_auth(access)).await.1
    }

    /// An access token after consent to one tenant, with that tenant's id.
    pub(crate) async fn connected(&self, key: &str) -> Ledger<'_> {
        let user = if key == "other" { "other@joinery.example" } else { "owner@harbour.example" };
        let code = self.consent(key, &[("sim_user", user)]).await;
        let tokens = self.exchange(&code).await.1;
        Ledger {
            bench: self,
            access: tokens["access_token"].as_str().unwrap().to_owned(),
            tenant: self.tenant_id(key).await,
        }
    }

    /// POSTs a message from the first sender.
    pub(crate) async fn message(&self, body: &Value) -> (u16, Value) {
        let url = self.url("/meta/v25.0/106540352242922/messages");
        answer(self.http.post(url).bearer_auth("EAAsim-harbour").json(body)).await
    }

    /// Waits until all webhooks are answered and returns the summary.
    pub(crate) async fn settled(&self) -> Value {
        let summary = self.control("meta/settle?timeout_ms=20000", json!({})).await;
        assert_eq!(summary["settled"], true);
        summary
    }
}

/// A connected organisation.
pub(crate) struct Ledger<'a> {
    pub(crate) bench: &'a Bench,
    pub(crate) access: String,
    pub(crate) tenant: String,
}

impl Ledger<'_> {
    pub(crate) fn request(&self, path: &str) -> RequestBuilder {
        let url = self.bench.url(&format!("/xero-api/api.xro/2.0/{path}"));
        self.bench
            .http
            .get(url)
            .bearer_auth(&self.access)
            .header("xero-tenant-id", &self.tenant)
            .header("accept", "application/json")
    }

    pub(crate) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Value {
        let (status, body) = answer(self.request(path).query(query)).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }
}

pub(crate) async fn answer(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

pub(crate) fn location(response: &Response) -> reqwest::Url {
    response.headers()["location"].to_str().unwrap().parse().unwrap()
}

pub(crate) fn strings(rows: &Value, field: &str) -> Vec<String> {
    rows.as_array().unwrap().iter().map(|row| row[field].as_str().unwrap_or_default().to_owned()).collect()
}
