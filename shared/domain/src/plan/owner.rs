//! What a plan leaves to the owner: customers whom no rule moves on by itself.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};

use crate::{
    contact::ContactRef,
    organisation::Organisation,
    plan::{
        History, Ledger,
        decision::Plan,
        reason::{Reason, SkipCode},
        scene::{Scene, UnitScene},
    },
    policy::audience::Policies,
};

/// The owner is reminded of an unanswered reply after this many business days, the later ones first.
const REMINDED_AFTER: [u8; 2] = [5, 2];

/// Why a customer, or all of them, wait for the owner.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum OwnerTask {
    /// No step is left for what the customer still owes.
    SequenceFinished(ContactRef),
    /// Whoever has the customer's number wrote that it is the wrong one.
    WrongNumber(ContactRef),
    /// What the customer wrote, or claims to have paid, holds the reminders and nobody looked at it.
    ReplyUnanswered {
        /// Whose.
        customer: ContactRef,
        /// For how many business days at least.
        business_days: u8,
    },
    /// The month's cost cap leaves no room for some messages.
    CostCapReached {
        /// The first day of the month.
        month: Date,
    },
}

/// What a plan leaves to the owner, each customer once per cause.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnerTasks {
    /// What the owner is to be told.
    pub told: BTreeSet<OwnerTask>,
    /// What stays as it is, if the owner was told before: another reason stands before it for now.
    pub kept: BTreeSet<OwnerTask>,
}

/// What waits for the owner on the day of a plan.
pub fn owner_tasks(
    organisation: &Organisation,
    ledger: &Ledger,
    policies: &Policies,
    history: &History,
    (plan, now): (&Plan, Timestamp),
) -> OwnerTasks {
    let is_finished = |reason: &Reason| reason.code == SkipCode::SequenceFinished;
    let mut tasks = OwnerTasks::default();
    for decision in plan.decisions.iter().filter(|decision| decision.reasons().iter().any(is_finished)) {
        // Of a customer who is held for another reason the owner hears that one.
        let is_first = decision.reasons().first().is_some_and(is_finished);
        let finished = OwnerTask::SequenceFinished(decision.unit.contact.clone());
        if is_first { &mut tasks.told } else { &mut tasks.kept }.insert(finished);
    }
    let is_capped = |reason: &Reason| reason.code == SkipCode::CostCap;
    if plan.decisions.iter().any(|decision| decision.reasons().iter().any(is_capped)) {
        tasks.told.insert(OwnerTask::CostCapReached { month: plan.date.first_of_month() });
    }
    let scene = Scene::of(organisation, ledger, policies, history, now);
    let said = scene.units().flat_map(|unit| {
        let is_wrong = unit.recipient.is_some_and(|number| unit.file.unlinked.contains(number));
        let unanswered = unanswered_for(&unit);
        let customer = unit.unit.contact;
        let wrong = is_wrong.then(|| OwnerTask::WrongNumber(customer.clone()));
        wrong.into_iter().chain(unanswered.map(|business_days| OwnerTask::ReplyUnanswered { customer, business_days }))
    });
    tasks.told.extend(said);
    tasks
}

/// After how many business days the owner is reminded today of what the customer said.
fn unanswered_for(unit: &UnitScene<'_>) -> Option<u8> {
    let claimed = unit.file.paid_claim.as_ref().filter(|_| unit.is_claimed_paid()).map(|claim| claim.at);
    let since = unit.file.unread_since.into_iter().chain(claimed).min()?;
    let said_on = unit.zone.date(since);
    let is_over = |days: u8| unit.day_after(said_on, days.into()).is_some_and(|day| day <= unit.date);
    REMINDED_AFTER.into_iter().find(|days| is_over(*days))
}
