use serde_json::{Value, json};

use crate::client::{Bench, answer};
use crate::templates;

/// A correct send of the overdue template.
pub(crate) fn message(to: &str, attempt: &str) -> Value {
    let parameter = |name: &str, text: &str| json!({ "type": "text", "parameter_name": name, "text": text });
    json!({
        "messaging_product": "whatsapp", "recipient_type": "individual", "to": to, "type": "template",
        "biz_opaque_callback_data": attempt,
        "template": {
            "name": "invoice_overdue_v1", "language": { "code": "en" },
            "components": [{ "type": "body", "parameters": [
                parameter("customer_name", "Amira"),
                parameter("invoice_number", "INV-1042"),
                parameter("amount_due", "AED 1,376.22"),
            ] }],
        },
    })
}

#[tokio::test]
async fn a_correct_template_message_is_accepted() {
    let bench = Bench::start().await;
    templates::create(&bench, &templates::overdue()).await;
    let (status, body) = bench.message(&message("+971501234567", "att-1")).await;
    let wamid = body["messages"][0]["id"].as_str().unwrap();
    assert!(wamid.starts_with("wamid."));
    let expected = json!({
        "messaging_product": "whatsapp",
        "contacts": [{ "input": "+971501234567", "wa_id": "971501234567" }],
        "messages": [{ "id": wamid, "message_status": "accepted" }],
    });
    assert_eq!((status, &body), (200, &expected));
    let row = bench.look("meta/messages").await[0].clone();
    assert_eq!(
        (&row["attempt"], &row["outcome"], &row["wamid"], &row["template"]),
        (&json!("att-1"), &json!("accepted"), &json!(wamid), &json!("invoice_overdue_v1"))
    );
}

#[tokio::test]
async fn every_wrong_message_gets_its_documented_error() {
    let bench = Bench::start().await;
    templates::create(&bench, &templates::overdue()).await;
    let body = "/template/components/0/parameters";
    let first = "/template/components/0/parameters/0/text";
    let currency = json!({
        "type": "currency", "parameter_name": "customer_name",
        "currency": { "fallback_value": "AED 1", "code": "AED", "amount_1000": 1000 },
    });
    let cases: [(&str, &str, Value, u16, i64); 17] = [
        ("product", "/messaging_product", json!("sms"), 400, 100),
        ("no plus", "/to", json!("971501234567"), 400, 100),
        ("too short", "/to", json!("+97150"), 400, 100),
        ("to itself", "/to", json!("+97145550100"), 400, 131_021),
        ("opaque data too long", "/biz_opaque_callback_data", json!("x".repeat(513)), 400, 100),
        ("type", "/type", json!("sticker"), 400, 100),
        ("unknown template", "/template/name", json!("nothing"), 404, 132_001),
        ("other language", "/template/language/code", json!("en_US"), 404, 132_001),
        ("no parameters", body, json!([]), 400, 132_000),
        ("missing name", "/template/components/0/parameters/0", json!({ "type": "text", "text": "A" }), 400, 132_012),
        ("other name", "/template/components/0/parameters/0/parameter_name", json!("name"), 400, 132_012),
        ("other type", "/template/components/0/parameters/0", currency, 400, 132_012),
        ("empty", first, json!("  "), 400, 131_008),
        ("newline", first, json!("a\nb"), 400, 132_012),
        ("tab", first, json!("a\tb"), 400, 132_012),
        ("five spaces", first, json!("a     b"), 400, 132_012),
        ("too long", first, json!("x".repeat(1000)), 400, 132_005),
    ];
    for (name, pointer, value, status, code) in cases {
        let mut wrong = message("+971501234567", "att-1");
        *wrong.pointer_mut(pointer).unwrap() = value;
        let (got, body) = bench.message(&wrong).await;
        let error = &body["error"];
        assert_eq!(
            (got, &error["code"], &error["type"]),
            (status, &json!(code), &json!("OAuthException")),
            "{name}: {body}"
        );
        assert!(error["error_data"]["details"].is_string() && error["fbtrace_id"].is_string(), "{name}");
    }
    let summary = bench.look("meta/summary").await;
    assert_eq!((&summary["accepted"], &summary["rejected"]), (&json!(0), &json!(17)));
}

#[tokio::test]
async fn four_spaces_in_a_row_are_still_allowed() {
    let bench = Bench::start().await;
    templates::create(&bench, &templates::overdue()).await;
    let mut body = message("+971501234567", "att-1");
    *body.pointer_mut("/template/components/0/parameters/0/text").unwrap() = json!("a    b");
    assert_eq!(bench.message(&body).await.0, 200);
}

