//! What is read of an organisation.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use numo_app::port::ledger::{
    LedgerAccess, LedgerContact, LedgerError, LedgerInvoice, LedgerOrganisation, LedgerReader, PageRequest, SkippedRow,
};
use numo_domain::{
    contact::{ContactStatus, choose_number},
    id::ExternalId,
    invoice::InvoiceStatus,
    money::Money,
};
use numo_providers::xero::reader::XeroReader;
use serde_json::{Value, json};

use crate::bench::Bench;

const fn page(page: u32) -> PageRequest {
    PageRequest { page, modified_since: None }
}

async fn all_invoices(reader: &XeroReader, access: &LedgerAccess) -> (Vec<LedgerInvoice>, Vec<SkippedRow>, u32) {
    let (mut records, mut skipped, mut number) = (Vec::new(), Vec::new(), 0);
    loop {
        number += 1;
        let read = reader.invoices(access, &page(number)).await.unwrap();
        records.extend(read.records);
        skipped.extend(read.skipped);
        if !read.has_more {
            return (records, skipped, number);
        }
    }
}

async fn all_contacts(reader: &XeroReader, access: &LedgerAccess) -> Vec<LedgerContact> {
    let read = reader.contacts(access, &page(1)).await.unwrap();
    assert_eq!((read.skipped, read.has_more), (Vec::new(), false));
    read.records
}

