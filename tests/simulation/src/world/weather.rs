//! What goes wrong around the product, step by step.

use jiff::{SignedDuration, Timestamp};
use numo_app::{port::clock::Clock, vault::Vault};
use numo_testkit::{
    faulty_table::{Fault, Plan},
    seed::Seed,
};

use crate::world::World;

/// How much goes wrong.
#[derive(Debug, Clone, Copy)]
pub struct Weather {
    /// Jobs that die in the middle, in thousandths.
    pub crashes: u64,
    /// Jobs that come twice, in thousandths.
    pub doubles: u64,
    /// Jobs whose message is lost, in thousandths.
    pub losses: u64,
    /// Provider calls that fail, in thousandths.
    pub providers: u64,
    /// Steps in which the table has too little capacity, in thousandths.
    pub throttling: u64,
    /// Steps in which indexes lie behind, in thousandths.
    pub lags: u64,
    /// Steps after which no webhook arrives for hours, in thousandths.
    pub silences: u64,
    /// Steps after which nothing runs for hours, in thousandths.
    pub outages: u64,
    /// Steps in which the clock is put back, in thousandths.
    pub jumps: u64,
    /// Steps in which a new version takes the place of whatever runs, in thousandths.
    pub deployments: u64,
    /// Steps in which the table is lost and restored to an earlier moment, in thousandths.
    pub restores: u64,
}

impl Weather {
    /// Nothing goes wrong.
    pub const CALM: Self = Self {
        crashes: 0,
        doubles: 0,
        losses: 0,
        providers: 0,
        throttling: 0,
        lags: 0,
        silences: 0,
        outages: 0,
        jumps: 0,
        deployments: 0,
        restores: 0,
    };
    /// Much goes wrong.
    pub const STORM: Self = Self {
        crashes: 150,
        doubles: 200,
        losses: 100,
        providers: 120,
        throttling: 60,
        lags: 150,
        silences: 15,
        outages: 8,
        jumps: 20,
        deployments: 30,
        restores: 3,
    };
}

/// What the weather brings at present.
#[derive(Debug)]
pub(super) struct Sky {
    /// Chance of its own, so that what people and jobs do is the same in any weather.
    pub(super) seed: Seed,
    is_throttled: bool,
    is_deployed: bool,
    silent_until: Timestamp,
}

/// Calls that a table without capacity refuses, in thousandths.
const REFUSED: u64 = 250;

impl Sky {
    /// Nothing yet.
    pub(super) const fn new(seed_number: u64) -> Self {
        let seed = Seed::new(seed_number ^ 0x0005_eed0_f5c1);
        Self { seed, is_throttled: false, is_deployed: false, silent_until: Timestamp::MIN }
    }

    fn hours(&mut self, most: u64) -> SignedDuration {
        SignedDuration::from_hours(i64::try_from(1 + self.seed.next() % most).unwrap())
    }
}

impl World {
    /// What begins, and what is over, with a step.
    pub(super) fn weather_turns(&mut self, weather: Weather) {
        if self.sky.seed.happens(weather.outages) {
            self.clock.advance(self.sky.hours(30));
        }
        if self.sky.seed.happens(weather.jumps) {
            let back = SignedDuration::from_secs(i64::try_from(1 + self.sky.seed.next() % 90).unwrap());
            self.clock.set(self.clock.now().checked_sub(back).unwrap());
            self.operators.clock_was_put_back(self.clock.now());
        }
        if self.sky.seed.happens(weather.silences) {
            self.sky.silent_until = self.clock.now().checked_add(self.sky.hours(20)).unwrap();
        }
        if self.sky.seed.happens(weather.lags) {
            self.indexes.fall_behind()
        } else {
            self.indexes.catch_up()
        }
        self.sky.is_throttled = self.sky.seed.happens(weather.throttling);
        self.sky.is_deployed = self.sky.seed.happens(weather.deployments);
        if self.sky.is_deployed {
            // New processes remember nothing.
            self.vault = Vault::new(self.waker.store.clone(), self.keys.clone(), self.ledger.auth());
        }
    }

    /// Whether webhooks arrive.
    pub(super) fn is_heard(&self) -> bool {
        self.clock.now() >= self.sky.silent_until
    }

    /// Everything is as it should be.
    pub(super) fn weather_clears(&mut self) {
        self.indexes.catch_up();
        self.sky = Sky::new(self.seed_number);
    }

    /// What the calls of the next piece of work meet.
    pub(super) fn weather_for_one(&mut self, weather: Weather) {
        let dies = self.seed.happens(weather.crashes) || std::mem::take(&mut self.sky.is_deployed);
        let plan = if dies {
            let fault = if self.seed.happens(500) { Fault::Before } else { Fault::After };
            Plan::Crash { call: 1 + self.seed.next() % 120, fault }
        } else if self.sky.is_throttled {
            Plan::Throttled { seed: Seed::new(self.sky.seed.next()), per_mille: REFUSED }
        } else {
            Plan::Never
        };
        self.faults.reset(plan);
    }
}
