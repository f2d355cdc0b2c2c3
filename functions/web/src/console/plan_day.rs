//! The plan of a day as text: as it was saved, or as it would be made now.

use std::collections::BTreeSet;

use jiff::civil::Date;
use numo_app::{
    plan_day::look_ahead,
    store::plan::{Cancelled, PlanApproval, PlanHeader},
};
use numo_domain::{contact::ContactRef, plan::decision::Decision};

use crate::{
    api::invoices::names,
    console::{
        address,
        older::{older, part},
        time::{LocalTime, WallClock},
        viewer::Viewer,
        words::or_unknown,
    },
    failure::Failure,
    paging::Paged,
    state::AppState,
    view::{
        decision::{DecisionView, ReasonView, SendView, reasons},
        names::{Contacts, UnitView},
    },
};

/// Who gets what on a day, and who gets nothing.
pub(super) struct PlanText {
    pub(super) state: &'static str,
    /// To be approved as this making; none where there is nothing to approve.
    pub(super) generation: Option<u32>,
    /// What a person is asked before the plan goes out.
    pub(super) questions: Vec<&'static str>,
    /// How many get a message, and how many get none.
    pub(super) n_sends: usize,
    pub(super) n_skips: usize,
    /// Those of the part that is shown.
    pub(super) sends: Vec<SendText>,
    pub(super) skips: Vec<SkipText>,
    /// The address of the part that follows.
    pub(super) older: Option<String>,
}

/// Decisions of one part.
const SHOWN: usize = 50;

/// A message that goes out.
pub(super) struct SendText {
    pub(super) customer: CustomerText,
    pub(super) total: String,
    pub(super) at: LocalTime,
    pub(super) text: Option<String>,
    pub(super) buttons: Vec<String>,
}

/// A customer who gets nothing.
pub(super) struct SkipText {
    pub(super) customer: CustomerText,
    pub(super) reasons: Vec<String>,
}

/// A customer with the address of their page.
pub(super) struct CustomerText {
    pub(super) name: String,
    pub(super) address: String,
}

/// A part of the saved plan of a day; none where no plan was made for it.
pub(super) async fn plan_of(
    state: &AppState,
    (viewer, paged): (&Viewer, &Paged),
    day: Date,
) -> Result<Option<PlanText>, Failure> {
    let (store, org) = (state.store(), &viewer.session.org);
    let Some(saved) = store.plan_header(org, day).await?.map(|seen| seen.value) else { return Ok(None) };
    let cancelled = store.cancelled_of(org, day).await?;
    let version = format!("{:?}", (saved.making, saved.newcomers.as_ref().map(|newcomers| newcomers.making)));
    let shown = store.plan_part(org, &saved, &part(viewer, paged, &version, SHOWN)?).await?;
    let customers: BTreeSet<ContactRef> = shown.values.iter().map(|decision| decision.unit.contact.clone()).collect();
    let contacts = names(store, org, &customers.into_iter().collect::<Vec<_>>()).await?;
    let awaits = saved.approval == PlanApproval::Awaited && saved.sends > 0;
    let mut plan = PlanText {
        generation: Some(saved.generation).filter(|_| awaits),
        questions: saved.brakes.iter().map(|brake| brake.question()).collect(),
        older: older_part(viewer, paged, (&version, day), shown.next),
        ..PlanText::new(saved_state(&saved), saved.sends.saturating_sub(cancelled.len()), saved.skips + cancelled.len())
    };
    plan.show(&shown.values, &cancelled, (day, viewer, &contacts));
    Ok(Some(plan))
}

/// A part of the plan of a day as it would be made now.
pub(super) async fn plan_ahead(
    state: &AppState,
    (viewer, paged): (&Viewer, &Paged),
    day: Date,
) -> Result<PlanText, Failure> {
    let (situation, ahead) = look_ahead(state.store(), &viewer.session.org, day, state.now()).await?;
    let part = part(viewer, paged, AHEAD, SHOWN)?;
    let (n_sends, all) = (ahead.sends(), ahead.decisions.len());
    let mut decisions = ahead.decisions;
    decisions.sort_by_key(|decision| decision.send().is_none());
    let shown = part.of(decisions.into_iter().enumerate().collect(), |(number, _)| format!("{number:08}"));
    let shown = shown.map(|(_, decision)| decision);
    let mut plan = PlanText {
        older: older_part(viewer, paged, (AHEAD, day), shown.next),
        ..PlanText::new("This is a look ahead: what would go out as things stand now.", n_sends, all - n_sends)
    };
    plan.show(&shown.values, &[], (day, viewer, &situation.ledger.contacts));
    Ok(plan)
}

/// What the cursor of a look ahead is good for.
const AHEAD: &str = "ahead";

fn older_part(viewer: &Viewer, paged: &Paged, (version, day): (&str, Date), next: Option<String>) -> Option<String> {
    older(viewer, paged, (version, &[("day".to_owned(), day.to_string())]), next)
}

impl PlanText {
    const fn new(state: &'static str, n_sends: usize, n_skips: usize) -> Self {
        Self {
            state,
            generation: None,
            questions: Vec::new(),
            n_sends,
            n_skips,
            sends: Vec::new(),
            skips: Vec::new(),
            older: None,
        }
    }

    fn show(
        &mut self,
        part: &[Decision],
        cancelled: &[Cancelled],
        (day, viewer, contacts): (Date, &Viewer, &Contacts),
    ) {
        for decision in part {
            let view = DecisionView::new(decision, day, &viewer.organisation, contacts);
            let customer = CustomerText::new(&view.unit, view.customer);
            match (view.send, cancelled_reasons(decision, cancelled)) {
                (Some(send), None) => self.sends.push(SendText::new(customer, send, &viewer.clock)),
                (Some(_), Some(why)) => self.skips.push(SkipText { customer, reasons: sentences(&why) }),
                (None, _) => self.skips.push(SkipText { customer, reasons: sentences(&view.reasons) }),
            }
        }
    }
}

impl SendText {
    fn new(customer: CustomerText, send: SendView, clock: &WallClock) -> Self {
        let total = match send.paid {
            Some(paid) if send.lines.is_empty() => format!("{} received", paid.text),
            Some(_) | None => send.total.text,
        };
        Self { customer, total, at: clock.show(send.at), text: send.text, buttons: send.buttons }
    }
}

impl CustomerText {
    fn new(unit: &UnitView, name: Option<String>) -> Self {
        let contact = ContactRef { connection: unit.connection, contact: unit.contact.clone() };
        Self { name: or_unknown(name), address: address::customer(&contact) }
    }
}

const fn saved_state(header: &PlanHeader) -> &'static str {
    match header.approval {
        PlanApproval::Awaited => "An admin has to approve it before anything is sent.",
        PlanApproval::Approved { .. } => "It is approved.",
        PlanApproval::Automatic => "It goes out by itself.",
    }
}

/// Why a planned message was held back right before it would have gone out.
pub(super) fn cancelled_reasons(decision: &Decision, cancelled: &[Cancelled]) -> Option<Vec<ReasonView>> {
    let found = cancelled.iter().find(|cancelled| cancelled.unit == decision.unit)?;
    Some(reasons(&found.reasons))
}

/// Reasons in words, with the day on which each may end.
pub(super) fn sentences(reasons: &[ReasonView]) -> Vec<String> {
    reasons
        .iter()
        .map(|reason| match reason.until {
            Some(until) => format!("{} It may end on {}.", reason.sentence, until.strftime("%-d %b %Y")),
            None => reason.sentence.to_owned(),
        })
        .collect()
}
