//! A product in memory, with a browser that keeps its cookies apart.

use async_trait::async_trait;
use http::header;
use jiff::Timestamp;
use numo_app::{
    number_key::NumberKeys,
    port::{
        ledger::{
            LedgerError,
            auth::{Granted, GrantedTenant},
        },
        session::{Role, Session, SessionError},
    },
    store::Store,
    vault::Vault,
    wake::Waker,
};
use numo_domain::{
    connection::Connection,
    credential::TokenSet,
    id::{LedgerTenantId, OrgId},
};
use numo_runtime::http::gateway::{Event, Invocation};
use numo_testkit::{
    counting_ids::CountingIds, fixed_clock::FixedClock, memory_keys::MemoryKeys, memory_ledger::MemoryLedger,
    memory_table::MemoryTable, recording_queue::RecordingQueue,
};
use serde_json::{Value, json};

use super::*;

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
    pub(super) ledger: Arc<MemoryLedger>,
    pub(super) table: Arc<MemoryTable>,
    pub(super) keys: Arc<MemoryKeys>,
    pub(super) queue: Arc<RecordingQueue>,
    pub(super) clock: Arc<FixedClock>,
    pub(super) store: Store,
    pub(super) ports: OauthPorts,
}

pub(super) fn now() -> Timestamp {
    "2026-11-23T06:00:00Z".parse().unwrap()
}

pub(super) fn org(name: &str) -> OrgId {
    name.parse().unwrap()
}

pub(super) fn tenant(id: &str) -> LedgerTenantId {
    id.parse().unwrap()
}

pub(super) fn fixture() -> Fixture {
    let (ledger, table) = (MemoryLedger::new(), Arc::new(MemoryTable::new()));
    let (keys, queue) = (Arc::new(MemoryKeys::new(1)), Arc::new(RecordingQueue::new()));
    let clock = Arc::new(FixedClock::at(now()));
    let store = Store::new(table.clone());
    let connect = ConnectPorts {
        waker: Waker { store: store.clone(), queue: queue.clone(), ids: Arc::new(CountingIds::new(1)) },
        vault: Vault::new(store.clone(), keys.clone(), ledger.auth()),
        auth: ledger.auth(),
        number_keys: NumberKeys::new(vec![7; 32]).unwrap(),
    };
    let public_url = "https://numo.example".parse().unwrap();
    let ports = OauthPorts { connect, sessions: Arc::new(FakeSessions), clock: clock.clone(), public_url };
    Fixture { ledger, table, keys, queue, clock, store, ports }
}

impl Fixture {
    /// One navigation of a browser that has these cookies.
    pub(super) async fn get(&self, path: &str, query: &str, cookies: &[&str]) -> Answer {
        self.call("GET", path, |event| {
            event["rawQueryString"] = json!(query);
            event["cookies"] = json!(cookies);
        })
        .await
    }

    /// A form that a browser with this cookie sends from a page of this origin.
    pub(super) async fn post(&self, path: &str, form: &str, cookie: &str, origin: Option<&str>) -> Answer {
        self.call("POST", path, |event| {
            event["cookies"] = json!([cookie]);
            event["body"] = json!(form);
            event["headers"]["content-type"] = json!("application/x-www-form-urlencoded");
            if let Some(origin) = origin {
                event["headers"]["origin"] = json!(origin);
            }
        })
        .await
    }

    async fn call(&self, method: &str, path: &str, with: impl FnOnce(&mut Value)) -> Answer {
        let event = include_str!("../../tests/fixtures/browser.json").replace("PATH", path).replace("METHOD", method);
        let mut event: Value = serde_json::from_str(&event).unwrap();
        with(&mut event);
        let request = serde_json::from_value::<Event>(event).unwrap().request(Invocation::default()).unwrap();
        let answer = route(&self.ports, &request).await;
        let header = |name: http::HeaderName| answer.headers().get(name).map(|v| v.to_str().unwrap().to_owned());
        Answer {
            status: answer.status().as_u16(),
            location: header(header::LOCATION),
            set_cookie: header(header::SET_COOKIE),
            body: String::from_utf8(answer.body().to_vec()).unwrap(),
        }
    }

    /// An admin begins: the state at the provider, and the cookie of the browser.
    pub(super) async fn begin(&self, provider: &str, session: &str) -> (String, String) {
        let answer = self.get(&format!("/oauth/{provider}/start"), "", &[&format!("__session={session}")]).await;
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

    /// A whole consent at Xero, whose code is taken as it is planned.
    pub(super) async fn consent(&self, session: &str) -> (Answer, String) {
        let (state, cookie) = self.begin("xero", session).await;
        (self.come_back(&format!("code=c&state={state}"), &cookie).await, cookie)
    }

    /// The next code is good for these organisations.
    pub(super) fn grant(&self, tenants: &[(&str, &str)]) {
        let tenants = tenants.iter().map(|(tenant, name)| GrantedTenant {
            tenant: tenant.parse().unwrap(),
            provider_connection: format!("link-of-{tenant}").parse().unwrap(),
            name: (*name).to_owned(),
        });
        let tokens = TokenSet { refresh: Some("hush".into()), ..TokenSet::lasting("hush".into()) };
        let granted = Granted { holder: "holder-1".parse().unwrap(), tokens, tenants: tenants.collect() };
        self.ledger.held().grants.push_back(Ok(granted));
    }

    /// The next code is not taken.
    pub(super) fn refuse(&self, error: LedgerError) {
        self.ledger.held().grants.push_back(Err(error));
    }

    pub(super) async fn connections(&self, name: &str) -> Vec<Connection> {
        self.store.connections(&org(name)).await.unwrap()
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
