//! One run in the hands of two dispatchers at once, each with a table connection and an end of its own.

use std::sync::Arc;

use futures_util::future::{Either, LocalBoxFuture, join, select};
use jiff::{SignedDuration, Timestamp};
use numo_app::{
    dispatch_run::{DispatchPorts, dispatch_run},
    error::Disposition,
    job::{Job, Work},
    port::clock::{Clock, Timer},
    store::{Store, due::Claimed},
    vault::Vault,
    wake::Waker,
};
use numo_testkit::{
    faulty_table::{Fault, FaultyTable, Plan},
    seed::Seed,
};
use tokio::task::yield_now;

use crate::{
    world::{Weather, World},
    yielding_table::YieldingTable,
};

/// How much goes wrong at once in the two.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mishaps {
    /// Dispatchers whose table failed at some call, and at all that followed.
    pub crashed: usize,
    /// Dispatchers that were stopped in the midst of what they did, as a function is at its timeout.
    pub stopped: usize,
}

impl World {
    /// Gives the next dispatch that is in flight to two dispatchers at the same time; what was not done stays in flight.
    pub async fn dispatch_by_two(&mut self) -> Mishaps {
        let Some(job) = self.next_dispatch().await else { return Mishaps::default() };
        let (one, other) = (self.dispatcher(), self.dispatcher());
        let job = self.taken_over(&job).await;
        // Both keep the pace of the number: they meet at its messages if they begin in one instant.
        let (n_calls, later) = (14 + self.seed.next() % 30, self.seed.happens(200));
        let later = SignedDuration::from_millis(if later { 500 } else { 0 });
        let taken_over_at = self.clock.now().checked_add(later).unwrap();
        let second = async {
            self.time.wait_until(taken_over_at).await;
            for _ in 0..MOST_TURNS {
                if one.faults.calls() >= n_calls {
                    break;
                }
                yield_now().await;
            }
            let job = self.taken_over(&job).await;
            self.work_on(&job, &other).await
        };
        let (first, second) = self.time.run(join(self.work_on(&job, &one), second)).await;
        let ended = [first, second];
        if ended.iter().any(|ended| *ended != Ended::Done) {
            // The queue shows the message again.
            self.in_flight.push(job);
        }
        Mishaps {
            crashed: [&one, &other].iter().filter(|dispatcher| dispatcher.faults.has_crashed()).count(),
            stopped: ended.iter().filter(|ended| **ended == Ended::Stopped).count(),
        }
    }

    /// The same work under a claim of its own, as when the day is woken while somebody has it in hand: whoever had it goes
    /// on with the page that is under way.
    async fn taken_over(&self, job: &Job) -> Job {
        let (store, now) = (self.store(), self.clock.now());
        store.mark_due(&job.org, &job.work, now, now).await.unwrap();
        match store.claim_work(&job.org, &job.work, now).await.unwrap() {
            Claimed::Claimed { claim, .. } => Job { claim: Some(claim), ..job.clone() },
            Claimed::Lost => job.clone(),
        }
    }

    /// A dispatch that is in flight, if need be one that comes due within the next hours.
    async fn next_dispatch(&mut self) -> Option<Job> {
        let is_dispatch = |job: &Job| matches!(job.work, Work::DispatchRun { .. });
        for _ in 0..12 {
            self.in_flight.extend(self.queue.take());
            if let Some(place) = self.in_flight.iter().position(is_dispatch) {
                return Some(self.in_flight.remove(place));
            }
            self.clock.advance(SignedDuration::from_mins(11));
            self.sweep(Weather::CALM).await;
        }
        None
    }

    /// A dispatcher that dies at some call or at some instant, or has a table that fails now and then, or goes well.
    fn dispatcher(&mut self) -> Dispatcher {
        let faults = Arc::new(FaultyTable::new(self.table.clone()));
        let fault = if self.seed.happens(500) { Fault::Before } else { Fault::After };
        faults.reset(match self.seed.next() % 4 {
            0 | 1 => Plan::Crash { call: 1 + self.seed.next() % 120, fault },
            2 => Plan::Randomly { seed: Seed::new(self.seed.next()), per_mille: 25 },
            _ => Plan::Never,
        });
        let lives_for = if self.seed.happens(500) { self.seed.next() % 1_500 } else { 120_000 };
        let lives_for = SignedDuration::from_millis(i64::try_from(lives_for).unwrap());
        let store = Store::new(Arc::new(YieldingTable::new(faults.clone(), Seed::new(self.seed.next()))));
        let waker = Waker { store: store.clone(), ..self.waker.clone() };
        let vault = Vault::new(store, self.keys.clone(), self.ledger.auth());
        Dispatcher {
            ports: DispatchPorts { waker, vault, ..self.dispatch_ports() },
            faults,
            stopped_at: self.clock.now().checked_add(lives_for).unwrap(),
        }
    }

    fn work_on<'a>(&'a self, job: &'a Job, dispatcher: &'a Dispatcher) -> LocalBoxFuture<'a, Ended> {
        Box::pin(async move {
            let Work::DispatchRun { date } = &job.work else { return Ended::Done };
            let claim = job.claim.unwrap_or(Timestamp::UNIX_EPOCH);
            let deadline = self.clock.now().checked_add(SignedDuration::from_secs(120)).unwrap();
            let work = Box::pin(dispatch_run(&dispatcher.ports, &job.org, *date, claim, deadline));
            match select(work, self.time.wait_until(dispatcher.stopped_at)).await {
                Either::Left((Err(error), _)) if error.disposition() != Disposition::Done => Ended::Failed,
                Either::Left(_) => Ended::Done,
                Either::Right(_) => Ended::Stopped,
            }
        })
    }
}

/// The first one may have ended before it came so far.
const MOST_TURNS: usize = 400;

/// How a dispatcher ended, as the queue sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Done,
    Failed,
    Stopped,
}

struct Dispatcher {
    ports: DispatchPorts,
    faults: Arc<FaultyTable>,
    /// When the process ends, whatever it does.
    stopped_at: Timestamp,
}
