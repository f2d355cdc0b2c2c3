use jiff::{Timestamp, civil::date};
use numo_domain::money::Money;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use super::*;
use crate::{
    http::call::Answer,
    samples,
    xero::{list::INVOICES, page::page},
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

fn batch_of(row: &Value) -> Result<Batch, Unreadable> {
    let mut batch = Batch::empty(Timestamp::UNIX_EPOCH);
    read(&row.to_string(), &mut batch)?;
    Ok(batch)
}

fn invoice_of(row: &Value) -> LedgerInvoice {
    batch_of(row).unwrap().invoices.remove(0)
}

fn reason(row: &Value) -> Unreadable {
    batch_of(row).unwrap_err()
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
        expected_payment: None,
        paid: Some(Money::new(1_000, aed)),
        updated_at: "2026-10-20T00:00:00.123Z".parse().unwrap(),
    };
    assert_eq!(invoice_of(&row()), expected);
}

#[test]
fn every_documented_status_is_known() {
    let statuses = ["DRAFT", "SUBMITTED", "AUTHORISED", "PAID", "VOIDED", "DELETED"]
        .map(|text| invoice_of(&with("Status", json!(text))).status);
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
fn a_bill_becomes_a_bill_and_other_documents_nothing() {
    let counts = |kind: &str| {
        let batch = batch_of(&with("Type", json!(kind))).unwrap();
        (batch.invoices.len(), batch.bills.len())
    };
    assert_eq!((counts("ACCREC"), counts("ACCPAY")), ((1, 0), (0, 1)));
    for kind in ["ACCRECCREDIT", "AROVERPAYMENT", "APPREPAYMENT"] {
        assert_eq!(counts(kind), (0, 0), "{kind}");
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
        (
            with("AmountPaid", serde_json::from_str("1.005").unwrap()),
            "AmountPaid: amount has more than 2 decimals, which AED does not have",
        ),
        (with("ExpectedPaymentDate", json!("HUSH")), "ExpectedPaymentDate: unreadable"),
    ] {
        assert_eq!(reason(&row), expected_reason(expected));
    }
    assert_eq!(reason(&json!("HUSH")), Unreadable::field("row", "wrong type"));
}

#[test]
fn what_xero_leaves_out_is_absent_and_no_error() {
    let mut row = row();
    for name in ["DueDate", "DueDateString", "DateString", "InvoiceNumber", "AmountPaid"] {
        row.as_object_mut().unwrap().remove(name);
    }
    let read = invoice_of(&row);
    assert_eq!((read.due, read.issued, read.number.as_str()), (None, Some(date(2026, 10, 20)), ""));
    assert_eq!((read.paid, read.expected_payment), (None, None));
}

#[test]
fn the_mark_and_the_promised_day_are_taken_where_xero_tells_them() {
    assert_eq!(invoice_of(&with("SentToContact", json!(true))).marked, Marked::Sent);
    assert_eq!(invoice_of(&with("SentToContact", json!(false))).marked, Marked::NotSent);
    let promised = with("ExpectedPaymentDate", json!("/Date(1795046400000+0000)/"));
    assert_eq!(invoice_of(&promised).expected_payment, Some(date(2026, 11, 19)));
}

#[test]
fn the_official_sample_reads_whole() {
    let Some(text) = samples::text("xero/openapi_invoices_list_200.json") else { return };
    let answer = Answer { status: 200, headers: HeaderMap::new(), body: text.into_bytes() };
    let read = page(&answer, &INVOICES).unwrap().batch;
    let nzd = "NZD".parse().unwrap();
    let facts: Vec<_> = read.invoices.iter().map(|row| (row.status, row.remaining, row.due)).collect();
    assert_eq!(
        facts,
        [
            (InvoiceStatus::Voided, Money::new(0, nzd), Some(date(2018, 12, 30))),
            (InvoiceStatus::Paid, Money::new(0, nzd), Some(date(2018, 12, 30))),
            (InvoiceStatus::Open, Money::new(11_500, nzd), Some(date(2018, 11, 7))),
        ]
    );
    assert_eq!((read.bills, read.skipped), (Vec::new(), Vec::new()));
}
