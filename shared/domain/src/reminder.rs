//! One reminder: its identity in the send ledger and the states it goes through.

mod short_cost;
pub mod state_change;
pub mod trying_again;

use std::{collections::BTreeMap, fmt};

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    contact::ContactRef,
    cost::Cost,
    delivery_report::DeliveryReport,
    id::{AttemptId, CustomerKey, ExternalId, MessageId, NumberKey, PhoneNumberId, UserId},
    meta_code::{Meaning, meaning},
    money::Currency,
    policy::{StepId, Tone},
    reminder::state_change::StateChange,
};

/// What makes a reminder the same reminder: nothing with an equal key is ever sent twice.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ReminderKey {
    /// The customer.
    pub contact: ContactRef,
    /// The currency of the unit.
    pub currency: Currency,
    /// The oldest chaseable invoice of the unit.
    pub anchor: ExternalId,
    /// Raised when a settled anchor reopens or its due date moves later.
    pub cycle: u32,
    /// Which message of the sequence.
    pub occasion: Occasion,
}

/// Begins what stands for a customer who was erased, in place of the ledger's id.
const ERASED: &str = "erased-";

impl ReminderKey {
    /// The key of the same reminder once its customer is erased: it counts on, and tells nobody of whom.
    #[must_use]
    pub fn anonymous(self, customer: &CustomerKey, anchor: ExternalId) -> Option<Self> {
        let contact = ContactRef { contact: format!("{ERASED}{customer}").parse().ok()?, ..self.contact };
        Some(Self { contact, anchor, ..self })
    }

    /// Whether its customer was erased.
    pub fn is_anonymous(&self) -> bool {
        self.contact.contact.as_str().starts_with(ERASED)
    }
}

/// Which message of a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// A step of the policy.
    Step(StepId),
    /// A repeat of the last step, counted from 1.
    Repeat {
        /// The step that is repeated.
        step: StepId,
        /// Which repeat.
        n: u8,
    },
    /// A promise that was not kept, by its number in the customer's file; 0 is the date noted in the ledger.
    PromiseMissed(u32),
    /// Thanks for what was paid until a date, when nothing is overdue any more.
    ThankYou(Date),
    /// Thanks for what was paid until a date, with what is still overdue.
    PartPayment(Date),
}

impl Occasion {
    /// The date of the latest payment that the message thanks for, if it does.
    pub const fn thanks_until(self) -> Option<Date> {
        match self {
            Self::ThankYou(on) | Self::PartPayment(on) => Some(on),
            Self::Step(_) | Self::Repeat { .. } | Self::PromiseMissed(_) => None,
        }
    }
}

impl fmt::Display for Occasion {
    /// The form in the sort key: `S3`, `R4.2`, `PM1`, `TY2026-11-23`, `PP2026-11-23`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step(step) => write!(f, "S{}", step.0),
            Self::Repeat { step, n } => write!(f, "R{}.{n}", step.0),
            Self::PromiseMissed(number) => write!(f, "PM{number}"),
            Self::ThankYou(on) => write!(f, "TY{on}"),
            Self::PartPayment(on) => write!(f, "PP{on}"),
        }
    }
}

/// A reminder from its claim on: what changes with its states. What it says is in its [`Attempt`](crate::attempt::Attempt).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminder {
    /// Its identity.
    pub key: ReminderKey,
    /// The plan's date it was claimed for.
    pub date: Date,
    /// The call to Meta that is, or was last, made for it.
    pub attempt: AttemptId,
    /// 1 for the first call.
    pub attempt_number: u8,
    /// When the attempt was claimed.
    pub claimed_at: Timestamp,
    /// Where it stands.
    pub state: ReminderState,
    /// Every state it had, with the time it was learnt.
    pub history: Vec<StateChange>,
    /// Meta's id of the message, once known.
    pub message: Option<MessageId>,
    /// Keyed hash of the recipient's number.
    pub recipient: NumberKey,
    /// The number it goes out from.
    pub sender: PhoneNumberId,
    /// How firm the text is.
    pub tone: Tone,
    /// The date that the anchor's steps are counted from: its due date, unless it entered late.
    #[serde(default)]
    pub counted_from: Option<Date>,
    /// The invoices that it lists.
    #[serde(default)]
    pub listed: Vec<ExternalId>,
    /// Who asked for it, if it was sent by hand and not by a plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<UserId>,
    /// What it costs if it is delivered, where the owner entered rates; stored as `57600 USD`.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "short_cost")]
    pub cost: Option<Cost>,
    /// What Meta told of the message of its attempt.
    #[serde(flatten)]
    pub report: DeliveryReport,
    /// What it told of those of earlier attempts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub earlier: BTreeMap<AttemptId, EarlierMessage>,
    /// How often it was dropped at another number, or before an admin had this one tried again: that counts no more.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub expired_before: usize,
}

