//! A simulator with the clients set up against it.

use std::{sync::Arc, time::Duration};

use jiff::{Timestamp, civil::date};
use numo_app::port::{
    clock::Clock,
    ledger::{
        LedgerAccess, LedgerError,
        auth::{ConsentAnswer, Granted, LedgerAuth},
        reader::{Batch, LedgerReader, Pull},
    },
    whatsapp::SenderAccess,
};
use numo_domain::{
    language::Language,
    template::{PackTemplate, Purpose, Variant, template_for},
};
use numo_providers::{
    clerk::{backend::ClerkBackend, sessions::ClerkSessions},
    http,
    whatsapp::{
        graph::GraphClient,
        signup::{MetaApp, SignupClient},
    },
    xero::{
        auth::{XeroApp, XeroAuth, XeroBases},
        reader::XeroReader,
    },
};
use numo_sim::{Options, Sim};
use reqwest::{Client, Url};
use secrecy::SecretString;
use serde_json::{Value, json};

/// Our app at the simulated Meta.
pub(crate) const APP: &str = "1000000000000001";

pub(crate) const REDIRECT: &str = "http://localhost:8080/oauth/xero/callback";
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// The S256 challenge of the verifier (RFC 7636, appendix B).
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Short enough for a test, long enough for an answer on a busy machine.
pub(crate) const SHORT: Duration = Duration::from_millis(400);

pub(crate) struct Bench {
    pub(crate) sim: Sim,
    http: Client,
}

/// A text of the pack.
pub(crate) fn first_text() -> PackTemplate {
    template_for(Purpose::Upcoming, Language::English, Variant::Plain)
}

impl Bench {
    pub(crate) async fn start() -> Self {
        let options = Options { today: Some(date(2026, 11, 23)), ..Options::default() };
        Self { sim: Sim::start(options).await.unwrap(), http: http::client("numo-test").unwrap() }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sim.base_url)
    }

    /// POSTs to a control endpoint.
    pub(crate) async fn control(&self, path: &str, body: Value) -> Value {
        let response = self.http.post(self.url(&format!("/_control/{path}"))).json(&body).send().await.unwrap();
        assert!(response.status().is_success(), "{path}");
        serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default()
    }

    /// Reads a control endpoint.
    pub(crate) async fn shown(&self, path: &str) -> Value {
        self.http.get(self.url(&format!("/_control/{path}"))).send().await.unwrap().json().await.unwrap()
    }

    /// Spoils the next calls of a provider.
    pub(crate) async fn fault(&self, service: &str, fault: Value) {
        let mut rule = json!({ "service": service, "times": 1 });
        rule.as_object_mut().unwrap().extend(fault.as_object().unwrap().clone());
        self.control("faults", rule).await;
    }

    pub(crate) fn xero_auth(&self) -> XeroAuth {
        self.xero_auth_with("secret")
    }

    pub(crate) fn xero_auth_with(&self, secret: &str) -> XeroAuth {
        let base = |name: &str| self.url(name).parse().unwrap();
        let bases = XeroBases { login: base("/xero-login"), identity: base("/xero-identity"), api: base("/xero-api") };
        let app = XeroApp { client_id: String::from("client"), client_secret: secret.into() };
        XeroAuth::new(self.http.clone(), bases, app, Arc::new(Midday))
    }

    pub(crate) fn xero_reader(&self) -> XeroReader {
        XeroReader::new(self.http.clone(), self.url("/xero-api").parse().unwrap())
    }

    pub(crate) fn graph(&self) -> GraphClient {
        GraphClient::new(
            self.http.clone(),
            self.url("/meta").parse().unwrap(),
            "v25.0",
            "7302916",
            "https://numo.example",
        )
    }

    /// The sign-up of an app whose secret is right unless it is `wrong`.
    pub(crate) fn signup(&self, secret: &str) -> SignupClient {
        SignupClient::new(self.graph(), MetaApp { id: APP.to_owned(), secret: secret.into() })
    }

    /// A code, as a finished window gives it.
    pub(crate) async fn code(&self, waba: &str) -> SecretString {
        let asked = json!({ "app_id": APP, "event": "FINISH", "waba_id": waba });
        let finished = self.control("meta/signup", asked).await;
        finished["code"].as_str().unwrap().to_owned().into()
    }

    pub(crate) fn clerk(&self) -> ClerkSessions {
        let parties = vec![String::from("https://numo.example")];
        ClerkSessions::new(self.http.clone(), &self.url("/clerk"), parties).unwrap()
    }

    /// Clerk's Backend API with a secret key.
    pub(crate) fn people(&self, key: &str) -> ClerkBackend {
        ClerkBackend::new(self.http.clone(), self.url("/clerk-api").parse().unwrap(), key.into())
    }

    /// What the browser brings back from a consent to a tenant.
    pub(crate) async fn consented(&self, consent: Consent<'_>) -> ConsentAnswer {
        let url = self.xero_auth().authorise_url(REDIRECT, "s1", CHALLENGE).await.unwrap();
        let url = consent.without_scope.map_or_else(|| url.clone(), |scope| url.replace(scope, ""));
        let mut url: Url = url.parse().unwrap();
        url.query_pairs_mut().append_pair("sim_user", consent.user).append_pair("sim_choose", consent.choice);
        let response = self.http.get(url).send().await.unwrap();
        let back: Url = response.headers()["location"].to_str().unwrap().parse().unwrap();
        assert!(back.as_str().starts_with(REDIRECT));
        let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
        ConsentAnswer { code: code.into(), verifier: VERIFIER.to_owned(), realm: None, at: Midday.now() }
    }

    pub(crate) async fn granted_by(&self, consent: Consent<'_>) -> Result<Granted, LedgerError> {
        self.xero_auth().exchange(&self.consented(consent).await, REDIRECT).await
    }

    pub(crate) async fn granted(&self, tenant: &str) -> Result<Granted, LedgerError> {
        self.granted_by(Consent::to(tenant)).await
    }

    /// Access to a tenant after consent.
    pub(crate) async fn ledger(&self, tenant: &str) -> LedgerAccess {
        self.ledger_by(Consent::to(tenant)).await
    }

    pub(crate) async fn ledger_by(&self, consent: Consent<'_>) -> LedgerAccess {
        let granted = self.granted_by(consent).await.unwrap();
        LedgerAccess { tenant: granted.tenants[0].tenant.clone(), token: granted.tokens.access }
    }

    /// How often each path of a provider was called.
    pub(crate) fn calls(&self, service: &str) -> Value {
        self.sim.handle.calls(service)
    }
}

