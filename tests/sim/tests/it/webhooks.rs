use std::collections::BTreeMap;

use serde_json::json;

use crate::client::Bench;
use crate::meta::message;
use crate::receiver::Receiver;
use crate::templates;

const SECRET: &str = "app-secret";

/// A simulator that posts to a receiver, with the overdue template approved.
async fn wired(n_refusals: u32, delivery: serde_json::Value) -> (Bench, Receiver) {
    let bench = Bench::start().await;
    let receiver = Receiver::start(n_refusals).await;
    bench.control("meta/delivery", json!({ "template_updates": false, "delay_ms": 1 })).await;
    templates::create(&bench, &templates::overdue()).await;
    bench.control("meta/webhook", json!({ "url": receiver.url, "app_secret": SECRET })).await;
    bench.control("meta/delivery", delivery).await;
    (bench, receiver)
}

#[tokio::test]
async fn an_accepted_message_is_reported_sent_delivered_and_read() {
    let (bench, receiver) = wired(0, json!({ "read_percent": 100 })).await;
    let accepted = bench.message(&message("+971501234567", "att-1")).await.1;
    let summary = bench.settled().await;
    let statuses = receiver.statuses();
    let names: Vec<_> = statuses.iter().map(|status| status["status"].as_str().unwrap()).collect();
    assert_eq!(names, ["sent", "delivered", "read"]);
    for status in &statuses {
        assert_eq!(status["id"], accepted["messages"][0]["id"]);
        assert_eq!(
            (&status["biz_opaque_callback_data"], &status["recipient_id"]),
            (&json!("att-1"), &json!("971501234567"))
        );
        assert_eq!(
            (status["timestamp"].is_string(), status["pricing"].is_object()),
            (true, status["status"] != "read")
        );
    }
    let envelope = receiver.got()[0].json();
    assert_eq!(
        (&envelope["object"], &envelope["entry"][0]["id"]),
        (&json!("whatsapp_business_account"), &json!("102290129340398"))
    );
    let metadata = json!({ "display_phone_number": "97145550100", "phone_number_id": "106540352242922" });
    assert_eq!(envelope["entry"][0]["changes"][0]["value"]["metadata"], metadata);
    let expected = json!({
        "accepted": 1, "answers": 0, "rejected": 0, "delivered": 1, "read": 1, "failed": 0, "webhooks_posted": 3,
        "webhooks_refused": 0, "webhooks_failed": 0, "pending_webhooks": 0, "duplicates": 0, "settled": true,
    });
    assert_eq!(summary, expected);
}

#[tokio::test]
async fn the_signature_is_over_the_raw_escaped_bytes() {
    let (bench, receiver) = wired(0, json!({})).await;
    let inbound = json!({
        "phone_number_id": "106540352242922", "from": "+971501234567", "text": "قف 😀 a/b", "context_wamid": "wamid.X",
    });
    bench.control("meta/inbound", inbound).await;
    bench.settled().await;
    let got = receiver.got()[0].clone();
    assert!(got.is_signed_with(SECRET) && !got.is_signed_with("other"));
    let text = String::from_utf8(got.body.clone()).unwrap();
    assert!(text.is_ascii() && text.contains("\\u0642\\u0641 \\ud83d\\ude00 a\\/b"), "{text}");
    let value = got.changes()[0]["value"].clone();
    assert_eq!(value["contacts"], json!([{ "profile": { "name": "Customer" }, "wa_id": "971501234567" }]));
    let message = &value["messages"][0];
    assert_eq!((&message["from"], &message["text"]["body"]), (&json!("971501234567"), &json!("قف 😀 a/b")));
    assert_eq!(message["context"], json!({ "from": "97145550100", "id": "wamid.X" }));
}

#[tokio::test]
async fn a_number_not_on_whatsapp_fails_by_webhook_or_at_once() {
    let (bench, receiver) = wired(0, json!({})).await;
    bench.control("meta/numbers", json!({ "not_on_whatsapp": ["+971501234567"] })).await;
    assert_eq!(bench.message(&message("+971501234567", "att-1")).await.0, 200);
    let summary = bench.settled().await;
    let status = receiver.statuses()[0].clone();
    assert_eq!((&status["status"], &status["errors"][0]["code"]), (&json!("failed"), &json!(131_026)));
    assert_eq!((&summary["failed"], &summary["delivered"]), (&json!(1), &json!(0)));
    bench.control("meta/delivery", json!({ "refuse_at_once": true })).await;
    let (status, body) = bench.message(&message("+971501234567", "att-2")).await;
    assert_eq!((status, &body["error"]["code"]), (400, &json!(131_026)));
}