/// The message of an attempt that was taken for lost.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierMessage {
    /// What Meta told of it.
    #[serde(flatten)]
    pub report: DeliveryReport,
    /// Whether it reached the phone after all.
    #[serde(default)]
    pub is_delivered: bool,
}

/// A template at Meta.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TemplateRef {
    /// Versioned name.
    pub name: String,
    /// Exact language code of the approved translation.
    pub language: String,
}

/// Where a reminder stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum ReminderState {
    /// Claimed; the call to Meta is under way or its answer was never stored.
    Sending,
    /// Meta took it.
    Accepted,
    /// Meta took it and looks at its quality first; never resent.
    Held,
    /// Meta certainly did not take it.
    NotSent {
        /// Meta's error code.
        code: u32,
    },
    /// Nobody knows whether Meta took it; a status will tell.
    Unknown,
    /// It left Meta.
    Sent,
    /// Meta could not deliver it.
    Failed {
        /// Meta's error code.
        code: u32,
    },
    /// It reached the phone.
    Delivered,
    /// It was read.
    Read,
    /// Dropped after its time to live, without a word from Meta.
    Expired,
}

/// A status that Meta reports for a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// It left Meta.
    Sent,
    /// It could not be delivered.
    Failed {
        /// Meta's error code; 0 when none was given.
        code: u32,
    },
    /// It reached the phone.
    Delivered,
    /// It was read, or played.
    Read,
}

impl DeliveryStatus {
    /// Whether it says that the message reached the phone.
    pub const fn is_delivered(self) -> bool {
        matches!(self, Self::Delivered | Self::Read)
    }
}

impl ReminderState {
    /// The state after a status: the higher of the two, so that order and repeats do not matter.
    pub fn after(&self, status: DeliveryStatus) -> Self {
        let reported = match status {
            DeliveryStatus::Sent => Self::Sent,
            DeliveryStatus::Failed { code } => Self::Failed { code },
            DeliveryStatus::Delivered => Self::Delivered,
            DeliveryStatus::Read => Self::Read,
        };
        if reported.rank() > self.rank() { reported } else { self.clone() }
    }

    /// Sent < Failed < Delivered < Read; everything before a status ranks below.
    const fn rank(&self) -> u8 {
        match self {
            Self::Sending | Self::Accepted | Self::Held | Self::NotSent { .. } | Self::Unknown | Self::Expired => 0,
            Self::Sent => 1,
            Self::Failed { .. } => 2,
            Self::Delivered => 3,
            Self::Read => 4,
        }
    }

    /// Whether a new attempt for the same key may be claimed at once: it did not arrive, and the recipient is not why.
    pub fn may_be_claimed_again(&self) -> bool {
        match self {
            Self::Expired => true,
            Self::NotSent { code } => !matches!(meaning(*code), Some(Meaning::NeverAgain | Meaning::AfterADay)),
            Self::Failed { code } => is_of_the_sender(*code),
            Self::Sending | Self::Accepted | Self::Held | Self::Unknown | Self::Sent | Self::Delivered | Self::Read => {
                false
            }
        }
    }

    /// Whether it reached the phone.
    pub const fn is_delivered(&self) -> bool {
        matches!(self, Self::Delivered | Self::Read)
    }

    /// Whether it was read, as far as the customer's phone tells.
    pub const fn is_read(&self) -> bool {
        matches!(self, Self::Read)
    }

    /// Whether Meta took it, and has not told since that it did not arrive.
    pub const fn was_taken(&self) -> bool {
        matches!(self, Self::Accepted | Self::Held | Self::Sent | Self::Delivered | Self::Read)
    }

