//! The clients of QuickBooks set up against a simulator, and what it holds.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::Timestamp;
use numo_app::port::{
    clock::Clock,
    ledger::{
        LedgerAccess, LedgerError,
        auth::{ConsentAnswer, Granted, LedgerAuth},
        reader::{Batch, LedgerReader, Pull},
    },
};
use numo_providers::{
    http,
    quickbooks::{
        auth::{IntuitApp, IntuitBases, QuickbooksAuth},
        client::QuickbooksClient,
    },
};
use reqwest::Url;
use serde_json::{Value, json};

use crate::bench::{Bench, Midday};

pub(crate) const REDIRECT: &str = "http://localhost:8080/oauth/quickbooks/callback";

/// Longer than anything takes here.
const PATIENT: Duration = Duration::from_secs(120);

pub(crate) fn auth(bench: &Bench) -> QuickbooksAuth {
    auth_with(bench, Some("/intuit-developer"), "secret")
}

/// The same with another place of the discovery document, or another client secret.
pub(crate) fn auth_with(bench: &Bench, discovery: Option<&str>, secret: &str) -> QuickbooksAuth {
    let base = |path: &str| bench.url(path).parse().unwrap();
    let bases = IntuitBases {
        discovery: discovery.map(base),
        authorize: base("/intuit-appcenter"),
        token: base("/intuit-oauth"),
        revoke: base("/intuit-developer-api"),
        api: base("/quickbooks-api"),
    };
    let app = IntuitApp { client_id: String::from("client"), client_secret: secret.into() };
    QuickbooksAuth::new(http::client("numo-test").unwrap(), bases, app, Arc::new(Midday))
}

pub(crate) fn client(bench: &Bench) -> QuickbooksClient {
    let api = bench.url("/quickbooks-api").parse().unwrap();
    QuickbooksClient::new(http::client("numo-test").unwrap(), api, Arc::new(Midday))
}

/// What the browser brings back from a consent that a company's owner gave.
pub(crate) async fn consent(bench: &Bench, company: &str) -> ConsentAnswer {
    let user = if company == "other" { "other@joinery.example" } else { "owner@harbour.example" };
    let mut url: Url = auth(bench).authorise_url(REDIRECT, "s1", "unused").await.unwrap().parse().unwrap();
    url.query_pairs_mut().append_pair("sim_user", user).append_pair("sim_choose", company);
    let response = http::client("numo-test").unwrap().get(url).send().await.unwrap();
    let back: Url = response.headers()["location"].to_str().unwrap().parse().unwrap();
    assert!(back.as_str().starts_with(REDIRECT), "{back}");
    let query: BTreeMap<String, String> = back.query_pairs().into_owned().collect();
    let realm = query["realmId"].parse().ok();
    ConsentAnswer { code: query["code"].as_str().into(), verifier: String::new(), realm, at: Midday.now() }
}

pub(crate) async fn granted(bench: &Bench, company: &str) -> Result<Granted, LedgerError> {
    auth(bench).exchange(&consent(bench, company).await, REDIRECT).await
}

/// A connected company.
pub(crate) struct Books {
    pub(crate) bench: Bench,
    pub(crate) access: LedgerAccess,
    pub(crate) client: QuickbooksClient,
}

impl Books {
    pub(crate) async fn of(company: &str) -> Self {
        Self::connected(Bench::start().await, company).await
    }

    pub(crate) async fn connected(bench: Bench, company: &str) -> Self {
        let granted = granted(&bench, company).await.unwrap();
        let access = LedgerAccess { tenant: granted.tenants[0].tenant.clone(), token: granted.tokens.access };
        Self { client: client(&bench), bench, access }
    }

    /// A company of any size, with time enough for a busy machine to make and to read it.
    pub(crate) async fn large(bench: Bench, mut size: Value) -> Self {
        size["key"] = json!("large");
        let url = bench.url("/_control/intuit/large");
        let made = http::client("numo-test").unwrap().post(url).timeout(PATIENT).json(&size).send().await.unwrap();
        assert!(made.status().is_success());
        let books = Self::connected(bench, "large").await;
        Self { client: books.client.with_timeout(PATIENT), ..books }
    }

    /// Connected on the day after the one that the seeded books lie around.
    pub(crate) async fn on_the_next_day(company: &str) -> Self {
        let bench = Bench::start().await;
        let now_ms = bench.shown("clock").await["now_ms"].as_i64().unwrap();
        let next_day: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        bench.sim.handle.advance_seconds(next_day.as_second() - now_ms / 1000);
        Self::connected(bench, company).await
    }

    /// The rows of an entity as the simulator holds them.
    pub(crate) async fn held(&self, entity: &str) -> Vec<Value> {
        let path = format!("intuit/documents?realm={}&entity={entity}", self.access.tenant);
        self.bench.shown(&path).await.as_array().unwrap().clone()
    }

    /// Works in the company's books; gives the row that changed first.
    pub(crate) async fn change(&self, what: &str, mut asked: Value) -> Value {
        asked["realm"] = json!(self.access.tenant.as_str());
        self.bench.control(&format!("intuit/{what}"), asked).await["changes"][0].clone()
    }

    /// Overrides what the company says of itself.
    pub(crate) async fn change_company(&self, mut asked: Value) {
        asked["realm"] = json!(self.access.tenant.as_str());
        self.bench.control("intuit/company", asked).await;
    }

    /// Adds a row, or overrides one by its `Id`.
    pub(crate) async fn row(&self, entity: &str, row: Value) -> Value {
        self.change("row", json!({ "entity": entity, "row": row })).await
    }

    /// How many calls the company has seen.
    pub(crate) async fn n_calls(&self) -> u64 {
        self.bench.shown("intuit/limits").await[self.access.tenant.as_str()]["calls"].as_u64().unwrap()
    }

    /// The batches of a whole pull.
    pub(crate) async fn pull(&self, pull: &Pull) -> Vec<Batch> {
        let (mut place, mut batches) = (Some(self.client.begin(pull)), Vec::new());
        while let Some(here) = place.take() {
            let batch = self.client.batch(&self.access, pull, &here).await.unwrap();
            place.clone_from(&batch.next);
            batches.push(batch);
        }
        batches
    }

    /// A whole pull as one batch with the time of its first call.
    pub(crate) async fn pulled(&self, pull: &Pull) -> Batch {
        let mut batches = self.pull(pull).await.into_iter();
        let mut whole = batches.next().unwrap();
        for batch in batches {
            whole.contacts.extend(batch.contacts);
            whole.invoices.extend(batch.invoices);
            whole.credits.extend(batch.credits);
            whole.payments.extend(batch.payments);
            whole.deleted.extend(batch.deleted);
            whole.skipped.extend(batch.skipped);
            whole.may_miss_deletions |= batch.may_miss_deletions;
        }
        whole
    }
}