#[tokio::test]
async fn duplicates_post_every_webhook_twice() {
    let (bench, receiver) = wired(0, json!({ "duplicates": true, "read_percent": 0 })).await;
    bench.message(&message("+971501234567", "att-1")).await;
    let summary = bench.settled().await;
    let mut counted: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    for delivered in receiver.got() {
        *counted.entry(delivered.body).or_default() += 1;
    }
    assert_eq!(counted.into_values().collect::<Vec<_>>(), [2, 2]);
    assert_eq!((&summary["delivered"], &summary["webhooks_posted"]), (&json!(1), &json!(4)));
}

#[tokio::test]
async fn shuffled_batches_mix_messages_and_lose_none() {
    let (bench, receiver) =
        wired(0, json!({ "shuffle": true, "batch_size": 7, "read_percent": 100, "delay_ms": 300 })).await;
    for n in 0..10 {
        bench.message(&message(&format!("+97150123456{n}"), &format!("att-{n}"))).await;
    }
    bench.settled().await;
    let statuses = receiver.statuses();
    let ranks: Vec<_> = statuses.iter().map(|status| status["status"].as_str().unwrap()).collect();
    assert_eq!(ranks.len(), 30);
    assert!(receiver.got().len() < 30);
    let in_order = ["sent"; 10].into_iter().chain(["delivered"; 10]).chain(["read"; 10]);
    assert!(!ranks.into_iter().eq(in_order));
}

#[tokio::test]
async fn a_refused_webhook_is_tried_again_until_it_is_answered_with_200() {
    let (bench, receiver) = wired(7, json!({ "read_percent": 0, "batch_size": 1 })).await;
    bench.message(&message("+971501234567", "att-1")).await;
    let summary = bench.settled().await;
    let counts = ["webhooks_posted", "webhooks_refused", "webhooks_failed"].map(|name| summary[name].as_u64().unwrap());
    assert_eq!((receiver.got().len(), counts), (2, [2, 7, 0]));
}

#[tokio::test]
async fn other_webhooks_go_on_while_one_waits_for_another_try_and_it_is_given_up_after_seven_days() {
    let (bench, receiver) = wired(1_000, json!({ "read_percent": 0 })).await;
    bench.message(&message("+971501234567", "att-1")).await;
    let summary = bench.http.post(bench.url("/_control/meta/settle?timeout_ms=300")).send().await.unwrap();
    assert_eq!(summary.status(), 504);
    bench.sim.handle.advance_seconds(7 * 24 * 3600);
    let summary = bench.settled().await;
    assert_eq!((receiver.got().len(), &summary["webhooks_failed"]), (0, &json!(2)));
}

#[tokio::test]
async fn a_delivery_with_a_forged_signature_is_posted_on_demand() {
    let (bench, receiver) = wired(0, json!({})).await;
    for (signature, is_right) in [
        ("other_secret", false),
        ("other_body", false),
        ("no_prefix", false),
        ("other_hash", false),
        ("cut", false),
        ("right", true),
    ] {
        let answer = bench.control("meta/forgery", json!({ "signature": signature, "body": { "entry": [] } })).await;
        assert_eq!(answer["status"], 200, "{signature}");
        let got = receiver.got().pop().unwrap();
        assert_eq!((got.is_signed_with(SECRET), got.json()), (is_right, json!({ "entry": [] })), "{signature}");
    }
    let asked = json!({ "signature": "unknown" });
    let unknown = bench.http.post(bench.url("/_control/meta/forgery")).json(&asked).send().await.unwrap();
    assert_eq!(unknown.status(), 400);
}

#[tokio::test]
async fn dropped_webhooks_still_count_as_delivered_at_meta() {
    let (bench, receiver) = wired(0, json!({ "drop": true, "read_percent": 0 })).await;
    bench.message(&message("+971501234567", "att-1")).await;
    let summary = bench.settled().await;
    assert_eq!((receiver.got().len(), &summary["delivered"], &summary["webhooks_posted"]), (0, &json!(1), &json!(0)));
}

#[tokio::test]
async fn the_fate_of_a_template_is_told_by_webhook() {
    let (bench, receiver) = wired(0, json!({ "template_updates": true })).await;
    bench.control("meta/templates", json!({ "name": "invoice_overdue_v1", "status": "PAUSED" })).await;
    bench.settled().await;
    let got = receiver.got()[0].clone();
    let change = got.changes()[0].clone();
    assert_eq!(change["field"], "message_template_status_update");
    assert_eq!((&change["value"]["event"], change["value"]["message_template_id"].is_u64()), (&json!("PAUSED"), true));
    assert!(got.json()["entry"][0]["time"].is_number());
}
