//! Our own part of the outside: table, queues, keys, bus; clients are built once per process.

use std::{error::Error, fmt, sync::Arc};

use aws_types::SdkConfig;
use numo_app::{
    port::{
        bucket::{Bucket, BucketError, BucketLinks},
        clock::{Clock, Ids, Timer},
        dead_letters::DeadLetters,
        events::Events,
        ledger::{PerLedger, auth::LedgerAuth},
        mail::Mail,
        queue::QueueError,
        stage_secret::StageSecret,
        table::Table,
    },
    store::Store,
    vault::Vault,
    wake::Waker,
};
use numo_aws::{
    config::{Account, sdk_config},
    dead_letters::SqsDeadLetters,
    dynamo::DynamoTable,
    eventbridge::EventBus,
    kms::KmsKeys,
    s3::{S3Bucket, S3Signer},
    secrets::{Secrets, SecretsError, fetch},
    ses::SesMail,
    sqs::{DeliveryQueue, SqsQueue},
    stage_secret::ManagedSecret,
};

use crate::{
    clock::{SystemClock, SystemIds},
    config::{JobQueues, read_account},
    deliveries::Deliveries,
    env::Env,
    http::caller::GatewayCaller,
};

/// The platform a function runs on; each function takes from it what it uses.
pub struct Platform {
    account: Account,
    sdk: SdkConfig,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
}

impl fmt::Debug for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Platform")
    }
}

impl Platform {
    /// Region, credentials and endpoint as the environment has them.
    pub fn start() -> Result<Self, Box<dyn Error + Send + Sync>> {
        let mut env = Env::process();
        let account = read_account(&mut env);
        let account = env.finish(|| account)?;
        let sdk = sdk_config(&account)?;
        Ok(Self { account, sdk, clock: Arc::new(SystemClock), ids: Arc::new(SystemIds) })
    }

    /// The time.
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// What waits for an instant.
    pub fn timer(&self) -> Arc<dyn Timer> {
        Arc::new(SystemClock)
    }

    /// Fresh ids.
    pub fn ids(&self) -> Arc<dyn Ids> {
        Arc::clone(&self.ids)
    }

    /// The secrets of the stage.
    pub async fn secrets(&self, id: &str) -> Result<Secrets, SecretsError> {
        fetch(&self.sdk, id).await
    }

    /// The secret of a stage, to be changed.
    pub fn stage_secret(&self, id: &str) -> Arc<dyn StageSecret> {
        Arc::new(ManagedSecret::new(&self.sdk, id))
    }

    /// The typed store over a table.
    pub fn store(&self, table: &str) -> Store {
        let table: Arc<dyn Table> = Arc::new(DynamoTable::new(&self.sdk, table));
        Store::new(table).asked_by(Arc::new(GatewayCaller))
    }

    /// The typed store over a table, with the journal that outlives it, for whoever writes into it.
    pub fn store_with_journal(&self, table: &str, journal: &str) -> Store {
        let open = |name: &str| -> Arc<dyn Table> { Arc::new(DynamoTable::new(&self.sdk, name)) };
        Store::with_journal(open(table), open(journal)).asked_by(Arc::new(GatewayCaller))
    }

    /// What wakes workers, over the queues that the function may send to.
    pub fn waker(&self, store: Store, queues: JobQueues) -> Waker {
        Waker { store, queue: Arc::new(SqsQueue::new(&self.sdk, queues.0)), ids: Arc::clone(&self.ids) }
    }

    /// The token vault under a key.
    pub fn vault(&self, store: Store, key: &str, auth: PerLedger<dyn LedgerAuth>) -> Vault {
        Vault::new(store, Arc::new(KmsKeys::new(&self.sdk, key)), auth)
    }

    /// The bus for outsiders.
    pub fn events(&self, bus: &str) -> Arc<dyn Events> {
        Arc::new(EventBus::new(&self.sdk, bus))
    }

    /// Mails, from an address of the stage.
    pub fn mail(&self, from: &str) -> Arc<dyn Mail> {
        Arc::new(SesMail::new(&self.sdk, from))
    }

    /// The bucket of archives.
    pub fn bucket(&self, name: &str) -> Result<Arc<dyn Bucket>, BucketError> {
        Ok(Arc::new(S3Bucket::new(&self.account, name, self.clock())?))
    }

    /// What makes links to its archives.
    pub fn bucket_links(&self, name: &str) -> Result<Arc<dyn BucketLinks>, BucketError> {
        Ok(Arc::new(S3Signer::new(&self.account, name)?))
    }

    /// What the queues of a stage gave up.
    pub async fn dead_letters(&self, stage: &str) -> Result<Arc<dyn DeadLetters>, QueueError> {
        Ok(Arc::new(SqsDeadLetters::open(&self.sdk, stage).await?))
    }

    /// The queue of webhook deliveries.
    pub fn deliveries(&self, url: &str) -> Arc<dyn Deliveries> {
        Arc::new(DeliveryQueue::new(&self.sdk, url))
    }
}
