//! Two organisations with an item of every kind, and a bucket.

use std::{collections::BTreeMap, io::Read as _, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use numo_app::{
    error::AppError,
    export::{
        ask_for_export,
        run::{ExportPorts, Exporting, make_export},
    },
    job::{Cause, Job, Work},
    port::{
        clock::Clock,
        table::{Item, Key, Table as _, Write},
    },
    store::{Store, export::Export},
    wake::Waker,
};
use numo_domain::{
    contact::ContactRef,
    id::{ExportId, OrgId, UserId},
};
use numo_testkit::{
    counting_ids::CountingIds, faulty_table::FaultyTable, fixed_clock::FixedClock, memory_bucket::MemoryBucket,
    memory_table::MemoryTable, recording_queue::RecordingQueue,
};
use serde_json::Value;

pub(crate) struct World {
    pub(crate) table: Arc<MemoryTable>,
    pub(crate) faults: Arc<FaultyTable>,
    pub(crate) bucket: Arc<MemoryBucket>,
    pub(crate) queue: Arc<RecordingQueue>,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) ports: ExportPorts,
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

pub(crate) fn customer() -> ContactRef {
    let connection = "018f0000-0000-7000-8000-000000000011".parse().unwrap();
    ContactRef { connection, contact: "c-1".parse().unwrap() }
}

pub(crate) fn export_id(n: u128) -> ExportId {
    ExportId::new(uuid::Uuid::from_u128(n))
}

impl World {
    pub(crate) async fn new() -> Self {
        let table = Arc::new(MemoryTable::new());
        let faults = Arc::new(FaultyTable::new(table.clone()));
        let (queue, bucket) = (Arc::new(RecordingQueue::new()), MemoryBucket::new());
        let clock = Arc::new(FixedClock::at("2026-11-28T06:00:00Z".parse().unwrap()));
        let store = Store::new(faults.clone());
        let ports = ExportPorts {
            waker: Waker { store, queue: queue.clone(), ids: Arc::new(CountingIds::new(1)) },
            bucket: bucket.clone(),
            clock: clock.clone(),
        };
        let world = Self { table, faults, bucket, queue, clock, ports };
        let planted: Vec<Value> = serde_json::from_str(include_str!("items.json")).unwrap();
        for item in &planted {
            world.plant(&org(), item).await;
            // The other organisation has the same, and a word in every text that no other has.
            let theirs =
                item.to_string().replace("Acme", "Rival").replace("INV-", "RIVAL-").replace("Harbour", "Rival");
            world.plant(&other(), &serde_json::from_str(&theirs).unwrap()).await;
        }
        world
    }

    pub(crate) fn store(&self) -> &Store {
        &self.ports.waker.store
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) async fn plant(&self, org: &OrgId, item: &Value) {
        let text = |field: &str| item[field].as_str().unwrap();
        let body: Value = serde_json::from_str(&item["body"].to_string().replace("ORGID", org.as_str())).unwrap();
        let item = Item {
            key: Key { pk: format!("{}#{org}#", text("pk")), sk: text("sk").to_owned() },
            entity: text("entity").to_owned(),
            schema: 1,
            rev: 1,
            created_at: self.now(),
            updated_at: self.now(),
            due: None,
            open: None,
            expires_at: None,
            body: body.as_object().unwrap().clone(),
        };
        self.table.write(Write::Create(item)).await.unwrap();
    }

    pub(crate) async fn ask(&self, n: u128, of: Option<ContactRef>) -> Result<Export, AppError> {
        ask_for_export(&self.ports.waker, (&org(), &ann()), (export_id(n), of), self.now()).await
    }

    /// The job that is due, as the sweep sends it.
    pub(crate) async fn job(&self, n: u128) -> Option<Job> {
        let claimed = self.store().claim_work(&org(), &Work::Export { id: export_id(n) }, self.now()).await.unwrap();
        self.ports.waker.send_claimed(&org(), claimed, Cause::Due, self.now()).await.unwrap();
        self.queue.take().pop()
    }

    pub(crate) async fn run(&self, n: u128, job: &Job, seconds: i64) -> Result<Exporting, AppError> {
        let deadline = self.now() + SignedDuration::from_secs(seconds);
        make_export(&self.ports, (&org(), export_id(n)), job.claim.unwrap(), deadline).await
    }

    /// Asks and makes it.
    pub(crate) async fn made(&self, n: u128, of: Option<ContactRef>) -> Export {
        self.ask(n, of).await.unwrap();
        let job = self.queue.take().pop().unwrap();
        assert_eq!(self.run(n, &job, 300).await.unwrap(), Exporting::Ready);
        self.export(n).await.unwrap()
    }

    pub(crate) async fn export(&self, n: u128) -> Option<Export> {
        self.store().export(&org(), export_id(n)).await.unwrap().map(|stored| stored.value)
    }

    /// The files of an archive, as another reader of archives sees them.
    pub(crate) fn files(&self, n: u128, number: usize) -> BTreeMap<String, String> {
        files(&self.bucket.objects()[&format!("exports/org_a/{}/{number}.zip", export_id(n))])
    }
}

pub(crate) fn files(bytes: &[u8]) -> BTreeMap<String, String> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut files = BTreeMap::new();
    for place in 0..zip.len() {
        let mut file = zip.by_index(place).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        files.insert(file.name().unwrap().into_owned(), text);
    }
    files
}
