//! Sending what is planned and approved for a day, page by page, several messages at a time.
//!
//! Every page asks the ledger again; every message is decided again, claimed, sent once and
//! recorded. A crash anywhere leaves a claimed reminder that is never sent a second time.

pub mod send_unit;

pub(crate) mod able_sender;
mod attachment;
pub(crate) mod brakes;
mod call_budget;
mod deliver;
mod fresh_read;
pub(crate) mod gate_watch;
mod line;
mod pace;
mod page;
pub(crate) mod ready;
mod side_by_side;
mod step;

use std::{collections::BTreeMap, fmt, sync::Arc};

use jiff::{SignedDuration, Timestamp, civil::Date};
use numo_domain::{
    connection::Connection,
    id::{ConnectionId, OrgId, PolicyId, UserId},
    plan::{
        decision::{Decision, Outcome, PlannedSend, Unit},
        pace::STEP,
    },
    reminder::ReminderKey,
};

use crate::{
    dispatch_run::{
        able_sender::Looks, brakes::Brakes, call_budget::CallBudget, gate_watch::GateWatch, pace::Paces,
        side_by_side::send_side_by_side,
    },
    error::AppError,
    job::Cause,
    number_key::NumberKeys,
    port::{
        clock::{Clock, Timer},
        events::Events,
        ledger::{PerLedger, check::LedgerCheck, documents::LedgerDocuments},
        whatsapp::{Messaging, WhatsappAccount},
    },
    settle_day::look_later,
    store::due::dispatch_work,
    vault::Vault,
    wake::Waker,
};

/// What a dispatch needs.
#[derive(Clone)]
pub struct DispatchPorts {
    /// Table, queue and ids.
    pub waker: Waker,
    /// Tokens.
    pub vault: Vault,
    /// The ledgers.
    pub checks: PerLedger<dyn LedgerCheck>,
    /// What the ledgers print.
    pub documents: PerLedger<dyn LedgerDocuments>,
    /// WhatsApp.
    pub messaging: Arc<dyn Messaging>,
    /// WhatsApp accounts.
    pub account: Arc<dyn WhatsappAccount>,
    /// Facts for outsiders.
    pub events: Arc<dyn Events>,
    /// Keys of numbers.
    pub number_keys: NumberKeys,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Waiting for its turn.
    pub timer: Arc<dyn Timer>,
}

impl fmt::Debug for DispatchPorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DispatchPorts")
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dispatched {
    /// Every planned unit has its outcome.
    Finished,
    /// There is more; the run was woken again.
    Continued,
    /// A provider asked for patience or needs a person; the next time stands in the table.
    Postponed,
    /// Nothing may go out: the plan is not approved, or its day is over.
    NotToday,
    /// The job was stale: somebody else has the work.
    Stale,
}

/// After a provider's failure the next try waits this long.
const AFTER_FAILURE: SignedDuration = SignedDuration::from_mins(5);

/// A blocked sender is looked at again after this.
const AFTER_BLOCK: SignedDuration = SignedDuration::from_hours(1);

/// Runs a day's dispatch until it is done or `deadline` is near.
pub async fn dispatch_run(
    ports: &DispatchPorts,
    org: &OrgId,
    date: Date,
    claim: Timestamp,
    deadline: Timestamp,
) -> Result<Dispatched, AppError> {
    let (store, work) = (&ports.waker.store, dispatch_work(date));
    if !store.holds_claim(org, &work, claim).await? {
        return Ok(Dispatched::Stale);
    }
    let day = Day {
        ports,
        org,
        date,
        deadline,
        brakes: Brakes::default(),
        gate: GateWatch::default(),
        looks: Looks::default(),
    };
    let mut run =
        Run { day: &day, claim, again: None, not_before: None, paces: Paces::default(), calls: BTreeMap::new() };
    let end = run.run().await?;
    let now = ports.clock.now();
    let (outcome, next) = match end {
        End::Done => (Dispatched::Finished, None),
        End::NotToday => (Dispatched::NotToday, None),
        End::Lost => return Ok(Dispatched::Stale),
        End::More => match run.calls.values().filter_map(|calls| calls.forgotten_at(now)).max() {
            // The next invocation knows nothing of this one's calls to the ledgers.
            Some(again) => (Dispatched::Postponed, Some(again)),
            None => (Dispatched::Continued, Some(now)),
        },
        End::Later { again } => (Dispatched::Postponed, Some(again)),
    };
    if outcome != Dispatched::NotToday {
        look_later(store, org, date, now).await?;
    }
    store.finish_due(org, &work, run.claim, next, now).await?;
    if outcome == Dispatched::Continued {
        ports.waker.wake(org, &work, Cause::Step, now).await?;
    }
    Ok(outcome)
}

