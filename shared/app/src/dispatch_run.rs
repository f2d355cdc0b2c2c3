//! Sending what is planned and approved for a day, page by page.
//!
//! Every page asks the ledger again; every message is decided again, claimed, sent once and
//! recorded. A crash anywhere leaves a claimed reminder that is never sent a second time.

pub mod send_unit;

mod attachment;
mod fresh_read;
pub(crate) mod ready;

use std::{collections::BTreeSet, fmt, sync::Arc};

use jiff::{SignedDuration, Timestamp, civil::Date};
use numo_domain::{
    connection::Connection,
    contact::ContactRef,
    id::{OrgId, PhoneNumberId, PolicyId, UserId},
    plan::{
        decision::{Decision, Outcome, PlannedSend, Unit},
        reason::{Reason, SkipCode},
    },
    reminder::ReminderKey,
    sender::SenderStatus,
};

use crate::{
    dispatch_run::{
        ready::{fresh, ready_sender, senders},
        send_unit::{Look, Sent, send_unit},
    },
    error::AppError,
    job::Cause,
    number_key::NumberKeys,
    port::{
        clock::Clock,
        events::Events,
        ledger::{PerLedger, check::LedgerCheck, documents::LedgerDocuments},
        whatsapp::{Messaging, WhatsappAccount},
    },
    settle_day::look_later,
    situation::frame,
    store::{
        due::{dispatch_work, sync_work},
        plan::Cancelled,
    },
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

/// Customers per read of the ledger.
const PAGE: usize = 40;

/// Time that one page may need; with less left the run goes on in the next invocation.
const PAGE_TIME: SignedDuration = SignedDuration::from_secs(45);

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
    let mut run = Run { ports, org, date, claim, deadline, again: None, not_before: None, stopped: BTreeSet::new() };
    let end = run.run().await?;
    let now = ports.clock.now();
    let (outcome, next) = match end {
        End::Done => (Dispatched::Finished, None),
        End::NotToday => (Dispatched::NotToday, None),
        End::Lost => return Ok(Dispatched::Stale),
        End::More => (Dispatched::Continued, Some(now)),
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

/// One run.
struct Run<'a> {
    ports: &'a DispatchPorts,
    org: &'a OrgId,
    date: Date,
    claim: Timestamp,
    deadline: Timestamp,
    /// When to come back for what is not due yet, or could not be asked about.
    again: Option<Timestamp>,
    /// Meta asked for patience until then.
    not_before: Option<Timestamp>,
    /// Numbers from which nothing more goes out in this run.
    stopped: BTreeSet<PhoneNumberId>,
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
        let store = &self.ports.waker.store;
        let header = store.plan_header(self.org, self.date).await?.map(|seen| seen.value);
        let Some(header) = header.filter(|header| header.approval.is_given()) else { return Ok(End::NotToday) };
        let planned = store.plan_decisions(self.org, &header).await?;
        let cancelled: Vec<Unit> = store.cancelled_of(self.org, self.date).await?.into_iter().map(|c| c.unit).collect();
        let open = planned.into_iter().filter(|decision| !cancelled.contains(&decision.unit)).filter_map(Planned::of);
        let now = self.ports.clock.now();
        let (mut due, later): (Vec<Planned>, Vec<Planned>) = open.partition(|planned| planned.send.at <= now);
        due.sort_by_key(|planned| planned.send.at);
        self.come_back(later.iter().map(|planned| planned.send.at).min());
        for connection in store.connections(self.org).await? {
            let of_connection: Vec<&Planned> =
                due.iter().filter(|planned| planned.unit.contact.connection == connection.id).collect();
            match self.pages(&connection, &of_connection).await {
                Ok(None) => {}
                // What is left has to wait with the number that Meta wants no call from.
                Ok(Some(End::More)) if self.not_before.is_some() => {}
                Ok(Some(end)) => return Ok(end),
                // One ledger that cannot be read does not hold up the others.
                Err(error) => {
                    let patience = error.patience()?.unwrap_or(AFTER_FAILURE);
                    self.come_back(self.ports.clock.now().checked_add(patience).ok());
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

    /// Sends what is planned for one ledger; an end when the whole run has to stop.
    async fn pages(&mut self, connection: &Connection, planned: &[&Planned]) -> Result<Option<End>, AppError> {
        for page in planned.chunks(PAGE) {
            let waiting = self.not_yet_claimed(page).await?;
            if waiting.is_empty() {
                continue;
            }
            let (store, now) = (&self.ports.waker.store, self.ports.clock.now());
            if store.organisation(self.org).await?.zone.date(now) != self.date {
                self.explain_what_is_left(connection, &waiting).await?;
                continue;
            }
            if self.deadline.duration_since(now) < PAGE_TIME {
                return Ok(Some(End::More));
            }
            let renewed = store.renew_claim(self.org, &dispatch_work(self.date), self.claim, now).await?;
            let Some(renewed) = renewed else { return Ok(Some(End::Lost)) };
            self.claim = renewed;
            if let Some(end) = self.page(connection, &waiting).await? {
                return Ok(Some(end));
            }
        }
        Ok(None)
    }

    /// Sends one page, unless its number cannot send now; an end when the whole run has to stop.
    async fn page(&mut self, connection: &Connection, waiting: &[&Planned]) -> Result<Option<End>, AppError> {
        let Some(sender) = ready_sender(self.ports, self.org, connection).await? else {
            self.ask_again_later();
            return Ok(None);
        };
        let sender_id = sender.0.phone_number_id.clone();
        if self.stopped.contains(&sender_id) {
            return Ok(None);
        }
        let customers: BTreeSet<ContactRef> = waiting.iter().map(|planned| planned.unit.contact.clone()).collect();
        let fresh = match fresh(self.ports, self.org, connection, &customers).await {
            Ok(fresh) => fresh,
            Err(AppError::ReauthRequired) => {
                // The sync finds the same, marks the connection and tells the owner.
                self.cancel_all(waiting, SkipCode::ReconnectNeeded).await?;
                let now = self.ports.clock.now();
                self.ports.waker.store.mark_due(self.org, &sync_work(connection.id), now, now).await?;
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let mut frame = frame(&self.ports.waker.store, self.org, self.ports.clock.now()).await?;
        let look = Look {
            org: self.org,
            date: self.date,
            read_at: fresh.read_at,
            request_ids: &fresh.request_ids,
            payers: &fresh.payers,
            deadline: self.deadline,
            connection,
            sender: &sender,
        };
        for planned in waiting {
            let contact = &planned.unit.contact;
            if fresh.unreadable.contains(contact) {
                self.cancel_all(&[planned], SkipCode::LedgerUnreadable).await?;
                continue;
            }
            fresh.fill(&mut frame.ledger, contact);
            match send_unit(self.ports, &look, &mut frame, planned).await? {
                Sent::Next => {}
                Sent::Not { reasons } => self.cancel(&look, planned, reasons).await?,
                Sent::Later { at } => self.come_back(Some(at)),
                Sent::ComeBack => return Ok(Some(End::More)),
                Sent::StopSender { again } => {
                    // Other numbers go on with what is theirs.
                    self.stopped.insert(sender_id);
                    match again {
                        Some(again) => self.wait_until(again),
                        None => self.ask_again_later(),
                    }
                    return Ok(None);
                }
            }
        }
        Ok(None)
    }

    /// A blocked sender may be repaired within the day.
    fn ask_again_later(&mut self) {
        self.come_back(self.ports.clock.now().checked_add(AFTER_BLOCK).ok());
    }

    /// The day is over: what was not sent never will be, and says why.
    async fn explain_what_is_left(&self, connection: &Connection, waiting: &[&Planned]) -> Result<(), AppError> {
        let can_send =
            senders(self.ports, self.org, connection).await?.iter().any(|sender| sender.status == SenderStatus::Ready);
        let code = if can_send { SkipCode::LedgerUnreadable } else { SkipCode::SenderBlocked };
        self.cancel_all(waiting, code).await
    }

    /// Planned units of the page that were not sent on this day, nor may have been.
    async fn not_yet_claimed<'p>(&self, page: &[&'p Planned]) -> Result<Vec<&'p Planned>, AppError> {
        let keys: Vec<_> = page.iter().map(|planned| planned.key()).collect();
        let claimed = self.ports.waker.store.reminders_by_key(self.org, &keys).await?;
        let is_claimed = |planned: &Planned| {
            let key = planned.key();
            claimed.iter().any(|reminder| {
                reminder.key == key && reminder.date == self.date && !reminder.state.may_be_claimed_again()
            })
        };
        Ok(page.iter().copied().filter(|planned| !is_claimed(planned)).collect())
    }

    async fn cancel(&self, look: &Look<'_>, planned: &Planned, reasons: Vec<Reason>) -> Result<(), AppError> {
        let (unit, at) = (planned.unit.clone(), self.ports.clock.now());
        let cancelled = Cancelled { unit, at, reasons, evidence: Some(look.evidence()) };
        self.ports.waker.store.cancel_planned(self.org, self.date, &cancelled).await
    }

    async fn cancel_all(&self, waiting: &[&Planned], code: SkipCode) -> Result<(), AppError> {
        for Planned { unit, .. } in waiting {
            let (at, reasons) = (self.ports.clock.now(), vec![Reason::of(code)]);
            let cancelled = Cancelled { unit: unit.clone(), at, reasons, evidence: None };
            self.ports.waker.store.cancel_planned(self.org, self.date, &cancelled).await?;
        }
        Ok(())
    }
}
