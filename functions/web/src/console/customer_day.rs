//! Why a customer was or was not written to on a day, or will be.

use jiff::civil::Date;
use numo_app::{
    error::AppError,
    explain_day::{Decided, Explained, explain_day},
    situation::of_customer::KnownCustomer,
};
use numo_domain::plan::decision::Decision;

use crate::{
    console::{plan_day::sentences, time::LocalTime, viewer::Viewer},
    state::AppState,
    view::{
        decision::{DecisionView, reasons},
        names::{Contacts, by_ref},
    },
};

/// A day of a customer.
pub(super) struct DayText {
    /// What is known of the day as a whole.
    pub(super) sentence: String,
    pub(super) decisions: Vec<DecisionText>,
}

/// What was or would be decided in one currency.
pub(super) struct DecisionText {
    pub(super) currency: String,
    /// The message that goes out or went out, and when; else there are reasons.
    pub(super) send: Option<SendText>,
    pub(super) reasons: Vec<String>,
}

/// A message that is planned.
pub(super) struct SendText {
    pub(super) at: LocalTime,
    pub(super) text: Option<String>,
}

impl DayText {
    pub(super) async fn load(
        state: &AppState,
        viewer: &Viewer,
        (customer, day): (&KnownCustomer, Date),
    ) -> Result<Self, AppError> {
        let explained = explain_day(state.store(), &viewer.session.org, (customer, day), state.now()).await?;
        let contacts = by_ref(vec![customer.contact.value.clone()]);
        let text = |decision: &Decision| DecisionText::new(decision, (day, viewer), &contacts);
        let alone = |sentence: String| Self { sentence, decisions: Vec::new() };
        Ok(match explained {
            Explained::Decided(Decided { decisions, is_approved }) => Self {
                sentence: decided(day, viewer.today, is_approved).to_owned(),
                decisions: decisions
                    .iter()
                    .map(|(decision, cancelled)| match cancelled {
                        None => text(decision),
                        Some(why) => DecisionText {
                            currency: decision.unit.currency.as_str().to_owned(),
                            send: None,
                            reasons: sentences(&reasons(&why.reasons)),
                        },
                    })
                    .collect(),
            },
            Explained::Ahead(decisions) => {
                Self { sentence: AHEAD.to_owned(), decisions: decisions.iter().map(text).collect() }
            }
            Explained::NothingOpen => {
                alone("Nothing of this customer was to be paid, so nobody had to decide.".to_owned())
            }
            Explained::NotPlanned => alone("No plan was made on that day, so nothing was sent.".to_owned()),
            Explained::UnknownUntil(day) => {
                alone(format!("The customer was read from the accounting system on {} for the first time.", shown(day)))
            }
            Explained::TooFarAway(last) => {
                alone(format!("That is too far away: a look ahead goes until {}.", shown(last)))
            }
        })
    }
}

/// What goes for every look at a day that nobody decided about yet.
const AHEAD: &str = "This is a look ahead: so it would be if nothing changes until then, every plan is approved \
    and every message arrives. \
    Limits that all customers share are not counted in.";

fn decided(day: Date, today: Date, is_approved: bool) -> &'static str {
    match (day < today, is_approved) {
        (true, true) => "So it was decided on that day.",
        (true, false) => "So it was decided on that day; the plan was not approved, so nothing went out.",
        (false, true) => "So it is planned. Each invoice is looked at once more right before its reminder is sent.",
        (false, false) => "So it is planned, and the plan waits for an admin's approval.",
    }
}

fn shown(day: Date) -> String {
    day.strftime("%-d %b %Y").to_string()
}

impl DecisionText {
    fn new(decision: &Decision, (day, viewer): (Date, &Viewer), contacts: &Contacts) -> Self {
        let view = DecisionView::new(decision, day, &viewer.organisation, contacts);
        Self {
            currency: decision.unit.currency.as_str().to_owned(),
            send: view.send.map(|send| SendText { at: viewer.clock.show(send.at), text: send.text }),
            reasons: sentences(&view.reasons),
        }
    }
}
