use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::client::{Bench, answer, location};

pub(crate) const REDIRECT: &str = "http://127.0.0.1:9/oauth/quickbooks/callback";
pub(crate) const SCOPES: &str = "com.intuit.quickbooks.accounting openid";
/// Noon in California on the first day of the seeded books.
pub(crate) const TODAY: &str = "2026-11-23";

/// A connected company.
pub(crate) struct Books<'a> {
    pub(crate) bench: &'a Bench,
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) realm: String,
}

impl<'a> Books<'a> {
    pub(crate) async fn of(bench: &'a Bench, key: &str) -> Self {
        let user = if key == "other" { "other@joinery.example" } else { "owner@harbour.example" };
        let tokens = exchange(bench, &consent(bench, key, &[("sim_user", user)]).await).await.1;
        let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
        Self { bench, access: text("access_token"), refresh: text("refresh_token"), realm: realm(bench, key).await }
    }

    pub(crate) fn request(&self, path: &str) -> RequestBuilder {
        let url = self.bench.url(&format!("/quickbooks-api/v3/company/{}/{path}", self.realm));
        self.bench.http.get(url).bearer_auth(&self.access).header("accept", "application/json")
    }

    pub(crate) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Value {
        let (status, body) = answer(self.request(path).query(query)).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// The content of `QueryResponse`.
    pub(crate) async fn query(&self, text: &str) -> Value {
        self.get("query", &[("query", text)]).await["QueryResponse"].clone()
    }

    /// Status, code and detail of a query that is refused.
    pub(crate) async fn refused(&self, text: &str) -> (u16, String, String) {
        let (status, body) = answer(self.request("query").query(&[("query", text)])).await;
        let error = &body["Fault"]["Error"][0];
        (status, error["code"].as_str().unwrap().to_owned(), error["Detail"].as_str().unwrap().to_owned())
    }

    /// The blocks of a change data capture.
    pub(crate) async fn cdc(&self, entities: &str, since: &str) -> Value {
        let body = self.get("cdc", &[("entities", entities), ("changedSince", since)]).await;
        body["CDCResponse"][0]["QueryResponse"].clone()
    }

    /// A change by control in this company.
    pub(crate) async fn change(&self, name: &str, mut body: Value) -> Value {
        body["realm"] = json!(self.realm);
        self.bench.control(&format!("intuit/{name}"), body).await["changes"].clone()
    }

    /// An open invoice as the simulator holds it.
    pub(crate) async fn open_invoice(&self) -> Value {
        let found = self.query("SELECT * FROM Invoice WHERE Balance > '0' MAXRESULTS 1").await;
        found["Invoice"][0].clone()
    }
}

pub(crate) async fn realm(bench: &Bench, key: &str) -> String {
    let companies = bench.look("intuit/companies").await;
    let found = companies.as_array().unwrap().iter().find(|company| company["key"] == key).unwrap();
    found["realm"].as_str().unwrap().to_owned()
}

pub(crate) async fn authorize(bench: &Bench, extra: &[(&str, &str)]) -> reqwest::Response {
    let mut query = vec![
        ("response_type", "code"),
        ("client_id", "client"),
        ("redirect_uri", REDIRECT),
        ("scope", SCOPES),
        ("state", "s1"),
    ];
    query.retain(|(name, _)| !extra.iter().any(|(other, _)| other == name));
    query.extend_from_slice(extra);
    bench.http.get(bench.url("/intuit-appcenter/connect/oauth2")).query(&query).send().await.unwrap()
}

/// Goes through consent for a company and returns the code.
pub(crate) async fn consent(bench: &Bench, key: &str, extra: &[(&str, &str)]) -> String {
    let mut query = vec![("sim_choose", key)];
    query.extend_from_slice(extra);
    let location = location(&authorize(bench, &query).await);
    let found = location.query_pairs().find(|(name, _)| name == "code");
    found.unwrap_or_else(|| panic!("no code in {location}")).1.into_owned()
}

pub(crate) fn token_request(bench: &Bench, fields: &[(&str, &str)]) -> RequestBuilder {
    let url = bench.url("/intuit-oauth/oauth2/v1/tokens/bearer");
    bench.http.post(url).basic_auth("client", Some("secret")).form(fields)
}

pub(crate) async fn exchange(bench: &Bench, code: &str) -> (u16, Value) {
    let fields = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", REDIRECT)];
    answer(token_request(bench, &fields)).await
}

pub(crate) async fn refresh(bench: &Bench, token: &str) -> (u16, Value) {
    answer(token_request(bench, &[("grant_type", "refresh_token"), ("refresh_token", token)])).await
}

pub(crate) fn invalid_grant() -> (u16, Value) {
    (400, json!({ "error": "invalid_grant", "error_description": "Incorrect or invalid refresh token" }))
}

pub(crate) fn ids(rows: &Value) -> Vec<u64> {
    rows.as_array().unwrap().iter().map(|row| row["Id"].as_str().unwrap().parse().unwrap()).collect()
}
