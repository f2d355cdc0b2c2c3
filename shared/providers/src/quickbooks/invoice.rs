//! Sales invoices, row by row.

use numo_app::port::ledger::record::LedgerInvoice;
use numo_domain::{
    invoice::{InvoiceStatus, Marked},
    money::Money,
};
use serde::Deserialize;
use serde_json::{Number, value::RawValue};

use crate::quickbooks::row::{self, Meta, Reference, Unreadable};

/// A sales invoice, whatever became of it (QuickBooks: accounting API, Invoice).
pub(crate) fn invoice(row: &RawValue) -> Result<LedgerInvoice, Unreadable> {
    let raw: RawInvoice = row::fields(row)?;
    let currency = row::currency(raw.currency.as_ref())?;
    let total = row::money("TotalAmt", raw.total.as_ref(), currency)?;
    let remaining = row::money("Balance", raw.balance.as_ref(), currency)?;
    Ok(LedgerInvoice {
        id: row::id(raw.id.as_deref())?,
        contact: row::customer(raw.customer.as_ref())?,
        status: status(total, remaining, raw.note.as_deref()),
        issued: row::calendar("TxnDate", raw.date.as_deref())?,
        due: row::calendar("DueDate", raw.due_date.as_deref())?,
        total,
        remaining,
        marked: marked(raw.email_status.as_deref()),
        // There is no field for it, and what arrived as money stands on the payments alone.
        expected_payment: None,
        paid: None,
        updated_at: row::updated_at(raw.meta.as_ref())?,
        // Missing where the company numbers its invoices itself and left it empty.
        number: raw.number.unwrap_or_default(),
    })
}

/// The fields that are used.
#[derive(Debug, Deserialize)]
struct RawInvoice {
    #[serde(rename = "Id")]
    id: Option<String>,
    #[serde(rename = "DocNumber")]
    number: Option<String>,
    #[serde(rename = "CustomerRef")]
    customer: Option<Reference>,
    #[serde(rename = "CurrencyRef")]
    currency: Option<Reference>,
    #[serde(rename = "TotalAmt")]
    total: Option<Number>,
    #[serde(rename = "Balance")]
    balance: Option<Number>,
    #[serde(rename = "TxnDate")]
    date: Option<String>,
    #[serde(rename = "DueDate")]
    due_date: Option<String>,
    #[serde(rename = "EmailStatus")]
    email_status: Option<String>,
    #[serde(rename = "PrivateNote")]
    note: Option<String>,
    #[serde(rename = "MetaData")]
    meta: Option<Meta>,
}

/// QuickBooks has no status field and no drafts: the amounts say where an invoice stands.
fn status(total: Money, remaining: Money, note: Option<&str>) -> InvoiceStatus {
    if remaining.is_positive() {
        InvoiceStatus::Open
    } else if row::is_voided(&[total, remaining], note) {
        InvoiceStatus::Voided
    } else {
        InvoiceStatus::Paid
    }
}

