use std::sync::Arc;

use axum::serve;
use numo_app::{
    add_sender::SenderPorts, forget_meta_user::ForgetKeys, invoice_documents::DocumentPorts, number_key::NumberKeys,
    port::clock::Clock as _, setup_link::make_link, store::Store, vault::Vault, wake::Waker,
};
use numo_domain::{
    credential::{GrantRef, TokenSet},
    id::OrgId,
};
use numo_providers::{
    clerk::{backend::ClerkBackend, sessions::ClerkSessions},
    http,
    whatsapp::{
        graph::GraphClient,
        signup::{MetaApp, SignupClient},
    },
};
use numo_runtime::clock::SystemClock;
use numo_sim::{Options, Sim};
use numo_testkit::{
    counting_ids::CountingIds, memory_bucket::MemoryBucket, memory_keys::MemoryKeys, memory_ledger::MemoryLedger,
    memory_table::MemoryTable, recording_queue::RecordingQueue,
};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};
use web::{
    router,
    state::{AppState, MetaSignup, Publisher, Site},
};

/// Our app at the simulated Meta.
const APP: &str = "1000000000000001";

/// The pages of the function `web` on the loopback, with the simulated Clerk and Meta.
pub(crate) struct Product {
    pub(crate) url: String,
    pub(crate) store: Store,
    pub(crate) table: Arc<MemoryTable>,
    waker: Waker,
    vault: Vault,
    sim: Sim,
    task: JoinHandle<()>,
}

impl Product {
    pub(crate) async fn start() -> Self {
        let sim = Sim::start(Options::default()).await.unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let table = Arc::new(MemoryTable::new());
        let state = state(&url, &sim.base_url, table.clone());
        let (store, waker) = (state.documents.store.clone(), state.senders.waker.clone());
        let vault = state.senders.vault.clone();
        #[expect(clippy::disallowed_methods, reason = "the pages are served beside the test")]
        let task = tokio::spawn(async move { drop(serve(listener, router(state)).await) });
        Self { url, store, table, waker, vault, sim, task }
    }

    /// The organisation of the simulated Clerk's first user, who is an admin.
    pub(crate) fn harbour() -> OrgId {
        "org_harbour".parse().unwrap()
    }

    /// Opens a WhatsApp account with the token that the simulated Meta knows.
    pub(crate) async fn open_account(&self, waba: &str) {
        let (grant, token) = (GrantRef::of_account(&waba.parse().unwrap()), "EAAsim-harbour".to_owned().into());
        self.vault.keep(&Self::harbour(), &grant, &TokenSet::lasting(token), SystemClock.now()).await.unwrap();
    }

    /// The address of a link that the admin made for a client.
    pub(crate) async fn setup_link(&self) -> String {
        let admin = "user_owner".parse().unwrap();
        let made = make_link(&self.waker, &Self::harbour(), &admin, SystemClock.now()).await.unwrap();
        format!("{}/setup/{}/{}", self.url, Self::harbour(), made.token)
    }

    /// Calls of the simulated Meta, by method and path.
    pub(crate) fn calls_of_meta(&self) -> Value {
        self.sim.handle.calls("meta")
    }
}

impl Drop for Product {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn state(url: &str, sim: &str, table: Arc<MemoryTable>) -> AppState {
    let store = Store::new(table);
    let ledger = MemoryLedger::new();
    let vault = Vault::new(store.clone(), Arc::new(MemoryKeys::new(1)), ledger.auth());
    let clock = Arc::new(SystemClock);
    let client = http::client("numo-browser").unwrap();
    let graph = GraphClient::new(client.clone(), format!("{sim}/meta").parse().unwrap(), "v25.0", APP, url);
    let waker =
        Waker { store: store.clone(), queue: Arc::new(RecordingQueue::new()), ids: Arc::new(CountingIds::new(1)) };
    let number_keys = NumberKeys::new(vec![7; 32]).unwrap();
    AppState {
        documents: DocumentPorts { store, vault: vault.clone(), documents: ledger.documents(), clock: clock.clone() },
        senders: SenderPorts { waker, vault, account: Arc::new(graph.clone()) },
        signup: Arc::new(SignupClient::new(graph, MetaApp { id: APP.to_owned(), secret: "secret".into() })),
        people: Arc::new(ClerkBackend::new(
            client.clone(),
            format!("{sim}/clerk-api").parse().unwrap(),
            "sk_test_1".into(),
        )),
        sessions: Arc::new(ClerkSessions::new(client, &format!("{sim}/clerk"), vec![url.to_owned()]).unwrap()),
        exports: MemoryBucket::new(),
        clock,
        forget: Arc::new(ForgetKeys { app_secrets: vec!["secret".into()], number_keys }),
        site: Arc::new(Site {
            public_url: url.parse().unwrap(),
            clerk_issuer: format!("{sim}/clerk").parse().unwrap(),
            clerk_publishable_key: "pk_test_1".to_owned(),
            region: "eu-west-1".to_owned(),
            sends_mails: true,
            calls_per_minute: None,
            meta_signup: Some(MetaSignup {
                sdk_url: format!("{sim}/meta/sdk.js").parse().unwrap(),
                app_id: APP.to_owned(),
                config_id: "77".to_owned(),
                version: "v25.0".to_owned(),
            }),
            publisher: Publisher {
                name: "Numo Example LLC".to_owned(),
                former_name: Some("Old Numo".to_owned()),
                address: "1 Example Street, Dubai".to_owned(),
                mail: "privacy@numo.example".parse().unwrap(),
            },
        }),
    }
}
