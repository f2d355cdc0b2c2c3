//! Payments by customers, row by row.

use numo_app::port::ledger::record::LedgerPayment;
use serde::Deserialize;
use serde_json::Number;

use crate::xero::{
    date,
    field::{self, RawContact, Unreadable},
};

/// A customer's payment of an invoice; `None` for refunds, bills and payments of credit.
///
/// Xero: accounting API, Payments. A payment names its invoice, which alone says who paid and in
/// which currency; one of a batch looks like any other.
pub(crate) fn payment(row: &str) -> Result<Option<LedgerPayment>, Unreadable> {
    if field::fields::<RawKind>(row)?.kind.ok_or_else(|| Unreadable::field("PaymentType", "missing"))? != CUSTOMERS {
        return Ok(None);
    }
    let raw: RawPayment = field::fields(row)?;
    let invoice = raw.invoice.ok_or_else(|| Unreadable::field("Invoice", "missing"))?;
    let currency = field::currency("Invoice.CurrencyCode", invoice.currency.as_deref())?;
    Ok(Some(LedgerPayment {
        id: field::id("PaymentID", raw.id.as_deref())?,
        contact: field::contact("Invoice.Contact.ContactID", invoice.contact.as_ref())?,
        date: field::calendar("Date", None, raw.date.as_deref())?,
        amount: field::money("Amount", raw.amount.as_ref(), currency)?,
        invoices: vec![field::id("Invoice.InvoiceID", invoice.id.as_deref())?],
        is_reversed: field::required("Status", raw.status.as_deref(), is_reversed)?,
        updated_at: field::required("UpdatedDateUTC", raw.updated.as_deref(), date::instant)?,
    }))
}

/// The type of a payment of a sales invoice.
pub(crate) const CUSTOMERS: &str = "ACCRECPAYMENT";

#[derive(Debug, Deserialize)]
struct RawKind {
    #[serde(rename = "PaymentType")]
    kind: Option<String>,
}

#[derive(Debug, Deserialize)]
struct RawPayment {
    #[serde(rename = "PaymentID")]
    id: Option<String>,
    #[serde(rename = "Date")]
    date: Option<String>,
    #[serde(rename = "Amount")]
    amount: Option<Number>,
    #[serde(rename = "Status")]
    status: Option<String>,
    #[serde(rename = "Invoice")]
    invoice: Option<RawInvoice>,
    #[serde(rename = "UpdatedDateUTC")]
    updated: Option<String>,
}

#[derive(Debug, Deserialize)]
struct RawInvoice {
    #[serde(rename = "InvoiceID")]
    id: Option<String>,
    #[serde(rename = "Contact")]
    contact: Option<RawContact>,
    #[serde(rename = "CurrencyCode")]
    currency: Option<String>,
}

fn is_reversed(status: &str) -> Option<bool> {
    match status {
        "AUTHORISED" => Some(false),
        "DELETED" => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use numo_domain::money::Money;
    use reqwest::header::HeaderMap;
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        http::call::Answer,
        samples,
        xero::{list::PAYMENTS, page::page},
    };

    fn row() -> Value {
        json!({
            "PaymentID": "p-1", "PaymentType": "ACCRECPAYMENT", "Status": "AUTHORISED", "Amount": 46.00,
            "Date": "/Date(1543449600000+0000)/", "UpdatedDateUTC": "/Date(1000+0000)/", "BankAmount": 12.5,
            "BatchPayment": { "TotalAmount": "50.00", "IsReconciled": "false" },
            "Invoice": { "InvoiceID": "i-1", "CurrencyCode": "NZD", "Contact": { "ContactID": "c-1" } },
        })
    }

    fn read(row: &Value) -> Result<Option<LedgerPayment>, Unreadable> {
        payment(&row.to_string())
    }

    #[test]
    fn a_row_becomes_a_payment_by_the_contact_of_its_invoice() {
        let expected = LedgerPayment {
            id: "p-1".parse().unwrap(),
            contact: "c-1".parse().unwrap(),
            date: Some(date(2018, 11, 29)),
            amount: Money::new(4_600, "NZD".parse().unwrap()),
            invoices: vec!["i-1".parse().unwrap()],
            is_reversed: false,
            updated_at: "1970-01-01T00:00:01Z".parse().unwrap(),
        };
        assert_eq!(read(&row()), Ok(Some(expected.clone())));
        let mut taken_back = row();
        taken_back["Status"] = json!("DELETED");
        assert_eq!(read(&taken_back), Ok(Some(LedgerPayment { is_reversed: true, ..expected })));
    }

    #[test]
    fn refunds_bills_and_payments_of_credit_are_none_by_a_customer() {
        for kind in ["ACCPAYPAYMENT", "ARCREDITPAYMENT", "AROVERPAYMENTPAYMENT", "ARPREPAYMENTPAYMENT", "NEW"] {
            assert_eq!(read(&json!({ "PaymentType": kind })), Ok(None), "{kind}");
        }
    }

    #[test]
    fn a_payment_without_what_makes_it_one_is_named() {
        for (name, expected) in [
            ("PaymentType", "PaymentType: missing"),
            ("Invoice", "Invoice: missing"),
            ("Amount", "Amount: missing"),
            ("Status", "Status: missing"),
        ] {
            let mut row = row();
            row.as_object_mut().unwrap().remove(name);
            assert_eq!(read(&row), Err(Unreadable(expected.to_owned())));
        }
        let mut row = row();
        row["Invoice"]["Contact"] = json!({ "ContactID": 7 });
        assert_eq!(read(&row), Err(Unreadable::field("Invoice.Contact.ContactID", "wrong type")));
    }

    #[test]
    fn the_official_sample_reads_whole() {
        let Some(text) = samples::text("xero/openapi_payments_list_200.json") else { return };
        let answer = Answer { status: 200, headers: HeaderMap::new(), body: text.into_bytes() };
        let read = page(&answer, &PAYMENTS).unwrap().batch;
        let facts: Vec<_> = read.payments.iter().map(|payment| (payment.date, payment.amount.minor)).collect();
        assert_eq!((facts, read.skipped), (vec![(Some(date(2018, 11, 29)), 4_600)], Vec::new()));
    }
}