/// `NotSet` and `NeedToSend` do not mean that the customer has none: most are handed over otherwise.
fn marked(email_status: Option<&str>) -> Marked {
    if email_status == Some("EmailSent") { Marked::Sent } else { Marked::Unknown }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::{Value, json};

    use super::*;

    fn row() -> Value {
        json!({
            "domain": "QBO", "sparse": false, "Id": "103", "SyncToken": "2", "DocNumber": "1033",
            "MetaData": { "CreateTime": "2016-02-23T13:41:59-08:00", "LastUpdatedTime": "2016-04-13T07:34:40-07:00" },
            "TxnDate": "2016-02-23", "DueDate": "2016-03-24", "TotalAmt": 629.10, "Balance": 100,
            "CurrencyRef": { "value": "USD", "name": "United States Dollar" },
            "CustomerRef": { "value": "10", "name": "Geeta Kalapatapu" },
            "LinkedTxn": [{ "TxnId": "41", "TxnType": "Estimate" }], "EmailStatus": "NotSet",
            "Line": [{ "Amount": 582.5, "DetailType": "SubTotalLineDetail" }], "new": [1],
        })
    }

    fn read(row: &Value) -> Result<LedgerInvoice, Unreadable> {
        invoice(&RawValue::from_string(row.to_string()).unwrap())
    }

    fn with(changes: Value) -> LedgerInvoice {
        let mut row = row();
        row.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        read(&row).unwrap()
    }

    #[test]
    fn a_row_becomes_an_invoice() {
        let usd = "USD".parse().unwrap();
        let expected = LedgerInvoice {
            id: "103".parse().unwrap(),
            contact: "10".parse().unwrap(),
            number: String::from("1033"),
            status: InvoiceStatus::Open,
            issued: Some(date(2016, 2, 23)),
            due: Some(date(2016, 3, 24)),
            total: Money::new(62_910, usd),
            remaining: Money::new(10_000, usd),
            marked: Marked::Unknown,
            expected_payment: None,
            paid: None,
            updated_at: "2016-04-13T14:34:40Z".parse().unwrap(),
        };
        assert_eq!(read(&row()), Ok(expected));
    }

    #[test]
    fn the_amounts_and_the_note_say_where_it_stands() {
        for (changes, expected) in [
            (json!({ "Balance": 0.01 }), InvoiceStatus::Open),
            (json!({ "Balance": 0 }), InvoiceStatus::Paid),
            (json!({ "Balance": 0, "TotalAmt": 0 }), InvoiceStatus::Paid),
            (json!({ "Balance": 0, "PrivateNote": "Voided" }), InvoiceStatus::Paid),
            (json!({ "Balance": 0, "TotalAmt": 0, "PrivateNote": "Voided - typo" }), InvoiceStatus::Voided),
            (json!({ "Balance": 5, "PrivateNote": "Voided the old one" }), InvoiceStatus::Open),
        ] {
            assert_eq!(with(changes.clone()).status, expected, "{changes}");
        }
    }

    #[test]
    fn only_a_mail_that_went_out_says_that_the_customer_has_it() {
        let marks = [json!("EmailSent"), json!("NeedToSend"), json!("NotSet"), json!(null)]
            .map(|text| with(json!({ "EmailStatus": text })).marked);
        assert_eq!(marks, [Marked::Sent, Marked::Unknown, Marked::Unknown, Marked::Unknown]);
    }

    #[test]
    fn number_and_due_date_may_be_missing() {
        let invoice = with(json!({ "DocNumber": null, "DueDate": null, "TxnDate": "" }));
        assert_eq!((invoice.number.as_str(), invoice.due, invoice.issued), ("", None, None));
    }

    #[test]
    fn amounts_are_read_from_their_digits_in_the_currency_of_the_row() {
        let row = r#"{"Id":"1","CustomerRef":{"value":"2"},"CurrencyRef":{"value":"KWD"},"TotalAmt":9007199254740993.125,
            "Balance":0.100,"MetaData":{"LastUpdatedTime":"2016-04-13T07:34:40-07:00"}}"#;
        let read = invoice(&RawValue::from_string(row.to_owned()).unwrap()).unwrap();
        assert_eq!((read.total.minor, read.remaining.minor), (9_007_199_254_740_993_125, 100));
    }

    #[test]
    fn what_is_wrong_is_named_by_its_path_without_its_value() {
        for (field, value, expected) in [
            ("Balance", json!("HUSH"), "Balance: wrong type"),
            ("Balance", json!(null), "Balance: missing"),
            ("Balance", json!(1.005), "Balance: amount has more than 2 decimals, which USD does not have"),
            ("CustomerRef", json!({ "name": "HUSH" }), "CustomerRef.value: missing"),
            ("CurrencyRef", json!({ "value": "HUSH" }), "CurrencyRef.value: unreadable"),
            ("MetaData", json!({ "LastUpdatedTime": "HUSH" }), "MetaData.LastUpdatedTime: unreadable"),
            ("DueDate", json!("HUSH"), "DueDate: unreadable"),
            ("Id", json!(7), "Id: wrong type"),
        ] {
            let mut row = row();
            row[field] = value;
            let (path, reason) = expected.split_once(": ").unwrap();
            assert_eq!(read(&row), Err(Unreadable::field(path, reason)));
        }
        assert_eq!(read(&json!(7)), Err(Unreadable::field("row", "wrong type")));
    }
}
