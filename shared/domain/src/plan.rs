//! The planner: who gets which reminder today, and why everybody else gets none.
//!
//! One pure function serves the preview, the live run, the check before a send and the tests.
//! It reads as the rules do: `holds` says who is left alone, `chase` which invoices count, `entry` and `step`
//! which message comes next, `caps` how many go out, and `brakes` when a person has to look first.

pub mod brakes;
pub mod caps;
pub mod chase;
pub mod conservation;
pub mod decision;
pub mod explain;
pub mod owner;
pub mod reason;
pub mod recheck;

mod entry;
mod holds;
mod promise;
mod scene;
mod step;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date};

use crate::{
    calendar::clock::Slot,
    consent::Consents,
    contact::{Contact, ContactRef},
    credit::{Bill, Credit},
    customer_file::CustomerFile,
    fuse::Fuse,
    id::{ConnectionId, NumberKey},
    invoice::Invoice,
    organisation::Organisation,
    plan::{
        chase::{Candidate, Chase, Content, chase},
        decision::{Decision, Outcome, Plan, PlannedSend, Unit},
        reason::{Reason, SkipCode},
        scene::{Scene, UnitScene},
        step::Choice,
    },
    policy::{
        Policy, Tone,
        audience::{Balances, Policies},
    },
    reminder::{MAX_ATTEMPTS, Occasion, Reminder, ReminderKey, ReminderState},
    template::Purpose,
};

/// Decides for every customer and currency with open invoices what happens on a day.
///
/// The day is the organisation's local date of `now`. A unit without open invoices has no
/// decision. Equal inputs give equal plans.
pub fn plan(
    organisation: &Organisation,
    ledger: &Ledger,
    policies: &Policies,
    history: &History,
    now: Timestamp,
) -> Plan {
    let scene = Scene::of(organisation, ledger, policies, history, now);
    let mut decisions: Vec<Decision> = scene.units().map(|unit| decide(unit, &scene)).collect();
    caps::apply(&mut decisions, organisation.ramp_per_day, history);
    Plan { date: scene.date, decisions }
}

/// The open invoices that were overdue when they first became chaseable, whatever the cause, and about which nobody
/// decided yet how to start; each with its due date, the oldest first.
pub fn undecided(
    organisation: &Organisation,
    ledger: &Ledger,
    policies: &Policies,
    history: &History,
    now: Timestamp,
) -> Vec<(Date, OpenInvoice)> {
    let scene = Scene::of(organisation, ledger, policies, history, now);
    let mut undecided: Vec<(Date, OpenInvoice)> = Vec::new();
    for unit in scene.units() {
        let dated = unit.open.iter().filter_map(|open| Some((open.invoice.due?, *open)));
        let of_unit = dated.filter(|(due, open)| entry::is_undecided(&unit, open, *due));
        undecided.extend(of_unit.map(|(due, open)| (due, open.clone())));
    }
    undecided.sort_by(|(a, one), (b, other)| (a, &one.invoice.id).cmp(&(b, &other.invoice.id)));
    undecided
}

/// Every reason for silence, or the message.
fn decide(unit: UnitScene<'_>, scene: &Scene<'_>) -> Decision {
    let Scene { organisation, ledger, history, .. } = *scene;
    let chase = chase(&unit, unit.currency);
    let mut reasons = unit.standing_holds(organisation, history);
    reasons.extend(unit.ledger_hold(ledger));
    reasons.extend(unit.contact_holds(organisation, scene, history));
    reasons.extend(unit.file_holds());
    reasons.extend(unit.money_holds(chase.as_ref().ok()));
    reasons.extend(unit.history_holds(history));
    let send = match &chase {
        Ok(chase) => send(&unit, chase, history),
        Err(nothing) => Err(nothing.clone()),
    };
    let outcome = match send {
        Ok(send) if reasons.is_empty() => Outcome::Send(send),
        Ok(_) => skip(reasons),
        Err(more) => {
            // A silence that ends on the day of the next step says so already.
            let told: Vec<Date> = reasons.iter().filter_map(|reason| reason.until).collect();
            let is_said = |reason: &Reason| {
                reason.code == SkipCode::NoStepToday && reason.until.is_some_and(|until| told.contains(&until))
            };
            reasons.extend(more.into_iter().filter(|reason| !is_said(reason)));
            skip(reasons)
        }
    };
    let Policy { id, version, .. } = unit.policy;
    Decision { policy: id.clone(), policy_version: *version, unit: unit.unit, outcome }
}

