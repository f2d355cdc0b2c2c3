use jiff::civil::date;
use reqwest::header::HeaderMap;
use serde_json::json;

use super::*;
use crate::{
    http::call::Answer,
    samples,
    xero::parse::{Rows, page},
};

/// An invoice in the shape of a list answer, written by hand.
fn row() -> Value {
    serde_json::from_str(
        r#"{
            "Type": "ACCREC", "InvoiceID": "11111111-2222-3333-4444-555555555555", "InvoiceNumber": "INV-1042",
            "Reference": "PO 7", "Payments": [{"PaymentID": "p", "Amount": 10.00}], "AmountDue": 541.25,
            "AmountPaid": 10.00, "Contact": {"ContactID": "c-1", "Name": "Acme", "Phones": []},
            "DateString": "2026-10-20T00:00:00", "Date": "/Date(1792454400000+0000)/",
            "DueDateString": "2026-11-19T00:00:00", "DueDate": "/Date(1795046400000+0000)/",
            "Status": "AUTHORISED", "LineItems": [], "Total": 551.2500, "CurrencyCode": "AED",
            "UpdatedDateUTC": "/Date(1792454400123+0000)/", "SomethingNew": {"a": [1]}
        }"#,
    )
    .unwrap()
}

fn with(name: &str, value: Value) -> Value {
    let mut row = row();
    row[name] = value;
    row
}

fn without(name: &str) -> Value {
    let mut row = row();
    row.as_object_mut().unwrap().remove(name);
    row
}

fn without_due_text(mut row: Value) -> Value {
    row["DueDateString"] = json!("");
    row
}

fn reason(row: &Value) -> Unreadable {
    invoice(row).unwrap_err()
}

fn expected_reason(text: &str) -> Unreadable {
    let (path, reason) = text.split_once(": ").unwrap();
    Unreadable::field(path, reason)
}

#[test]
fn a_row_becomes_an_invoice_with_exact_amounts() {
    let aed = "AED".parse().unwrap();
    let expected = LedgerInvoice {
        id: "11111111-2222-3333-4444-555555555555".parse().unwrap(),
        contact: "c-1".parse().unwrap(),
        number: String::from("INV-1042"),
        status: InvoiceStatus::Open,
        issued: Some(date(2026, 10, 20)),
        due: Some(date(2026, 11, 19)),
        total: Money::new(55_125, aed),
        remaining: Money::new(54_125, aed),
        marked: Marked::Unknown,
        updated_at: "2026-10-20T00:00:00.123Z".parse().unwrap(),
    };
    assert_eq!(invoice(&row()), Ok(Some(expected)));
}

#[test]
fn every_documented_status_is_known() {
    let statuses = ["DRAFT", "SUBMITTED", "AUTHORISED", "PAID", "VOIDED", "DELETED"]
        .map(|text| invoice(&with("Status", json!(text))).unwrap().unwrap().status);
    let expected = [
        InvoiceStatus::Draft,
        InvoiceStatus::Submitted,
        InvoiceStatus::Open,
        InvoiceStatus::Paid,
        InvoiceStatus::Voided,
        InvoiceStatus::Deleted,
    ];
    assert_eq!(statuses, expected);
}

#[test]
fn bills_and_their_like_are_no_invoices() {
    for kind in ["ACCPAY", "ACCRECCREDIT", "AROVERPAYMENT", "APCREDIT"] {
        assert_eq!(invoice(&with("Type", json!(kind))), Ok(None), "{kind}");
    }
}

#[test]
fn a_row_that_cannot_be_read_says_which_field_and_why_but_not_its_value() {
    for (row, expected) in [
        (without("Type"), "Type: missing"),
        (without("InvoiceID"), "InvoiceID: missing"),
        (with("InvoiceID", json!("a b")), "InvoiceID: unreadable"),
        (with("InvoiceID", json!(7)), "InvoiceID: wrong type"),
        (without("Contact"), "Contact.ContactID: missing"),
        (with("Contact", json!({ "ContactID": false })), "Contact.ContactID: wrong type"),
        (with("Status", json!("HUSH")), "Status: unreadable"),
        (without("CurrencyCode"), "CurrencyCode: missing"),
        (with("CurrencyCode", json!("aed")), "CurrencyCode: unreadable"),
        (with("AmountDue", json!("541.25")), "AmountDue: wrong type"),
        (without("AmountDue"), "AmountDue: missing"),
        (with("Total", json!(null)), "Total: missing"),
        (without_due_text(with("DueDate", json!("HUSH"))), "DueDate: unreadable"),
        (with("UpdatedDateUTC", json!("HUSH")), "UpdatedDateUTC: unreadable"),
        (with("SentToContact", json!("yes")), "SentToContact: wrong type"),
    ] {
        assert_eq!(reason(&row), expected_reason(expected));
    }
    assert_eq!(reason(&json!("HUSH")), Unreadable::field("row", "wrong type"));
}

#[test]
fn amounts_that_a_currency_does_not_have_are_refused() {
    for (text, expected) in [
        ("1.005", "AmountDue: amount has more than 2 decimals, which AED does not have"),
        ("1e3", "AmountDue: amount is not a plain decimal number"),
        ("99999999999999999999", "AmountDue: amount is too large"),
    ] {
        let row = with("AmountDue", serde_json::from_str(text).unwrap());
        assert_eq!(reason(&row), expected_reason(expected));
    }
}

#[test]
fn what_xero_leaves_out_is_absent_and_no_error() {
    let mut row = row();
    for name in ["DueDate", "DueDateString", "DateString", "InvoiceNumber"] {
        row.as_object_mut().unwrap().remove(name);
    }
    let read = invoice(&row).unwrap().unwrap();
    assert_eq!((read.due, read.issued, read.number.as_str()), (None, Some(date(2026, 10, 20)), ""));
    assert_eq!(invoice(&with("SentToContact", json!(true))).unwrap().unwrap().marked, Marked::Sent);
    assert_eq!(invoice(&with("SentToContact", json!(false))).unwrap().unwrap().marked, Marked::NotSent);
}

#[test]
fn the_official_sample_reads_whole() {
    let Some(text) = samples::text("xero/openapi_invoices_list_200.json") else { return };
    let answer = Answer { status: 200, headers: HeaderMap::new(), body: text.into_bytes() };
    let read = page(&answer, Rows { list: "Invoices", id: "InvoiceID", page_size: 100 }, invoice).unwrap();
    let nzd = "NZD".parse().unwrap();
    let facts: Vec<_> = read.records.iter().map(|row| (row.status, row.remaining, row.due)).collect();
    assert_eq!(
        facts,
        [
            (InvoiceStatus::Voided, Money::new(0, nzd), Some(date(2018, 12, 30))),
            (InvoiceStatus::Paid, Money::new(0, nzd), Some(date(2018, 12, 30))),
            (InvoiceStatus::Open, Money::new(11_500, nzd), Some(date(2018, 11, 7))),
        ]
    );
    assert_eq!((read.skipped, read.has_more), (Vec::new(), false));
}
