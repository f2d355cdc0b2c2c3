//! The fresh read before a send.

use std::collections::BTreeSet;

use numo_app::port::ledger::{
    LedgerError,
    check::{Checked, LedgerCheck, Unreadable},
};
use numo_domain::{contact::ContactStatus, id::ExternalId, money::Money};
use serde_json::{Value, json};

use crate::{bench::Bench, quickbooks::books::Books};

async fn check(books: &Books, customers: &[&str]) -> Result<Checked, LedgerError> {
    let customers: Vec<ExternalId> = customers.iter().map(|id| id.parse().unwrap()).collect();
    books.client.check(&books.access, &customers).await
}

/// Ids and amounts of the rows of some customers with something left.
async fn left(books: &Books, entity: &str, field: &str, customers: &[&str]) -> BTreeSet<(String, String)> {
    let rows = books.held(entity).await;
    let theirs = |row: &&Value| customers.iter().any(|id| row["CustomerRef"]["value"] == *id);
    let amount = |row: &Value| {
        let currency = row["CurrencyRef"]["value"].as_str().unwrap().parse().unwrap();
        Money::parse_decimal(&row[field].to_string(), currency).unwrap()
    };
    rows.iter()
        .filter(|row| row.get("_sim_malformed").is_none())
        .filter(theirs)
        .map(|row| (row["Id"].as_str().unwrap().to_owned(), amount(row)))
        .filter(|(_, amount)| amount.is_positive())
        .map(|(id, amount)| (id, amount.to_string()))
        .collect()
}

/// Some customers, those with credit memos and unapplied payments first.
async fn some_customers(books: &Books, n_customers: usize) -> Vec<String> {
    let credited = books.held("CreditMemo").await.into_iter();
    let unapplied = books.held("Payment").await.into_iter().filter(|row| row["UnappliedAmt"].as_f64() > Some(0.0));
    let mut customers: Vec<String> = Vec::new();
    let in_credit = credited.chain(unapplied).map(|row| row["CustomerRef"]["value"].clone());
    for id in in_credit.chain(books.held("Customer").await.into_iter().map(|row| row["Id"].clone())) {
        let id = id.as_str().unwrap().to_owned();
        if !customers.contains(&id) {
            customers.push(id);
        }
    }
    customers.truncate(n_customers);
    customers
}

#[tokio::test]
async fn one_call_says_everything_of_some_customers() {
    let books = Books::of("demo").await;
    books.bench.control("intuit/settings", json!({ "malformed_rows": false })).await;
    // As many as one question takes, and as several questions of one call do.
    for n_customers in [40, 120] {
        one_call_is_enough_for(&books, n_customers).await;
    }
}

#[tokio::test]
async fn nobody_and_more_customers_than_one_call_takes_are_refused() {
    let books = Books::of("demo").await;
    let most = books.client.limits().contacts;
    assert_eq!(most, 160);
    let many: Vec<String> = (0..=most).map(|id| id.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for customers in [&[][..], &many] {
        assert!(matches!(check(&books, customers).await, Err(LedgerError::Rejected(400))), "{}", customers.len());
    }
}

async fn one_call_is_enough_for(books: &Books, n_customers: usize) {
    let customers = some_customers(books, n_customers).await;
    assert_eq!(customers.len(), n_customers);
    let customers: Vec<&str> = customers.iter().map(String::as_str).collect();
    let n_before = books.n_calls().await;
    let checked = check(books, &customers).await.unwrap();
    assert_eq!((books.n_calls().await - n_before, checked.request_ids.len()), (1, 1));
    let found: BTreeSet<&str> = checked.contacts.iter().map(|contact| contact.id.as_str()).collect();
    assert_eq!(found, customers.iter().copied().collect());
    let invoices: BTreeSet<(String, String)> =
        checked.invoices.iter().map(|invoice| (invoice.id.to_string(), invoice.remaining.to_string())).collect();
    assert_eq!(invoices, left(books, "Invoice", "Balance", &customers).await);
    let credits: BTreeSet<(String, String)> =
        checked.credits.iter().map(|credit| (credit.id.to_string(), credit.remaining.to_string())).collect();
    let mut expected = left(books, "CreditMemo", "RemainingCredit", &customers).await;
    expected.extend(left(books, "Payment", "UnappliedAmt", &customers).await);
    assert_eq!(credits, expected);
    assert!(!credits.is_empty() && checked.bills.is_empty());
    assert_eq!(checked.unreadable, Unreadable::Of(Vec::new()));
}

#[tokio::test]
async fn customers_that_are_put_away_are_found_and_those_that_are_gone_are_missing() {
    let books = Books::of("demo").await;
    let held = books.held("Customer").await;
    let away = held.iter().find(|row| row["Active"] == false).unwrap()["Id"].as_str().unwrap();
    let checked = check(&books, &[away, "999999"]).await.unwrap();
    let found: Vec<_> = checked.contacts.iter().map(|contact| (contact.id.as_str(), contact.status)).collect();
    assert_eq!(found, [(away, ContactStatus::Archived)]);
}

#[tokio::test]
async fn a_broken_row_makes_its_customer_unreadable() {
    let books = Books::of("other").await;
    let customer = books.held("Customer").await[0]["Id"].as_str().unwrap().to_owned();
    let reference = json!({ "value": customer });
    books.row("Invoice", json!({ "CustomerRef": reference, "TotalAmt": 7, "TxnDate": "HUSH" })).await;
    let checked = check(&books, &[&customer]).await.unwrap();
    assert_eq!(checked.unreadable, Unreadable::Of(vec![customer.parse().unwrap()]));
}

#[tokio::test]
async fn more_than_a_page_of_open_invoices_is_read_on() {
    let books = Books::large(Bench::start().await, json!({ "invoices": 2_100, "customers": 1 })).await;
    let customer = books.held("Customer").await[0]["Id"].as_str().unwrap().to_owned();
    let n_before = books.n_calls().await;
    let checked = check(&books, &[&customer]).await.unwrap();
    let ids: BTreeSet<&ExternalId> = checked.invoices.iter().map(|invoice| &invoice.id).collect();
    assert_eq!((ids.len(), checked.invoices.len()), (2_100, 2_100));
    assert_eq!((books.n_calls().await - n_before, checked.request_ids.len()), (3, 3));
}

#[tokio::test]
async fn half_a_check_is_none() {
    let books = Books::of("demo").await;
    assert!(matches!(check(&books, &[]).await, Err(LedgerError::Rejected(400))));
    books.bench.fault("intuit", json!({ "kind": "truncate" })).await;
    assert!(matches!(check(&books, &["1"]).await, Err(LedgerError::Unavailable(_))));
}