/// The message that the rules ask for, or why there is none today.
///
/// A promise that was not kept comes first. An anchor whose sequence is finished makes room for the next oldest.
fn send(unit: &UnitScene<'_>, chase: &Chase<'_>, history: &History) -> Result<PlannedSend, Vec<Reason>> {
    if let Some((candidate, choice)) = step::promise_missed(unit, chase) {
        return message(unit, chase, &candidate, choice, history);
    }
    let mut finished = Reason::of(SkipCode::SequenceFinished);
    for candidate in chase.candidates() {
        match step::choose(unit, &candidate) {
            Ok(choice) => return message(unit, chase, &candidate, choice, history),
            Err(reason) if reason.code == SkipCode::SequenceFinished => finished = reason,
            Err(reason) => return Err(vec![reason]),
        }
    }
    Err(vec![finished])
}

fn message(
    unit: &UnitScene<'_>,
    chase: &Chase<'_>,
    candidate: &Candidate<'_>,
    Choice { occasion, tone, counted_from, superseded }: Choice,
    history: &History,
) -> Result<PlannedSend, Vec<Reason>> {
    let Some(Slot { at, .. }) = unit.hours.slot else {
        return Err(vec![Reason::until(SkipCode::NoStepToday, unit.hours.next_day)]);
    };
    let overdue = candidate.due < unit.today;
    let approved = &history.channel.approved;
    let purpose = match occasion {
        // Without the text of its own the plain one says as much.
        Occasion::PromiseMissed(_) if approved.contains(&Purpose::PromiseMissed) => Purpose::PromiseMissed,
        Occasion::PromiseMissed(_) | Occasion::Step(_) | Occasion::Repeat { .. } => Purpose::of(tone, overdue),
    };
    if !approved.contains(&purpose) {
        return Err(vec![SkipCode::TemplateUnusable.into()]);
    }
    let Content { lines, more, total } = chase.content(candidate.due, unit.today);
    if unit.policy.minimum_total.get(&total.currency).is_some_and(|minimum| total.minor < *minimum) {
        return Err(vec![SkipCode::BelowMinimum.into()]);
    }
    // Without a usable number a reason stands already; there is nobody to send to.
    let recipient = unit.recipient.cloned().ok_or_else(Vec::new)?;
    Ok(PlannedSend {
        anchor: candidate.open.invoice.id.clone(),
        cycle: candidate.open.cycle,
        occasion,
        tone,
        purpose: Some(purpose),
        counted_from: Some(counted_from),
        overdue,
        superseded,
        recipient,
        lines,
        more,
        total,
        at,
        delivered_before: unit.delivered,
        rests_on: rests_on(unit, chase),
    })
}

/// The past reminders that a send rests on: those about what is chased, and those that are not settled.
fn rests_on(unit: &UnitScene<'_>, chase: &Chase<'_>) -> Vec<ReminderKey> {
    let is_open = |past: &SentReminder| chase.candidates().any(|c| c.open.invoice.id == past.key.anchor);
    let past = unit.past.iter().filter(|past| is_open(past) || past.state.is_uncertain());
    past.map(|past| past.key.clone()).collect()
}

/// What the accounting systems say, as last read.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// Customers by reference.
    pub contacts: BTreeMap<ContactRef, Contact>,
    /// Open sales invoices; others are ignored.
    pub invoices: Vec<OpenInvoice>,
    /// Money that no invoice took up.
    pub credits: Vec<Credit>,
    /// What we owe to contacts.
    pub bills: Vec<Bill>,
    /// The latest day of a payment by a customer in a currency.
    pub last_paid_on: BTreeMap<Unit, Date>,
    /// Whether each connected ledger can be believed.
    pub connections: BTreeMap<ConnectionId, LedgerState>,
    /// The latest day of any customer's payment in each ledger.
    pub payments_recorded: BTreeMap<ConnectionId, Option<Date>>,
}

impl Ledger {
    /// What is open of a customer per currency.
    pub fn balances_of(&self, contact: &ContactRef) -> Balances {
        let open = self.invoices.iter().filter(|open| open.invoice.is_open() && open.invoice.contact == *contact);
        open.fold(Balances::new(), |mut balances, open| {
            let owed = balances.entry(open.invoice.remaining.currency).or_default();
            *owed = owed.saturating_add(open.invoice.remaining.minor);
            balances
        })
    }
}

/// An open invoice with what Numo knows of it beside the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenInvoice {
    /// The invoice.
    pub invoice: Invoice,
    /// When Numo saw it first, or saw it open again after it was settled: it enters late if it was due by then.
    pub first_seen: Timestamp,
    /// Raised when it was settled and opened again, or when its due date moved later.
    pub cycle: u32,
}

/// Whether a ledger can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LedgerState {
    /// It was read.
    Readable,
    /// It was never read completely.
    Unreadable,
    /// The last read is too old.
    Stale,
    /// It has to be connected again.
    ReconnectNeeded,
    /// A vendor's sample company.
    DemoCompany,
}

