//! What is read of a company.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};
use numo_app::port::ledger::{
    reader::{Batch, LedgerList, LedgerReader, Pull},
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

use crate::{bench::Bench, quickbooks::books::Books};

/// Since before the simulated companies were.
const EVERYTHING: Pull = Pull::Everything { dated_since: date(2000, 1, 1) };

fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap_or_default()
}

/// The sound rows of an entity, by id.
async fn sound(books: &Books, entity: &str) -> BTreeMap<String, Value> {
    let rows = books.held(entity).await.into_iter().filter(|row| row.get("_sim_malformed").is_none());
    rows.map(|row| (text(&row, "Id").to_owned(), row)).collect()
}

fn ids<'a>(ids: impl IntoIterator<Item = &'a ExternalId>) -> BTreeSet<String> {
    ids.into_iter().map(ToString::to_string).collect()
}

fn is_positive(amount: &Value) -> bool {
    amount.to_string().trim_matches(['0', '.']).starts_with(|c: char| c.is_ascii_digit())
}

#[tokio::test]
async fn the_company_says_its_zone_country_and_currency_in_one_call() {
    let books = Books::of("demo").await;
    let n_before = books.n_calls().await;
    let expected = LedgerOrganisation {
        name: String::from("Gulf Marine Supplies"),
        zone: "Asia/Dubai".parse().ok(),
        country: "AE".parse().ok(),
        base_currency: "AED".parse().ok(),
        is_demo_company: false,
    };
    assert_eq!(books.client.organisation(&books.access).await.unwrap(), expected);
    assert_eq!(books.n_calls().await - n_before, 1);
    assert_eq!(books.client.own_reminders(&books.access).await.unwrap(), None);
    let info = json!({ "Country": "USA", "DefaultTimeZone": "Nowhere/Else" });
    books.change_company(json!({ "info": info })).await;
    let read = books.client.organisation(&books.access).await.unwrap();
    assert_eq!((read.country, read.zone), ("US".parse().ok(), None));
    let sandbox = Books::of("sandbox").await;
    assert!(sandbox.client.organisation(&sandbox.access).await.unwrap().is_demo_company);
}

#[tokio::test]
async fn every_sales_invoice_is_read_exactly() {
    let books = Books::of("demo").await;
    let pulled = books.pulled(&EVERYTHING).await;
    let held = sound(&books, "Invoice").await;
    assert_eq!(pulled.invoices.len(), held.len());
    for invoice in &pulled.invoices {
        let row = &held[invoice.id.as_str()];
        let amount = |name: &str| Money::parse_decimal(&row[name].to_string(), invoice.total.currency).unwrap();
        assert_eq!((invoice.total, invoice.remaining), (amount("TotalAmt"), amount("Balance")));
        assert_eq!(invoice.total.currency.as_str(), row["CurrencyRef"]["value"]);
        assert_eq!(invoice.contact.as_str(), row["CustomerRef"]["value"]);
        assert_eq!((invoice.due, invoice.number.as_str()), (text(row, "DueDate").parse().ok(), text(row, "DocNumber")));
    }
    let statuses: BTreeSet<String> = pulled.invoices.iter().map(|invoice| format!("{:?}", invoice.status)).collect();
    assert_eq!(statuses.into_iter().collect::<Vec<_>>(), ["Open", "Paid", "Voided"]);
    assert!(pulled.invoices.iter().any(|invoice| invoice.number.is_empty()));
}

#[tokio::test]
async fn two_broken_rows_are_left_out_by_name() {
    let books = Books::of("demo").await;
    let reasons = |batch: &Batch| batch.skipped.iter().map(|row| row.reason.clone()).collect::<BTreeSet<String>>();
    let skipped = books.pulled(&EVERYTHING).await;
    let expected = BTreeSet::from([String::from("Balance: wrong type"), String::from("Id: missing")]);
    assert_eq!(reasons(&skipped), expected);
    assert!(skipped.skipped.iter().all(|row| row.kind == RecordKind::Invoice && row.contact.is_some()));
    books.bench.control("intuit/settings", json!({ "malformed_rows": false })).await;
    assert_eq!(reasons(&books.pulled(&EVERYTHING).await), BTreeSet::new());
}

#[tokio::test]
async fn invoices_of_before_the_day_are_read_only_while_they_are_open() {
    let books = Books::of("demo").await;
    let held = sound(&books, "Invoice").await;
    let dates: BTreeSet<&str> = held.values().map(|row| text(row, "TxnDate")).collect();
    let dated_since: Date = dates.iter().nth(dates.len() / 2).unwrap().parse().unwrap();
    let pulled = books.pulled(&Pull::Everything { dated_since }).await;
    let since = |row: &Value| text(row, "TxnDate").parse::<Date>().unwrap() >= dated_since;
    let expected: BTreeSet<String> =
        held.iter().filter(|(_, row)| since(row) || is_positive(&row["Balance"])).map(|(id, _)| id.clone()).collect();
    assert_eq!(ids(pulled.invoices.iter().map(|invoice| &invoice.id)), expected);
    assert!(expected.len() < held.len());
    let payments: BTreeSet<String> =
        sound(&books, "Payment").await.into_iter().filter(|(_, row)| since(row)).map(|(id, _)| id).collect();
    assert_eq!(ids(pulled.payments.iter().map(|payment| &payment.id)), payments);
}

