//! A table that is lost and restored to an earlier moment, under another name, until an operator takes it over.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use numo_app::{
    delivery::{Delivery, StatusUpdate, Update},
    port::clock::Clock,
    restored_table::take_over,
    vault::Vault,
    wake::Waker,
};
use numo_domain::{
    connection::ConnectionStatus,
    id::{AttemptId, ExternalId, OperatorId, OrgId},
    reminder::{DeliveryStatus, ReminderKey},
};
use numo_testkit::{faulty_table::Plan, memory_table::MemoryTable};

use crate::{
    business::{Business, Corrected},
    world::{Weather, World, as_processes_see, promises::Grounds},
};

/// Steps after which the table can be restored to that moment, in thousandths.
const BACKUPS: u64 = 60;

/// Moments of before are not restored any more.
const OLDEST: SignedDuration = SignedDuration::from_hours(20);

/// Steps in which an operator takes a restored table over, in thousandths.
const TAKE_OVERS: u64 = 300;

/// What is known of restored tables outside of them.
#[derive(Debug, Default)]
pub(super) struct Restores {
    backups: Vec<Backup>,
    /// How often the table was restored.
    times: usize,
    /// The moment of the present table, until it is taken over.
    waiting: Option<Timestamp>,
    /// Messages whose statuses a restored table may not know.
    before: BTreeSet<AttemptId>,
    /// Messages of which Meta said that they arrived, each with how many it had taken by then.
    arrived: BTreeMap<AttemptId, usize>,
}

/// A moment that the table can be restored to.
#[derive(Debug)]
struct Backup {
    at: Timestamp,
    table: MemoryTable,
    /// What people had done by then.
    businesses: BTreeMap<OrgId, Business>,
    /// The numbers that the ledgers had of customers.
    in_ledger: BTreeMap<(OrgId, ExternalId), Option<String>>,
}

impl Restores {
    /// Notes what Meta says of messages, after it took so many.
    pub(super) fn hear(&mut self, delivery: &Delivery, n_taken: usize) {
        for update in &delivery.updates {
            if let Update::Status(StatusUpdate { attempt: Some(attempt), status, .. }) = update
                && matches!(status, DeliveryStatus::Delivered | DeliveryStatus::Read)
            {
                self.arrived.entry(*attempt).or_insert(n_taken);
            }
        }
    }

    /// Whether it was known that a message arrived when Meta took the n-th one.
    pub(super) fn had_arrived(&self, attempt: AttemptId, n: usize) -> bool {
        self.arrived.get(&attempt).is_some_and(|n_taken| *n_taken <= n)
    }

    /// Whether a message went out before the table was restored for the last time.
    pub(super) fn is_before(&self, attempt: AttemptId) -> bool {
        self.before.contains(&attempt)
    }
}

impl World {
    /// How often the table was lost and restored.
    pub const fn restores(&self) -> usize {
        self.restores.times
    }

    /// Now and then the table is lost, and is restored; an operator takes it over some time later.
    pub(super) async fn table_is_lost(&mut self, weather: Weather) {
        if weather.restores == 0 {
            return;
        }
        if self.restores.waiting.is_some() {
            if self.sky.seed.happens(TAKE_OVERS) {
                self.restored_table_is_taken_over(weather).await;
            }
            return;
        }
        self.owners_connect_again().await;
        if self.sky.seed.happens(BACKUPS) {
            self.back_up();
        }
        let n_backups = u64::try_from(self.restores.backups.len()).unwrap();
        if self.sky.seed.happens(weather.restores) && n_backups > 0 {
            let place = usize::try_from(self.sky.seed.next() % n_backups).unwrap();
            self.restore(place).await;
        }
    }

    /// From now on the table can be restored to this moment.
    pub fn back_up(&mut self) {
        let at = self.clock.now();
        self.restores.backups.retain(|backup| at.duration_since(backup.at) < OLDEST);
        let mut in_ledger = BTreeMap::new();
        for business in &self.businesses {
            for customer in business.numbers.keys() {
                let number = self.ledger.number_of(&business.tenant, customer);
                in_ledger.insert((business.org.clone(), customer.clone()), number);
            }
        }
        let businesses = self.businesses.iter().map(|business| (business.org.clone(), business.clone())).collect();
        self.restores.backups.push(Backup { at, table: self.table.restored("backup"), businesses, in_ledger });
    }

