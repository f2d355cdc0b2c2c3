//! A sales invoice of the ledger.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{contact::ContactRef, id::ExternalId, money::Money};

/// A sales invoice; bills and credit notes never become one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    /// The ledger's id.
    pub id: ExternalId,
    /// Who owes it.
    pub contact: ContactRef,
    /// The number that is printed on it.
    pub number: String,
    /// Where it stands.
    pub status: InvoiceStatus,
    /// The calendar date printed on it.
    pub issued: Option<Date>,
    /// The calendar date by which it is to be paid; ledgers allow none.
    pub due: Option<Date>,
    /// What was invoiced.
    pub total: Money,
    /// What is left to pay.
    pub remaining: Money,
    /// Whether the ledger says that the customer has it.
    pub marked: Marked,
    /// The day for which the ledger expects the customer's payment, if somebody noted one there.
    #[serde(default)]
    pub expected_payment: Option<Date>,
    /// What arrived as money, credits not counted; `None` where the ledger does not say.
    #[serde(default)]
    pub paid: Option<Money>,
    /// When the ledger says it changed.
    pub updated_at: Timestamp,
}

impl Invoice {
    /// Approved, not void, with something left to pay.
    pub const fn is_open(&self) -> bool {
        matches!(self.status, InvoiceStatus::Open) && self.remaining.is_positive()
    }
}

/// Where a sales invoice stands, in words that hold for every ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceStatus {
    /// Not approved: it carries a balance but is not owed.
    Draft,
    /// Waiting for approval.
    Submitted,
    /// Approved and not settled.
    Open,
    /// Settled by money or credit.
    Paid,
    /// Cancelled after approval.
    Voided,
    /// Removed.
    Deleted,
}

/// Whether an invoice was marked as sent to the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Marked {
    /// The ledger says sent.
    Sent,
    /// The ledger says not sent.
    NotSent,
    /// The ledger does not say.
    Unknown,
}