#[tokio::test]
async fn money_that_no_invoice_took_up_is_found_in_both_kinds() {
    let books = Books::of("sandbox").await;
    for pull in [EVERYTHING, Pull::Open] {
        let pulled = books.pulled(&pull).await;
        let left: BTreeSet<(CreditKind, i64)> =
            pulled.credits.iter().map(|credit| (credit.kind, credit.remaining.minor)).collect();
        let expected = [(CreditKind::CreditNote, 80_000), (CreditKind::Payment, 10_000), (CreditKind::Payment, 30_000)];
        assert_eq!(left, BTreeSet::from(expected), "{pull:?}");
    }
}

#[tokio::test]
async fn what_is_open_leaves_out_the_rest() {
    let books = Books::of("demo").await;
    let pulled = books.pulled(&Pull::Open).await;
    let held = sound(&books, "Invoice").await;
    let open: BTreeSet<String> =
        held.into_iter().filter(|(_, row)| is_positive(&row["Balance"])).map(|(id, _)| id).collect();
    assert_eq!(ids(pulled.invoices.iter().map(|invoice| &invoice.id)), open);
    assert_eq!((pulled.contacts.len(), pulled.payments.len()), (0, 0));
    assert!(pulled.invoices.iter().all(|invoice| invoice.status == InvoiceStatus::Open));
}

#[tokio::test]
async fn customers_come_with_those_put_away_and_numbers_that_read_as_meant() {
    let books = Books::of("demo").await;
    let contacts = books.pulled(&EVERYTHING).await.contacts;
    assert_eq!(contacts.len(), books.held("Customer").await.len());
    let away: Vec<_> = contacts.iter().filter(|contact| contact.status == ContactStatus::Archived).collect();
    assert!(!away.is_empty() && away.iter().all(|contact| !contact.name.contains("(deleted)")));
    let meant: BTreeMap<String, String> =
        serde_json::from_value(books.bench.shown("intuit/mobiles?realm=demo").await).unwrap();
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
async fn jobs_that_are_billed_with_their_parent_name_who_pays() {
    let books = Books::of("demo").await;
    let expected: BTreeMap<String, String> = sound(&books, "Customer")
        .await
        .into_iter()
        .filter(|(_, row)| row["Job"] == true && row["BillWithParent"] == true)
        .map(|(id, row)| (id, text(&row["ParentRef"], "value").to_owned()))
        .collect();
    let contacts = books.pulled(&EVERYTHING).await.contacts;
    let payers: BTreeMap<String, String> = contacts
        .iter()
        .filter_map(|contact| Some((contact.id.to_string(), contact.payer.as_ref()?.to_string())))
        .collect();
    assert!(!expected.is_empty());
    assert_eq!(payers, expected);
}

#[tokio::test]
async fn open_invoices_that_are_paid_meanwhile_hide_no_other() {
    let books = Books::large(Bench::start().await, json!({ "invoices": 1_300, "customers": 3 })).await;
    let first = books.client.batch(&books.access, &Pull::Open, &books.client.begin(&Pull::Open)).await.unwrap();
    for invoice in first.invoices.iter().take(40) {
        books.change("pay", json!({ "invoice_id": invoice.id.as_str() })).await;
    }
    let mut seen = ids(first.invoices.iter().map(|invoice| &invoice.id));
    let (mut place, mut pages) = (first.next, Vec::new());
    while let Some(here) = place.filter(|here| here.list == LedgerList::Invoices) {
        let batch = books.client.batch(&books.access, &Pull::Open, &here).await.unwrap();
        seen.extend(ids(batch.invoices.iter().map(|invoice| &invoice.id)));
        pages.push(here.page);
        place = batch.next;
    }
    assert_eq!((seen.len(), pages), (1_300, vec![2, 1, 2]));
}

#[tokio::test]
async fn some_invoices_are_read_by_their_ids_and_gone_ones_are_left_out() {
    let books = Books::of("demo").await;
    let held = sound(&books, "Invoice").await;
    let mut asked: Vec<ExternalId> = held.keys().take(250).map(|id| id.parse().unwrap()).collect();
    asked.push("999999".parse().unwrap());
    let n_before = books.n_calls().await;
    let batch = books.client.invoices_by_id(&books.access, &asked).await.unwrap();
    assert_eq!(ids(batch.invoices.iter().map(|invoice| &invoice.id)), held.keys().take(250).cloned().collect());
    assert_eq!((books.n_calls().await - n_before, batch.next), (2, None));
    assert!(batch.request_id.is_some_and(|id| id.starts_with("1-")));
}
