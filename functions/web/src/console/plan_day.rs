//! The plan of a day as text: as it was saved, or as it would be made now.

use std::collections::BTreeSet;

use jiff::civil::Date;
use numo_app::{
    situation::situation,
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

/// The saved plan of a day, part by part; of the present day also a look at what it would be.
pub(super) async fn plan_of(
    state: &AppState,
    (viewer, paged): (&Viewer, &Paged),
    day: Date,
) -> Result<Option<PlanText>, Failure> {
    let (store, org, now) = (state.store(), &viewer.session.org, state.now());
    let Some(saved) = store.plan_header(org, day).await?.map(|seen| seen.value) else {
        if day != viewer.today {
            return Ok(None);
        }
        let situation = situation(store, org, now).await?;
        let mut plan = PlanText::new("This is a look ahead: the day is not planned yet.");
        let part = plan.part((viewer, paged), day, "ahead", with_reasons(situation.plan(now).decisions, &[]))?;
        plan.show(part, day, viewer, &situation.ledger.contacts);
        return Ok(Some(plan));
    };
    let cancelled = store.cancelled_of(org, day).await?;
    let mut plan = PlanText::new(saved_state(&saved));
    plan.questions = saved.brakes.iter().map(|brake| brake.question()).collect();
    plan.generation = Some(saved.generation).filter(|_| saved.approval == PlanApproval::Awaited && saved.sends > 0);
    let decided = with_reasons(store.plan_decisions(org, &saved).await?, &cancelled);
    let version = format!("{:?}", (saved.making, saved.newcomers.as_ref().map(|newcomers| newcomers.making)));
    let part = plan.part((viewer, paged), day, &version, decided)?;
    let customers: BTreeSet<ContactRef> = part.iter().map(|(decision, _)| decision.unit.contact.clone()).collect();
    let contacts = names(store, org, &customers.into_iter().collect::<Vec<_>>()).await?;
    plan.show(part, day, viewer, &contacts);
    Ok(Some(plan))
}

/// A decision, and why it was not carried out after all.
type Decided = (Decision, Option<Vec<ReasonView>>);

/// Decisions with what was cancelled, those that send first.
fn with_reasons(decisions: Vec<Decision>, cancelled: &[Cancelled]) -> Vec<Decided> {
    let decided = decisions.into_iter().map(|decision| {
        let why = cancelled_reasons(&decision, cancelled);
        (decision, why)
    });
    let mut decided: Vec<Decided> = decided.collect();
    decided.sort_by_key(|decided| !sends(decided));
    decided
}

fn sends((decision, cancelled): &Decided) -> bool {
    decision.send().is_some() && cancelled.is_none()
}

impl PlanText {
    const fn new(state: &'static str) -> Self {
        Self {
            state,
            generation: None,
            questions: Vec::new(),
            n_sends: 0,
            n_skips: 0,
            sends: Vec::new(),
            skips: Vec::new(),
            older: None,
        }
    }

    /// The part that is asked for; counts all of them.
    fn part(
        &mut self,
        (viewer, paged): (&Viewer, &Paged),
        day: Date,
        version: &str,
        decided: Vec<Decided>,
    ) -> Result<Vec<Decided>, Failure> {
        self.n_sends = decided.iter().filter(|decided| sends(decided)).count();
        self.n_skips = decided.len() - self.n_sends;
        let numbered: Vec<(usize, Decided)> = decided.into_iter().enumerate().collect();
        let part = part(viewer, paged, version, SHOWN)?.of(numbered, |(number, _)| format!("{number:08}"));
        let fields = [("day".to_owned(), day.to_string())];
        self.older = older(viewer, paged, (version, &fields), part.next);
        Ok(part.values.into_iter().map(|(_, decided)| decided).collect())
    }

    fn show(&mut self, part: Vec<Decided>, day: Date, viewer: &Viewer, contacts: &Contacts) {
        for (decision, cancelled) in part {
            let view = DecisionView::new(&decision, day, &viewer.organisation, contacts);
            let customer = CustomerText::new(&view.unit, view.customer);
            match (view.send, cancelled) {
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
