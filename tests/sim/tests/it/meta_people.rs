//! People who show their number, and people who do not.

use serde_json::{Value, json};

use crate::client::Bench;
use crate::meta::message;
use crate::receiver::Receiver;
use crate::templates;

const USER: &str = "AE.13491208655302741918";
const NUMBER: &str = "+971501234567";

async fn wired() -> (Bench, Receiver) {
    let bench = Bench::start().await;
    let receiver = Receiver::start(0).await;
    bench.control("meta/delivery", json!({ "template_updates": false, "delay_ms": 1, "read_percent": 0 })).await;
    templates::create(&bench, &templates::overdue()).await;
    bench.control("meta/webhook", json!({ "url": receiver.url, "app_secret": "s" })).await;
    (bench, receiver)
}

async fn inbound(bench: &Bench, more: Value) {
    let mut asked = json!({ "phone_number_id": "106540352242922", "from": NUMBER, "text": "Hello", "user_id": USER });
    asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    bench.control("meta/inbound", asked).await;
    bench.settled().await;
}

fn answer_to(recipient: &str) -> Value {
    json!({ "messaging_product": "whatsapp", "recipient": recipient, "type": "text", "text": { "body": "Thank you" } })
}

#[tokio::test]
async fn somebody_who_hides_the_number_is_told_and_answered_by_an_id_alone() {
    let (bench, receiver) = wired().await;
    assert_eq!(bench.message(&answer_to(USER)).await.1["error"]["code"], 131_047, "no window yet");
    inbound(&bench, json!({ "hidden": true })).await;
    let value = receiver.got()[0].changes()[0]["value"].clone();
    assert_eq!(value["contacts"], json!([{ "profile": { "name": "Customer" }, "user_id": USER }]));
    assert_eq!((value["messages"][0].get("from"), &value["messages"][0]["from_user_id"]), (None, &json!(USER)));
    let (status, body) = bench.message(&answer_to(USER)).await;
    assert_eq!((status, &body["contacts"]), (200, &json!([{ "input": USER, "user_id": USER }])));
    bench.settled().await;
    for status in receiver.statuses() {
        assert_eq!((status.get("recipient_id"), &status["recipient_user_id"]), (None, &json!(USER)));
    }
    assert_eq!(receiver.statuses().len(), 2);
}

#[tokio::test]
async fn an_id_that_was_seen_with_a_number_comes_with_it_from_then_on() {
    let (bench, receiver) = wired().await;
    let contact = async || bench.message(&message(NUMBER, "att")).await.1["contacts"][0].clone();
    assert_eq!(contact().await, json!({ "input": NUMBER, "wa_id": "971501234567" }));
    inbound(&bench, json!({})).await;
    assert_eq!(contact().await, json!({ "input": NUMBER, "wa_id": "971501234567", "user_id": USER }));
    bench.settled().await;
    let last = receiver.statuses().pop().unwrap();
    assert_eq!((&last["recipient_id"], &last["recipient_user_id"]), (&json!("971501234567"), &json!(USER)));
}

#[tokio::test]
async fn a_recipient_is_a_number_or_an_id_and_the_number_counts() {
    let (bench, _receiver) = wired().await;
    inbound(&bench, json!({})).await;
    for wrong in ["", "AE", "AE.", "ae.1", "AE.1-2", "AED.1", "971501234567"] {
        assert_eq!(bench.message(&answer_to(wrong)).await.1["error"]["code"], 100, "{wrong}");
    }
    assert_eq!(bench.message(&answer_to("AE.ENT.1")).await.1["error"]["code"], 131_047);
    let mut both = answer_to(USER);
    both["to"] = json!(NUMBER);
    assert_eq!(bench.message(&both).await.1["contacts"][0]["wa_id"], "971501234567");
}

#[tokio::test]
async fn a_message_of_any_kind_is_told_with_its_own_fields() {
    let (bench, receiver) = wired().await;
    let image = json!({ "type": "image", "image": { "id": "1", "mime_type": "image/jpeg", "caption": "Paid" } });
    inbound(&bench, json!({ "message": image })).await;
    let message = receiver.got()[0].changes()[0]["value"]["messages"][0].clone();
    assert_eq!((&message["type"], &message["image"]["caption"]), (&json!("image"), &json!("Paid")));
}
