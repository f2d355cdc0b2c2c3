//! Money of a customer that the ledger has not put against an invoice, and what we owe in return.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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

/// What a customer paid lately in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipts {
    /// The calendar date of the latest payment, as the ledger recorded it.
    pub last_on: Date,
    /// Payments that were first seen in the last days, the earlier seen first.
    #[serde(default)]
    pub recent: Vec<Receipt>,
    /// When a payment was last taken back, by the ledger's time.
    #[serde(default)]
    pub reversed_at: Option<Timestamp>,
}

/// A payment, and when Numo saw it first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The ledger's id.
    pub payment: ExternalId,
    /// The calendar date on which the ledger recorded it.
    pub on: Date,
    /// How much.
    pub amount: Money,
    /// The invoices it went to.
    pub invoices: Vec<ExternalId>,
    /// When Numo saw it first.
    pub seen_at: Timestamp,
}

/// A payment is recent for this long after it was first seen.
const RECENT_FOR: SignedDuration = SignedDuration::from_hours(14 * 24);

/// More recent payments of one customer than this are not kept.
const RECENT_KEPT: usize = 20;

impl Receipts {
    /// What is known after a payment was seen; nothing as long as none counts.
    ///
    /// One without a date silences nobody and is not thanked for, nor is one that was taken back.
    pub fn after(before: Option<Self>, payment: &Payment, now: Timestamp) -> Option<Self> {
        let Some(on) = payment.date.filter(|_| !payment.is_reversed) else {
            return before.map(|before| before.without(payment));
        };
        let mut receipts = before.unwrap_or(Self { last_on: on, recent: Vec::new(), reversed_at: None });
        receipts.last_on = receipts.last_on.max(on);
        let receipt = Receipt {
            payment: payment.id.clone(),
            on,
            amount: payment.amount,
            invoices: payment.invoices.clone(),
            seen_at: now,
        };
        match receipts.recent.iter_mut().find(|known| known.payment == payment.id) {
            Some(known) => *known = Receipt { seen_at: known.seen_at, ..receipt },
            None if is_recent(on, now) => receipts.recent.push(receipt),
            None => {}
        }
        receipts.recent.retain(|known| now.duration_since(known.seen_at) <= RECENT_FOR);
        let surplus = receipts.recent.len().saturating_sub(RECENT_KEPT);
        receipts.recent.drain(..surplus);
        Some(receipts)
    }

    /// Takes in what another contact paid whose invoices the customer owes.
    pub fn absorb(&mut self, other: &Self) {
        self.last_on = self.last_on.max(other.last_on);
        self.reversed_at = self.reversed_at.max(other.reversed_at);
        for receipt in &other.recent {
            // Of a contact that was merged the ledger lists a payment under its new name as well.
            match self.recent.iter_mut().find(|known| known.payment == receipt.payment) {
                Some(known) => known.seen_at = known.seen_at.min(receipt.seen_at),
                None => self.recent.push(receipt.clone()),
            }
        }
        self.recent.sort_by_key(|receipt| receipt.seen_at);
    }

    fn without(mut self, payment: &Payment) -> Self {
        self.recent.retain(|receipt| receipt.payment != payment.id);
        if payment.is_reversed {
            self.reversed_at = self.reversed_at.max(Some(payment.updated_at));
        }
        self
    }
}

/// Whether a payment of a date is young enough to be kept; a ledger's first read brings those of years.
fn is_recent(on: Date, now: Timestamp) -> bool {
    let midnight = TimeZone::UTC.to_timestamp(on.at(0, 0, 0, 0));
    midnight.is_ok_and(|midnight| now.duration_since(midnight) <= RECENT_FOR)
}

#[cfg(test)]
mod tests;
