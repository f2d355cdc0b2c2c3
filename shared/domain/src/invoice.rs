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

    /// Days since the due date on a day, of an open invoice that is past it.
    pub fn days_overdue(&self, today: Date) -> Option<i32> {
        let due = self.due.filter(|due| self.is_open() && *due < today)?;
        today.since(due).ok().map(|span| span.get_days())
    }

    /// Whether the customer never owed it yet.
    pub const fn is_unapproved(&self) -> bool {
        matches!(self.status, InvoiceStatus::Draft | InvoiceStatus::Submitted)
    }

    /// Whether its reminders start anew after `before`: it was settled and is owed again, or is due later.
    pub fn starts_anew(&self, before: &Self) -> bool {
        let reopened = self.is_open() && !before.is_open() && !before.is_unapproved();
        reopened || (self.is_open() && before.is_open() && self.due > before.due && before.due.is_some())
    }
}

/// Where a sales invoice stands, in words that hold for every ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Marked {
    /// The ledger says sent.
    Sent,
    /// The ledger says not sent.
    NotSent,
    /// The ledger does not say.
    Unknown,
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;
    use crate::id::ConnectionId;

    fn invoice(status: InvoiceStatus, minor: i64, due: Date) -> Invoice {
        let currency = "AED".parse().unwrap();
        Invoice {
            id: "1".parse().unwrap(),
            contact: ContactRef { connection: ConnectionId::new(Uuid::nil()), contact: "c1".parse().unwrap() },
            number: "INV-1".to_owned(),
            status,
            issued: None,
            due: Some(due),
            total: Money::new(40_000, currency),
            remaining: Money::new(minor, currency),
            marked: Marked::Sent,
            expected_payment: None,
            paid: None,
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn an_open_invoice_is_overdue_from_the_day_after_its_due_date() {
        let due = date(2026, 11, 13);
        let open = invoice(InvoiceStatus::Open, 1, due);
        let on = |invoice: &Invoice, today| invoice.days_overdue(today);
        assert_eq!([due, date(2026, 11, 14), date(2027, 1, 14)].map(|day| on(&open, day)), [None, Some(1), Some(62)]);
        let undated = Invoice { due: None, ..open.clone() };
        let settled = invoice(InvoiceStatus::Paid, 0, due);
        assert_eq!([undated, settled].map(|other| on(&other, date(2027, 1, 1))), [None, None]);
    }

    #[test]
    fn case_26_28_and_73_a_reopened_invoice_and_a_later_due_date_start_anew() {
        let (due, later) = (date(2026, 11, 13), date(2026, 11, 20));
        let open = invoice(InvoiceStatus::Open, 40_000, due);
        let paid = invoice(InvoiceStatus::Paid, 0, due);
        let draft = invoice(InvoiceStatus::Draft, 40_000, due);
        let told = [
            open.starts_anew(&paid),
            open.starts_anew(&invoice(InvoiceStatus::Voided, 40_000, due)),
            invoice(InvoiceStatus::Open, 40_000, later).starts_anew(&open),
            open.starts_anew(&invoice(InvoiceStatus::Open, 40_000, later)),
            open.starts_anew(&draft),
            open.starts_anew(&invoice(InvoiceStatus::Open, 10_000, due)),
            paid.starts_anew(&open),
        ];
        assert_eq!(told, [true, true, true, false, false, false, false]);
    }
}
