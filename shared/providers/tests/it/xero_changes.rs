//! What later pulls read: changes, and everything that is open.

use std::collections::BTreeSet;

use jiff::Timestamp;
use numo_app::port::ledger::{
    LedgerAccess,
    reader::{Batch, LedgerReader, Pull},
};
use numo_domain::{contact::ContactStatus, invoice::InvoiceStatus, money::Money};
use serde_json::{Value, json};

use crate::bench::{Bench, pulled};

/// An organisation and the time at which nothing had changed yet.
async fn quiet() -> (Bench, LedgerAccess, Timestamp) {
    let bench = Bench::start().await;
    bench.sim.handle.advance_seconds(3_600);
    let access = bench.ledger("demo").await;
    let reader = bench.xero_reader();
    let first = reader.batch(&access, &Pull::Open, &reader.begin(&Pull::Open)).await.unwrap();
    (bench, access, first.read_at)
}

async fn changes(bench: &Bench, access: &LedgerAccess, since: Timestamp) -> Batch {
    pulled(&bench.xero_reader(), access, &Pull::Changes { since }).await.0
}

/// A sales invoice that is open.
async fn open_invoice(bench: &Bench) -> String {
    let invoice = json!({ "InvoiceNumber": "X-1", "Status": "AUTHORISED" });
    let row = bench.control("xero/invoice", json!({ "tenant": "demo", "invoice": invoice })).await;
    row["InvoiceID"].as_str().unwrap().to_owned()
}

fn invoices(batch: &Batch) -> Vec<(&str, InvoiceStatus)> {
    batch.invoices.iter().map(|invoice| (invoice.id.as_str(), invoice.status)).collect()
}

#[tokio::test]
async fn nothing_is_read_when_nothing_changed() {
    let (bench, access, since) = quiet().await;
    let batch = changes(&bench, &access, since).await;
    let n_records = batch.contacts.len() + batch.invoices.len() + batch.credits.len() + batch.bills.len();
    assert_eq!((n_records, batch.payments.len(), batch.skipped.len()), (0, 0, 0));
    assert!(batch.read_at >= since && !batch.may_miss_deletions);
    assert_eq!(bench.xero_reader().remembers_changes_for(), None);
}

#[tokio::test]
async fn a_payment_and_its_reversal_are_seen_with_their_invoice() {
    let (bench, access, since) = quiet().await;
    let id = open_invoice(&bench).await;
    bench.control("xero/pay", json!({ "tenant": "demo", "invoice_id": id })).await;
    let paid = changes(&bench, &access, since).await;
    assert_eq!(invoices(&paid), [(id.as_str(), InvoiceStatus::Paid)]);
    let [payment] = paid.payments.as_slice() else { panic!("{:?}", paid.payments) };
    assert_eq!((payment.is_reversed, payment.invoices[0].as_str()), (false, id.as_str()));
    assert_eq!((&payment.contact, Some(payment.amount)), (&paid.invoices[0].contact, paid.invoices[0].paid));
    bench.sim.handle.advance_seconds(60);
    bench.control("xero/reverse", json!({ "tenant": "demo", "payment_id": payment.id.as_str() })).await;
    let reversed = changes(&bench, &access, paid.read_at).await;
    assert_eq!(invoices(&reversed), [(id.as_str(), InvoiceStatus::Open)]);
    let facts: Vec<_> = reversed.payments.iter().map(|payment| (payment.id.clone(), payment.is_reversed)).collect();
    assert_eq!(facts, [(payment.id.clone(), true)]);
}

#[tokio::test]
async fn an_invoice_that_was_voided_or_deleted_is_seen_as_such() {
    let (bench, access, since) = quiet().await;
    let (voided, deleted) = (open_invoice(&bench).await, open_invoice(&bench).await);
    bench.control("xero/void", json!({ "tenant": "demo", "invoice_id": voided })).await;
    bench.control("xero/delete", json!({ "tenant": "demo", "invoice_id": deleted })).await;
    let batch = changes(&bench, &access, since).await;
    let seen: BTreeSet<_> =
        batch.invoices.iter().map(|row| (row.id.to_string(), format!("{:?}", row.status))).collect();
    assert_eq!(seen, [(voided, String::from("Voided")), (deleted, String::from("Deleted"))].into());
}

#[tokio::test]
async fn credit_is_seen_used_up_and_given_back() {
    let (bench, access, since) = quiet().await;
    let id = open_invoice(&bench).await;
    let note = json!({ "tenant": "demo", "credit_note": { "CreditNoteNumber": "CN-9", "RemainingCredit": 12.34 } });
    let note = bench.control("xero/credit_note", note).await;
    let left = |batch: &Batch| batch.credits.iter().map(|credit| credit.remaining).collect::<Vec<Money>>();
    let aed = |minor| Money::new(minor, "AED".parse().unwrap());
    let made = changes(&bench, &access, since).await;
    assert_eq!((left(&made), made.credits[0].number.as_str()), (vec![aed(1_234)], "CN-9"));
    let both = json!({ "tenant": "demo", "kind": "credit_note", "id": note["CreditNoteID"], "invoice_id": id });
    bench.control("xero/allocate", both.clone()).await;
    assert_eq!(left(&changes(&bench, &access, since).await), [aed(0)]);
    bench.control("xero/deallocate", both).await;
    assert_eq!(left(&changes(&bench, &access, since).await), [aed(1_234)]);
}

