//! A product in memory, with a browser that keeps its cookies apart.

use std::sync::Mutex;

use async_trait::async_trait;
use http::header;
use jiff::Timestamp;
use numo_app::{
    number_key::NumberKeys,
    port::{
        ledger::{Granted, GrantedTenant, LedgerAuth, LedgerError},
        session::{Role, Session, SessionError},
    },
    store::Store,
    vault::Vault,
    wake::Waker,
};
use numo_domain::credential::TokenSet;
use numo_testkit::{
    counting_ids::CountingIds, fixed_clock::FixedClock, memory_keys::MemoryKeys, memory_table::MemoryTable,
    recording_queue::RecordingQueue,
};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::*;

/// Xero, which grants one tenant for every code unless it is told to fail.
#[derive(Default)]
pub(super) struct FakeXero {
    pub(super) refusal: Mutex<Option<LedgerError>>,
    pub(super) exchanges: Mutex<usize>,
}

#[async_trait]
impl LedgerAuth for FakeXero {
    fn authorise_url(&self, redirect_uri: &str, state: &str, challenge: &str) -> String {
        format!("https://login.xero.example/?redirect_uri={redirect_uri}&state={state}&challenge={challenge}")
    }

    async fn exchange(&self, code: &SecretString, _: &str, redirect_uri: &str) -> Result<Granted, LedgerError> {
        assert_eq!(redirect_uri, "https://numo.example/oauth/xero/callback");
        *self.exchanges.lock().unwrap() += 1;
        if let Some(refusal) = self.refusal.lock().unwrap().take() {
            return Err(refusal);
        }
        let tenants = match secrecy::ExposeSecret::expose_secret(code) {
            "no-tenant" => Vec::new(),
            _ => vec![GrantedTenant {
                tenant: "tenant-1".parse().unwrap(),
                provider_connection: "link-1".parse().unwrap(),
                name: "Palm Trading".to_owned(),
            }],
        };
        let tokens = TokenSet { access: "hush".into(), access_expires_at: None, refresh: None, scope: String::new() };
        Ok(Granted { holder: "holder-1".parse().unwrap(), tokens, tenants })
    }

    async fn refresh(&self, _: &TokenSet) -> Result<TokenSet, LedgerError> {
        Err(LedgerError::ReauthRequired)
    }
}

/// Sessions by the name of their token.
struct FakeSessions;

#[async_trait]
impl Sessions for FakeSessions {
    async fn verify(&self, token: &str, _: Timestamp) -> Result<Session, SessionError> {
        let session =
            |org: &str, role| Ok(Session { org: org.parse().unwrap(), user: "user_1".parse().unwrap(), role });
        match token {
            "admin-a" => session("org_a", Role::Admin),
            "admin-b" => session("org_b", Role::Admin),
            "member-a" => session("org_a", Role::Member),
            "no-organisation" => Err(SessionError::NoOrganisation),
            "down" => Err(SessionError::Unavailable("down".into())),
            _ => Err(SessionError::Refused("expired")),
        }
    }
}

pub(super) struct Fixture {
    pub(super) xero: Arc<FakeXero>,
    pub(super) table: Arc<MemoryTable>,
    pub(super) keys: Arc<MemoryKeys>,
    pub(super) queue: Arc<RecordingQueue>,
    pub(super) clock: Arc<FixedClock>,
    pub(super) ports: OauthPorts,
}

pub(super) fn now() -> Timestamp {
    "2026-11-23T06:00:00Z".parse().unwrap()
}

pub(super) fn fixture() -> Fixture {
    let (xero, table) = (Arc::new(FakeXero::default()), Arc::new(MemoryTable::new()));
    let (keys, queue) = (Arc::new(MemoryKeys::new(1)), Arc::new(RecordingQueue::new()));
    let clock = Arc::new(FixedClock::at(now()));
    let store = Store::new(table.clone());
    let connect = ConnectPorts {
        waker: Waker { store: store.clone(), queue: queue.clone(), ids: Arc::new(CountingIds::new(1)) },
        vault: Vault::new(store, keys.clone(), xero.clone()),
        auth: xero.clone(),
        number_keys: NumberKeys::new(vec![7; 32]).unwrap(),
    };
    let public_url = "https://numo.example".parse().unwrap();
    let ports = OauthPorts { connect, sessions: Arc::new(FakeSessions), clock: clock.clone(), public_url };
    Fixture { xero, table, keys, queue, clock, ports }
}

impl Fixture {
    /// One call of a browser that has these cookies.
    pub(super) async fn get(&self, path: &str, query: &str, cookies: &[&str]) -> Answer {
        let event = include_str!("../../tests/fixtures/get.json").replace("PATH", path).replace("QUERY", query);
        let mut event: Value = serde_json::from_str(&event).unwrap();
        event["cookies"] = json!(cookies);
        let request = lambda_http::request::from_str(&event.to_string()).unwrap();
        let answer = route(&self.ports, &request).await;
        let header = |name: http::HeaderName| answer.headers().get(name).map(|v| v.to_str().unwrap().to_owned());
        Answer {
            status: answer.status().as_u16(),
            location: header(header::LOCATION),
            set_cookie: header(header::SET_COOKIE),
            body: String::from_utf8(answer.body().to_vec()).unwrap(),
        }
    }

    /// An admin begins: the state at Xero, and the cookie of the browser.
    pub(super) async fn begin(&self, session: &str) -> (String, String) {
        let answer = self.get("/oauth/xero/start", "", &[&format!("__session={session}")]).await;
        assert_eq!(answer.status, 302);
        let location = answer.location.unwrap();
        let state = location.split("state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
        let cookie = answer.set_cookie.unwrap().split(';').next().unwrap().to_owned();
        (state, cookie)
    }

    /// Xero sends the browser back.
    pub(super) async fn come_back(&self, query: &str, cookie: &str) -> Answer {
        self.get("/oauth/xero/callback", query, &[cookie]).await
    }

    /// The classes of what is stored, without consents that were begun.
    pub(super) fn stored(&self) -> Vec<String> {
        self.table.items().into_iter().map(|item| item.entity).filter(|entity| entity != "oauth_state").collect()
    }
}

/// What a browser sees.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) location: Option<String>,
    pub(super) set_cookie: Option<String>,
    pub(super) body: String,
}

impl Answer {
    /// Status and title of a page.
    pub(super) fn page(&self) -> (u16, &str) {
        let title = self.body.split("<h1>").nth(1).and_then(|rest| rest.split("</h1>").next());
        (self.status, title.unwrap_or_default())
    }
}
