//! The last question before a send: is the answer still yes?

use crate::plan::{
    decision::{Decision, Outcome, PlannedSend},
    reason::{Reason, SkipCode},
};

/// Whether a planned message may go out after a fresh look at everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recheck {
    /// Yes, with the fresh amounts.
    Send(PlannedSend),
    /// No, and why.
    Cancel(Vec<Reason>),
}

/// Compares what was planned with what would be decided now.
///
/// A message may shrink; growth, a firmer tone or another recipient needs a new approval.
pub fn recheck(planned: &PlannedSend, fresh: Option<Decision>) -> Recheck {
    let settled = || Recheck::Cancel(vec![SkipCode::Settled.into()]);
    match fresh.map(|decision| decision.outcome) {
        None => settled(),
        Some(Outcome::Skip { reasons }) => Recheck::Cancel(reasons),
        Some(Outcome::Send(now)) if now.anchor != planned.anchor => settled(),
        Some(Outcome::Send(now)) if grew(planned, &now) => Recheck::Cancel(vec![SkipCode::PlanNotApproved.into()]),
        Some(Outcome::Send(now)) => Recheck::Send(now),
    }
}

fn grew(planned: &PlannedSend, now: &PlannedSend) -> bool {
    now.total.minor > planned.total.minor
        || now.tone > planned.tone
        || now.occasion != planned.occasion
        || now.cycle != planned.cycle
        || now.recipient != planned.recipient
}
