//! A decision of a plan, with the exact text and every reason in a sentence.

use jiff::{Timestamp, civil::Date};
use numo_domain::{
    id::{ExternalId, PolicyId},
    message::message,
    organisation::Organisation,
    plan::{
        decision::{Decision, InvoiceLine, PlannedSend, Unit},
        reason::{LiftedBy, Reason},
    },
    policy::Tone,
};
use serde::Serialize;

use crate::view::{
    money::MoneyView,
    names::{Contacts, UnitView, name_of},
};

/// What is decided for one customer and currency.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(crate) struct DecisionView {
    pub(crate) unit: UnitView,
    pub(crate) customer: Option<String>,
    policy: PolicyId,
    policy_version: u32,
    sentence: String,
    pub(crate) send: Option<SendView>,
    pub(crate) reasons: Vec<ReasonView>,
}

/// A message that is to go out.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(crate) struct SendView {
    anchor: ExternalId,
    occasion: String,
    pub(crate) tone: Tone,
    overdue: bool,
    pub(crate) lines: Vec<LineView>,
    more: usize,
    pub(crate) total: MoneyView,
    /// What the customer is thanked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) paid: Option<MoneyView>,
    pub(crate) at: Timestamp,
    pub(crate) text: Option<String>,
    /// Whether the invoice stands above the text.
    pdf: bool,
    /// Labels of the buttons below the text.
    pub(crate) buttons: Vec<String>,
}

/// An invoice that a message lists.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = InvoiceLine))]
pub(crate) struct LineView {
    invoice: ExternalId,
    pub(crate) number: String,
    pub(crate) remaining: MoneyView,
    pub(crate) due: Date,
}

/// A reason for silence.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(crate) struct ReasonView {
    code: &'static str,
    pub(crate) sentence: &'static str,
    lifted_by: LiftedBy,
    pub(crate) until: Option<Date>,
}

impl DecisionView {
    /// A decision of a day with the customer's name and the text as it would be rendered now.
    pub(crate) fn new(decision: &Decision, date: Date, organisation: &Organisation, contacts: &Contacts) -> Self {
        Self {
            unit: UnitView::from(&decision.unit),
            customer: name_of(contacts, &decision.unit.contact),
            policy: decision.policy.clone(),
            policy_version: decision.policy_version,
            sentence: decision.sentence(date),
            send: decision.send().map(|send| {
                let text = text(&decision.unit, send, organisation, contacts);
                SendView {
                    anchor: send.anchor.clone(),
                    occasion: send.occasion.to_string(),
                    tone: send.tone,
                    overdue: send.overdue,
                    lines: send.lines.iter().map(LineView::from).collect(),
                    more: send.more,
                    total: send.total.into(),
                    paid: send.paid.map(MoneyView::from),
                    at: send.at,
                    text,
                    pdf: send.variant.has_pdf(),
                    buttons: send.buttons().into_iter().map(str::to_owned).collect(),
                }
            }),
            reasons: reasons(decision.reasons()),
        }
    }
}

/// Reasons in their order.
pub(crate) fn reasons(reasons: &[Reason]) -> Vec<ReasonView> {
    reasons
        .iter()
        .map(|reason| ReasonView {
            code: reason.code.code(),
            sentence: reason.code.sentence(),
            lifted_by: reason.code.lifted_by(),
            until: reason.until,
        })
        .collect()
}

fn text(unit: &Unit, send: &PlannedSend, organisation: &Organisation, contacts: &Contacts) -> Option<String> {
    let contact = contacts.get(&unit.contact)?;
    Some(message(organisation, contact, send).text)
}

impl From<&InvoiceLine> for LineView {
    fn from(line: &InvoiceLine) -> Self {
        Self {
            invoice: line.invoice.clone(),
            number: line.number.clone(),
            remaining: line.remaining.into(),
            due: line.due,
        }
    }
}
