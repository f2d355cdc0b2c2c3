//! Why nothing goes out: a closed list, in the order in which reasons are told.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// One reason for silence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Which.
    pub code: SkipCode,
    /// The first day on which it may have gone, if that is known.
    pub until: Option<Date>,
}

impl Reason {
    /// A reason without a known end.
    pub const fn of(code: SkipCode) -> Self {
        Self { code, until: None }
    }

    /// A reason that ends by itself on a day.
    pub const fn until(code: SkipCode, until: Option<Date>) -> Self {
        Self { code, until }
    }
}

/// Who can lift a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LiftedBy {
    /// Numo's operators.
    Operator,
    /// An admin of the organisation.
    Admin,
    /// The customer.
    Customer,
    /// Time, or the next read of the ledger.
    Itself,
}

macro_rules! skip_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $lifted_by:ident, $sentence:literal;)+) => {
        /// A code of the closed list; the order of the list is its precedence.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum SkipCode {
            $($(#[$doc])* #[serde(rename = $code)] $name,)+
        }

        impl SkipCode {
            /// Every code, the most important first.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The code in the API, the plan and the logs.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// A sentence that a bookkeeper understands.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)+ }
            }

            /// Who can lift it.
            pub const fn lifted_by(self) -> LiftedBy {
                match self { $(Self::$name => LiftedBy::$lifted_by,)+ }
            }
        }
    };
}

skip_codes! {
    /// Numo's operators stopped sending.
    OperatorPause = "operator_pause", Operator, "Numo has stopped sending for a while.";
    /// Somebody of the organisation paused everything.
    OrganisationPaused = "organisation_paused", Admin, "Your organisation has paused everything.";
    /// The policy is a draft or switched off.
    PolicyInactive = "policy_inactive", Admin, "The reminder policy for this customer is not switched on.";
    /// Nobody approved the day's plan.
    PlanNotApproved = "plan_not_approved", Admin, "No approved plan of this day has it.";
    /// A person held this customer back for the day.
    HeldByHand = "held_by_hand", Admin, "Somebody held this reminder back.";
    /// The customer said stop.
    OptedOut = "opted_out", Customer, "The customer asked not to get reminders.";
    /// No relationship stated, no opt-in.
    NoConsentBasis = "no_consent_basis", Admin, "There is no basis for writing to this customer: confirm the relationship or record an opt-in.";
    /// Left out by the owner.
    Excluded = "excluded", Admin, "The customer is excluded from reminders.";
    /// A vendor's sample company.
    DemoCompany = "demo_company", Admin, "This is a demo company: nothing goes to real numbers.";
    /// The ledger has no number.
    NoNumber = "no_number", Admin, "The ledger has no phone number for this customer.";
    /// The number cannot be written to.
    NumberUnusable = "number_unusable", Admin, "The phone number of this customer is not a mobile number that can be written to.";
    /// Three or more customers share it, or it is one of ours.
    NumberShared = "number_shared", Admin, "Several customers share this phone number.";
    /// WhatsApp does not know it.
    NotOnWhatsapp = "not_on_whatsapp", Admin, "The number is not on WhatsApp.";
    /// Two in a row did not arrive.
    UndeliveredTwice = "undelivered_twice", Admin, "Two messages in a row did not arrive.";
    /// A send whose outcome nobody knows yet.
    OutcomeUnknown = "outcome_unknown", Admin, "It is not known yet whether the last message went out.";
    /// The ledger could not be read.
    LedgerUnreadable = "ledger_unreadable", Itself, "The ledger could not be read, so nothing is sent.";
    /// The last read is too old.
    LedgerStale = "ledger_stale", Itself, "The ledger was not read recently enough.";
    /// The ledger or WhatsApp has to be connected again.
    ReconnectNeeded = "reconnect_needed", Admin, "A connection has to be renewed.";
    /// Meta blocked the number or the account.
    SenderBlocked = "sender_blocked", Admin, "Your WhatsApp number cannot send at the moment.";
    /// No approved text.
    TemplateUnusable = "template_unusable", Admin, "The message text is not approved by WhatsApp.";
    /// Meta's daily limit.
    MessagingLimit = "messaging_limit", Itself, "WhatsApp's daily limit is reached.";
    /// Too many first-time numbers for one day.
    Ramp = "ramp", Itself, "Enough first-time numbers were written to today.";
    /// The owner's cap on cost.
    CostCap = "cost_cap", Admin, "The monthly cost cap is reached.";
    /// Far more than usual.
    UnusualVolume = "unusual_volume", Admin, "This plan is much larger than usual and needs approval.";
    /// Money came in that is not allocated.
    MoneyUnallocated = "money_unallocated", Admin, "There is money from this customer that is not allocated to invoices.";
    /// An open credit note.
    CreditOpen = "credit_open", Admin, "There is an open credit note for this customer.";
    /// Open bills to the same contact.
    WeOweThem = "we_owe_them", Admin, "You owe this customer at least as much.";
    /// A message nobody read.
    InboundUnread = "inbound_unread", Admin, "The customer wrote and nobody has read it.";
    /// The customer says it is paid.
    PaidClaimed = "paid_claimed", Admin, "The customer says it is paid.";
    /// A promised date has not passed.
    PromiseOpen = "promise_open", Itself, "The customer promised to pay on a date that has not passed.";
    /// A dispute is open.
    DisputeOpen = "dispute_open", Admin, "There is an open dispute.";
    /// Put off by hand.
    Snoozed = "snoozed", Itself, "Reminders to this customer are put off.";
    /// Money just came in.
    PaymentGrace = "payment_grace", Itself, "A payment came in recently.";
    /// Old when first seen; the owner has not chosen.
    BacklogUnconfirmed = "backlog_unconfirmed", Admin, "The invoice was long overdue when Numo first saw it; choose how to start.";
    /// Left out of the backlog.
    LeftOut = "left_out", Admin, "The invoice was left out when reminders started.";
    /// An invoice without a due date is never chased.
    NoDueDate = "no_due_date", Admin, "The invoice has no due date.";
    /// Too little to write about.
    BelowMinimum = "below_minimum", Admin, "What is owed is below the minimum.";
    /// The customer does not have it yet.
    NotMarkedSent = "not_marked_sent", Admin, "The invoice is not marked as sent.";
    /// The last message is too recent.
    Gap = "gap", Itself, "The last message is too recent.";
    /// Enough for seven days.
    SevenDayCap = "seven_day_cap", Itself, "Enough messages went to this number in seven days.";
    /// One message per number and day.
    NumberDailyCap = "number_daily_cap", Itself, "This number gets one message a day, and another one is more urgent or already out.";
    /// No step's day has come.
    NoStepToday = "no_step_today", Itself, "No step of the policy falls on this day.";
    /// Every step was sent.
    SequenceFinished = "sequence_finished", Admin, "No step of the policy is left for what is open.";
    /// Nothing is owed any more.
    Settled = "settled", Itself, "Everything is paid.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_list_is_the_precedence() {
        let mut sorted = SkipCode::ALL.to_vec();
        sorted.sort_unstable();
        assert_eq!(sorted, SkipCode::ALL);
        assert_eq!(SkipCode::ALL.len(), 44);
    }

    #[test]
    fn a_code_is_stored_by_its_name() {
        for code in SkipCode::ALL {
            assert_eq!(serde_json::to_string(code).unwrap(), format!("{:?}", code.code()));
        }
    }

    #[test]
    fn every_reason_is_a_sentence() {
        for code in SkipCode::ALL {
            assert!(code.sentence().ends_with('.') && code.sentence().starts_with(char::is_uppercase), "{code:?}");
        }
    }
}
