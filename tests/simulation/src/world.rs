//! The world: businesses, services, queues and the clock, moved by one seed.

pub mod at_once;
pub mod ending;
pub mod erasure;
mod mails;
pub mod numbers;
mod operators;
pub mod own_number;
pub mod people;
mod ports;
pub mod promises;
pub mod restores;
pub mod setting_up;
pub mod two_dispatchers;
mod weather;
mod webhooks;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use futures_util::future::{LocalBoxFuture, join_all};
use jiff::{SignedDuration, Timestamp, civil::Date};
use numo_app::{
    check_account::check_account,
    check_organisation::check_organisation,
    disconnect_ledger::unlink_connection,
    dispatch_run::dispatch_run,
    erase_customer::erase_customer,
    erase_organisation::run::erase_organisation,
    error::{AppError, Disposition},
    export::run::make_export,
    job::{Job, Work},
    mail_owner::mail_owner,
    manual_send::manual_send,
    number_key::NumberKeys,
    plan_day::plan_day,
    port::{
        clock::{Clock, Ids},
        events::Events,
    },
    send_answer::send_answer,
    settle_day::{settle_attempt, settle_day},
    store::Store,
    sweep_due::sweep_due,
    sync_connection::sync_connection,
    test_message::test_message,
    vault::Vault,
    wake::Waker,
};
use numo_domain::{
    id::{AttemptId, ExternalId, OrgId, PhoneNumberId},
    reminder::ReminderKey,
};
use numo_testkit::{
    counting_ids::CountingIds,
    faulty_table::{FaultyTable, Plan},
    fixed_clock::FixedClock,
    memory_bucket::MemoryBucket,
    memory_keys::MemoryKeys,
    memory_table::MemoryTable,
    recording_events::RecordingEvents,
    recording_queue::RecordingQueue,
    seed::Seed,
    virtual_time::VirtualTime,
};

pub use self::weather::Weather;
use crate::{
    business::Business,
    lagging_table::LaggingTable,
    ledger::SimLedger,
    meta::SimMeta,
    world::{mails::Post, operators::Operators, promises::Sent, restores::Restores, weather::Sky},
    yielding_table::YieldingTable,
};

/// Everything there is.
#[expect(missing_debug_implementations, reason = "nobody prints a world")]
pub struct World {
    /// The seed that began it.
    pub seed_number: u64,
    seed: Seed,
    sky: Sky,
    /// Time.
    pub clock: Arc<FixedClock>,
    /// What moves it while jobs wait.
    pub time: Arc<VirtualTime>,
    /// The accounting systems.
    pub ledger: Arc<SimLedger>,
    /// WhatsApp.
    pub meta: Arc<SimMeta>,
    /// The table as it is, without faults.
    pub table: Arc<MemoryTable>,
    journal: Arc<MemoryTable>,
    indexes: Arc<LaggingTable>,
    /// The table as processes see it.
    pub faults: Arc<FaultyTable>,
    queue: Arc<RecordingQueue>,
    bucket: Arc<MemoryBucket>,
    /// The key service.
    pub keys: Arc<MemoryKeys>,
    /// The table and the queue, as processes see them.
    pub waker: Waker,
    /// The vault, as processes see it.
    pub vault: Vault,
    events: Arc<dyn Events>,
    number_keys: NumberKeys,
    inbound_count: u64,
    /// Messages that were looked at.
    checked: usize,
    /// Each reminder that went out, with its attempts.
    sent: BTreeMap<ReminderKey, Sent>,
    /// The days on which a number heard from an organisation.
    days: BTreeSet<(OrgId, String, Date)>,
    /// Answers that were looked at.
    answered: BTreeSet<AttemptId>,
    in_flight: Vec<Job>,
    operators: Operators,
    post: Post,
    /// When numbers change, if they do.
    typing: Option<Seed>,
    /// The businesses.
    pub businesses: Vec<Business>,
    /// Numbers of those that are gone.
    gone: Vec<PhoneNumberId>,
    restores: Restores,
}

impl World {
    /// An empty world at 06:00 in Dubai on Monday 23 November 2026.
    pub fn new(seed_number: u64) -> Self {
        let mut seed = Seed::new(seed_number);
        let clock = Arc::new(FixedClock::at("2026-11-23T02:00:00Z".parse().unwrap()));
        let table = Arc::new(MemoryTable::with_clock(clock.clone()));
        let journal = Arc::new(MemoryTable::with_clock(clock.clone()));
        let (indexes, faults, store) = as_processes_see(&table, &journal, seed.next());
        let queue = Arc::new(RecordingQueue::new());
        let ids: Arc<dyn Ids> = Arc::new(CountingIds::new(seed.next()));
        let ledger = Arc::new(SimLedger::new(clock.clone(), Seed::new(seed.next())));
        let meta = Arc::new(SimMeta::new(clock.clone(), Seed::new(seed.next())));
        let keys = Arc::new(MemoryKeys::new(seed.next()));
        let vault = Vault::new(store.clone(), keys.clone(), ledger.auth());
        Self {
            seed_number,
            seed,
            sky: Sky::new(seed_number),
            time: Arc::new(VirtualTime::of(clock.clone())),
            clock,
            ledger,
            meta,
            table,
            journal,
            indexes,
            faults,
            waker: Waker { store, queue: queue.clone(), ids },
            queue,
            bucket: MemoryBucket::new(),
            keys,
            vault,
            events: Arc::new(RecordingEvents::new()),
            number_keys: NumberKeys::new(vec![7; 32]).unwrap(),
            inbound_count: 0,
            checked: 0,
            sent: BTreeMap::new(),
            days: BTreeSet::new(),
            answered: BTreeSet::new(),
            in_flight: Vec::new(),
            operators: Operators::default(),
            post: Post::default(),
            typing: None,
            businesses: Vec::new(),
            gone: Vec::new(),
            restores: Restores::default(),
        }
    }