#[tokio::test]
async fn a_merge_archives_one_contact_and_names_the_other() {
    let (bench, access, since) = quiet().await;
    let rows = bench.shown("xero/contacts?tenant=demo").await;
    let (from, into) = (rows[3]["ContactID"].as_str().unwrap(), rows[4]["ContactID"].as_str().unwrap());
    bench.control("xero/merge", json!({ "tenant": "demo", "from": from, "into": into })).await;
    let batch = changes(&bench, &access, since).await;
    let merged = batch.contacts.iter().find(|contact| contact.id.as_str() == from).unwrap();
    assert_eq!((merged.status, merged.payer.clone()), (ContactStatus::Archived, into.parse().ok()));
}

#[tokio::test]
async fn bills_are_seen_open_and_settled() {
    let (bench, access, since) = quiet().await;
    let bill = bench.control("xero/bill", json!({ "tenant": "demo", "bill": { "Status": "AUTHORISED" } })).await;
    let remaining = |batch: &Batch| batch.bills.iter().map(|bill| bill.remaining.is_positive()).collect::<Vec<bool>>();
    assert_eq!(remaining(&changes(&bench, &access, since).await), [true]);
    bench.control("xero/void", json!({ "tenant": "demo", "invoice_id": bill["InvoiceID"] })).await;
    assert_eq!(remaining(&changes(&bench, &access, since).await), [false]);
}

#[tokio::test]
async fn an_edit_that_xero_does_not_date_is_missed_by_changes_and_found_among_what_is_open() {
    let (bench, access, since) = quiet().await;
    let rows = bench.shown("xero/documents?tenant=demo").await;
    let open = |row: &&Value| row["Type"] == "ACCREC" && row["Status"] == "AUTHORISED";
    let id = rows.as_array().unwrap().iter().find(open).unwrap()["InvoiceID"].clone();
    let edit = json!({ "InvoiceID": id, "DueDateString": "2027-01-31T00:00:00" });
    bench.control("xero/invoice", json!({ "tenant": "demo", "invoice": edit, "keep_updated": true })).await;
    assert_eq!(changes(&bench, &access, since).await.invoices, []);
    let (batch, n_calls) = pulled(&bench.xero_reader(), &access, &Pull::Open).await;
    let found = batch.invoices.iter().find(|invoice| Some(invoice.id.as_str()) == id.as_str()).unwrap();
    assert_eq!((found.due, n_calls), ("2027-01-31".parse().ok(), 4));
    assert!(batch.invoices.iter().all(|invoice| invoice.status == InvoiceStatus::Open));
    assert!(!batch.bills.is_empty() && !batch.credits.is_empty());
    assert!(batch.contacts.is_empty() && batch.payments.is_empty());
}

#[tokio::test]
async fn no_row_is_missed_when_others_leave_the_list_while_its_pages_are_read() {
    let bench = Bench::start().await;
    bench.control("xero/large", json!({ "key": "moving", "invoices": 8_000, "contacts": 50 })).await;
    let access = bench.ledger("moving").await;
    let reader = bench.xero_reader();
    let (before, n_calls) = pulled(&reader, &access, &Pull::Open).await;
    assert_eq!((before.invoices.len(), n_calls), (2_400, 3 + 3));
    let mut seen = BTreeSet::new();
    let mut place = Some(reader.begin(&Pull::Open));
    let mut paid = Vec::new();
    let mut pages = Vec::new();
    while let Some(at) = place {
        let batch = reader.batch(&access, &Pull::Open, &at).await.unwrap();
        pages.push(at.page);
        // Three of the first page and two of the second are settled behind the reader's back.
        let n_settled = match pages.as_slice() {
            [1] => 3,
            [1, 2] => 2,
            _ => 0,
        };
        for invoice in batch.invoices.iter().take(n_settled) {
            let pay = json!({ "tenant": "moving", "invoice_id": invoice.id.as_str() });
            bench.control("xero/pay", pay).await;
            paid.push(invoice.id.clone());
        }
        seen.extend(batch.invoices.into_iter().map(|invoice| invoice.id));
        place = batch.next;
    }
    let expected: BTreeSet<_> = before.invoices.into_iter().map(|invoice| invoice.id).collect();
    assert_eq!(seen, expected);
    assert_eq!((paid.len(), &pages[..6]), (5, [1, 2, 1, 2, 3, 1].as_slice()));
}
