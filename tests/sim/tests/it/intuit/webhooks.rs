use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::client::Bench;
use crate::intuit::books::{Books, realm};
use crate::receiver::{Delivered, Receiver};

const TOKEN: &str = "verifier-token";

async fn wired(n_refusals: u32, more: Value) -> (Bench, Receiver) {
    let bench = Bench::start().await;
    let receiver = Receiver::start(n_refusals).await;
    let mut webhook = json!({ "url": receiver.url, "verifier_token": TOKEN });
    webhook.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    bench.control("intuit/webhook", webhook).await;
    (bench, receiver)
}

async fn settled(bench: &Bench) -> Value {
    bench.control("intuit/settle?timeout_ms=20000", json!({})).await
}

fn is_signed(delivered: &Delivered) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, TOKEN.as_bytes());
    delivered.signature == STANDARD.encode(hmac::sign(&key, &delivered.body))
}

#[tokio::test]
async fn a_change_is_told_as_an_array_of_cloud_events() {
    let (bench, receiver) = wired(0, json!({})).await;
    let books = Books::of(&bench, "sandbox").await;
    let invoice = books.open_invoice().await;
    books.change("pay", json!({ "invoice_id": invoice["Id"] })).await;
    settled(&bench).await;
    let delivered = receiver.got()[0].clone();
    assert!(is_signed(&delivered));
    assert_eq!(delivered.content_type, "application/cloudevents+json");
    let events = delivered.json();
    let told = |n: usize| (&events[n]["type"], &events[n]["intuitaccountid"], &events[n]["data"]);
    let account = json!(books.realm);
    assert_eq!(told(0), (&json!("qbo.payment.created.v1"), &account, &json!({})));
    assert_eq!(told(1), (&json!("qbo.invoice.updated.v1"), &account, &json!({})));
    assert_eq!(events[1]["intuitentityid"], invoice["Id"]);
    let time = events[0]["time"].as_str().unwrap();
    assert_eq!((time.len(), time.ends_with('Z')), ("2025-09-10T21:31:25.179851517Z".len(), true));
}

#[tokio::test]
async fn the_older_body_groups_the_entities_by_realm() {
    let (bench, receiver) = wired(0, json!({ "format": "legacy" })).await;
    let event = |company: &str, entity: &str, operation: &str| json!({ "realm": company, "entity": entity, "operation": operation, "id": "7" });
    let mut merged = event("demo", "Customer", "Merge");
    merged["deleted_id"] = json!("8");
    let events = json!([event("demo", "Invoice", "Void"), event("other", "Payment", "Delete"), merged]);
    bench.control("intuit/event", json!({ "events": events })).await;
    settled(&bench).await;
    let delivered = receiver.got()[0].clone();
    assert_eq!((is_signed(&delivered), delivered.content_type.as_str()), (true, "application/json"));
    let body = delivered.json();
    let notifications = body["eventNotifications"].as_array().unwrap();
    let realms: Vec<&Value> = notifications.iter().map(|notification| &notification["realmId"]).collect();
    assert_eq!(realms, [&json!(realm(&bench, "demo").await), &json!(realm(&bench, "other").await)]);
    let entities = &notifications[0]["dataChangeEvent"]["entities"];
    assert_eq!(
        (&entities[0]["name"], &entities[0]["operation"], &entities[0]["id"], entities[0].get("deletedId")),
        (&json!("Invoice"), &json!("Void"), &json!("7"), None)
    );
    assert_eq!((&entities[1]["operation"], &entities[1]["deletedId"]), (&json!("Merge"), &json!("8")));
    assert_eq!(entities[0]["lastUpdated"].as_str().unwrap().len(), "2025-09-08T20:52:31.657Z".len());
}

#[tokio::test]
async fn one_array_may_mix_companies_and_repeat_an_event() {
    let (bench, receiver) = wired(0, json!({ "full_data": true })).await;
    let event = |company: &str| json!({ "realm": company, "entity": "Customer", "operation": "Update", "id": "1", "event_id": "e-1" });
    let by_hand = json!({ "events": [event("demo"), event("sandbox")], "content_type": "application/json" });
    bench.control("intuit/event", by_hand.clone()).await;
    bench.control("intuit/event", by_hand).await;
    settled(&bench).await;
    let got = receiver.got();
    assert_eq!((got.len(), got[0].content_type.as_str()), (2, "application/json"));
    let events = got[0].json();
    assert_ne!(events[0]["intuitaccountid"], events[1]["intuitaccountid"]);
    assert_eq!((&events[0]["id"], &got[1].json()[0]["id"]), (&json!("e-1"), &json!("e-1")));
    assert_eq!(events[1]["data"]["DisplayName"], "Amy's Bird Sanctuary");
}

#[tokio::test]
async fn a_spoiled_signature_is_sent_once_and_its_answer_kept() {
    let (bench, receiver) = wired(1, json!({})).await;
    let event = json!({ "realm": "demo", "entity": "Invoice", "operation": "Emailed", "id": "1" });
    bench.control("intuit/event", json!({ "events": [event], "spoil_signature": true })).await;
    bench.control("intuit/event", json!({ "events": [event], "spoil_signature": true })).await;
    let deliveries = settled(&bench).await;
    let shown: Vec<_> = deliveries
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (row["attempt"].as_u64(), row["status"].as_u64(), row["signature"].as_str(), row["duration_ms"].is_u64())
        })
        .collect();
    let once = |status| (Some(1), Some(status), Some("spoiled"), true);
    assert_eq!(shown, [once(500), once(200)]);
    assert!(!is_signed(&receiver.got()[0]));
}

#[tokio::test]
async fn a_refused_post_is_tried_again_before_later_ones() {
    let (bench, receiver) = wired(2, json!({})).await;
    for id in ["1", "2"] {
        let event = json!({ "realm": "demo", "entity": "Invoice", "operation": "Update", "id": id });
        bench.control("intuit/event", json!({ "events": [event] })).await;
    }
    let deliveries = settled(&bench).await;
    let statuses: Vec<Option<u64>> = deliveries.as_array().unwrap().iter().map(|row| row["status"].as_u64()).collect();
    assert_eq!(statuses, [Some(500), Some(500), Some(200), Some(200)]);
    let order: Vec<Value> = receiver.got().iter().map(|got| got.json()[0]["intuitentityid"].clone()).collect();
    assert_eq!(order, [json!("1"), json!("2")]);
    assert_eq!(bench.look("intuit/deliveries").await, deliveries);
}

#[tokio::test]
async fn without_an_endpoint_changes_are_lost() {
    let bench = Bench::start().await;
    bench.control("intuit/void", json!({ "realm": "sandbox", "entity": "Invoice", "id": "1" })).await;
    assert_eq!(settled(&bench).await, json!([]));
}
