//! The planner: who gets which reminder today, and why everybody else gets none.
//!
//! One pure function serves the preview, the live run, the check before a send and the tests.
//! It reads as the rules do: `holds` says who is left alone, `chase` which invoices count, `entry` and `step`
//! which message comes next, `thank` who is thanked, `caps` how many go out, `pace` over which time, and `brakes`
//! when a person has to look first. `manual` says what goes out when a person asks for a reminder now.

pub mod brakes;
pub mod caps;
pub mod chase;
pub mod conservation;
pub mod decision;
pub mod explain;
pub mod manual;
pub mod owner;
pub mod pace;
pub mod reason;
pub mod recheck;

mod channel;
mod entry;
mod history;
mod holds;
mod ledger;
mod promise;
mod rolling_limit;
mod scene;
mod step;
mod thank;

use jiff::{Timestamp, civil::Date};

pub use self::{
    channel::{Around, Channel, ChannelState, Line, Said},
    history::{History, SentReminder},
    ledger::{Ledger, LedgerState, OpenInvoice},
};
use crate::{
    calendar::clock::Slot,
    organisation::Organisation,
    plan::{
        chase::{Candidate, Chase, Content, chase},
        decision::{Decision, Outcome, Plan, PlannedSend, Turn, Unit},
        reason::{Reason, SkipCode},
        scene::{Scene, UnitScene},
        step::Choice,
    },
    policy::{Policy, audience::Policies},
    reminder::{Occasion, ReminderKey},
    template::Purpose,
};

/// Decides for every customer and currency with open invoices what happens on a day.
///
/// The day is the organisation's local date of `now`. A unit without open invoices has a decision only on a day
/// on which thanks for its payment are due. Equal inputs give equal plans.
pub fn plan(
    organisation: &Organisation,
    ledger: &Ledger,
    policies: &Policies,
    history: &History,
    now: Timestamp,
) -> Plan {
    let scene = Scene::of(organisation, ledger, policies, history, now);
    let mut decisions = Vec::with_capacity(ledger.contacts.len());
    decisions.extend(scene.units().map(|unit| decide(unit, &scene)));
    decisions.extend(scene.settled_units().filter_map(|unit| decide_settled(unit, &scene)));
    decisions.sort_by(|one, other| one.unit.cmp(&other.unit));
    caps::apply(&mut decisions, &scene);
    pace::spread(&mut decisions, &history.channel, organisation.per_ten_minutes);
    Plan { date: scene.date, decisions }
}

/// Decides for one customer and currency, as `plan` does, and without regard to what else goes to the number: whoever
/// sends looks at the number's fuse.
pub fn decide_one(
    organisation: &Organisation,
    ledger: &Ledger,
    policies: &Policies,
    history: &History,
    (unit, now): (&Unit, Timestamp),
) -> Option<Decision> {
    let scene = Scene::of(organisation, ledger, policies, history, now);
    let open = scene.units().find(|open| open.unit == *unit).map(|open| decide(open, &scene));
    let settled = || decide_settled(scene.settled_units().find(|settled| settled.unit == *unit)?, &scene);
    let mut decision = open.or_else(settled)?;
    caps::apply(std::slice::from_mut(&mut decision), &scene);
    Some(decision)
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
    let history = scene.history;
    let chase = chase(&unit, unit.currency);
    let mut reasons = holds(&unit, chase.as_ref().ok(), scene);
    // Rule 4: what is overdue goes before thanks, and what falls due after them.
    let thanks = thank::due(&unit);
    let thanks = thanks.and_then(|due| thank::message(&unit, chase.as_ref().ok(), &due, &reasons, history).ok());
    let send = match &chase {
        Ok(chase) => send(&unit, chase, history, step::choose),
        Err(nothing) => Err(nothing.clone()),
    };
    let outcome = match (send, thanks) {
        (Ok(send), thanks) if reasons.is_empty() => match thanks.filter(|_| !send.overdue) {
            Some(thanks) => Outcome::Send(thanks),
            None => Outcome::Send(send),
        },
        (_, Some(thanks)) => Outcome::Send(thanks),
        (Ok(_), None) => skip(reasons),
        (Err(more), None) => {
            add_unsaid(&mut reasons, more);
            skip(reasons)
        }
    };
    let Policy { id, version, .. } = unit.policy;
    Decision { policy: id.clone(), policy_version: *version, unit: unit.unit, outcome }
}

/// Adds why the steps say nothing; a silence that ends on the day of the next step says so already.
fn add_unsaid(reasons: &mut Vec<Reason>, more: Vec<Reason>) {
    let told: Vec<Date> = reasons.iter().filter_map(|reason| reason.until).collect();
    let is_said = |reason: &Reason| {
        reason.code == SkipCode::NoStepToday && reason.until.is_some_and(|until| told.contains(&until))
    };
    reasons.extend(more.into_iter().filter(|reason| !is_said(reason)));
}

/// The thanks to a customer who owes nothing any more, or why they wait; nothing where none are due.
fn decide_settled(unit: UnitScene<'_>, scene: &Scene<'_>) -> Option<Decision> {
    let thanks = thank::due(&unit)?;
    let message = thank::message(&unit, None, &thanks, &holds(&unit, None, scene), scene.history);
    let Policy { id, version, .. } = unit.policy;
    let outcome = message.map_or_else(skip, Outcome::Send);
    Some(Decision { policy: id.clone(), policy_version: *version, unit: unit.unit, outcome })
}

