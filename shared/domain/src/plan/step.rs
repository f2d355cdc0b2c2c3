//! Rule 1: the highest step whose day has come and that was not sent.

use jiff::{ToSpan, civil::Date};

use crate::{
    plan::{
        SentReminder,
        reason::{Reason, SkipCode},
    },
    policy::{Policy, Step, StepId},
    reminder::MAX_ATTEMPTS,
};

/// The step to send, and the unsent lower ones it replaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepChoice {
    /// The step whose text goes out.
    pub step: Step,
    /// Lower steps that will now never be sent.
    pub superseded: Vec<StepId>,
}

/// Chooses the step for an anchor on a day; `taken` finds the reminder of a step in this cycle.
///
/// Steps up to the due date belong to invoices that are not overdue, the others to overdue ones.
pub fn choose_step<'a>(
    policy: &Policy,
    due: Date,
    today: Date,
    taken: impl Fn(StepId) -> Option<&'a SentReminder>,
) -> Result<StepChoice, Reason> {
    let overdue = due < today;
    let day_of = |step: &Step| due.saturating_add(i64::from(step.offset_days).days());
    let has_come = |step: &&Step| day_of(step) <= today;
    let fits = |step: &&Step| (step.offset_days > 0) == overdue;
    let Some(step) = policy.steps.iter().filter(has_come).rfind(fits) else {
        return Err(nothing_today(policy, due, today));
    };
    let given_up = |step: &Step| taken(step.id).is_some_and(|past| past.times_expired >= MAX_ATTEMPTS);
    if policy.steps.iter().any(given_up) {
        return Err(SkipCode::UndeliveredTwice.into());
    }
    let is_spent = |step: &Step| taken(step.id).is_some_and(|past| !past.state.may_be_claimed_again());
    if policy.steps.iter().any(|later| later.offset_days >= step.offset_days && is_spent(later)) {
        return Err(nothing_today(policy, due, today));
    }
    let superseded = policy
        .steps
        .iter()
        .filter(|lower| lower.offset_days < step.offset_days && taken(lower.id).is_none())
        .map(|lower| lower.id)
        .collect();
    Ok(StepChoice { step: *step, superseded })
}

/// Nothing until the next step's day, or nothing ever again.
fn nothing_today(policy: &Policy, due: Date, today: Date) -> Reason {
    let day_of = |step: &Step| due.saturating_add(i64::from(step.offset_days).days());
    match policy.steps.iter().map(day_of).find(|day| *day > today) {
        Some(next) => Reason::until(SkipCode::NoStepToday, Some(next)),
        None => Reason::of(SkipCode::SequenceFinished),
    }
}