#[tokio::test]
async fn paused_and_disabled_templates_have_their_own_errors() {
    let bench = Bench::start().await;
    templates::create(&bench, &templates::overdue()).await;
    for (status, code) in [("PAUSED", 132_015), ("DISABLED", 132_016), ("PENDING", 132_001)] {
        bench.control("meta/templates", json!({ "name": "invoice_overdue_v1", "status": status })).await;
        let (_, body) = bench.message(&message("+971501234567", "att-1")).await;
        assert_eq!(body["error"]["code"], code, "{status}");
    }
}

#[tokio::test]
async fn a_wrong_token_is_190_and_another_accounts_number_is_100() {
    let bench = Bench::start().await;
    let url = bench.url("/meta/v25.0/106540352242922/messages");
    for (token, status, code) in [("nonsense", 401, 190), ("EAAsim-joinery", 400, 100)] {
        let asked = bench.http.post(&url).bearer_auth(token).json(&message("+971501234567", "att-1"));
        let (got, body) = answer(asked).await;
        assert_eq!((got, &body["error"]["code"]), (status, &json!(code)));
    }
}

#[tokio::test]
async fn a_second_message_to_one_number_on_one_dubai_day_is_a_duplicate() {
    let bench = Bench::start().await;
    templates::create(&bench, &templates::overdue()).await;
    let duplicates = async || bench.look("meta/summary").await["duplicates"].clone();
    bench.message(&message("+971501234567", "att-1")).await;
    bench.message(&message("+971501234568", "att-2")).await;
    bench.message(&message("nobody", "att-3")).await;
    assert_eq!(duplicates().await, json!(0));
    bench.message(&message("+971501234567", "att-4")).await;
    assert_eq!(duplicates().await, json!(1));
    bench.sim.handle.advance_seconds(24 * 3600);
    bench.message(&message("+971501234567", "att-5")).await;
    assert_eq!(duplicates().await, json!(1));
    assert_eq!(bench.sim.handle.meta_summary()["accepted"], json!(4));
}

#[tokio::test]
async fn free_text_is_allowed_only_within_a_day_of_the_customers_message() {
    let bench = Bench::start().await;
    let reply = json!({
        "messaging_product": "whatsapp", "to": "+971501234567", "type": "text", "text": { "body": "You will hear no more." },
    });
    assert_eq!(bench.message(&reply).await.1["error"]["code"], 131_047);
    let inbound = json!({ "phone_number_id": "106540352242922", "from": "+971501234567", "text": "STOP" });
    bench.control("meta/inbound", inbound).await;
    let (status, body) = bench.message(&reply).await;
    assert_eq!((status, body["messages"][0].get("message_status")), (200, None));
    bench.sim.handle.advance_seconds(24 * 3600);
    assert_eq!(bench.message(&reply).await.1["error"]["code"], 131_047);
}

#[tokio::test]
async fn the_phone_object_is_healthy_and_shows_the_fields_asked_for() {
    let bench = Bench::start().await;
    let url = bench.url("/meta/v25.0/106540352242922");
    let fields = [("fields", "status,quality_rating,health_status")];
    let phone = answer(bench.http.get(&url).query(&fields).bearer_auth("EAAsim-harbour")).await.1;
    assert_eq!(phone["health_status"]["can_send_message"], "AVAILABLE");
    assert_eq!(phone.as_object().unwrap().len(), 4);
    let change = json!({ "phone_number_id": "106540352242922", "fields": { "quality_rating": "RED" } });
    bench.control("meta/phone", change).await;
    let phone = answer(bench.http.get(&url).query(&fields).bearer_auth("EAAsim-harbour")).await.1;
    assert_eq!((&phone["status"], &phone["quality_rating"]), (&json!("CONNECTED"), &json!("RED")));
}

#[tokio::test]
async fn the_account_answers_with_its_numbers_and_takes_a_subscription() {
    let bench = Bench::start().await;
    let get = async |path: &str| answer(bench.http.get(bench.url(path)).bearer_auth("EAAsim-harbour")).await.1;
    let numbers = get("/meta/v25.0/102290129340398/phone_numbers").await;
    assert_eq!(numbers["data"][0]["id"], "106540352242922");
    let url = bench.url("/meta/v25.0/102290129340398/subscribed_apps");
    assert_eq!(answer(bench.http.post(url).bearer_auth("EAAsim-harbour")).await, (200, json!({ "success": true })));
    let apps = get("/meta/v25.0/102290129340398/subscribed_apps").await;
    assert_eq!(apps["data"].as_array().unwrap().len(), 1);
    assert_eq!(get("/meta/v25.0/102290129340398?fields=name").await["name"], "Harbour Lane Trading");
}
