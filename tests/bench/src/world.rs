//! Businesses with ledgers at the simulated providers, over a table in memory.

use std::sync::Arc;

use jiff::SignedDuration;
use numo_app::{
    connect_ledger::{Callback, ConnectPorts, Finished, begin_consent, finish_consent},
    job::{Job, Work},
    number_key::NumberKeys,
    port::{
        clock::Clock,
        ledger::{PerLedger, auth::LedgerAuth, check::LedgerCheck, reader::LedgerReader},
        table::Table,
    },
    store::Store,
    sync_connection::{SyncPorts, Synced, sync_connection},
    vault::Vault,
    wake::Waker,
};
use numo_domain::{
    connection::{Connection, LedgerProvider},
    id::OrgId,
};
use numo_providers::{
    http,
    http::base_url::BaseUrl,
    quickbooks::{
        auth::{IntuitApp, IntuitBases, QuickbooksAuth},
        client::QuickbooksClient,
    },
    xero::{
        auth::{XeroApp, XeroAuth, XeroBases},
        reader::XeroReader,
    },
};
use numo_runtime::clock::{SystemClock, SystemIds};
use numo_testkit::{memory_keys::MemoryKeys, recording_events::RecordingEvents, recording_queue::RecordingQueue};
use url::Url;

use crate::{Failure, simulator::Simulator};

pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) waker: Waker,
    pub(crate) vault: Vault,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) checks: PerLedger<dyn LedgerCheck>,
    queue: Arc<RecordingQueue>,
    sync: SyncPorts,
    connect: ConnectPorts,
    browser: reqwest::Client,
}

/// A ledger to be connected.
#[derive(Debug, Clone)]
pub(crate) struct Books {
    pub(crate) provider: LedgerProvider,
    pub(crate) user: String,
    /// The tenant id or realm.
    pub(crate) tenant: String,
}

const REDIRECT: &str = "https://numo.example/oauth/callback";

impl World {
    pub(crate) fn over(table: Arc<dyn Table>, simulator: &Simulator) -> Result<Self, Failure> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let outside = Outside::at(simulator, &clock)?;
        let store = Store::new(table);
        let (queue, number_keys) = (Arc::new(RecordingQueue::new()), NumberKeys::new(vec![7; 32])?);
        let waker = Waker { store: store.clone(), queue: queue.clone(), ids: Arc::new(SystemIds) };
        let vault = Vault::new(store.clone(), Arc::new(MemoryKeys::new(1)), outside.auth.clone());
        let connect = ConnectPorts {
            waker: waker.clone(),
            vault: vault.clone(),
            auth: outside.auth,
            number_keys: number_keys.clone(),
        };
        let sync = SyncPorts {
            waker: waker.clone(),
            vault: vault.clone(),
            readers: outside.readers,
            events: Arc::new(RecordingEvents::new()),
            number_keys,
            clock: clock.clone(),
        };
        let browser = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?;
        Ok(Self { store, waker, vault, clock, checks: outside.checks, queue, sync, connect, browser })
    }

    /// Connects a ledger for a business, as a browser would; its first sync is due.
    pub(crate) async fn connect(&self, org: &OrgId, books: &Books) -> Result<Connection, Failure> {
        let (now, admin) = (self.clock.now(), "user_bench".parse()?);
        let begun = begin_consent(&self.connect, books.provider, org, &admin, REDIRECT, now).await?;
        let mut consent = Url::parse(&begun.authorise_url)?;
        consent.query_pairs_mut().append_pair("sim_user", &books.user).append_pair("sim_choose", &books.tenant);
        let answer = self.browser.get(consent).send().await?;
        let location = answer.headers().get("location").ok_or("the consent page sends the browser nowhere")?;
        let back = Url::parse(location.to_str()?)?;
        let query = |name: &str| back.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let callback = Callback {
            provider: books.provider,
            state: query("state").ok_or("the browser comes back without a state")?,
            code: Ok(query("code").ok_or("the browser comes back without a code")?.into()),
            realm: query("realmId").map(|realm| realm.parse()).transpose()?,
            binding: Some(begun.binding),
        };
        match finish_consent(&self.connect, callback, REDIRECT, now).await? {
            Finished::Connected(mut connections) => connections.pop().ok_or_else(|| "nothing was connected".into()),
            Finished::Choose { .. } => Err("the consent has several organisations".into()),
        }
    }

    /// The jobs that were woken.
    pub(crate) fn jobs(&self) -> Vec<Job> {
        self.queue.take()
    }

    /// Works on a sync until it is complete.
    pub(crate) async fn sync(&self, job: &Job) -> Result<Synced, Failure> {
        let Work::SyncConnection { connection } = job.work else { return Err("not a sync".into()) };
        let claim = job.claim.ok_or("a sync without a claim")?;
        let deadline = self.clock.now().checked_add(SignedDuration::from_mins(10))?;
        Ok(sync_connection(&self.sync, &job.org, connection, claim, deadline).await?)
    }

    /// Works on everything that is woken, until one sync of the connection is complete.
    pub(crate) async fn sync_to_the_end(&self) -> Result<(), Failure> {
        for job in self.jobs() {
            if matches!(job.work, Work::SyncConnection { .. }) {
                let synced = self.sync(&job).await?;
                if !matches!(synced, Synced::Complete(_)) {
                    return Err(format!("a sync ended as {synced:?}").into());
                }
            }
        }
        Ok(())
    }
}

