use std::sync::Arc;

use axum::{Router, body::Body, http::header};
use jiff::Timestamp;
use numo_app::{
    add_sender::SenderPorts, forget_meta_user::ForgetKeys, invoice_documents::DocumentPorts, number_key::NumberKeys,
    port::session::Role, store::Store, vault::Vault, wake::Waker,
};
use numo_testkit::{
    counting_ids::CountingIds, faulty_table::FaultyTable, fixed_clock::FixedClock, meddled_table::MeddledTable,
    memory_bucket::MemoryBucket, memory_keys::MemoryKeys, memory_ledger::MemoryLedger, memory_people::MemoryPeople,
    memory_table::MemoryTable, recording_queue::RecordingQueue,
};
use serde_json::Value;
use url::form_urlencoded;
use web::{
    router,
    state::{AppState, MetaSignup, Publisher, Site},
};

use crate::{
    client::{Answer, request, send, signed},
    meta::OneAccount,
    seed::org,
    sessions::KnownSessions,
};

/// A Tuesday, ten o'clock in Dubai.
pub(crate) const NOW: &str = "2026-11-24T06:00:00Z";

/// The router over ports in memory.
pub(crate) struct World {
    pub(crate) table: Arc<MemoryTable>,
    pub(crate) queue: Arc<RecordingQueue>,
    pub(crate) store: Store,
    pub(crate) ledger: Arc<MemoryLedger>,
    pub(crate) meta: Arc<OneAccount>,
    pub(crate) waker: Waker,
    pub(crate) vault: Vault,
    pub(crate) people: Arc<MemoryPeople>,
    pub(crate) bucket: Arc<MemoryBucket>,
    pub(crate) clock: Arc<FixedClock>,
    /// In front of both.
    pub(crate) meddled: Arc<MeddledTable>,
    /// In front of the table.
    pub(crate) faults: Arc<FaultyTable>,
    pub(crate) router: Router,
}

impl World {
    /// With nothing stored.
    pub(crate) fn empty() -> Self {
        Self::at("https://numo.example")
    }

    /// Reached at another address.
    pub(crate) fn at(public_url: &str) -> Self {
        Self::with(public_url, None)
    }

    /// With Meta's sign-up set up.
    pub(crate) fn with_signup() -> Self {
        let meta_signup = MetaSignup {
            sdk_url: "https://connect.facebook.example/en_US/sdk.js".parse().unwrap(),
            app_id: "1000".to_owned(),
            config_id: "77".to_owned(),
            version: "v25.0".to_owned(),
        };
        Self::with("https://numo.example", Some(meta_signup))
    }

    /// Where an organisation may make so many calls of the API in a minute.
    pub(crate) fn with_calls(calls_per_minute: u32) -> Self {
        Self::built("https://numo.example", None, Some(calls_per_minute))
    }

    fn with(public_url: &str, meta_signup: Option<MetaSignup>) -> Self {
        Self::built(public_url, meta_signup, None)
    }

