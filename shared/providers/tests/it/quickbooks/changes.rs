//! What changed since an instant, what is gone, and what happens when there is too much of it.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use numo_app::port::ledger::{
    LedgerError,
    reader::{Batch, LedgerReader, Pull},
    record::{DeletedRecord, RecordKind},
};
use numo_domain::{contact::ContactStatus, credit::CreditKind, invoice::InvoiceStatus};
use serde_json::{Value, json};

use crate::quickbooks::books::Books;

/// The present, and an hour later nothing of before counts as changed.
async fn watermark(books: &Books) -> Timestamp {
    let read = books.client.batch(&books.access, &Pull::Open, &books.client.begin(&Pull::Open)).await.unwrap();
    books.bench.sim.handle.advance_seconds(60);
    read.read_at.checked_add(SignedDuration::from_secs(30)).unwrap()
}

async fn open_invoice(books: &Books) -> Value {
    let held = books.held("Invoice").await;
    held.into_iter().find(|row| row["Balance"].as_f64().is_some_and(|balance| balance > 0.0)).unwrap()
}

fn statuses(batch: &Batch) -> Vec<(&str, InvoiceStatus)> {
    batch.invoices.iter().map(|invoice| (invoice.id.as_str(), invoice.status)).collect()
}

fn deleted(batch: &Batch) -> Vec<(RecordKind, &str)> {
    batch.deleted.iter().map(|DeletedRecord { kind, id, .. }| (*kind, id.as_str())).collect()
}

#[tokio::test]
async fn an_unchanged_company_takes_one_call() {
    let books = Books::on_the_next_day("demo").await;
    let since = watermark(&books).await;
    let n_before = books.n_calls().await;
    let batch = books.pulled(&Pull::Changes { since }).await;
    assert_eq!(books.n_calls().await - n_before, 1);
    assert!(batch.invoices.is_empty() && batch.contacts.is_empty() && batch.deleted.is_empty());
    assert!(batch.read_at > since && !batch.may_miss_deletions);
}

#[tokio::test]
async fn a_payment_closes_its_invoice_and_names_it() {
    let books = Books::on_the_next_day("sandbox").await;
    let since = watermark(&books).await;
    let invoice = open_invoice(&books).await;
    let id = invoice["Id"].as_str().unwrap();
    books.change("pay", json!({ "invoice_id": id })).await;
    let batch = books.pulled(&Pull::Changes { since }).await;
    assert_eq!(statuses(&batch), [(id, InvoiceStatus::Paid)]);
    let payment = &batch.payments[0];
    assert_eq!((payment.invoices.as_slice(), payment.is_reversed), ([id.parse().unwrap()].as_slice(), false));
    // Told although nothing is left of it, so that what was left before is closed.
    let credit = &batch.credits[0];
    assert_eq!((credit.kind, &credit.id, credit.remaining.minor), (CreditKind::Payment, &payment.id, 0));
}

#[tokio::test]
async fn a_void_invoice_stays_and_a_deleted_one_is_told_by_its_id() {
    let books = Books::on_the_next_day("demo").await;
    let since = watermark(&books).await;
    let invoice = open_invoice(&books).await;
    books.change("void", json!({ "entity": "Invoice", "id": invoice["Id"] })).await;
    let batch = books.pulled(&Pull::Changes { since }).await;
    assert_eq!(statuses(&batch), [(invoice["Id"].as_str().unwrap(), InvoiceStatus::Voided)]);
    let since = watermark(&books).await;
    books.change("delete", json!({ "entity": "Invoice", "id": invoice["Id"] })).await;
    let batch = books.pulled(&Pull::Changes { since }).await;
    assert_eq!(deleted(&batch), [(RecordKind::Invoice, invoice["Id"].as_str().unwrap())]);
    assert!(batch.deleted[0].updated_at >= since);
}

