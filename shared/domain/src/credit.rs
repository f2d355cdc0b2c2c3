//! Money of a customer that the ledger has not put against an invoice, and what we owe in return.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{contact::ContactRef, id::ExternalId, money::Money};

/// Money or credit of a customer that no invoice has taken up yet.
///
/// While some is left, nobody knows whether the open invoices are really owed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// The ledger's id.
    pub id: ExternalId,
    /// What it is.
    pub kind: CreditKind,
    /// Whose.
    pub contact: ContactRef,
    /// The number that is printed on it; often empty.
    pub number: String,
    /// The calendar date on it.
    pub date: Option<Date>,
    /// What no invoice has taken up; zero once all is allocated, or it was voided.
    pub remaining: Money,
    /// When the ledger says it changed.
    pub updated_at: Timestamp,
}

/// The kinds of such money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditKind {
    /// A credit note (Xero) or credit memo (QuickBooks).
    CreditNote,
    /// Paid in advance (Xero).
    Prepayment,
    /// Paid too much (Xero).
    Overpayment,
    /// A payment that is not applied to an invoice, or not wholly (QuickBooks).
    Payment,
}

impl CreditKind {
    /// The name in keys.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CreditNote => "CREDIT_NOTE",
            Self::Prepayment => "PREPAYMENT",
            Self::Overpayment => "OVERPAYMENT",
            Self::Payment => "PAYMENT",
        }
    }
}

/// A bill of a supplier who is also a customer: what we owe him.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    /// The ledger's id.
    pub id: ExternalId,
    /// Whose.
    pub contact: ContactRef,
    /// What is left to pay; zero once it is settled or voided.
    pub remaining: Money,
    /// When the ledger says it changed.
    pub updated_at: Timestamp,
}

/// Money that arrived from a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// The ledger's id.
    pub id: ExternalId,
    /// Who paid.
    pub contact: ContactRef,
    /// The calendar date on which the ledger recorded it.
    pub date: Option<Date>,
    /// How much.
    pub amount: Money,
    /// The invoices it went to.
    pub invoices: Vec<ExternalId>,
    /// Whether it was taken back.
    pub is_reversed: bool,
    /// When the ledger says it changed.
    pub updated_at: Timestamp,
}
