use serde_json::{Value, json};

use crate::client::{Bench, answer};
use crate::intuit::books::Books;

const NOT_LONG_AGO: &str = "2026-11-22T00:00:00Z";

/// The simulator's clock is the wall's; the seeded books lie around a fixed day.
async fn at_noon(bench: &Bench) {
    let now_ms = bench.look("clock").await["now_ms"].as_i64().unwrap();
    let noon: jiff::Timestamp = "2026-11-23T20:00:00Z".parse().unwrap();
    bench.sim.handle.advance_seconds(noon.as_second() - now_ms / 1000);
}

async fn books_at_noon<'a>(bench: &'a Bench, key: &str) -> Books<'a> {
    at_noon(bench).await;
    Books::of(bench, key).await
}

#[tokio::test]
async fn blocks_are_found_by_key_and_an_unchanged_entity_is_empty() {
    let bench = Bench::start().await;
    let books = books_at_noon(&bench, "other").await;
    let invoice = books.open_invoice().await;
    books.change("pay", json!({ "invoice_id": invoice["Id"] })).await;
    let blocks = books.cdc("Customer,Invoice,Payment", "2026-11-23T11:59:59-08:00").await;
    assert_eq!(blocks[0], json!({}));
    assert_eq!(blocks[1]["Invoice"][0]["Id"], invoice["Id"]);
    assert_eq!(blocks[2]["Payment"][0]["Line"][0]["LinkedTxn"][0]["TxnId"], invoice["Id"]);
    assert_eq!((&blocks[2]["startPosition"], &blocks[2]["maxResults"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn objects_come_whole_and_deleted_ones_as_their_id() {
    let bench = Bench::start().await;
    let books = books_at_noon(&bench, "other").await;
    let first = books.open_invoice().await;
    books.change("delete", json!({ "entity": "Invoice", "id": first["Id"] })).await;
    let second = books.open_invoice().await;
    books.change("void", json!({ "entity": "Invoice", "id": second["Id"] })).await;
    let blocks = books.cdc("Invoice", "2026-11-23T20:00:00Z").await;
    let rows = blocks[0]["Invoice"].as_array().unwrap();
    let gone = rows.iter().find(|row| row["Id"] == first["Id"]).unwrap();
    assert_eq!(gone.as_object().unwrap().keys().collect::<Vec<_>>(), ["Id", "MetaData", "domain", "status"]);
    assert_eq!((&gone["status"], &gone["domain"]), (&json!("Deleted"), &json!("QBO")));
    let whole = rows.iter().find(|row| row["Id"] == second["Id"]).unwrap();
    assert_eq!((&whole["PrivateNote"], whole.get("status"), whole["Line"].is_array()), (&json!("Voided"), None, true));
    assert_eq!(answer(books.request(&format!("invoice/{}", first["Id"].as_str().unwrap()))).await.0, 400);
}

#[tokio::test]
async fn the_seeded_books_know_deleted_invoices_and_merged_customers() {
    let bench = Bench::start().await;
    let books = books_at_noon(&bench, "demo").await;
    let blocks = books.cdc("Invoice,Customer", "2026-10-25T00:00:00Z").await;
    let deleted = |rows: &Value| rows.as_array().unwrap().iter().filter(|row| row["status"] == "Deleted").count();
    assert_eq!((deleted(&blocks[0]["Invoice"]), deleted(&blocks[1]["Customer"])), (6, 2));
}

#[tokio::test]
async fn no_more_than_thirty_days_can_be_looked_back() {
    let bench = Bench::start().await;
    let books = books_at_noon(&bench, "other").await;
    let ask = |since: &'static str, entities: &'static str| {
        answer(books.request("cdc").query(&[("entities", entities), ("changedSince", since)]))
    };
    assert_eq!(ask("2026-10-24T20:30:00Z", "Invoice").await.0, 200);
    for (since, entities) in [
        ("2026-10-24T19:30:00Z", "Invoice"),
        ("yesterday", "Invoice"),
        (NOT_LONG_AGO, "TimeActivity"),
        (NOT_LONG_AGO, ""),
    ] {
        let (status, body) = ask(since, entities).await;
        assert_eq!((status, &body["Fault"]["Error"][0]["code"]), (400, &json!("4001")), "{since} {entities}");
    }
}

#[tokio::test]
async fn beyond_a_thousand_objects_over_all_entities_the_rest_is_silently_missing() {
    let bench = Bench::start().await;
    at_noon(&bench).await;
    let size = json!({ "key": "large", "invoices": 3000, "customers": 900 });
    bench.control("intuit/large", size).await;
    let books = Books::of(&bench, "large").await;
    let since = "2026-10-24T21:00:00Z";
    let count = |block: &Value, name: &str| block[name].as_array().map_or(0, Vec::len);
    let customers = books.cdc("Customer", since).await;
    let n_customers = count(&customers[0], "Customer");
    assert!((100..1000).contains(&n_customers), "{n_customers}");
    assert_eq!(count(&books.cdc("Invoice", since).await[0], "Invoice"), 1000);
    let both = books.cdc("Customer,Invoice", since).await;
    assert_eq!((count(&both[0], "Customer"), count(&both[1], "Invoice")), (n_customers, 1000 - n_customers));
    let starved = books.cdc("Invoice,Customer", since).await;
    assert_eq!((count(&starved[0], "Invoice"), &starved[1]), (1000, &json!({})));
}