/// What happened before.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// Who may be written to.
    pub consents: Consents,
    /// What people decided about customers and customers said.
    pub files: BTreeMap<ContactRef, CustomerFile>,
    /// The last seven days per number.
    pub fuses: BTreeMap<NumberKey, Fuse>,
    /// Past reminders by the customer who owes the invoices today, whoever they went to then.
    pub reminders: BTreeMap<ContactRef, Vec<SentReminder>>,
    /// How many messages reached each number.
    pub delivered: BTreeMap<NumberKey, u8>,
    /// Numbers that were written to before.
    pub known_numbers: BTreeSet<NumberKey>,
    /// Whether WhatsApp can be used at all.
    pub channel: Channel,
}

impl History {
    /// Puts in past reminders, with what follows from them for the numbers.
    pub fn remember(&mut self, owed_by: ContactRef, past: SentReminder) {
        if past.state.is_delivered() {
            let delivered = self.delivered.entry(past.recipient.clone()).or_default();
            *delivered = delivered.saturating_add(1);
        }
        if !matches!(past.state, ReminderState::NotSent { .. }) {
            self.known_numbers.insert(past.recipient.clone());
        }
        self.reminders.entry(owed_by).or_default().push(past);
    }
}

/// What a plan needs to know of a past reminder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentReminder {
    /// Its identity, as it was claimed.
    pub key: ReminderKey,
    /// Where it stands.
    pub state: ReminderState,
    /// How often it was dropped without delivery.
    pub times_expired: usize,
    /// The number it was for.
    pub recipient: NumberKey,
    /// The organisation's date on which it went out.
    pub sent_on: Date,
    /// How firm it was.
    pub tone: Tone,
    /// The date that its anchor's steps were counted from.
    pub counted_from: Option<Date>,
}

impl SentReminder {
    /// Whether it may be sent again to a number: it did not go out, or was dropped there less often than is enough.
    ///
    /// The claim of a send goes by the same rule, and counts attempts that never went out as well.
    pub fn may_be_tried_again(&self, recipient: Option<&NumberKey>) -> bool {
        let is_given_up = self.times_expired >= MAX_ATTEMPTS && Some(&self.recipient) == recipient;
        self.state.may_be_claimed_again() && !is_given_up
    }
}

impl From<&Reminder> for SentReminder {
    fn from(reminder: &Reminder) -> Self {
        Self {
            key: reminder.key.clone(),
            state: reminder.state.clone(),
            times_expired: reminder.times_expired(),
            recipient: reminder.recipient.clone(),
            sent_on: reminder.date,
            tone: reminder.tone,
            counted_from: reminder.counted_from,
        }
    }
}

/// Whether WhatsApp can be used, and with which texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Channel {
    /// The sending number.
    pub sender: ChannelState,
    /// Purposes with an approved template.
    pub approved: BTreeSet<Purpose>,
    /// Our own sending numbers in their matching form: nobody is reminded at one.
    pub own_numbers: BTreeSet<String>,
    /// How many people Meta lets the sender write to in 24 hours, where that is known.
    pub daily_limit: Option<u32>,
    /// Messages that went out on this day already.
    pub sends_today: u32,
    /// Those of them that went to numbers which were never written to before.
    pub first_times_today: u32,
}

impl Channel {
    /// Counts what went out on a day already.
    pub fn count_today(&mut self, reminders: &[Reminder], today: Date) {
        let mut first_dates: BTreeMap<&NumberKey, Date> = BTreeMap::new();
        let went_out = reminders.iter().filter(|reminder| !matches!(reminder.state, ReminderState::NotSent { .. }));
        for reminder in went_out {
            let first = first_dates.entry(&reminder.recipient).or_insert(reminder.date);
            *first = reminder.date.min(*first);
            self.sends_today += u32::from(reminder.date == today);
        }
        let first_times = first_dates.values().filter(|first| **first == today).count();
        self.first_times_today = u32::try_from(first_times).unwrap_or(u32::MAX);
    }
}

/// Whether there is a number that can send.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ChannelState {
    /// It can.
    Ready,
    /// Meta blocks it.
    Blocked,
    /// None is connected, or its token is dead.
    #[default]
    ReconnectNeeded,
}

impl From<SkipCode> for Reason {
    fn from(code: SkipCode) -> Self {
        Self::of(code)
    }
}

fn skip(mut reasons: Vec<Reason>) -> Outcome {
    reasons.sort_by_key(|reason| reason.code);
    reasons.dedup_by_key(|reason| reason.code);
    Outcome::Skip { reasons }
}

#[cfg(test)]
mod tests;