    /// Whether Meta bills it, or may yet: what was not delivered is free.
    pub const fn is_billed(&self) -> bool {
        !matches!(self, Self::NotSent { .. } | Self::Failed { .. } | Self::Expired)
    }

    /// Whether Meta took it and could not deliver it.
    pub const fn is_failed(&self) -> bool {
        matches!(self, Self::Failed { .. })
    }

    /// Meta's code, where it did not take or could not deliver it.
    pub const fn code(&self) -> Option<u32> {
        match self {
            Self::NotSent { code } | Self::Failed { code } => Some(*code),
            Self::Sending
            | Self::Accepted
            | Self::Held
            | Self::Unknown
            | Self::Sent
            | Self::Delivered
            | Self::Read
            | Self::Expired => None,
        }
    }

    /// What its code means, where it has one that is known.
    fn meaning(&self) -> Option<Meaning> {
        meaning(self.code()?)
    }

    /// Whether Meta could not deliver it for a cause that may lie with the recipient's number.
    pub fn is_undelivered(&self) -> bool {
        matches!(self, Self::Failed { code } if !is_of_the_sender(*code))
    }

    /// Whether it is still open if the customer got it.
    pub const fn is_uncertain(&self) -> bool {
        matches!(self, Self::Sending | Self::Unknown)
    }

    /// The word in the API, the console and the metrics.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Sending => "sending",
            Self::Accepted => "accepted",
            Self::Held => "held",
            Self::NotSent { .. } => "not_sent",
            Self::Unknown => "unknown",
            Self::Sent => "sent",
            Self::Failed { .. } => "failed",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Expired => "expired",
        }
    }
}

/// Whether a failed status says nothing about the recipient; its code is 0 where Meta gave none.
fn is_of_the_sender(code: u32) -> bool {
    code != 0 && meaning(code).is_some_and(Meaning::is_of_the_sender)
}

/// A message that was dropped without delivery this often is not tried again.
pub const MAX_ATTEMPTS: usize = 2;

/// A message that is not delivered this long after its time to live is looked at.
const EXPIRY_GRACE: SignedDuration = SignedDuration::from_hours(1);

impl Reminder {
    /// Moves to a state and remembers it; an equal state changes nothing.
    pub fn enter(&mut self, state: ReminderState, at: Timestamp) -> bool {
        if self.state == state {
            return false;
        }
        self.state = state.clone();
        self.history.push(StateChange { state, at });
        true
    }

    /// Takes in what a status told of the message of an attempt.
    pub fn take_report(&mut self, attempt: AttemptId, status: DeliveryStatus, report: &DeliveryReport) {
        if attempt == self.attempt {
            self.report.join(report);
            return;
        }
        let earlier = self.earlier.entry(attempt).or_default();
        earlier.report.join(report);
        earlier.is_delivered |= status.is_delivered();
    }

    /// What was told of all attempts so far, before a new one takes the place of the latest.
    pub fn told_so_far(&self) -> BTreeMap<AttemptId, EarlierMessage> {
        let latest = EarlierMessage { report: self.report.clone(), is_delivered: self.state.is_delivered() };
        let told = Some((self.attempt, latest)).filter(|(_, latest)| *latest != EarlierMessage::default());
        self.earlier.clone().into_iter().chain(told).collect()
    }

    /// How often it was dropped without delivery, as far as that says something about the number.
    pub fn times_expired(&self) -> usize {
        let expired = self.history.iter().filter(|change| change.state == ReminderState::Expired).count();
        expired.saturating_sub(self.expired_before)
    }

    /// When to look whether it was dropped silently.
    pub fn expires_at(&self, time_to_live: SignedDuration) -> Timestamp {
        self.claimed_at.saturating_add(time_to_live + EXPIRY_GRACE).unwrap_or(self.claimed_at)
    }

    /// Whether it was dropped: late, not delivered, and a later message's status has arrived.
    pub fn is_expired(&self, now: Timestamp, time_to_live: SignedDuration, heard_up_to: Option<Timestamp>) -> bool {
        let waiting = matches!(self.state, ReminderState::Accepted | ReminderState::Sent);
        let heard = heard_up_to.is_some_and(|heard| heard > self.claimed_at);
        waiting && heard && now >= self.expires_at(time_to_live)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn is_zero(n: &usize) -> bool {
    *n == 0
}

#[cfg(test)]
pub(crate) mod tests;
