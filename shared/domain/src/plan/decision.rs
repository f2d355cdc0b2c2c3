//! What is decided for one customer and currency on one day, with every reason.

use std::fmt;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    contact::ContactRef,
    cost::Cost,
    id::{ExternalId, NumberKey, PhoneNumberId, PolicyId},
    language::Language,
    library::{LibraryText, entry::Button},
    money::{Currency, Money},
    plan::reason::Reason,
    policy::{StepId, Tone},
    reminder::{Occasion, ReminderKey},
    template::{PackTemplate, Purpose, Variant, template_for},
};

/// The decisions of one organisation and day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The organisation's local date.
    pub date: Date,
    /// One decision per unit, in the order of units.
    pub decisions: Vec<Decision>,
}

impl Plan {
    /// How many messages go out if the plan is approved.
    pub fn sends(&self) -> usize {
        self.decisions.iter().filter(|decision| decision.send().is_some()).count()
    }
}

/// A customer in one currency: amounts of two currencies are never added.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Unit {
    /// The customer.
    pub contact: ContactRef,
    /// The currency.
    pub currency: Currency,
}

impl fmt::Display for Unit {
    /// The form in sort keys and addresses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.contact.connection, self.contact.contact, self.currency)
    }
}

/// What is decided for a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// For whom.
    pub unit: Unit,
    /// The policy that was applied.
    #[serde(default = "PolicyId::organisation_default")]
    pub policy: PolicyId,
    /// Its version.
    pub policy_version: u32,
    /// Send or skip.
    pub outcome: Outcome,
}

impl Decision {
    /// The message, if one goes out.
    pub const fn send(&self) -> Option<&PlannedSend> {
        match &self.outcome {
            Outcome::Send(send) => Some(send),
            Outcome::Skip { .. } => None,
        }
    }

    /// The reasons for silence; empty for a send.
    pub fn reasons(&self) -> &[Reason] {
        match &self.outcome {
            Outcome::Send(_) => &[],
            Outcome::Skip { reasons } => reasons,
        }
    }
}

/// Send or skip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "lives for a moment, and a box would be an allocation for every message")]
pub enum Outcome {
    /// A message goes out.
    Send(PlannedSend),
    /// Nothing goes out.
    Skip {
        /// All reasons, the most important first.
        reasons: Vec<Reason>,
    },
}

/// A message that is to go out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedSend {
    /// The oldest chaseable invoice; it drives the step.
    pub anchor: ExternalId,
    /// The anchor's cycle.
    pub cycle: u32,
    /// Which message of the sequence.
    pub occasion: Occasion,
    /// How firm.
    pub tone: Tone,
    /// Which text of the pack says it; none where a plan was made before texts had a purpose of their own.
    #[serde(default)]
    pub purpose: Option<Purpose>,
    /// The language of the text.
    #[serde(default)]
    pub language: Language,
    /// What stands around it.
    #[serde(default)]
    pub variant: Variant,
    /// The text of Meta's library that says it, where none of the pack is approved; it lists the anchor alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub library: Option<Box<LibraryText>>,
    /// The date that the anchor's steps are counted from: its due date, unless it entered late.
    #[serde(default)]
    pub counted_from: Option<Date>,
    /// Whether the anchor is past its due date.
    pub overdue: bool,
    /// Unsent lower steps that this one replaces.
    pub superseded: Vec<StepId>,
    /// Keyed hash of the recipient's number.
    pub recipient: NumberKey,
    /// The invoices listed, oldest first, at most five.
    pub lines: Vec<InvoiceLine>,
    /// How many more are summed but not listed.
    pub more: usize,
    /// The sum of all remaining amounts.
    pub total: Money,
    /// What the customer is thanked for, if the message says so.
    #[serde(default)]
    pub paid: Option<Money>,
    /// Not before this instant.
    pub at: Timestamp,
    /// Before this instant, at which the hours for messages are over; none where a plan was made before it was kept.
    #[serde(default)]
    pub until: Option<Timestamp>,
    /// How many messages had reached the recipient before, over all customers with that number.
    #[serde(default)]
    pub delivered_before: u8,
    /// What goes out before it.
    #[serde(default)]
    pub turn: Turn,
    /// What it costs, where the owner entered rates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charge: Option<Charge>,
    /// The past reminders that were looked at, to be looked at again right before the send.
    #[serde(default)]
    pub rests_on: Vec<ReminderKey>,
}

impl PlannedSend {
    /// Which text of the pack says it.
    pub fn purpose(&self) -> Purpose {
        self.purpose.unwrap_or(Purpose::of(self.tone, self.overdue))
    }

    /// Labels of the buttons below the message.
    pub fn buttons(&self) -> Vec<&str> {
        match &self.library {
            Some(text) => text.buttons.iter().map(Button::label).collect(),
            None => self.template().buttons.to_vec(),
        }
    }

    /// The text of the pack that says it, in its language and with what stands around it.
    pub fn template(&self) -> PackTemplate {
        template_for(self.purpose(), self.language, self.variant)
    }

    /// The key under which it is claimed.
    pub fn reminder_key(&self, unit: &Unit) -> ReminderKey {
        ReminderKey {
            contact: unit.contact.clone(),
            currency: unit.currency,
            anchor: self.anchor.clone(),
            cycle: self.cycle,
            occasion: self.occasion,
        }
    }
}

/// The place of a message among those of its day, the most urgent first.
///
/// Right before the send it shows whether the limits of that moment still leave room for the message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// The number that is to write.
    #[serde(default)]
    pub sender: Option<PhoneNumberId>,
    /// How many people it comes after in Meta's limit: those who were written to in the 24 hours before its time, and
    /// those who are written to on its day.
    pub sends_before: u32,
    /// How many of those from the same sender go to numbers that it never wrote to; none if this one's is known to it.
    pub first_times_before: Option<u32>,
}

/// What a message costs, and what the month has cost before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// What it costs itself.
    pub cost: Cost,
    /// What the messages of the month cost that went out or go first, in millionths of the currency's unit.
    pub spent_before: u64,
}

/// One invoice as a message lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceLine {
    /// The ledger's id.
    pub invoice: ExternalId,
    /// The printed number.
    pub number: String,
    /// What is left to pay.
    pub remaining: Money,
    /// The calendar due date.
    pub due: Date,
}
