//! Two organisations with something of everything, and a table that fails when told.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use numo_app::{
    erase_organisation::run::{Erasing, ErasurePorts, erase_organisation},
    error::AppError,
    export::run::ExportPorts,
    forget_meta_user::remember_signup,
    job::{Cause, Job, Work},
    number_key::NumberKeys,
    port::{
        clock::Clock,
        table::{Item, Key, Table as _, Write},
    },
    store::{
        Store,
        activity::{Activity, Actor},
        pay_page::PayTarget,
        route::Route,
    },
    vault::Vault,
    wake::Waker,
};
use numo_domain::{
    connection::{Connection, ConnectionStatus, LedgerProvider},
    contact::ContactRef,
    credential::{GrantRef, TokenSet},
    id::{ActivityId, ConnectionId, OrgId, UserId},
    invoice::{Invoice, InvoiceStatus, Marked},
    money::Money,
    sender::{Sender, SenderStatus, Throughput},
};
use numo_testkit::{
    counting_ids::CountingIds,
    faulty_table::{FaultyTable, Plan},
    fixed_clock::FixedClock,
    memory_bucket::MemoryBucket,
    memory_keys::MemoryKeys,
    memory_ledger::MemoryLedger,
    memory_people::MemoryPeople,
    memory_signup::MemorySignup,
    memory_table::MemoryTable,
    recording_queue::RecordingQueue,
};
use serde_json::{Map, json};

pub(crate) struct World {
    pub(crate) table: Arc<MemoryTable>,
    pub(crate) journal: Arc<MemoryTable>,
    pub(crate) faults: Arc<FaultyTable>,
    pub(crate) bucket: Arc<MemoryBucket>,
    pub(crate) ledger: Arc<MemoryLedger>,
    pub(crate) meta: Arc<MemorySignup>,
    pub(crate) people: Arc<MemoryPeople>,
    pub(crate) queue: Arc<RecordingQueue>,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) ports: ErasurePorts,
}

pub(crate) fn org() -> OrgId {
    "org_a".parse().unwrap()
}

/// Its id begins with the other's.
pub(crate) fn other() -> OrgId {
    "org_ab".parse().unwrap()
}

pub(crate) fn ann() -> UserId {
    "user_ann".parse().unwrap()
}

pub(crate) fn asked_at() -> Timestamp {
    "2026-11-20T06:00:00Z".parse().unwrap()
}

impl World {
    pub(crate) async fn new() -> Self {
        let (table, journal) = (Arc::new(MemoryTable::new()), Arc::new(MemoryTable::new()));
        let faults = Arc::new(FaultyTable::new(table.clone()));
        let (ledger, queue) = (MemoryLedger::new(), Arc::new(RecordingQueue::new()));
        let (clock, ids) = (Arc::new(FixedClock::at(asked_at())), Arc::new(CountingIds::new(1)));
        let store = Store::with_journal(faults.clone(), journal.clone());
        let (meta, people) = (MemorySignup::new(), Arc::new(MemoryPeople::new()));
        let (waker, bucket) = (Waker { store: store.clone(), queue: queue.clone(), ids }, MemoryBucket::new());
        let ports = ErasurePorts {
            vault: Vault::new(store, Arc::new(MemoryKeys::new(1)), ledger.auth()),
            exports: ExportPorts { waker: waker.clone(), bucket: bucket.clone(), clock: clock.clone() },
            waker,
            signup: meta.clone(),
            organisations: people.clone(),
            number_keys: NumberKeys::new(vec![7; 32]).unwrap(),
            clock: clock.clone(),
        };
        let world = Self { table, journal, faults, bucket, ledger, meta, people, queue, clock, ports };
        world.fill(&org(), 1).await;
        world.fill(&other(), 2).await;
        world
    }

