//! The plan of a day as text: as it was saved, or as it would be made now.

use jiff::civil::Date;
use numo_app::{
    error::AppError,
    situation::situation,
    store::plan::{Cancelled, PlanApproval, PlanHeader},
};
use numo_domain::{contact::ContactRef, organisation::Organisation, plan::decision::Decision};

use crate::{
    console::{
        address,
        time::{LocalTime, WallClock},
        viewer::Viewer,
        words::or_unknown,
    },
    state::AppState,
    view::{
        decision::{DecisionView, ReasonView, SendView, reasons},
        names::{Contacts, UnitView, by_ref},
    },
};

/// Who gets what on a day, and who gets nothing.
pub(super) struct PlanText {
    pub(super) state: &'static str,
    /// To be approved as this making; none where there is nothing to approve.
    pub(super) generation: Option<u32>,
    /// What a person is asked before the plan goes out.
    pub(super) questions: Vec<&'static str>,
    pub(super) sends: Vec<SendText>,
    pub(super) skips: Vec<SkipText>,
}

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

/// The saved plan of a day; of the present day also a look at what it would be.
pub(super) async fn plan_of(state: &AppState, viewer: &Viewer, day: Date) -> Result<Option<PlanText>, AppError> {
    let (store, org, now) = (state.store(), &viewer.session.org, state.now());
    let Some(saved) = store.plan_header(org, day).await?.map(|seen| seen.value) else {
        if day != viewer.today {
            return Ok(None);
        }
        let situation = situation(store, org, now).await?;
        let mut plan = PlanText::new("This is a look ahead: the day is not planned yet.");
        for decision in &situation.plan(now).decisions {
            plan.add(decision, day, (&viewer.organisation, &viewer.clock), &situation.ledger.contacts, &[]);
        }
        return Ok(Some(plan));
    };
    let contacts = by_ref(store.contacts(org).await?);
    let cancelled = store.cancelled_of(org, day).await?;
    let mut plan = PlanText::new(saved_state(&saved));
    plan.questions = saved.brakes.iter().map(|brake| brake.question()).collect();
    plan.generation = Some(saved.generation).filter(|_| saved.approval == PlanApproval::Awaited && saved.sends > 0);
    for decision in &store.plan_decisions(org, &saved).await? {
        plan.add(decision, day, (&viewer.organisation, &viewer.clock), &contacts, &cancelled);
    }
    Ok(Some(plan))
}

impl PlanText {
    const fn new(state: &'static str) -> Self {
        Self { state, generation: None, questions: Vec::new(), sends: Vec::new(), skips: Vec::new() }
    }

    fn add(
        &mut self,
        decision: &Decision,
        day: Date,
        (organisation, clock): (&Organisation, &WallClock),
        contacts: &Contacts,
        cancelled: &[Cancelled],
    ) {
        let view = DecisionView::new(decision, day, organisation, contacts);
        let customer = CustomerText::new(&view.unit, view.customer);
        match (view.send, cancelled_reasons(decision, cancelled)) {
            (Some(send), None) => self.sends.push(SendText::new(customer, send, clock)),
            (Some(_), Some(why)) => self.skips.push(SkipText { customer, reasons: sentences(&why) }),
            (None, _) => self.skips.push(SkipText { customer, reasons: sentences(&view.reasons) }),
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
