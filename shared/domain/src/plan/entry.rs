//! When an anchor enters its sequence, and at which step.
//!
//! An invoice that Numo knew before it was due runs through the steps by its due date. One that enters late
//! (it was old when it was first seen, the policy was switched on over it, a payment silenced its customer, the
//! owner chose how to start) enters at one step on one day, and the further steps keep their distance from that.

use jiff::{ToSpan, civil::Date};

use crate::{
    customer_file::Start,
    plan::{OpenInvoice, SentReminder, chase::Candidate, scene::UnitScene},
    policy::{Policy, Step, Tone},
};

/// An invoice that is this many days overdue when it first becomes chaseable waits for the owner's choice.
const BACKLOG_DAYS: i32 = 30;

/// A late-entered invoice is left alone for this many days after it was first seen.
const SETTLING_DAYS: i64 = 3;

/// After a payment the customer is left alone for this many business days.
pub(super) const GRACE_DAYS: usize = 3;

/// Where an anchor that got no message in its cycle begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// Steps are counted from this date.
    pub counted_from: Date,
    /// Nothing goes out before this date.
    pub not_before: Option<Date>,
    /// The firmest tone of the first message.
    pub firmest: Tone,
}

impl Entry {
    /// The entry of an anchor that is still without a message on a day.
    ///
    /// What waits behind the ramp, a cap or a person has no slot to miss: it enters when it goes out, at the same
    /// step, and the further steps keep their distance from that. Otherwise the last of many customers that start
    /// together would never hear a word. After a restore it may have entered up to the last day that is lost.
    pub(super) fn waiting(self, due: Date, (today, lost_until): (Date, Option<Date>)) -> Self {
        let latest = |day: Date| lost_until.filter(|lost| day <= *lost).map_or(today, |lost| lost.min(today));
        match self.not_before {
            Some(day) if day < today && self.counted_from > due => {
                let waited = latest(day).since(day).unwrap_or_default();
                Self { counted_from: self.counted_from.saturating_add(waited), ..self }
            }
            Some(_) | None => self,
        }
    }
}

/// Whether an invoice was old when it first became chaseable, whatever the cause.
pub(super) fn is_backlog(unit: &UnitScene<'_>, open: &OpenInvoice, due: Date) -> bool {
    days_late(unit, open, due) > BACKLOG_DAYS
}

/// Whether the owner may still say how to start with an invoice that was overdue when it first became chaseable.
pub(super) fn is_undecided(unit: &UnitScene<'_>, open: &OpenInvoice, due: Date) -> bool {
    !unit.file.backlog.contains_key(&open.invoice.id) && days_late(unit, open, due) > 0
}

/// How many days overdue an invoice was when it first became chaseable.
///
/// One that was reopened, or whose sequence has begun, is not late: it was asked about already.
fn days_late(unit: &UnitScene<'_>, open: &OpenInvoice, due: Date) -> i32 {
    let is_of_cycle = |past: &SentReminder| past.key.anchor == open.invoice.id && past.key.cycle == open.cycle;
    if open.cycle > 1 || unit.past.iter().any(is_of_cycle) {
        return 0;
    }
    became_chaseable(unit, open).since(due).map_or(0, |span| span.get_days())
}

/// The first date on which nothing but its own steps stood in the way of an invoice.
fn became_chaseable(unit: &UnitScene<'_>, open: &OpenInvoice) -> Date {
    let seen = unit.zone.date(open.first_seen);
    unit.became_chaseable.map_or(seen, |became| became.max(seen))
}

/// Where an anchor without a message in its cycle begins.
pub(super) fn entry(unit: &UnitScene<'_>, candidate: &Candidate<'_>) -> Entry {
    let (due, policy) = (candidate.due, unit.policy);
    let on_time = Entry { counted_from: due, not_before: None, firmest: Tone::Final };
    if let Some(choice) = unit.file.backlog.get(&candidate.open.invoice.id) {
        return match choice.start {
            Start::Gently => at_first_overdue_step(policy, due, choice.on),
            Start::ByAge | Start::LeaveOut => by_age(policy, due, choice.on),
        };
    }
    let seen = unit.zone.date(candidate.open.first_seen);
    let settled = seen.saturating_add(SETTLING_DAYS.days());
    let entered_late = if seen > due { at_first_overdue_step(policy, due, settled) } else { on_time };
    // Whatever silenced the customer last decides when the sequence goes on.
    let became = became_chaseable(unit, candidate.open);
    let resumed = [(became > seen).then_some(became), unit.silent_until].into_iter().flatten().max();
    // What began or ended after a time of which nothing is known gives no new slot to what may have been said in it.
    let first = policy.steps.iter().find(|step| step.offset_days > 0);
    let first_day = first.map(|step| entered_late.counted_from.saturating_add(i64::from(step.offset_days).days()));
    let may_have_begun = first_day.is_some_and(|day| unit.is_in_lost_time(day));
    match resumed.filter(|day| !may_have_begun && *day > entered_late.not_before.unwrap_or(due)) {
        Some(day) => by_age(policy, due, day),
        None => entered_late,
    }
}

/// Whether an invoice that was overdue when it was first seen is still left alone for that, with no choice of the owner.
pub(super) fn is_settling(unit: &UnitScene<'_>, candidate: &Candidate<'_>) -> bool {
    let seen = unit.zone.date(candidate.open.first_seen);
    let is_late = seen > candidate.due && !unit.file.backlog.contains_key(&candidate.open.invoice.id);
    is_late && seen.saturating_add(SETTLING_DAYS.days()) > unit.today
}

/// At the first word about something overdue, on a day.
fn at_first_overdue_step(policy: &Policy, due: Date, day: Date) -> Entry {
    let first = policy.steps.iter().find(|step| step.offset_days > 0);
    enter(first, due, day, first.map_or(Tone::Gentle, |step| step.tone))
}

/// At the step that the age calls for on a day, at most firm.
fn by_age(policy: &Policy, due: Date, day: Date) -> Entry {
    let age = |step: &Step| due.saturating_add(i64::from(step.offset_days).days()) <= day;
    let fits = |step: &&Step| step.offset_days > 0 && step.tone <= Tone::Firm && age(step);
    enter(policy.steps.iter().rfind(fits), due, day, Tone::Firm)
}

/// At a step on a day, unless its own day is still to come.
fn enter(step: Option<&Step>, due: Date, day: Date, firmest: Tone) -> Entry {
    let shifted = step.map(|step| day.saturating_sub(i64::from(step.offset_days).days()));
    Entry { counted_from: shifted.map_or(due, |shifted| shifted.max(due)), not_before: Some(day), firmest }
}
