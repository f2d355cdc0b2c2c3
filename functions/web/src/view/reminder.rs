//! A reminder with every state it had.

use std::cmp::Reverse;

use jiff::{Timestamp, civil::Date};
use numo_app::{error::AppError, store::Store};
use numo_domain::{
    attempt::{Attempt, Evidence},
    delivery_report::{pricing::Pricing, status_error::StatusError},
    id::{AttemptId, OrgId, UserId},
    meta_code::{advice::Advice, shown},
    policy::Tone,
    reminder::{Reminder, ReminderState, TemplateRef, state_change::StateChange},
};
use serde::Serialize;

use crate::view::{
    money::MoneyView,
    names::{Contacts, UnitView, name_of},
};

/// A reminder from its claim on.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(crate) struct ReminderView {
    pub(crate) attempt: AttemptId,
    pub(crate) date: Date,
    pub(crate) customer: Option<String>,
    pub(crate) unit: UnitView,
    occasion: String,
    pub(crate) tone: Tone,
    #[serde(flatten)]
    pub(crate) state: StateView,
    pub(crate) total: MoneyView,
    pub(crate) text: String,
    template: TemplateRef,
    pub(crate) claimed_at: Timestamp,
    attempt_number: u8,
    /// What Meta bills for it, once it has told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pricing: Option<PricingView>,
    /// Who asked for it, if no plan did.
    #[serde(skip_serializing_if = "Option::is_none")]
    asked_by: Option<UserId>,
    pub(crate) history: Vec<ChangeView>,
    evidence: EvidenceView,
}

/// Where a reminder stands, with Meta's code where there is one.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(crate) struct StateView {
    pub(crate) state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<u32>,
    /// What happened and what to do, where it did not arrive or nobody knows.
    #[serde(flatten)]
    pub(crate) advice: Option<Advice>,
}

/// A state and when it was learnt.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ReminderChange))]
pub(crate) struct ChangeView {
    #[serde(flatten)]
    pub(crate) state: StateView,
    pub(crate) at: Timestamp,
    /// Why it failed, with Meta's words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<StatusError>,
}

/// What Meta bills for a message: `regular` or why it is free, and by which category of the rate card.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(crate) struct PricingView {
    billed: &'static str,
    category: &'static str,
}

impl From<Pricing> for PricingView {
    fn from(pricing: Pricing) -> Self {
        Self { billed: pricing.billed.name(), category: pricing.category.name() }
    }
}

/// What the ledger said right before the claim.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(crate) struct EvidenceView {
    read_at: Timestamp,
    anchor_remaining: MoneyView,
    anchor_updated_at: Option<Timestamp>,
}

/// At most so many reminders, the newest first, with what they said and their customers' names.
pub(crate) async fn newest(
    store: &Store,
    org: &OrgId,
    (mut reminders, most): (Vec<Reminder>, usize),
    contacts: &Contacts,
) -> Result<Vec<ReminderView>, AppError> {
    reminders.sort_by_key(|reminder| Reverse((reminder.claimed_at, reminder.attempt)));
    reminders.truncate(most);
    let mut said = store.said(org, &reminders).await?;
    let views = reminders.into_iter().map(|reminder| {
        let said = said.remove(&reminder.attempt).ok_or_else(nothing_said)?;
        Ok(ReminderView::new(reminder, said, contacts))
    });
    views.collect()
}

fn nothing_said() -> AppError {
    AppError::Malformed("reminder: nothing tells what it said".to_owned())
}

impl ReminderView {
    /// A reminder with its customer's name.
    fn new(reminder: Reminder, said: Attempt, contacts: &Contacts) -> Self {
        Self {
            attempt: reminder.attempt,
            date: reminder.date,
            customer: name_of(contacts, &reminder.key.contact),
            unit: UnitView::new(&reminder.key.contact, reminder.key.currency),
            occasion: reminder.key.occasion.to_string(),
            tone: reminder.tone,
            state: StateView::from(&reminder.state),
            total: said.total.into(),
            text: said.text,
            template: said.template,
            claimed_at: reminder.claimed_at,
            attempt_number: reminder.attempt_number,
            pricing: reminder.report.pricing.map(Into::into),
            history: reminder.history.iter().map(|change| ChangeView::new(&reminder, change)).collect(),
            asked_by: reminder.asked_by,
            evidence: EvidenceView::from(said.evidence),
        }
    }
}

impl ChangeView {
    /// A failure with its errors: a reminder fails once at most, for after that it is not sent again.
    fn new(reminder: &Reminder, change: &StateChange) -> Self {
        let is_of = |_: &&StatusError| change.state.is_failed();
        let errors = reminder.report.errors.iter().filter(is_of).cloned().collect();
        Self { state: StateView::from(&change.state), at: change.at, errors }
    }
}

impl From<&ReminderState> for StateView {
    fn from(state: &ReminderState) -> Self {
        Self { state: state.name(), code: state.code().and_then(shown), advice: Advice::of_state(state) }
    }
}

impl From<Evidence> for EvidenceView {
    fn from(evidence: Evidence) -> Self {
        Self {
            read_at: evidence.read_at,
            anchor_remaining: evidence.anchor_remaining.into(),
            anchor_updated_at: evidence.anchor_updated_at,
        }
    }
}
