//! Whom reminders may go to, with which numbers, and from when on: up to the first approved plan.

use jiff::ToSpan as _;
use numo_app::error::AppError;
use numo_domain::policy::PolicyState;

use crate::{
    console::{checklist::Step, viewer::Viewer},
    state::AppState,
};

pub(super) fn consent(viewer: &Viewer) -> Step {
    let title = "Confirm that your customers may be written to";
    let organisation = &viewer.organisation;
    if organisation.explicit_opt_in_only {
        return Step::done(title, "Reminders go only to customers who opted in, as you set it.");
    }
    match &organisation.attestation {
        Some(given) => Step::done(title, format!("Confirmed on {}.", viewer.clock.show(given.at).text)),
        None => Step::needed(title, "Without the statement, reminders go only to customers who opted in.")
            .at("/settings/consent", "Read the statement")
            .at("/customers/opt-ins", "Import opt-ins"),
    }
}

/// Customers who owe something and cannot be reminded.
pub(super) async fn numbers(state: &AppState, viewer: &Viewer) -> Result<Step, AppError> {
    let title = "Complete your customers’ numbers";
    let Some(counted) = state.store().receivables(&viewer.session.org).await? else {
        return Ok(Step::advised(title, "Not counted yet: that is done in a moment."));
    };
    Ok(match (counted.without_number, counted.debtors) {
        (_, 0) => Step::done(title, "No customer owes anything at the moment."),
        (0, _) => Step::done(title, "Every customer who owes something has a usable number."),
        (lacking, all) => {
            let text = format!(
                "{lacking} of {all} who owe something cannot be reminded: their numbers are missing or unusable."
            );
            Step::advised(title, text).at("/customers?number=none", "Type or import numbers")
        }
    })
}

/// Invoices that were long overdue when Numo saw them first, as the plan of the day has them.
pub(super) async fn old_invoices(state: &AppState, viewer: &Viewer) -> Result<Step, AppError> {
    let title = "Decide about old invoices";
    let Some(plan) = state.store().plan_header(&viewer.session.org, viewer.today).await? else {
        return Ok(Step::needed(title, "The first plan says whether there are any; it is made within a day."));
    };
    Ok(match plan.value.old_invoices {
        0 => Step::done(title, "None waits for you."),
        old => {
            let text = format!(
                "{old} were overdue for long when Numo saw them first. Nothing is sent about them until you say how to begin."
            );
            Step::needed(title, text).at("/policies", "Decide")
        }
    })
}

/// A policy that is on, and a plan that was approved.
pub(super) async fn plan(state: &AppState, viewer: &Viewer) -> Result<[Step; 2], AppError> {
    let (store, org, today) = (state.store(), &viewer.session.org, viewer.today);
    let is_on = store.policies(org).await?.all().any(|policy| policy.state == PolicyState::Active);
    let title = "Switch a policy on";
    let policy = match is_on {
        true => Step::done(title, "A policy says when customers are reminded, and in which tone."),
        false => {
            let text = "A policy says when customers are reminded, in which tone, and what happens with old invoices.";
            Step::needed(title, text).at("/policies", "Look at the policies")
        }
    };
    let title = "Approve your first plan";
    let mut plans = Vec::new();
    for day in [today, today.saturating_add(1.day())] {
        plans.extend(store.plan_header(org, day).await?.map(|seen| seen.value));
    }
    let plan = if plans.iter().any(|plan| plan.approval.is_given()) && is_on {
        Step::done(title, "It is approved; what it says goes out at its time.")
    } else if plans.is_empty() {
        Step::needed(
            title,
            "The first plan is made within a day. You see every message, with its text, before it is sent.",
        )
        .at("/plan/ahead", "Look ahead")
    } else {
        Step::needed(title, "You see every message, with its text, before it is sent.").at("/plan", "Look at the plan")
    };
    Ok([policy, plan])
}
