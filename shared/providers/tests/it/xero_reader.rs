//! What the first pull reads of an organisation.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};
use numo_app::port::ledger::{
    LedgerError,
    reader::{LedgerReader, Pull},
    record::{LedgerOrganisation, RecordKind},
};
use numo_domain::{
    contact::{ContactStatus, choose_number},
    credit::CreditKind,
    id::ExternalId,
    invoice::InvoiceStatus,
    money::Money,
};
use serde_json::{Value, json};

use crate::bench::{Bench, Consent, pulled};

const EVERYTHING: Pull = Pull::Everything { dated_since: date(2000, 1, 1) };

/// The sound sales invoices or bills that the simulator holds, by id.
async fn held(bench: &Bench, kind: &str) -> BTreeMap<String, Value> {
    let rows = bench.shown("xero/documents?tenant=demo").await;
    let rows = rows.as_array().unwrap().iter();
    let sound = rows.filter(|row| row["Type"] == kind && row.get("_sim_malformed").is_none());
    sound.map(|row| (row["InvoiceID"].as_str().unwrap().to_owned(), row.clone())).collect()
}

#[tokio::test]
async fn the_organisation_says_its_zone_country_and_currency() {
    let bench = Bench::start().await;
    let expected = LedgerOrganisation {
        name: String::from("Harbour Lane Trading"),
        zone: "Asia/Dubai".parse().ok(),
        country: "AE".parse().ok(),
        base_currency: "AED".parse().ok(),
        is_demo_company: false,
    };
    assert_eq!(bench.xero_reader().organisation(&bench.ledger("demo").await).await.unwrap(), expected);
    let demo = bench.xero_reader().organisation(&bench.ledger("demo_company").await).await.unwrap();
    assert!(demo.is_demo_company);
}

#[tokio::test]
async fn every_sales_invoice_and_every_open_bill_is_read_exactly() {
    let bench = Bench::start().await;
    let access = bench.ledger("demo").await;
    let (read, _) = pulled(&bench.xero_reader(), &access, &EVERYTHING).await;
    let sales = held(&bench, "ACCREC").await;
    assert_eq!(read.invoices.len(), sales.len());
    for record in &read.invoices {
        let row = &sales[record.id.as_str()];
        let amount = |name: &str| Money::parse_decimal(&row[name].to_string(), record.total.currency).unwrap();
        let calendar = |name: &str| row[name].as_str().map(|text| text[..10].parse::<Date>().unwrap());
        assert_eq!((record.total, record.remaining), (amount("Total"), amount("AmountDue")));
        assert_eq!(record.paid, Some(amount("AmountPaid")));
        assert_eq!(record.total.currency.as_str(), row["CurrencyCode"]);
        assert_eq!(record.contact.as_str(), row["Contact"]["ContactID"]);
        assert_eq!((record.issued, record.due), (calendar("DateString"), calendar("DueDateString")));
        assert_eq!(record.number.as_str(), row["InvoiceNumber"].as_str().unwrap());
        assert_eq!(record.expected_payment.is_some(), row.get("ExpectedPaymentDate").is_some());
    }
    let statuses: BTreeSet<String> = read.invoices.iter().map(|record| format!("{:?}", record.status)).collect();
    assert!(statuses.len() >= 4, "{statuses:?}");
    assert!(read.invoices.iter().any(|record| record.expected_payment.is_some()));
    let bills: BTreeMap<&str, Money> = read.bills.iter().map(|bill| (bill.id.as_str(), bill.remaining)).collect();
    let held = held(&bench, "ACCPAY").await;
    let due = |row: &Value| {
        let currency = row["CurrencyCode"].as_str().unwrap().parse().unwrap();
        Money::parse_decimal(&row["AmountDue"].to_string(), currency).unwrap()
    };
    let open = held.iter().filter(|(_, row)| row["Status"] == "AUTHORISED");
    assert_eq!(bills, open.map(|(id, row)| (id.as_str(), due(row))).collect());
    assert!(!bills.is_empty());
}

