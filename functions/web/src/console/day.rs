//! Today's plan on the page: as it was saved, or as it would be made now.

use numo_app::{
    error::AppError,
    situation::situation,
    store::plan::{Cancelled, PlanApproval, PlanHeader},
};
use numo_domain::{organisation::Organisation, plan::decision::Decision};

use crate::{
    console::{
        time::{LocalTime, WallClock},
        words::or_unknown,
    },
    state::AppState,
    view::{
        decision::{DecisionView, ReasonView, reasons},
        names::Contacts,
    },
};

/// Who gets what today, and who gets nothing.
pub(super) struct PlanText {
    pub(super) date: String,
    pub(super) state: &'static str,
    /// What a person is asked before the plan goes out.
    pub(super) questions: Vec<&'static str>,
    pub(super) sends: Vec<SendText>,
    pub(super) skips: Vec<SkipText>,
}

/// A message that goes out.
pub(super) struct SendText {
    pub(super) customer: String,
    pub(super) total: String,
    pub(super) at: LocalTime,
    pub(super) text: Option<String>,
}

/// A customer who gets nothing.
pub(super) struct SkipText {
    pub(super) customer: String,
    pub(super) reasons: Vec<String>,
}

/// The saved plan of the organisation's present day, or a look at what it would be.
pub(super) async fn plan_of_today(
    state: &AppState,
    organisation: &Organisation,
    contacts: &Contacts,
    clock: &WallClock,
) -> Result<PlanText, AppError> {
    let (store, org, now) = (state.store(), &organisation.id, state.now());
    let date = organisation.zone.date(now);
    let (state, questions, decisions, cancelled) = match store.plan_header(org, date).await? {
        Some(saved) => {
            let decisions = store.plan_decisions(org, &saved.value).await?;
            let questions = saved.value.brakes.iter().map(|brake| brake.question()).collect();
            (saved_state(&saved.value), questions, decisions, store.cancelled_of(org, date).await?)
        }
        None => {
            let decisions = situation(store, org, now).await?.plan(now).decisions;
            ("This is a look ahead: the day is not planned yet.", Vec::new(), decisions, Vec::new())
        }
    };
    let mut plan = PlanText {
        date: date.strftime("%-d %b %Y").to_string(),
        state,
        questions,
        sends: Vec::new(),
        skips: Vec::new(),
    };
    for decision in &decisions {
        let view = DecisionView::new(decision, date, organisation, contacts);
        plan.add(view, cancelled_reasons(decision, &cancelled), clock);
    }
    Ok(plan)
}

impl PlanText {
    fn add(&mut self, view: DecisionView, cancelled: Option<Vec<ReasonView>>, clock: &WallClock) {
        let customer = or_unknown(view.customer);
        match (view.send, cancelled) {
            (Some(send), None) => {
                let at = clock.show(send.at);
                let total = match send.paid {
                    Some(paid) if send.lines.is_empty() => format!("{} received", paid.text),
                    Some(_) | None => send.total.text,
                };
                self.sends.push(SendText { customer, total, at, text: send.text });
            }
            (Some(_), Some(why)) => self.skips.push(SkipText { customer, reasons: sentences(&why) }),
            (None, _) => self.skips.push(SkipText { customer, reasons: sentences(&view.reasons) }),
        }
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
fn cancelled_reasons(decision: &Decision, cancelled: &[Cancelled]) -> Option<Vec<ReasonView>> {
    let found = cancelled.iter().find(|cancelled| cancelled.unit == decision.unit)?;
    Some(reasons(&found.reasons))
}

fn sentences(reasons: &[ReasonView]) -> Vec<String> {
    reasons
        .iter()
        .map(|reason| match reason.until {
            Some(until) => format!("{} It may end on {}.", reason.sentence, until.strftime("%-d %b %Y")),
            None => reason.sentence.to_owned(),
        })
        .collect()
}
