//! Credit notes, prepayments and overpayments, row by row.

use numo_app::port::ledger::record::LedgerCredit;
use numo_domain::{credit::CreditKind, id::ExternalId, money::Money};
use serde::Deserialize;
use serde_json::Number;

use crate::xero::{
    date,
    field::{self, RawContact, Unreadable},
};

/// A credit note that a customer has; `None` for those that suppliers gave.
///
/// Xero: accounting API, Credit Notes.
pub(crate) fn credit_note(row: &str) -> Result<Option<LedgerCredit>, Unreadable> {
    credit(row, CreditKind::CreditNote, |raw| Named {
        id: field::id("CreditNoteID", raw.credit_note_id.as_deref()),
        number: raw.credit_note_number.clone(),
    })
}

/// What a customer paid in advance; `None` for what went to suppliers.
///
/// Xero: accounting API, Prepayments.
pub(crate) fn prepayment(row: &str) -> Result<Option<LedgerCredit>, Unreadable> {
    credit(row, CreditKind::Prepayment, |raw| Named {
        id: field::id("PrepaymentID", raw.prepayment_id.as_deref()),
        number: raw.invoice_number.clone(),
    })
}

/// What a customer paid too much; `None` for what went to suppliers.
///
/// Xero: accounting API, Overpayments, which have no printed number.
pub(crate) fn overpayment(row: &str) -> Result<Option<LedgerCredit>, Unreadable> {
    credit(row, CreditKind::Overpayment, |raw| Named {
        id: field::id("OverpaymentID", raw.overpayment_id.as_deref()),
        number: None,
    })
}

/// What the kinds call differently.
struct Named {
    id: Result<ExternalId, Unreadable>,
    number: Option<String>,
}

fn credit(row: &str, kind: CreditKind, named: fn(&RawCredit) -> Named) -> Result<Option<LedgerCredit>, Unreadable> {
    if !field::required("Type", Some(&field::kind(row)?), is_customers)? {
        return Ok(None);
    }
    let raw: RawCredit = field::fields(row)?;
    let Named { id, number } = named(&raw);
    let currency = field::currency("CurrencyCode", raw.currency.as_deref())?;
    let remaining = if field::required("Status", raw.status.as_deref(), is_approved)? {
        field::money("RemainingCredit", raw.remaining.as_ref(), currency)?
    } else {
        Money::zero(currency)
    };
    Ok(Some(LedgerCredit {
        id: id?,
        kind,
        contact: field::contact("Contact.ContactID", raw.contact.as_ref())?,
        number: number.unwrap_or_default(),
        date: field::calendar("Date", raw.date_string.as_deref(), raw.date.as_deref())?,
        remaining,
        updated_at: field::required("UpdatedDateUTC", raw.updated.as_deref(), date::instant)?,
    }))
}

#[derive(Debug, Deserialize)]
struct RawCredit {
    #[serde(rename = "CreditNoteID")]
    credit_note_id: Option<String>,
    #[serde(rename = "PrepaymentID")]
    prepayment_id: Option<String>,
    #[serde(rename = "OverpaymentID")]
    overpayment_id: Option<String>,
    #[serde(rename = "CreditNoteNumber")]
    credit_note_number: Option<String>,
    #[serde(rename = "InvoiceNumber")]
    invoice_number: Option<String>,
    #[serde(rename = "Status")]
    status: Option<String>,
    #[serde(rename = "Contact")]
    contact: Option<RawContact>,
    #[serde(rename = "CurrencyCode")]
    currency: Option<String>,
    #[serde(rename = "RemainingCredit")]
    remaining: Option<Number>,
    #[serde(rename = "DateString")]
    date_string: Option<String>,
    #[serde(rename = "Date")]
    date: Option<String>,
    #[serde(rename = "UpdatedDateUTC")]
    updated: Option<String>,
}

/// Whether a kind of credit is a customer's; the other side is what suppliers owe.
fn is_customers(kind: &str) -> Option<bool> {
    match kind {
        "ACCRECCREDIT" | "RECEIVE-PREPAYMENT" | "ARPREPAYMENT" | "RECEIVE-OVERPAYMENT" | "AROVERPAYMENT" => Some(true),
        "ACCPAYCREDIT" | "SPEND-PREPAYMENT" | "APPREPAYMENT" | "SPEND-OVERPAYMENT" | "APOVERPAYMENT" => Some(false),
        _ => None,
    }
}

