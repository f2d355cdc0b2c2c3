//! What a plan leaves to the owner: customers whom no rule moves on by itself.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};

use crate::{
    contact::ContactRef,
    customer_file::CustomerFile,
    organisation::Organisation,
    plan::{
        History, Ledger,
        decision::Plan,
        reason::{Reason, SkipCode},
    },
    policy::{Policy, audience::Policies},
};

/// The owner is reminded of an unanswered reply after this many business days, the later ones first.
const REMINDED_AFTER: [u8; 2] = [5, 2];

/// Why a customer, or all of them, wait for the owner.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum OwnerTask {
    /// No step is left for what the customer still owes.
    SequenceFinished(ContactRef),
    /// Two messages in a row did not arrive at the customer's number.
    UndeliveredTwice(ContactRef),
    /// The customer's number is not on WhatsApp.
    NotOnWhatsapp(ContactRef),
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
    plan: &Plan,
) -> OwnerTasks {
    let today = plan.date;
    let mut tasks = OwnerTasks::default();
    for decision in &plan.decisions {
        for (place, reason) in decision.reasons().iter().enumerate() {
            let Some(task) = task_of(reason.code, &decision.unit.contact) else { continue };
            // Of a customer who is held for another reason the owner hears that one.
            if place == 0 { &mut tasks.told } else { &mut tasks.kept }.insert(task);
        }
    }
    let is_capped = |reason: &Reason| reason.code == SkipCode::CostCap;
    if plan.decisions.iter().any(|decision| decision.reasons().iter().any(is_capped)) {
        tasks.told.insert(OwnerTask::CostCapReached { month: plan.date.first_of_month() });
    }
    // Whoever owes nothing any more is told of as well: what they wrote waits all the same.
    let files = history.files.iter().filter_map(|(at, file)| Some((ledger.contacts.get(at)?, file)));
    for (contact, file) in files {
        let customer = contact.at.clone();
        if contact.number.key().is_some_and(|number| file.unlinked.contains(number)) {
            tasks.told.insert(OwnerTask::WrongNumber(customer.clone()));
        }
        let policy = || policies.for_contact(contact, file.policy.as_ref(), || ledger.balances_of(&contact.at));
        let since = waits_since(file, &contact.at, ledger).map(|at| organisation.zone.date(at));
        if let Some(business_days) = since.and_then(|since| unanswered_for(since, policy(), today)) {
            tasks.told.insert(OwnerTask::ReplyUnanswered { customer, business_days });
        }
    }
    tasks
}

/// What a reason leaves to the owner, if no rule ever lifts it by itself and nothing else tells the owner of it.
fn task_of(code: SkipCode, customer: &ContactRef) -> Option<OwnerTask> {
    let tasks = [
        (SkipCode::NotOnWhatsapp, OwnerTask::NotOnWhatsapp(customer.clone())),
        (SkipCode::UndeliveredTwice, OwnerTask::UndeliveredTwice(customer.clone())),
        (SkipCode::SequenceFinished, OwnerTask::SequenceFinished(customer.clone())),
    ];
    tasks.into_iter().find(|(of, _)| *of == code).map(|(_, task)| task)
}

/// Since when what a customer said waits for somebody to look at it.
fn waits_since(file: &CustomerFile, customer: &ContactRef, ledger: &Ledger) -> Option<Timestamp> {
    let claimed = file.paid_claim.as_ref().filter(|claim| {
        let theirs = ledger.invoices.iter().filter(|open| open.invoice.contact == *customer && open.invoice.is_open());
        theirs.map(|open| &open.invoice.id).any(|open| claim.invoices.contains(open))
    });
    file.unread_since.into_iter().chain(claimed.map(|claim| claim.at)).min()
}

/// After how many business days the owner is reminded today of what was said on a day.
fn unanswered_for(said_on: Date, policy: &Policy, today: Date) -> Option<u8> {
    let is_over = |days: u8| policy.calendar.day_after(said_on, days.into()).is_some_and(|day| day <= today);
    REMINDED_AFTER.into_iter().find(|days| is_over(*days))
}