#[tokio::test]
async fn a_payment_that_is_taken_back_opens_its_invoice_again() {
    for (what, is_gone) in [("void", false), ("delete", true)] {
        let books = Books::on_the_next_day("sandbox").await;
        let invoice = open_invoice(&books).await;
        let payment = books.change("pay", json!({ "invoice_id": invoice["Id"] })).await["id"].clone();
        let since = watermark(&books).await;
        books.change(what, json!({ "entity": "Payment", "id": payment })).await;
        let batch = books.pulled(&Pull::Changes { since }).await;
        assert_eq!(statuses(&batch), [(invoice["Id"].as_str().unwrap(), InvoiceStatus::Open)]);
        let reversed: Vec<&str> =
            batch.payments.iter().filter(|payment| payment.is_reversed).map(|payment| payment.id.as_str()).collect();
        let id = payment.as_str().unwrap();
        let gone = if is_gone { vec![(RecordKind::Payment, id)] } else { Vec::new() };
        assert_eq!((reversed, deleted(&batch)), (if is_gone { Vec::new() } else { vec![id] }, gone), "{what}");
    }
}

#[tokio::test]
async fn merged_customers_and_those_put_away_are_told() {
    let books = Books::on_the_next_day("demo").await;
    let invoice = open_invoice(&books).await;
    let from = invoice["CustomerRef"]["value"].as_str().unwrap();
    let customers = books.held("Customer").await;
    let mut others = customers.iter().filter(|row| row["Active"] == true && row["Id"] != from);
    let (into, away) = (others.next().unwrap()["Id"].as_str().unwrap(), others.next().unwrap());
    let since = watermark(&books).await;
    books.change("merge", json!({ "from": from, "into": into })).await;
    let name = away["DisplayName"].as_str().unwrap();
    let fields = json!({ "Id": away["Id"], "Active": false, "DisplayName": format!("{name} (deleted)") });
    books.row("Customer", fields).await;
    let batch = books.pulled(&Pull::Changes { since }).await;
    assert_eq!(deleted(&batch), [(RecordKind::Contact, from)]);
    assert!(batch.invoices.iter().all(|invoice| invoice.contact.as_str() == into) && !batch.invoices.is_empty());
    let archived: Vec<&str> = batch
        .contacts
        .iter()
        .filter(|contact| contact.status == ContactStatus::Archived)
        .map(|contact| contact.name.as_str())
        .collect();
    assert_eq!(archived, [name]);
}

#[tokio::test]
async fn an_answer_that_is_cut_off_is_asked_for_again_by_entity_and_then_by_pages() {
    let Books { bench, .. } = Books::on_the_next_day("demo").await;
    let size = json!({ "invoices": 3_500, "customers": 700, "payments": 20, "credit_memos": 5 });
    let books = Books::large(bench, size).await;
    let since = watermark(&books).await.checked_sub(SignedDuration::from_hours(28 * 24)).unwrap();
    let n_before = books.n_calls().await;
    let batch = books.pulled(&Pull::Changes { since }).await;
    // All at once, customers, invoices and their two pages, credit memos, payments.
    assert_eq!(books.n_calls().await - n_before, 7);
    let read: BTreeSet<String> = batch.invoices.iter().map(|invoice| invoice.id.to_string()).collect();
    let is_changed = |row: &Value| {
        let at: Timestamp = row["MetaData"]["LastUpdatedTime"].as_str().unwrap().parse().unwrap();
        (at >= since).then(|| row["Id"].as_str().unwrap().to_owned())
    };
    let changed: BTreeSet<String> = books.held("Invoice").await.iter().filter_map(is_changed).collect();
    assert!(changed.len() > 1_000, "{}", changed.len());
    assert_eq!((read, batch.may_miss_deletions), (changed, true));
}

#[tokio::test]
async fn what_is_longer_ago_than_quickbooks_remembers_is_refused() {
    let books = Books::on_the_next_day("demo").await;
    let remembered = books.client.remembers_changes_for().unwrap();
    let now = watermark(&books).await;
    let place = |since| async move {
        let pull = Pull::Changes { since };
        books.client.batch(&books.access, &pull, &books.client.begin(&pull)).await
    };
    let long_ago = now.checked_sub(SignedDuration::from_hours(24 * 31)).unwrap();
    assert!(matches!(place(long_ago).await, Err(LedgerError::Rejected(400))));
    assert_eq!(remembered, SignedDuration::from_hours(24 * 29));
}
