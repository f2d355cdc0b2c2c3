//! Bills, row by row.

use numo_app::port::ledger::record::LedgerBill;
use numo_domain::{invoice::InvoiceStatus, money::Money};

use crate::xero::{
    date,
    field::{self, Unreadable},
    invoice::{self, RawInvoice},
};

/// A bill; nothing is owed on one that is not approved, or not any more.
///
/// Xero: accounting API, Invoices, of type ACCPAY.
pub(crate) fn bill(row: &str) -> Result<LedgerBill, Unreadable> {
    let raw: RawInvoice = field::fields(row)?;
    let currency = field::currency("CurrencyCode", raw.currency.as_deref())?;
    let remaining = match field::required("Status", raw.status.as_deref(), invoice::status)? {
        InvoiceStatus::Open => field::money("AmountDue", raw.amount_due.as_ref(), currency)?,
        InvoiceStatus::Draft
        | InvoiceStatus::Submitted
        | InvoiceStatus::Paid
        | InvoiceStatus::Voided
        | InvoiceStatus::Deleted => Money::zero(currency),
    };
    Ok(LedgerBill {
        id: field::id("InvoiceID", raw.id.as_deref())?,
        contact: field::contact("Contact.ContactID", raw.contact.as_ref())?,
        remaining,
        updated_at: field::required("UpdatedDateUTC", raw.updated.as_deref(), date::instant)?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(status: &str) -> Result<LedgerBill, Unreadable> {
        let row = json!({
            "Type": "ACCPAY", "InvoiceID": "b-1", "InvoiceNumber": "", "Status": status, "AmountDue": 541.25,
            "Contact": { "ContactID": "c-1" }, "CurrencyCode": "AED", "UpdatedDateUTC": "/Date(1000+0000)/",
        });
        bill(&row.to_string())
    }

    #[test]
    fn only_an_approved_bill_is_owed() {
        let aed = "AED".parse().unwrap();
        let expected = LedgerBill {
            id: "b-1".parse().unwrap(),
            contact: "c-1".parse().unwrap(),
            remaining: Money::new(54_125, aed),
            updated_at: "1970-01-01T00:00:01Z".parse().unwrap(),
        };
        assert_eq!(read("AUTHORISED"), Ok(expected));
        for status in ["DRAFT", "SUBMITTED", "PAID", "VOIDED", "DELETED"] {
            assert_eq!(read(status).unwrap().remaining, Money::zero(aed), "{status}");
        }
        assert_eq!(read("HUSH"), Err(Unreadable::field("Status", "unreadable")));
    }
}