    fn built(public_url: &str, meta_signup: Option<MetaSignup>, calls_per_minute: Option<u32>) -> Self {
        let (table, queue) = (Arc::new(MemoryTable::new()), Arc::new(RecordingQueue::new()));
        let faults = Arc::new(FaultyTable::new(table.clone()));
        let meddled = Arc::new(MeddledTable::new(faults.clone()));
        let store = Store::new(meddled.clone());
        let waker = Waker { store: store.clone(), queue: queue.clone(), ids: Arc::new(CountingIds::new(1)) };
        let ledger = MemoryLedger::new();
        let vault = Vault::new(store.clone(), Arc::new(MemoryKeys::new(1)), ledger.auth());
        let (clock, meta) = (Arc::new(FixedClock::at(now())), Arc::new(OneAccount::default()));
        let (people, bucket) = (Arc::new(MemoryPeople::new()), MemoryBucket::new());
        people.join(&org("org_a"), &"user_ann".parse().unwrap(), Role::Admin);
        people.join(&org("org_a"), &"user_max".parse().unwrap(), Role::Member);
        people.join(&org("org_b"), &"user_bea".parse().unwrap(), Role::Admin);
        let state = AppState {
            documents: DocumentPorts {
                store: store.clone(),
                vault: vault.clone(),
                documents: ledger.documents(),
                clock: clock.clone(),
            },
            signup: meta.clone(),
            senders: SenderPorts { waker: waker.clone(), vault: vault.clone(), account: meta.clone() },
            sessions: Arc::new(KnownSessions),
            people: people.clone(),
            forget: Arc::new(ForgetKeys {
                app_secrets: vec!["app-secret".into(), "secret-before".into()],
                number_keys: number_keys(),
            }),
            exports: bucket.clone(),
            clock: clock.clone(),
            site: Arc::new(Site {
                public_url: public_url.parse().unwrap(),
                clerk_issuer: "https://clerk.numo.example".parse().unwrap(),
                clerk_publishable_key: "pk_test_1".to_owned(),
                region: "eu-west-1".to_owned(),
                sends_mails: true,
                calls_per_minute,
                meta_signup,
                publisher: Publisher {
                    name: "Numo Example LLC".to_owned(),
                    former_name: Some("Old Numo".to_owned()),
                    address: "1 Example Street, Dubai".to_owned(),
                    mail: "privacy@numo.example".parse().unwrap(),
                },
            }),
        };
        let router = router(state);
        Self { table, queue, store, ledger, meta, waker, vault, people, bucket, clock, meddled, faults, router }
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> Answer {
        send(&self.router, signed(token, "GET", path, None)).await
    }

    pub(crate) async fn post(&self, token: &str, path: &str, body: &Value) -> Answer {
        send(&self.router, signed(token, "POST", path, Some(body))).await
    }

    pub(crate) async fn post_csv(&self, token: &str, path: &str, file: &str) -> Answer {
        let mut request = signed(token, "POST", path, None);
        request.headers_mut().insert(header::CONTENT_TYPE, "text/csv; charset=utf-8".parse().unwrap());
        *request.body_mut() = Body::from(file.to_owned());
        send(&self.router, request).await
    }

    pub(crate) async fn delete(&self, token: &str, path: &str) -> Answer {
        send(&self.router, signed(token, "DELETE", path, None)).await
    }

    pub(crate) async fn put(&self, token: &str, path: &str, body: &Value) -> Answer {
        send(&self.router, signed(token, "PUT", path, Some(body))).await
    }

    /// The console's page, with a session cookie or without.
    pub(crate) async fn page(&self, token: Option<&str>) -> Answer {
        self.page_at("/", token).await
    }

    /// A page, with a session cookie or without.
    pub(crate) async fn page_at(&self, path: &str, token: Option<&str>) -> Answer {
        let mut request = request("GET", path, None);
        if let Some(token) = token {
            request.headers_mut().insert("cookie", format!("theme=dark; __session={token}").parse().unwrap());
        }
        send(&self.router, request).await
    }

    /// A part of a page, as htmx asks for it.
    pub(crate) async fn part_at(&self, path: &str, token: &str) -> Answer {
        let mut request = request("GET", path, None);
        let headers = request.headers_mut();
        headers.insert("cookie", format!("__session={token}").parse().unwrap());
        headers.insert("hx-request", "true".parse().unwrap());
        send(&self.router, request).await
    }

    /// Sends a form with the token of a page that always has one, as a browser does.
    pub(crate) async fn form(&self, cookie: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.page_at("/settings", Some(cookie)).await;
        let token = page.text.split("name=\"form_token\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        self.form_with(cookie, path, ("https://numo.example", token), fields).await
    }

    /// Sends a form from an origin and with a token.
    pub(crate) async fn form_with(
        &self,
        cookie: &str,
        path: &str,
        (origin, token): (&str, &str),
        fields: &[(&str, &str)],
    ) -> Answer {
        let mut request = request("POST", path, None);
        let headers = request.headers_mut();
        headers.insert("cookie", format!("__session={cookie}").parse().unwrap());
        headers.insert("origin", origin.parse().unwrap());
        headers.insert("content-type", "application/x-www-form-urlencoded".parse().unwrap());
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields).append_pair("form_token", token);
        *request.body_mut() = Body::from(form.finish());
        send(&self.router, request).await
    }
}

/// Keys of users and numbers.
pub(crate) fn number_keys() -> NumberKeys {
    NumberKeys::new(vec![7; 32]).unwrap()
}

pub(crate) fn now() -> Timestamp {
    NOW.parse().unwrap()
}