/// Whether something may be left: a draft counts for nothing yet, and what is paid or void no more.
fn is_approved(status: &str) -> Option<bool> {
    match status {
        "AUTHORISED" => Some(true),
        "DRAFT" | "SUBMITTED" | "PAID" | "VOIDED" | "DELETED" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use reqwest::header::HeaderMap;
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        http::call::Answer,
        samples,
        xero::{
            list::{CREDIT_NOTES, List, OVERPAYMENTS, PREPAYMENTS},
            page::page,
        },
    };

    fn row(kind: &str) -> Value {
        json!({
            "Type": kind, "CreditNoteID": "cn-1", "PrepaymentID": "pp-1", "OverpaymentID": "op-1", "ID": "x",
            "CreditNoteNumber": "CN-7", "InvoiceNumber": "INV-7", "Status": "AUTHORISED", "RemainingCredit": 32.50,
            "Contact": { "ContactID": "c-1" }, "CurrencyCode": "NZD", "Date": "/Date(1551744000000+0000)/",
            "DateString": "2019-03-05T00:00:00", "UpdatedDateUTC": "/Date(1000+0000)/", "Allocations": [],
        })
    }

    fn expected(kind: CreditKind, id: &str, number: &str) -> LedgerCredit {
        LedgerCredit {
            id: id.parse().unwrap(),
            kind,
            contact: "c-1".parse().unwrap(),
            number: number.to_owned(),
            date: Some(date(2019, 3, 5)),
            remaining: Money::new(3_250, "NZD".parse().unwrap()),
            updated_at: "1970-01-01T00:00:01Z".parse().unwrap(),
        }
    }

    #[test]
    fn a_row_of_each_kind_becomes_a_credit_with_its_own_id() {
        let row = |kind| row(kind).to_string();
        let credit_note = credit_note(&row("ACCRECCREDIT")).unwrap();
        assert_eq!(credit_note, Some(expected(CreditKind::CreditNote, "cn-1", "CN-7")));
        for kind in ["RECEIVE-PREPAYMENT", "ARPREPAYMENT"] {
            assert_eq!(prepayment(&row(kind)), Ok(Some(expected(CreditKind::Prepayment, "pp-1", "INV-7"))), "{kind}");
        }
        for kind in ["RECEIVE-OVERPAYMENT", "AROVERPAYMENT"] {
            assert_eq!(overpayment(&row(kind)), Ok(Some(expected(CreditKind::Overpayment, "op-1", ""))), "{kind}");
        }
    }

    #[test]
    fn what_suppliers_owe_is_no_credit_and_an_unknown_kind_is_not_guessed() {
        assert_eq!(credit_note(&json!({ "Type": "ACCPAYCREDIT" }).to_string()), Ok(None));
        assert_eq!(prepayment(&json!({ "Type": "SPEND-PREPAYMENT" }).to_string()), Ok(None));
        assert_eq!(overpayment(&json!({ "Type": "SPEND-OVERPAYMENT" }).to_string()), Ok(None));
        assert_eq!(overpayment(&row("HUSH").to_string()), Err(Unreadable::field("Type", "unreadable")));
    }

    #[test]
    fn nothing_is_left_of_a_draft_and_of_what_is_allocated_or_void() {
        for status in ["DRAFT", "SUBMITTED", "PAID", "VOIDED", "DELETED"] {
            let mut row = row("ACCRECCREDIT");
            row["Status"] = json!(status);
            let left = credit_note(&row.to_string()).unwrap().unwrap().remaining;
            assert_eq!(left, Money::zero("NZD".parse().unwrap()), "{status}");
        }
        let mut row = row("ACCRECCREDIT");
        row["RemainingCredit"] = json!("32.50");
        assert_eq!(credit_note(&row.to_string()), Err(Unreadable::field("RemainingCredit", "wrong type")));
        row["Status"] = json!("HUSH");
        row["RemainingCredit"] = json!(1);
        assert_eq!(credit_note(&row.to_string()), Err(Unreadable::field("Status", "unreadable")));
    }

    #[test]
    fn the_official_samples_read_whole() {
        let left = |name: &str, list: &List| {
            let text = samples::text(&format!("xero/openapi_{name}_list_200.json"))?;
            let answer = Answer { status: 200, headers: HeaderMap::new(), body: text.into_bytes() };
            let read = page(&answer, list).unwrap().batch;
            assert_eq!(read.skipped, [], "{name}");
            Some(read.credits.iter().map(|credit| credit.remaining.minor).collect::<Vec<_>>())
        };
        for (name, list, expected) in [
            ("creditnotes", &CREDIT_NOTES, vec![3_250]),
            ("prepayments", &PREPAYMENTS, vec![345_000]),
            ("overpayments", &OVERPAYMENTS, vec![2_000; 3]),
        ] {
            let Some(left) = left(name, list) else { return };
            assert_eq!(left, expected, "{name}");
        }
    }
}