    /// Restores the table to the n-th moment that there is a backup of; nothing may go out until it is taken over.
    pub async fn restore(&mut self, n: usize) {
        let Backup { at, table, businesses, in_ledger } = self.restores.backups.swap_remove(n);
        // Moments of the lost time are of a table that is gone.
        self.restores.backups.retain(|backup| backup.at <= at);
        self.restores.times += 1;
        self.restores.waiting = Some(at);
        self.restores.before.extend(self.meta.taken().into_iter().map(|message| message.attempt));
        let known = self.grounds().await;
        self.table = Arc::new(table.restored(&format!("table-{}", self.restores.times + 1)));
        let (indexes, faults, store) = as_processes_see(&self.table, &self.journal, self.sky.seed.next());
        (self.indexes, self.faults) = (indexes, faults);
        self.vault = Vault::new(store.clone(), self.keys.clone(), self.ledger.auth());
        self.waker = Waker { store, ..self.waker.clone() };
        for (key, now) in self.grounds().await {
            let sent = self.sent.get_mut(&key).unwrap();
            sent.forgotten = sent.forgotten.and(known[&key].but_for(now));
        }
        for place in 0..self.businesses.len() {
            let before = businesses.get(&self.businesses[place].org).cloned();
            self.forget_the_lost_time(place, before, &in_ledger);
        }
        self.operators_look_at_the_gate().await;
    }

    /// What the table knows of each reminder that went out.
    async fn grounds(&self) -> BTreeMap<ReminderKey, Grounds> {
        let mut grounds = BTreeMap::new();
        for (key, sent) in &self.sent {
            let known = self.store().reminders_by_key(&sent.org, std::slice::from_ref(key)).await.unwrap();
            grounds.insert(key.clone(), known.first().map(Grounds::of).unwrap_or_default());
        }
        grounds
    }

    /// What people of a business did in the time that is lost; what was said to it is in the journal.
    fn forget_the_lost_time(
        &mut self,
        n: usize,
        before: Option<Business>,
        in_ledger: &BTreeMap<(OrgId, ExternalId), Option<String>>,
    ) {
        let Some(before) = before else { return };
        let business = &mut self.businesses[n];
        business.paused = before.paused;
        business.tests = before.tests;
        for customer in business.numbers.keys() {
            let number = self.ledger.number_of(&business.tenant, customer);
            let is_changed = in_ledger.get(&(business.org.clone(), customer.clone())) != Some(&number);
            let corrected = match (is_changed, number) {
                (true, Some(number)) => Some(Corrected::InLedger(number)),
                _ => before.corrected.get(customer).cloned(),
            };
            match corrected {
                Some(corrected) => business.corrected.insert(customer.clone(), corrected),
                None => business.corrected.remove(customer),
            };
        }
    }

    /// An operator takes the restored table over, again if it dies on the way.
    pub async fn restored_table_is_taken_over(&mut self, weather: Weather) {
        let Some(restored_to) = self.restores.waiting else { return };
        let by: OperatorId = "ann".parse().unwrap();
        let ports = self.operator_ports();
        self.weather_for_one(weather);
        let taken = Box::pin(take_over(&ports, (&by, "a lost table"), restored_to, self.clock.now())).await;
        self.faults.reset(Plan::Never);
        // Whether the last write of one that died was made, only the table knows.
        let gate = self.store().messaging_gate().await.unwrap();
        if taken.is_ok() || !self.store().is_restored(&gate) {
            self.restores.waiting = None;
        }
    }

    /// Whoever is asked to connect the ledger again, because a restored table has a token that was renewed since, does.
    pub(super) async fn owners_connect_again(&mut self) {
        if self.restores.times == 0 {
            return;
        }
        for business in self.businesses.clone() {
            for connection in self.store().connections(&business.org).await.unwrap() {
                if connection.status == ConnectionStatus::ReauthRequired {
                    Box::pin(self.connect(&business, &connection.tenant)).await;
                }
            }
        }
    }

    /// Nothing goes out of a restored table that nobody took over, and whoever takes it over in calm weather can.
    pub(super) fn is_taken_over(&self) {
        let seed = self.seed_number;
        assert!(self.restores.waiting.is_none(), "seed {seed}: a restored table that nobody took over is in use");
    }
}