/// Who consents to what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Consent<'a> {
    pub(crate) user: &'a str,
    /// The tenants, as a comma list.
    pub(crate) choice: &'a str,
    /// A scope that is not asked for.
    pub(crate) without_scope: Option<&'a str>,
}

impl<'a> Consent<'a> {
    /// The owner's, to one tenant.
    pub(crate) const fn to(choice: &'a str) -> Self {
        Self { user: "owner@harbour.example", choice, without_scope: None }
    }
}

/// All that a pull brings as one batch, and in how many calls.
pub(crate) async fn pulled(reader: &impl LedgerReader, access: &LedgerAccess, pull: &Pull) -> (Batch, usize) {
    let mut whole = reader.batch(access, pull, &reader.begin(pull)).await.unwrap();
    let mut n_calls = 1;
    while let Some(place) = whole.next.take() {
        let batch = reader.batch(access, pull, &place).await.unwrap();
        n_calls += 1;
        whole.contacts.extend(batch.contacts);
        whole.invoices.extend(batch.invoices);
        whole.credits.extend(batch.credits);
        whole.bills.extend(batch.bills);
        whole.payments.extend(batch.payments);
        whole.deleted.extend(batch.deleted);
        whole.skipped.extend(batch.skipped);
        whole.next = batch.next;
    }
    (whole, n_calls)
}

/// The first sender of the simulator.
pub(crate) fn harbour() -> SenderAccess {
    SenderAccess { phone_number_id: "106540352242922".parse().unwrap(), token: "EAAsim-harbour".into() }
}

/// A clock that stands still.
#[derive(Debug)]
pub(crate) struct Midday;

impl Clock for Midday {
    fn now(&self) -> Timestamp {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }
}
