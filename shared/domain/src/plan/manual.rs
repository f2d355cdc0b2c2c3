//! Send now: the message that a person asks for outside the plan, or when it may go out.

use jiff::{Timestamp, civil::Date};

use crate::{
    organisation::Organisation,
    plan::{
        History, Ledger, add_unsaid, caps,
        chase::chase,
        decision::{Decision, Outcome, Unit},
        holds,
        reason::{Reason, SkipCode},
        scene::Scene,
        send, skip, step,
    },
    policy::{Policy, audience::Policies},
};

/// What a person gets who asks for a reminder now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManualDecision {
    /// The message, or every reason against it.
    pub decision: Decision,
    /// The next time at which it may go out, where nothing but time stands in the way.
    pub next_at: Option<Timestamp>,
}

impl ManualDecision {
    /// Whether the message may go out at once.
    pub const fn is_allowed(&self) -> bool {
        self.next_at.is_none() && self.decision.send().is_some()
    }
}

/// Decides for one customer and currency as `plan` does, but for the day of the step: the next one may be sent before
/// its day has come, and one that was missed after it.
///
/// Every cap, hold and sending hour stands. None for a unit without open invoices.
pub fn decide_manual(
    organisation: &Organisation,
    ledger: &Ledger,
    policies: &Policies,
    history: &History,
    (unit, now): (&Unit, Timestamp),
) -> Option<ManualDecision> {
    let scene = Scene::of(organisation, ledger, policies, history, now);
    let unit = scene.units().find(|open| open.unit == *unit)?;
    let chase = chase(&unit, unit.currency);
    let mut reasons = holds(&unit, chase.as_ref().ok(), &scene);
    let message = match &chase {
        Ok(chase) => send(&unit, chase, history, step::choose_manually),
        Err(nothing) => Err(nothing.clone()),
    };
    let outcome = match message {
        Ok(send) if reasons.is_empty() => Outcome::Send(send),
        Ok(_) => skip(reasons),
        Err(more) => {
            add_unsaid(&mut reasons, more);
            skip(reasons)
        }
    };
    let Policy { id, version, .. } = unit.policy;
    let mut decision = Decision { policy: id.clone(), policy_version: *version, unit: unit.unit.clone(), outcome };
    caps::apply(std::slice::from_mut(&mut decision), &scene);
    let next_at = match &decision.outcome {
        Outcome::Send(send) => Some(send.at).filter(|at| *at > now),
        Outcome::Skip { reasons } => ends(reasons, scene.date).and_then(|day| scene.next_slot(&unit, day)),
    };
    Some(ManualDecision { decision, next_at })
}

/// The first day on which none of some reasons holds any more; none if one of them does not end by itself.
fn ends(reasons: &[Reason], today: Date) -> Option<Date> {
    // The limits of a day end with it.
    let is_of_the_day = |code| matches!(code, SkipCode::MessagingLimit | SkipCode::Ramp | SkipCode::NumberDailyCap);
    let end = |reason: &Reason| reason.until.or_else(|| today.tomorrow().ok().filter(|_| is_of_the_day(reason.code)));
    reasons.iter().map(end).try_fold(today, |latest, until| Some(latest.max(until?)))
}
