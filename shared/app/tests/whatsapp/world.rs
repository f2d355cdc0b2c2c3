//! One organisation, a table that fails when told, and one account at Meta.

use std::{collections::BTreeSet, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use numo_app::{
    add_sender::SenderPorts,
    check_account::{Checked, check_account},
    connect_whatsapp::{GivenAttestation, SignedUp, SignupEnding, SignupEntry, SignupPorts, connect_whatsapp},
    disconnect_whatsapp::{Ended, disconnect_sender},
    error::AppError,
    job::Work,
    number_key::NumberKeys,
    port::{clock::Clock, signup::Registration},
    store::{Store, due::Claimed, task::TaskAbout},
    vault::Vault,
    wake::Waker,
};
use numo_domain::{
    connection::Provider,
    credential::GrantRef,
    id::{OrgId, PhoneNumberId, UserId, WabaId},
    organisation::ATTESTATION_VERSION,
};
use numo_testkit::{
    counting_ids::CountingIds,
    faulty_table::{FaultyTable, Plan},
    fixed_clock::FixedClock,
    memory_keys::MemoryKeys,
    memory_ledger::MemoryLedger,
    memory_table::MemoryTable,
    recording_queue::RecordingQueue,
};

use crate::meta::OneAccount;

pub(crate) struct World {
    pub(crate) table: Arc<MemoryTable>,
    pub(crate) faulty: Arc<FaultyTable>,
    pub(crate) meta: Arc<OneAccount>,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) ports: SignupPorts,
    pub(crate) org: OrgId,
    pub(crate) by: UserId,
}

pub(crate) const PHONE: &str = "200";

/// What the window tells of the account's number, with a fresh code.
pub(crate) fn finished(code: &str) -> SignupEntry {
    SignupEntry {
        ending: SignupEnding::Finished,
        waba: waba(),
        named: Some(phone(PHONE)),
        picked: BTreeSet::new(),
        code: Some(code.into()),
        pin: None,
        attestation: Some(GivenAttestation { version: ATTESTATION_VERSION, authorised_by: String::new() }),
    }
}

/// The same without a code: the token that is kept will do.
pub(crate) fn resumed() -> SignupEntry {
    SignupEntry { code: None, attestation: None, ..finished("") }
}

pub(crate) fn waba() -> WabaId {
    "100".parse().unwrap()
}

pub(crate) fn phone(id: &str) -> PhoneNumberId {
    id.parse().unwrap()
}

/// Keys of users and numbers.
pub(crate) fn number_keys() -> NumberKeys {
    NumberKeys::new(vec![7; 32]).unwrap()
}

impl World {
    pub(crate) fn with(numbers: &[(&str, Registration)]) -> Self {
        let table = Arc::new(MemoryTable::new());
        let faulty = Arc::new(FaultyTable::new(table.clone()));
        let store = Store::new(faulty.clone());
        let vault = Vault::new(store.clone(), Arc::new(MemoryKeys::new(1)), MemoryLedger::new().auth());
        let waker = Waker { store, queue: Arc::new(RecordingQueue::new()), ids: Arc::new(CountingIds::new(1)) };
        let meta = Arc::new(OneAccount::with(numbers));
        let senders = SenderPorts { waker, vault, account: meta.clone() };
        Self {
            table,
            faulty,
            ports: SignupPorts { senders, signup: meta.clone(), number_keys: number_keys() },
            meta,
            clock: Arc::new(FixedClock::at("2026-11-27T06:00:00Z".parse().unwrap())),
            org: "org_a".parse().unwrap(),
            by: "user_ann".parse().unwrap(),
        }
    }

    /// With one number that nobody registered yet.
    pub(crate) fn open() -> Self {
        Self::with(&[(PHONE, Registration::Open)])
    }

    pub(crate) fn store(&self) -> &Store {
        &self.ports.senders.waker.store
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn pass(&self, time: SignedDuration) {
        self.clock.advance(time);
    }

    pub(crate) async fn connect(&self, entry: SignupEntry) -> Result<SignedUp, AppError> {
        connect_whatsapp(&self.ports, &self.org, &self.by, entry, self.now()).await
    }

    pub(crate) async fn connect_as(&self, org: &str, entry: SignupEntry) -> Result<SignedUp, AppError> {
        connect_whatsapp(&self.ports, &org.parse().unwrap(), &self.by, entry, self.now()).await
    }

    pub(crate) async fn disconnect(&self, phone: &str) -> Result<Ended, AppError> {
        disconnect_sender(&self.ports, &self.org, &self.by, &phone.parse().unwrap(), self.now()).await
    }

    /// Does the look at the account that is due.
    pub(crate) async fn look(&self) -> Checked {
        let work = Work::CheckAccount { waba: waba() };
        self.store().mark_due(&self.org, &work, self.now(), self.now()).await.unwrap();
        let claimed = self.store().claim_work(&self.org, &work, self.now()).await.unwrap();
        let claim = match claimed {
            Claimed::Claimed { claim, .. } => claim,
            Claimed::Lost => panic!("the look is in hand"),
        };
        check_account(&self.ports.senders, &self.org, &waba(), claim, self.now()).await.unwrap()
    }

    pub(crate) async fn tasks(&self) -> Vec<TaskAbout> {
        self.store().tasks(&self.org).await.unwrap().into_iter().map(|task| task.about).collect()
    }

    /// The token that whoever sends would get.
    pub(crate) async fn token(&self) -> Option<String> {
        let grant = GrantRef { provider: Provider::Whatsapp, holder: "100".parse().unwrap() };
        let token = self.ports.senders.vault.fresh_access_token(&self.org, &grant, self.now()).await;
        token.ok().map(|token| secrecy::ExposeSecret::expose_secret(&token).to_owned())
    }

    /// Which items there are of a class, by their sort keys.
    pub(crate) fn keys(&self, class: &str) -> Vec<String> {
        let items = self.table.items();
        items.iter().filter(|item| item.key.pk.starts_with(class)).map(|item| item.key.sk.clone()).collect()
    }

    /// What is kept sealed; the organisation's data key is no secret without KMS, and stays.
    pub(crate) fn secrets(&self) -> Vec<String> {
        self.keys("VAULT#").into_iter().filter(|key| key != "KEY").collect()
    }

    pub(crate) fn fail(&self, plan: Plan) {
        self.faulty.reset(plan);
    }
}