    pub(crate) fn store(&self) -> &Store {
        &self.ports.waker.store
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Two ledgers, a number, invoices with pay pages, a log, and one item of every other kind.
    async fn fill(&self, org: &OrgId, n: u8) {
        let (store, now) = (self.store(), self.now());
        store.change_organisation(org, now, |profile| profile.name = "Harbour".to_owned()).await.unwrap();
        for (place, provider) in LedgerProvider::ALL.into_iter().enumerate() {
            let ledger = ledger(n, u8::try_from(place).unwrap(), provider);
            self.ports.vault.keep(org, &GrantRef::of(&ledger), &TokenSet::lasting("hush".into()), now).await.unwrap();
            let route = Route { org: org.clone(), connection: Some(ledger.id) };
            store.claim_tenant(provider, &ledger.tenant, &route, now).await.unwrap();
            store.save_connection(org, &ledger, now).await.unwrap();
            for id in 0..3 {
                self.owe(org, ledger.id, &format!("i{id}")).await;
            }
        }
        let (sender, route) = (sender(n), Route { org: org.clone(), connection: None });
        let grant = GrantRef::of_account(&sender.waba);
        self.ports.vault.keep(org, &grant, &TokenSet::lasting("hush".into()), now).await.unwrap();
        store.claim_waba(&sender.waba, &route, now).await.unwrap();
        store.claim_phone(&sender.phone_number_id, &route, now).await.unwrap();
        store.save_sender(org, &sender, now).await.unwrap();
        let user = format!("77{n}").parse().unwrap();
        remember_signup(store, &self.ports.number_keys, (org, &sender.waba), &user, now).await.unwrap();
        self.bucket.place(&format!("exports/{org}/1/1.zip"), b"everything");
        for id in [1_u128, 2] {
            let did = Activity { at: now, actor: Actor::Numo, action: "a.b".to_owned(), detail: json!({"id": 1}) };
            store.record(org, ActivityId::new(uuid::Uuid::from_u128(id)), &did).await.unwrap();
        }
        store.mark_due(org, &Work::PlanDay {}, now + SignedDuration::from_hours(900), now).await.unwrap();
        // One more of every kind, among them more than fit into one transaction.
        for kind in ["CONTACT", "CONSENT#NUMBER", "REM", "WAMID", "LINE", "TASK", "PLAN", "CALLS"] {
            for id in 0..20 {
                self.plant(format!("ORG#{org}#"), format!("{kind}#{id}")).await;
            }
        }
        self.plant(format!("AUDIT#{org}#"), "#SEAL#2026-11-19".to_owned()).await;
    }

    /// An invoice with a pay page.
    pub(crate) async fn owe(&self, org: &OrgId, connection: ConnectionId, id: &str) {
        let (store, now, id) = (self.store(), self.now(), id.parse().unwrap());
        let owed = Money::parse_decimal("120.00", "AED".parse().unwrap()).unwrap();
        let invoice = Invoice {
            id,
            contact: ContactRef { connection, contact: "c1".parse().unwrap() },
            number: "INV-1".to_owned(),
            status: InvoiceStatus::Open,
            issued: None,
            due: None,
            total: owed,
            remaining: owed,
            marked: Marked::Unknown,
            expected_payment: None,
            paid: None,
            updated_at: now,
        };
        let token = self.ports.number_keys.pay_token(org, connection, &invoice.id).unwrap();
        let target = PayTarget { org: org.clone(), connection, invoice: invoice.id.clone() };
        store.upsert_invoice(org, None, &invoice, now, now).await.unwrap();
        store.keep_pay_target(&token, &target, now).await.unwrap();
    }

    /// An item that somebody wrote.
    pub(crate) async fn plant(&self, pk: String, sk: String) {
        let item = Item {
            key: Key { pk, sk },
            entity: "planted".to_owned(),
            schema: 1,
            rev: 1,
            created_at: self.now(),
            updated_at: self.now(),
            due: None,
            open: None,
            expires_at: None,
            body: Map::new(),
        };
        self.table.write(Write::Create(item)).await.unwrap();
    }

    /// What is stored of an organisation, anywhere but in what says that it is erased.
    pub(crate) fn kept_of(&self, org: &OrgId) -> Vec<Item> {
        let (id, own) = (format!("\"{org}\""), format!("#{org}#"));
        let names = |item: &Item| {
            let body = serde_json::to_string(&item.body).unwrap();
            item.key.pk.contains(&own) || item.key.sk.starts_with(&own[1..]) || body.contains(&id)
        };
        let is_note = |item: &Item| item.entity == "organisation_erasure";
        self.table.items().into_iter().filter(|item| names(item) && !is_note(item)).collect()
    }

    /// The jobs of the erasure that are due.
    pub(crate) async fn jobs(&self) -> Vec<Job> {
        let claimed = self.store().claim_work(&org(), &Work::EraseOrganisation {}, self.now()).await.unwrap();
        self.ports.waker.send_claimed(&org(), claimed, Cause::Due, self.now()).await.unwrap();
        self.queue.take()
    }

    pub(crate) async fn run(&self, job: &Job, seconds: i64) -> Result<Erasing, AppError> {
        let deadline = self.now() + SignedDuration::from_secs(seconds);
        erase_organisation(&self.ports, &job.org, job.claim.unwrap(), deadline).await
    }

    /// Lets time pass until the erasure is over, or for so many hours.
    pub(crate) async fn pass(&self, hours: i64) -> Vec<Erasing> {
        let (mut ended, until) = (Vec::new(), self.now() + SignedDuration::from_hours(hours));
        while self.now() < until {
            for job in self.jobs().await {
                ended.push(self.run(&job, 300).await.unwrap());
                if ended.last() == Some(&Erasing::Done) {
                    return ended;
                }
            }
            self.clock.advance(SignedDuration::from_mins(10));
        }
        ended
    }

    pub(crate) fn fail(&self, plan: Plan) {
        self.faults.reset(plan);
    }
}

pub(crate) fn ledger(n: u8, place: u8, provider: LedgerProvider) -> Connection {
    Connection {
        id: format!("018f0000-0000-7000-8000-0000000000{n}{place}").parse().unwrap(),
        provider,
        tenant: format!("tenant-{n}").parse().unwrap(),
        provider_connection: format!("link-{n}{place}").parse().unwrap(),
        holder: format!("holder-{n}").parse().unwrap(),
        name: "Palm Trading".to_owned(),
        status: ConnectionStatus::Active,
        is_demo_company: false,
        connected_at: asked_at(),
        last_synced_at: None,
        consent_ends_at: None,
        own_reminders: None,
        sender: None,
        last_payment_on: None,
    }
}

pub(crate) fn sender(n: u8) -> Sender {
    Sender {
        phone_number_id: format!("20{n}").parse().unwrap(),
        waba: format!("10{n}").parse().unwrap(),
        number: format!("+97150123456{n}").parse().unwrap(),
        verified_name: "Harbour".to_owned(),
        daily_limit: None,
        is_on_biz_app: false,
        throughput: Throughput::Standard,
        status: SenderStatus::Ready,
        stopped_at: None,
        stopped_for: None,
        restriction: None,
        looked_at: None,
        heard_up_to: None,
    }
}