/// Every reason for silence that does not come from the steps.
fn holds(unit: &UnitScene<'_>, chase: Option<&Chase<'_>>, scene: &Scene<'_>) -> Vec<Reason> {
    let Scene { organisation, ledger, history, .. } = *scene;
    let mut reasons = unit.standing_holds(organisation, history);
    reasons.extend(unit.ledger_hold(ledger));
    reasons.extend(unit.contact_holds(organisation, scene, history));
    reasons.extend(unit.file_holds());
    reasons.extend(unit.money_holds(chase));
    reasons.extend(unit.history_holds(history));
    reasons
}

/// How the message of an anchor's sequence is chosen, or why there is none today.
type Choose = fn(&UnitScene<'_>, &Candidate<'_>) -> Result<Choice, Reason>;

/// The message that the rules ask for, or why there is none today.
///
/// A promise that was not kept comes first. An anchor whose sequence is finished makes room for the next oldest.
fn send(
    unit: &UnitScene<'_>,
    chase: &Chase<'_>,
    history: &History,
    choose: Choose,
) -> Result<PlannedSend, Vec<Reason>> {
    if let Some((candidate, choice)) = step::promise_missed(unit, chase) {
        return message(unit, chase, &candidate, choice, history);
    }
    let mut finished = Reason::of(SkipCode::SequenceFinished);
    for candidate in chase.candidates() {
        match choose(unit, &candidate) {
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
    choice: Choice,
    history: &History,
) -> Result<PlannedSend, Vec<Reason>> {
    let Some(Slot { at, until, .. }) = unit.hours.slot else {
        return Err(vec![Reason::until(SkipCode::NoStepToday, unit.hours.next_day)]);
    };
    let overdue = candidate.due < unit.today;
    let line = history.channel.line_for(unit.unit.contact.connection);
    let Some(said) = line.text(&texts(unit, candidate, &choice, at), unit.languages) else {
        return Err(vec![SkipCode::TemplateUnusable.into()]);
    };
    let whole = chase.content(candidate.due, unit.today);
    if unit.policy.minimum_total.get(&whole.total.currency).is_some_and(|minimum| whole.total.minor < *minimum) {
        return Err(vec![SkipCode::BelowMinimum.into()]);
    }
    // A text of the library has no room for a list.
    let (Content { lines, more, total }, library) = match said.library {
        Some(text) => (Content::alone(candidate), Some(Box::new(text.clone()))),
        None => (whole, None),
    };
    let variant = match &library {
        Some(text) => text.variant(),
        None => line.variant(said.purpose, said.language, Around::of(unit.policy, &lines, more)),
    };
    // Without a usable number a reason stands already; there is nobody to send to.
    let recipient = unit.recipient.cloned().ok_or_else(Vec::new)?;
    Ok(PlannedSend {
        anchor: candidate.open.invoice.id.clone(),
        cycle: candidate.open.cycle,
        occasion: choice.occasion,
        tone: choice.tone,
        purpose: Some(said.purpose),
        language: said.language,
        variant,
        library,
        counted_from: Some(choice.counted_from),
        overdue,
        superseded: choice.superseded,
        recipient,
        lines,
        more,
        total,
        paid: None,
        at,
        until: Some(until),
        delivered_before: unit.delivered,
        turn: Turn::default(),
        charge: None,
        rests_on: rests_on(unit, Some(chase)),
    })
}

/// The texts that may say a choice, the best first; without that one the plain one says as much.
fn texts(unit: &UnitScene<'_>, candidate: &Candidate<'_>, choice: &Choice, at: Timestamp) -> [Purpose; 2] {
    let overdue = candidate.due < unit.today;
    let plain = Purpose::of(choice.tone, overdue);
    let is_fit = |text: &Purpose| overdue && text.of_a_step().is_some_and(|firmness| firmness <= choice.tone);
    let best = match choice.occasion {
        Occasion::PromiseMissed(_) => Purpose::PromiseMissed,
        _ if unit.is_due_today(candidate.due, at) => Purpose::DueToday,
        Occasion::Step(_) | Occasion::Repeat { .. } | Occasion::ThankYou(_) | Occasion::PartPayment(_) => {
            choice.text.filter(is_fit).unwrap_or(plain)
        }
    };
    [best, plain]
}

/// Thanks for older payments than this tell nothing about those of these days.
const THANKS_COUNT_FOR_DAYS: i32 = 45;

/// The past reminders that a send rests on: those about what is chased, those that are not settled, and late thanks.
fn rests_on(unit: &UnitScene<'_>, chase: Option<&Chase<'_>>) -> Vec<ReminderKey> {
    let is_open = |past: &SentReminder| {
        chase.is_some_and(|chase| chase.candidates().any(|c| c.open.invoice.id == past.key.anchor))
    };
    let age = |past: &SentReminder| unit.date.since(past.sent_on).map_or(0, |age| age.get_days());
    let thanks = |past: &SentReminder| past.key.occasion.thanks_until().is_some() && age(past) <= THANKS_COUNT_FOR_DAYS;
    let past = unit.past.iter().filter(|past| is_open(past) || past.state.is_uncertain() || thanks(past));
    past.map(|past| past.key.clone()).collect()
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