/// The clients of both providers, pointed at the simulator.
struct Outside {
    auth: PerLedger<dyn LedgerAuth>,
    readers: PerLedger<dyn LedgerReader>,
    checks: PerLedger<dyn LedgerCheck>,
}

impl Outside {
    fn at(simulator: &Simulator, clock: &Arc<dyn Clock>) -> Result<Self, Failure> {
        let base = |path: &str| format!("{}/{path}", simulator.base_url).parse::<BaseUrl>();
        let client = http::client("numo-bench")?;
        let xero_bases =
            XeroBases { login: base("xero-login")?, identity: base("xero-identity")?, api: base("xero-api")? };
        let intuit_bases = IntuitBases {
            discovery: Some(base("intuit-developer")?),
            authorize: base("intuit-appcenter")?,
            token: base("intuit-oauth")?,
            revoke: base("intuit-developer-api")?,
            api: base("quickbooks-api")?,
        };
        let xero_app = XeroApp { client_id: "bench".to_owned(), client_secret: "bench".into() };
        let intuit_app = IntuitApp { client_id: "bench".to_owned(), client_secret: "bench".into() };
        let xero = Arc::new(XeroReader::new(client.clone(), base("xero-api")?));
        let quickbooks = Arc::new(QuickbooksClient::new(client.clone(), base("quickbooks-api")?, clock.clone()));
        Ok(Self {
            auth: PerLedger {
                xero: Arc::new(XeroAuth::new(client.clone(), xero_bases, xero_app, clock.clone())),
                quickbooks: Arc::new(QuickbooksAuth::new(client, intuit_bases, intuit_app, clock.clone())),
            },
            readers: PerLedger { xero: xero.clone(), quickbooks: quickbooks.clone() },
            checks: PerLedger { xero, quickbooks },
        })
    }
}

/// The simulator's name of a provider's calls.
pub(crate) const fn service(provider: LedgerProvider) -> &'static str {
    match provider {
        LedgerProvider::Xero => "xero",
        LedgerProvider::Quickbooks => "intuit",
    }
}

/// 10,000 invoices and 2,000 customers with all that belongs to them.
pub(crate) async fn large_books(provider: LedgerProvider, simulator: &Simulator) -> Result<Books, Failure> {
    let key = format!("large-{}", provider.as_str());
    let (path, asked, id) = match provider {
        LedgerProvider::Xero => (
            "xero/large",
            serde_json::json!({
                "key": key, "invoices": 10_000, "contacts": 2_000, "credit_notes": 200, "prepayments": 100,
                "overpayments": 100, "bills": 300,
            }),
            "tenant_id",
        ),
        LedgerProvider::Quickbooks => (
            "intuit/large",
            serde_json::json!({
                "key": key, "invoices": 10_000, "customers": 2_000, "credit_memos": 200, "payments": 300, "bills": 300,
            }),
            "realm",
        ),
    };
    let made = simulator.post(path, &asked).await?;
    let tenant = made[id].as_str().ok_or("the simulator made no large ledger")?.to_owned();
    Ok(Books { provider, user: "owner@harbour.example".to_owned(), tenant })
}