    /// What stands in the table, read without faults.
    pub fn store(&self) -> Store {
        Store::with_journal(self.table.clone(), self.journal.clone())
    }

    /// Runs some hours in short steps; the promises are checked after every step.
    pub fn run(&mut self, hours: i64, weather: Weather) -> LocalBoxFuture<'_, ()> {
        Box::pin(async move {
            self.ledger.fail(weather.providers);
            self.meta.fail(weather.providers);
            let end = self.clock.now().checked_add(SignedDuration::from_hours(hours)).unwrap();
            while self.clock.now() < end {
                self.people_act().await;
                self.numbers_change().await;
                self.operators_act().await;
                self.table_is_lost(weather).await;
                self.step(weather).await;
            }
        })
    }

    /// Runs some hours in calm weather in which nobody does anything.
    pub async fn run_in_peace(&mut self, hours: i64) {
        let end = self.clock.now().checked_add(SignedDuration::from_hours(hours)).unwrap();
        while self.clock.now() < end {
            self.step(Weather::CALM).await;
        }
    }

    /// Runs some minutes in calm weather, with a sweep in each of them.
    pub async fn run_by_the_minute(&mut self, minutes: i64) {
        for _ in 0..minutes {
            self.look_after_everything(Weather::CALM).await;
            self.clock.advance(SignedDuration::from_mins(1));
        }
    }

    async fn step(&mut self, weather: Weather) {
        self.weather_turns(weather);
        self.look_after_everything(weather).await;
        let minutes = 1 + self.seed.next() % 20;
        self.clock.advance(SignedDuration::from_mins(i64::try_from(minutes).unwrap()));
    }

    fn look_after_everything(&mut self, weather: Weather) -> LocalBoxFuture<'_, ()> {
        Box::pin(async move {
            self.sweep(weather).await;
            self.work(weather).await;
            self.webhooks_arrive(weather).await;
            self.check_promises().await;
        })
    }

    /// Lets everything finish in calm weather, and checks what has to hold at the end.
    pub fn come_to_rest(&mut self) -> LocalBoxFuture<'_, ()> {
        Box::pin(async move {
            self.weather_clears();
            self.restored_table_is_taken_over(Weather::CALM).await;
            self.is_taken_over();
            self.operators_let_go_on().await;
            self.ledger.fail(0);
            self.meta.fail(0);
            for _ in 0..90 {
                self.owners_connect_again().await;
                self.sweep(Weather::CALM).await;
                self.work(Weather::CALM).await;
                self.all_webhooks_arrive().await;
                self.clock.advance(SignedDuration::from_mins(20));
            }
            self.check_promises().await;
            self.check_rest().await;
        })
    }

    fn sweep(&mut self, weather: Weather) -> LocalBoxFuture<'_, ()> {
        Box::pin(async move {
            self.weather_for_one(weather);
            // A sweep that fails is followed by the next one.
            if let Err(error) = sweep_due(&self.waker, self.clock.now()).await {
                assert_eq!(error.disposition(), Disposition::Retry, "seed {}: {error}", self.seed_number);
            }
            self.faults.reset(Plan::Never);
        })
    }

    /// Runs one job after the other with a fault in the first; how many table calls the first made.
    pub async fn work_with(&mut self, plan: Plan) -> u64 {
        self.in_flight.extend(self.queue.take());
        let job = self.in_flight.remove(0);
        self.faults.reset(plan);
        let result = self.time.run(self.run_job(&job)).await;
        let calls = self.faults.calls();
        self.faults.reset(Plan::Never);
        if result.is_err() {
            // The queue shows the message again.
            self.in_flight.push(job);
        }
        self.work(Weather::CALM).await;
        calls
    }

    /// Runs the jobs that are in flight, up to three side by side.
    fn work(&mut self, weather: Weather) -> LocalBoxFuture<'_, ()> {
        Box::pin(async move {
            for _ in 0..12 {
                self.in_flight.extend(self.queue.take());
                if self.in_flight.is_empty() {
                    return;
                }
                let side_by_side = 1 + self.seed.next() % 3;
                let jobs: Vec<Job> = (0..side_by_side).filter_map(|_| self.next_job(weather)).collect();
                self.weather_for_one(weather);
                let results = self.time.run(join_all(jobs.iter().map(|job| self.run_job(job)))).await;
                self.faults.reset(Plan::Never);
                for (job, result) in jobs.into_iter().zip(results) {
                    match result.map_err(|error| (error.disposition(), error)) {
                        Ok(()) | Err((Disposition::Done, _)) => {}
                        Err((Disposition::Retry, _)) => self.in_flight.push(job),
                        Err((Disposition::Quarantine, error)) => panic!("seed {}: {error}", self.seed_number),
                    }
                }
            }
        })
    }

    fn next_job(&mut self, weather: Weather) -> Option<Job> {
        let count = u64::try_from(self.in_flight.len()).unwrap();
        if count == 0 {
            return None;
        }
        let place = usize::try_from(self.seed.next() % count).unwrap();
        let job = self.in_flight.swap_remove(place);
        if self.seed.happens(weather.doubles) {
            self.in_flight.push(job.clone());
        }
        (!self.seed.happens(weather.losses)).then_some(job)
    }

    /// Works on a job; on the heap, so that all use cases are compiled with the world, once.
    fn run_job<'a>(&'a self, job: &'a Job) -> LocalBoxFuture<'a, Result<(), AppError>> {
        Box::pin(self.worked_on(job))
    }

    async fn worked_on(&self, job: &Job) -> Result<(), AppError> {
        let (org, now) = (&job.org, self.clock.now());
        let claim = job.claim.unwrap_or(Timestamp::UNIX_EPOCH);
        match &job.work {
            Work::SyncConnection { connection } => {
                let deadline = now.checked_add(SignedDuration::from_secs(100)).unwrap();
                sync_connection(&self.sync_ports(), org, *connection, claim, deadline).await.map(|_| ())
            }
            Work::UnlinkConnection { connection } => {
                unlink_connection(&self.waker, &self.vault, org, *connection, claim, now).await.map(|_| ())
            }
            Work::EraseCustomer { connection, contact } => {
                let (store, customer) = (&self.waker.store, (*connection, contact.clone()));
                erase_customer(store, &self.number_keys, org, customer, claim, now).await.map(|_| ())
            }
            Work::CheckOrganisation {} => check_organisation(&self.check_ports(), org, claim, now).await.map(|_| ()),
            Work::EraseOrganisation {} => {
                let deadline = now.checked_add(SignedDuration::from_secs(300)).unwrap();
                erase_organisation(&self.erasure_ports(), org, claim, deadline).await.map(|_| ())
            }
            Work::Export { id } => {
                let deadline = now.checked_add(SignedDuration::from_secs(300)).unwrap();
                make_export(&self.export_ports(), (org, *id), claim, deadline).await.map(|_| ())
            }
            Work::PlanDay {} => plan_day(&self.waker, org, claim, now).await.map(|_| ()),
            Work::MailOwner {} => {
                let deadline = now.checked_add(SignedDuration::from_secs(120)).unwrap();
                mail_owner(&self.mail_ports(), org, claim, deadline).await.map(|_| ())
            }
            Work::DispatchRun { date } => {
                // As long as the function has (template.yaml).
                let deadline = now.checked_add(SignedDuration::from_secs(120)).unwrap();
                dispatch_run(&self.dispatch_ports(), org, *date, claim, deadline).await.map(|_| ())
            }
            Work::CheckAccount { waba } => {
                let ports = self.sender_ports();
                check_account(&ports, org, waba, claim, now).await.map(|_| ())
            }
            Work::ManualSend { id } => {
                let deadline = now.checked_add(SignedDuration::from_secs(100)).unwrap();
                manual_send(&self.dispatch_ports(), org, *id, claim, deadline).await.map(|_| ())
            }
            Work::TestMessage { id } => test_message(&self.dispatch_ports(), org, *id, claim).await.map(|_| ()),
            Work::SendAnswer { attempt } => send_answer(&self.dispatch_ports(), org, *attempt, claim).await.map(|_| ()),
            Work::SettleDay { date } => settle_day(&self.waker.store, org, *date, claim, now).await.map(|_| ()),
            Work::SettleAttempt { attempt } => {
                settle_attempt(&self.waker.store, org, *attempt, claim, now).await.map(|_| ())
            }
        }
    }

    /// The contact of a business that has a number.
    pub fn contact_of(business: &Business, number: &str) -> ExternalId {
        business.numbers.iter().find(|(_, known)| *known == number).unwrap().0.clone()
    }
}

/// What processes see of a table and the journal: indexes that lie behind, faults, and others who come in between.
fn as_processes_see(
    table: &Arc<MemoryTable>,
    journal: &Arc<MemoryTable>,
    seed: u64,
) -> (Arc<LaggingTable>, Arc<FaultyTable>, Store) {
    let mut seed = Seed::new(seed);
    let indexes = Arc::new(LaggingTable::new(table.clone()));
    let faults = Arc::new(FaultyTable::new(indexes.clone()));
    let mut yielding = |inner| Arc::new(YieldingTable::new(inner, Seed::new(seed.next())));
    let store = Store::with_journal(yielding(faults.clone()), yielding(Arc::new(faults.beside(journal.clone()))));
    (indexes, faults, store)
}