/// The sound sales invoices that the simulator holds, by id.
async fn held(bench: &Bench) -> BTreeMap<String, Value> {
    let rows = bench.shown("xero/documents?tenant=demo").await;
    let sales =
        rows.as_array().unwrap().iter().filter(|row| row["Type"] == "ACCREC" && row.get("_sim_malformed").is_none());
    sales.map(|row| (row["InvoiceID"].as_str().unwrap().to_owned(), row.clone())).collect()
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
async fn every_sales_invoice_is_read_exactly_and_no_bill_is() {
    let bench = Bench::start().await;
    let access = bench.ledger("demo").await;
    let (records, skipped, _) = all_invoices(&bench.xero_reader(), &access).await;
    let held = held(&bench).await;
    assert_eq!(records.len(), held.len());
    for record in &records {
        let row = &held[record.id.as_str()];
        let amount = |name: &str| Money::parse_decimal(&row[name].to_string(), record.total.currency).unwrap();
        assert_eq!((record.total, record.remaining), (amount("Total"), amount("AmountDue")));
        assert_eq!(record.total.currency.as_str(), row["CurrencyCode"]);
        assert_eq!(record.contact.as_str(), row["Contact"]["ContactID"]);
        let due = row["DueDateString"].as_str().map(|text| text[..10].parse::<Date>().unwrap());
        assert_eq!((record.due, record.number.as_str()), (due, row["InvoiceNumber"].as_str().unwrap()));
    }
    let reasons: BTreeSet<&str> = skipped.iter().map(|row| row.reason.as_str()).collect();
    assert_eq!(skipped.len(), 2, "{reasons:?}");
    let statuses: BTreeSet<String> = records.iter().map(|record| format!("{:?}", record.status)).collect();
    assert!(statuses.len() >= 4, "{statuses:?}");
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repeat() {
    let bench = Bench::start().await;
    let access = bench.ledger("demo").await;
    for number in 0..600 {
        let invoice = json!({ "InvoiceNumber": format!("X-{number}"), "Status": "AUTHORISED" });
        bench.control("xero/invoice", json!({ "tenant": "demo", "invoice": invoice })).await;
    }
    let (records, _, n_pages) = all_invoices(&bench.xero_reader(), &access).await;
    let ids: BTreeSet<&ExternalId> = records.iter().map(|record| &record.id).collect();
    assert_eq!((ids.len(), records.len()), (held(&bench).await.len(), ids.len()));
    assert!(n_pages >= 2, "{n_pages}");
}

#[tokio::test]
async fn only_what_changed_since_is_read() {
    let bench = Bench::start().await;
    bench.sim.handle.advance_seconds(3_600);
    let access = bench.ledger("demo").await;
    let reader = bench.xero_reader();
    let since = reader.invoices(&access, &page(1)).await.unwrap().read_at;
    let id = held(&bench).await.into_iter().find(|(_, row)| row["Status"] == "AUTHORISED").unwrap().0;
    bench.control("xero/pay", json!({ "tenant": "demo", "invoice_id": id })).await;
    let request = PageRequest { page: 1, modified_since: Some(since) };
    let read = reader.invoices(&access, &request).await.unwrap();
    let facts: Vec<_> = read.records.iter().map(|record| (record.id.as_str(), record.status)).collect();
    assert_eq!(facts, [(id.as_str(), InvoiceStatus::Paid)]);
    assert!(read.read_at >= since);
    assert_eq!(reader.contacts(&access, &request).await.unwrap().records, []);
}

#[tokio::test]
async fn a_row_of_the_wrong_shape_costs_only_itself() {
    let bench = Bench::start().await;
    let access = bench.ledger("demo_company").await;
    let reader = bench.xero_reader();
    let before = reader.invoices(&access, &page(1)).await.unwrap();
    for invoice in [
        json!({ "InvoiceNumber": "W-1", "AmountDue": "12.00" }),
        json!({ "InvoiceNumber": "W-2", "CurrencyCode": null }),
        json!({ "InvoiceNumber": "W-3", "Status": "HUSH" }),
        json!({ "InvoiceNumber": "W-4", "Contact": null }),
        json!({ "InvoiceNumber": "W-5", "Brand": { "new": [1, "x"] }, "Status": "DRAFT" }),
    ] {
        bench.control("xero/invoice", json!({ "tenant": "demo_company", "invoice": invoice })).await;
    }
    let after = reader.invoices(&access, &page(1)).await.unwrap();
    let reasons: BTreeSet<&str> = after.skipped.iter().map(|row| row.reason.as_str()).collect();
    let expected =
        ["AmountDue: wrong type", "Contact.ContactID: missing", "CurrencyCode: missing", "Status: unreadable"];
    assert_eq!(reasons.into_iter().collect::<Vec<_>>(), expected);
    assert!(after.skipped.iter().all(|row| row.id.is_some()));
    assert_eq!(after.records.len(), before.records.len() + 1);
}

#[tokio::test]
async fn contacts_come_with_archived_ones_and_numbers_that_read_as_meant() {
    let bench = Bench::start().await;
    let access = bench.ledger("demo").await;
    let contacts = all_contacts(&bench.xero_reader(), &access).await;
    let held = bench.shown("xero/contacts?tenant=demo").await;
    assert_eq!(contacts.len(), held.as_array().unwrap().len());
    assert!(contacts.iter().any(|contact| contact.status == ContactStatus::Archived));
    let meant: BTreeMap<String, String> =
        serde_json::from_value(bench.shown("xero/mobiles?tenant=demo").await).unwrap();
    let home = "AE".parse().ok();
    let read: BTreeMap<String, String> = contacts
        .iter()
        .filter(|contact| meant.contains_key(contact.id.as_str()))
        .map(|contact| {
            let number = choose_number(&contact.phones, home).map(|number| number.as_e164().to_owned());
            (contact.id.to_string(), number.unwrap_or_else(|why| format!("{why:?}: {:?}", contact.phones)))
        })
        .collect();
    assert_eq!(read, meant);
}

#[tokio::test]
async fn the_open_invoices_of_contacts_are_exactly_those() {
    let bench = Bench::start().await;
    let access = bench.ledger("demo").await;
    let held = held(&bench).await;
    let contact = |row: &Value| row["Contact"]["ContactID"].as_str().unwrap().to_owned();
    let open = |row: &&Value| row["Status"] == "AUTHORISED";
    let asked: BTreeSet<String> = held.values().filter(open).map(contact).take(40).collect();
    let ids: Vec<ExternalId> = asked.iter().map(|id| id.parse().unwrap()).collect();
    let read = bench.xero_reader().open_invoices_of(&access, &ids).await.unwrap();
    let found: BTreeSet<&str> = read.records.iter().map(|record| record.id.as_str()).collect();
    let expected: BTreeSet<&str> =
        held.iter().filter(|(_, row)| open(row) && asked.contains(&contact(row))).map(|(id, _)| id.as_str()).collect();
    assert_eq!((found, read.has_more), (expected, false));
}

#[tokio::test]
async fn open_invoices_beyond_one_page_are_all_there() {
    let bench = Bench::start().await;
    let access = bench.ledger("demo_company").await;
    for number in 0..1_010 {
        let invoice = json!({ "InvoiceNumber": format!("X-{number}"), "Status": "AUTHORISED" });
        bench.control("xero/invoice", json!({ "tenant": "demo_company", "invoice": invoice })).await;
    }
    let contact =
        bench.shown("xero/contacts?tenant=demo_company").await[0]["ContactID"].as_str().unwrap().parse().unwrap();
    let read = bench.xero_reader().open_invoices_of(&access, &[contact]).await.unwrap();
    let ids: BTreeSet<&ExternalId> = read.records.iter().map(|record| &record.id).collect();
    assert!(ids.len() >= 1_010, "{}", ids.len());
    assert_eq!((ids.len(), read.has_more), (read.records.len(), false));
}

#[tokio::test]
async fn nobodys_invoices_are_refused_since_they_would_be_everybodys() {
    let bench = Bench::start().await;
    let access = bench.ledger("demo").await;
    let read = bench.xero_reader().open_invoices_of(&access, &[]).await;
    assert!(matches!(read, Err(LedgerError::Rejected(400))));
}