#[tokio::test]
async fn rows_that_are_broken_are_named_and_the_others_read() {
    let bench = Bench::start().await;
    let access = bench.ledger("demo").await;
    let (read, _) = pulled(&bench.xero_reader(), &access, &EVERYTHING).await;
    let told: Vec<_> = read.skipped.iter().map(|row| (row.kind, row.reason.as_str(), row.contact.is_some())).collect();
    let expected =
        [(RecordKind::Invoice, "AmountDue: wrong type", true), (RecordKind::Invoice, "InvoiceID: missing", true)];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn what_is_settled_and_older_than_asked_for_is_left_out() {
    let bench = Bench::start().await;
    let access = bench.ledger("demo").await;
    let since = date(2026, 11, 1);
    let (read, _) = pulled(&bench.xero_reader(), &access, &Pull::Everything { dated_since: since }).await;
    let ids: BTreeSet<String> = read.invoices.iter().map(|record| record.id.to_string()).collect();
    let held = held(&bench, "ACCREC").await;
    let matters = |row: &Value| {
        row["Status"] == "AUTHORISED" || row["DateString"].as_str().unwrap()[..10].parse::<Date>().unwrap() >= since
    };
    let expected: BTreeSet<String> = held.iter().filter(|(_, row)| matters(row)).map(|(id, _)| id.clone()).collect();
    assert_eq!(ids, expected);
    assert!(expected.len() < held.len());
}

#[tokio::test]
async fn only_open_credit_of_customers_is_read_and_the_latest_payment() {
    let bench = Bench::start().await;
    let access = bench.ledger("demo").await;
    let (read, n_calls) = pulled(&bench.xero_reader(), &access, &EVERYTHING).await;
    let kinds: BTreeSet<CreditKind> = read.credits.iter().map(|credit| credit.kind).collect();
    assert_eq!(kinds, [CreditKind::CreditNote, CreditKind::Prepayment, CreditKind::Overpayment].into());
    assert!(read.credits.iter().all(|credit| credit.remaining.is_positive()));
    assert_eq!((read.payments.len(), n_calls), (1, 6));
    assert!(!read.payments[0].is_reversed);
    let held = held(&bench, "ACCREC").await;
    let paid_on = held.values().filter_map(|row| row["Payments"].as_array()).flatten().map(|payment| {
        let text = payment["Date"].as_str().unwrap();
        text.trim_matches(|c: char| !c.is_ascii_digit()).split('+').next().unwrap().parse::<i64>().unwrap()
    });
    let latest = jiff::Timestamp::from_millisecond(paid_on.max().unwrap()).unwrap();
    assert_eq!(read.payments[0].date, Some(jiff::tz::TimeZone::UTC.to_datetime(latest).date()));
}

#[tokio::test]
async fn contacts_come_with_archived_ones_their_groups_and_numbers_that_read_as_meant() {
    let bench = Bench::start().await;
    let access = bench.ledger("demo").await;
    let (read, _) = pulled(&bench.xero_reader(), &access, &EVERYTHING).await;
    let statuses: BTreeSet<String> = read.contacts.iter().map(|contact| format!("{:?}", contact.status)).collect();
    let expected = [ContactStatus::Active, ContactStatus::Archived, ContactStatus::GdprRequest];
    assert_eq!(statuses, expected.map(|status| format!("{status:?}")).into());
    let merged: Vec<_> = read.contacts.iter().filter(|contact| contact.payer.is_some()).collect();
    assert_eq!(merged.len(), 1);
    assert_eq!(merged[0].status, ContactStatus::Archived);
    assert!(read.contacts.iter().any(|contact| contact.groups.len() > 1 && contact.groups.is_sorted()));
    let meant: BTreeMap<String, String> =
        serde_json::from_value(bench.shown("xero/mobiles?tenant=demo").await).unwrap();
    let home = "AE".parse().ok();
    let numbers: BTreeMap<String, String> = read
        .contacts
        .iter()
        .filter(|contact| meant.contains_key(contact.id.as_str()))
        .map(|contact| {
            let number = choose_number(&contact.phones, home).map(|number| number.as_e164().to_owned());
            (contact.id.to_string(), number.unwrap_or_else(|why| format!("{why:?}: {:?}", contact.phones)))
        })
        .collect();
    assert_eq!(numbers, meant);
}

#[tokio::test]
async fn a_row_of_the_wrong_shape_costs_only_itself() {
    let bench = Bench::start().await;
    let access = bench.ledger("demo_company").await;
    let reader = bench.xero_reader();
    let (before, _) = pulled(&reader, &access, &EVERYTHING).await;
    for invoice in [
        json!({ "InvoiceNumber": "W-1", "AmountDue": "12.00" }),
        json!({ "InvoiceNumber": "W-2", "CurrencyCode": null }),
        json!({ "InvoiceNumber": "W-3", "UpdatedDateUTC": "HUSH" }),
        json!({ "InvoiceNumber": "W-4", "Contact": null }),
        json!({ "InvoiceNumber": "W-5", "Brand": { "new": [1, "x"] }, "Status": "DRAFT" }),
    ] {
        bench.control("xero/invoice", json!({ "tenant": "demo_company", "invoice": invoice })).await;
    }
    let (after, _) = pulled(&reader, &access, &EVERYTHING).await;
    let mut told: Vec<(String, String)> =
        after.skipped.iter().map(|row| (row.number.clone().unwrap_or_default(), row.reason.clone())).collect();
    told.sort();
    let expected = [
        ("W-1", "AmountDue: wrong type"),
        ("W-2", "CurrencyCode: missing"),
        ("W-3", "UpdatedDateUTC: unreadable"),
        ("W-4", "Contact.ContactID: missing"),
    ];
    assert_eq!(told, expected.map(|(number, reason)| (number.to_owned(), reason.to_owned())));
    assert!(after.skipped.iter().all(|row| row.id.is_some()));
    assert_eq!(after.invoices.len(), before.invoices.len() + 1);
}

#[tokio::test]
async fn invoices_are_read_by_id_whatever_their_status_and_many_in_several_calls() {
    let bench = Bench::start().await;
    let access = bench.ledger("demo").await;
    let reader = bench.xero_reader();
    let held = held(&bench, "ACCREC").await;
    let some: Vec<ExternalId> = held.keys().take(85).map(|id| id.parse().unwrap()).collect();
    let gone: ExternalId = "018f0000-0000-7000-8000-000000000001".parse().unwrap();
    bench.control("xero/calls/reset", json!({})).await;
    let read = reader.invoices_by_id(&access, &[some.as_slice(), &[gone]].concat()).await.unwrap();
    let ids: BTreeSet<ExternalId> = read.invoices.iter().map(|invoice| invoice.id.clone()).collect();
    assert_eq!((ids, read.next), (some.into_iter().collect(), None));
    assert!(read.invoices.iter().any(|invoice| invoice.status != InvoiceStatus::Open));
    assert_eq!(bench.calls("xero"), json!({ "GET /api.xro/2.0/Invoices": 3 }));
    assert!(matches!(reader.invoices_by_id(&access, &[]).await, Err(LedgerError::Rejected(400))));
}

#[tokio::test]
async fn xeros_own_reminders_are_on_off_or_not_for_us_to_know() {
    let bench = Bench::start().await;
    let access = bench.ledger("demo").await;
    let reader = bench.xero_reader();
    for enabled in [true, false] {
        bench.control("xero/reminders", json!({ "tenant": "demo", "enabled": enabled })).await;
        assert_eq!(reader.own_reminders(&access).await.unwrap(), Some(enabled));
    }
    for status in [403, 404] {
        bench.fault("xero", json!({ "kind": "status", "status": status })).await;
        assert_eq!(reader.own_reminders(&access).await.unwrap(), None, "{status}");
    }
    let without = Consent { without_scope: Some("%20accounting.settings.read"), ..Consent::to("demo") };
    assert_eq!(reader.own_reminders(&bench.ledger_by(without).await).await.unwrap(), None);
    bench.fault("xero", json!({ "kind": "expired_token" })).await;
    assert!(matches!(reader.own_reminders(&access).await, Err(LedgerError::TokenRefused)));
    bench.fault("xero", json!({ "kind": "status", "status": 503 })).await;
    assert!(matches!(reader.own_reminders(&access).await, Err(LedgerError::Unavailable(_))));
}