/// Why a run stops.
enum End {
    Done,
    More,
    NotToday,
    Lost,
    /// Something is left for later: not due yet, or a ledger or a number can do nothing now.
    Later {
        again: Timestamp,
    },
}

/// What a run works on, for all that is under way in it.
struct Day<'a> {
    ports: &'a DispatchPorts,
    org: &'a OrgId,
    date: Date,
    deadline: Timestamp,
    brakes: Brakes,
    gate: GateWatch,
    looks: Looks,
}

/// One run, with what it learns on its way.
struct Run<'a> {
    day: &'a Day<'a>,
    claim: Timestamp,
    /// When to come back for what is not due yet, or could not be asked about.
    again: Option<Timestamp>,
    /// Meta asked for patience until then.
    not_before: Option<Timestamp>,
    /// How fast each number sends.
    paces: Paces,
    /// How often each ledger was asked.
    calls: BTreeMap<ConnectionId, CallBudget>,
}

/// A planned message.
#[derive(Debug)]
pub(crate) struct Planned {
    pub unit: Unit,
    /// The policy by which it was planned.
    pub policy: PolicyId,
    pub send: PlannedSend,
    /// Who asked for it, outside every plan.
    pub asked_by: Option<UserId>,
}

impl Planned {
    fn of(decision: Decision) -> Option<Self> {
        let Decision { unit, policy, outcome, .. } = decision;
        match outcome {
            Outcome::Send(send) => Some(Self { unit, policy, send, asked_by: None }),
            Outcome::Skip { .. } => None,
        }
    }

    /// Where it would be claimed.
    pub(crate) fn key(&self) -> ReminderKey {
        self.send.reminder_key(&self.unit)
    }
}

impl Run<'_> {
    async fn run(&mut self) -> Result<End, AppError> {
        let Day { ports, org, date, .. } = *self.day;
        let store = &ports.waker.store;
        let header = store.plan_header(org, date).await?.map(|seen| seen.value);
        let Some(header) = header.filter(|header| header.approval.is_given()) else { return Ok(End::NotToday) };
        let planned = store.planned_sends(org, &header).await?;
        let cancelled: Vec<Unit> = store.cancelled_of(org, date).await?.into_iter().map(|c| c.unit).collect();
        let open = planned.into_iter().filter(|decision| !cancelled.contains(&decision.unit)).filter_map(Planned::of);
        let now = ports.clock.now();
        let (mut due, later): (Vec<Planned>, Vec<Planned>) = open.partition(|planned| planned.send.at <= now);
        due.sort_by_key(|planned| planned.send.at);
        self.come_back(later.iter().map(|planned| planned.send.at).min());
        let connections = store.connections(org).await?;
        let is_of = |planned: &Planned, connection: &Connection| planned.unit.contact.connection == connection.id;
        let n_ledgers = connections.iter().filter(|connection| due.iter().any(|one| is_of(one, connection))).count();
        let per_ten_minutes = store.organisation(org).await?.per_ten_minutes;
        for connection in connections {
            let of_connection = due.iter().filter(|planned| is_of(planned, &connection)).collect();
            let step = self.day.step(of_connection, per_ten_minutes, n_ledgers, now).await?;
            if step.size.is_some() {
                self.come_back(now.checked_add(STEP).ok());
            }
            match send_side_by_side(self, &connection, &step).await {
                Ok(None) => {}
                // What is left has to wait with the number that Meta wants no call from.
                Ok(Some(End::More)) if self.not_before.is_some() => {}
                Ok(Some(end)) => return Ok(end),
                // One ledger that cannot be read does not hold up the others.
                Err(error) => {
                    let patience = error.patience()?.unwrap_or(AFTER_FAILURE);
                    self.come_back(ports.clock.now().checked_add(patience).ok());
                }
            }
        }
        let again = self.again.map(|again| self.not_before.map_or(again, |time| time.max(again)));
        Ok(again.map_or(End::Done, |again| End::Later { again }))
    }

    /// Notes when there is something to do again; the earliest time counts.
    fn come_back(&mut self, at: Option<Timestamp>) {
        self.again = self.again.into_iter().chain(at).min();
    }

    /// Notes that Meta wants no call before a time.
    fn wait_until(&mut self, time: Timestamp) {
        self.come_back(Some(time));
        self.not_before = self.not_before.max(Some(time));
    }

    /// A blocked sender may be repaired within the day.
    fn ask_again_later(&mut self) {
        self.come_back(self.day.ports.clock.now().checked_add(AFTER_BLOCK).ok());
    }
}
