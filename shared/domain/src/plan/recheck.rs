//! The last question before a send: is the answer still yes?

use crate::plan::{
    decision::{Decision, InvoiceLine, Outcome, PlannedSend},
    reason::{Reason, SkipCode},
};

/// Whether a planned message may go out after a fresh look at everything.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "lives for a moment, and a box would be an allocation for every message")]
pub enum Recheck {
    /// Yes, with the fresh amounts.
    Send(PlannedSend),
    /// No, and why.
    Cancel(Vec<Reason>),
}

/// Compares what was planned with what would be decided now; `anchor_is_open` is the ledger's word.
///
/// A message may shrink; growth, a firmer tone, another anchor, another invoice or another
/// recipient needs a new approval.
pub fn recheck(planned: &PlannedSend, fresh: Option<Decision>, anchor_is_open: bool) -> Recheck {
    let is_thanks = planned.occasion.thanks_until().is_some();
    if !anchor_is_open && !is_thanks {
        return Recheck::Cancel(vec![SkipCode::Settled.into()]);
    }
    match fresh.map(|decision| as_narrow(planned, decision.outcome)) {
        // The money was taken back, or a person switched thanks off.
        None if is_thanks => Recheck::Cancel(vec![SkipCode::NoStepToday.into()]),
        None => Recheck::Cancel(vec![SkipCode::Settled.into()]),
        Some(Outcome::Skip { reasons }) => Recheck::Cancel(reasons),
        Some(Outcome::Send(now)) if grew(planned, &now) => Recheck::Cancel(vec![SkipCode::PlanNotApproved.into()]),
        Some(Outcome::Send(now)) => Recheck::Send(now),
    }
}

/// A decision about no more than was planned, where that had no room for a list: meanwhile a text of the pack was approved,
/// which has.
fn as_narrow(planned: &PlannedSend, outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Send(now) if planned.library.is_some() && now.library.is_none() => {
            let anchor = now.lines.iter().find(|line| line.invoice == now.anchor).cloned();
            Outcome::Send(match anchor {
                Some(line) => PlannedSend { total: line.remaining, lines: vec![line], more: 0, ..now },
                None => now,
            })
        }
        outcome @ (Outcome::Send(_) | Outcome::Skip { .. }) => outcome,
    }
}

fn grew(planned: &PlannedSend, now: &PlannedSend) -> bool {
    let is_planned = |line: &InvoiceLine| planned.more > 0 || planned.lines.iter().any(|p| p.invoice == line.invoice);
    now.total.minor > planned.total.minor
        || now.paid.map(|paid| paid.minor) > planned.paid.map(|paid| paid.minor)
        || now.anchor != planned.anchor
        || !now.lines.iter().all(is_planned)
        || now.tone > planned.tone
        || now.occasion != planned.occasion
        || now.cycle != planned.cycle
        || now.recipient != planned.recipient
}
