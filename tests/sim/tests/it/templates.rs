use serde_json::{Value, json};

use crate::client::{Bench, answer, strings};

/// A template of three named parameters, as the product would create it.
pub(crate) fn overdue() -> Value {
    json!({
        "name": "invoice_overdue_v1", "language": "en", "category": "utility", "parameter_format": "named",
        "message_send_ttl_seconds": 43_200,
        "components": [
            {
                "type": "body",
                "text": "Hello {{customer_name}}, invoice {{invoice_number}} of {{amount_due}} is overdue. Reply STOP to end.",
                "example": { "body_text_named_params": [
                    { "param_name": "customer_name", "example": "Amira" },
                    { "param_name": "invoice_number", "example": "INV-1" },
                    { "param_name": "amount_due", "example": "AED 10.00" },
                ] },
            },
            { "type": "buttons", "buttons": [{ "type": "quick_reply", "text": "Paid already" }] },
        ],
    })
}

pub(crate) async fn create(bench: &Bench, template: &Value) -> (u16, Value) {
    let url = bench.url("/meta/v25.0/102290129340398/message_templates");
    answer(bench.http.post(url).bearer_auth("EAAsim-harbour").json(template)).await
}

async fn listed(bench: &Bench, query: &[(&str, &str)]) -> Value {
    let url = bench.url("/meta/v25.0/102290129340398/message_templates");
    answer(bench.http.get(url).bearer_auth("EAAsim-harbour").query(query)).await.1
}

#[tokio::test]
async fn a_new_template_is_pending_in_the_answer_and_then_approved() {
    let bench = Bench::start().await;
    let (status, created) = create(&bench, &overdue()).await;
    assert_eq!((status, &created["status"], &created["category"]), (200, &json!("PENDING"), &json!("UTILITY")));
    let found = listed(&bench, &[("name", "invoice_overdue_v1"), ("fields", "name,status,parameter_format")]).await;
    let expected = json!([{
        "id": created["id"], "name": "invoice_overdue_v1", "status": "APPROVED", "parameter_format": "NAMED",
    }]);
    assert_eq!(found["data"], expected);
}

#[tokio::test]
async fn review_can_be_held_and_decided_by_control() {
    let bench = Bench::start().await;
    bench.control("meta/templates", json!({ "review": "hold" })).await;
    create(&bench, &overdue()).await;
    assert_eq!(listed(&bench, &[("status", "PENDING")]).await["data"].as_array().unwrap().len(), 1);
    let decision = json!({ "name": "invoice_overdue_v1", "status": "REJECTED", "category": "MARKETING" });
    assert_eq!(bench.control("meta/templates", decision).await, json!({ "changed": 1 }));
    let row =
        listed(&bench, &[("name", "invoice_overdue_v1"), ("fields", "status,category,rejected_reason")]).await["data"]
            [0]
        .clone();
    assert_eq!(
        (&row["status"], &row["category"], &row["rejected_reason"]),
        (&json!("REJECTED"), &json!("MARKETING"), &json!("INVALID_FORMAT"))
    );
}

#[tokio::test]
async fn lists_are_paged_by_cursor() {
    let bench = Bench::start().await;
    for n in 0..4 {
        let mut template = overdue();
        template["name"] = json!(format!("step_{n}"));
        create(&bench, &template).await;
    }
    let first = listed(&bench, &[("limit", "2")]).await;
    assert_eq!(strings(&first["data"], "name"), ["hello_world", "step_0"]);
    let after = first["paging"]["cursors"]["after"].as_str().unwrap();
    let second = listed(&bench, &[("limit", "2"), ("after", after)]).await;
    assert_eq!(strings(&second["data"], "name"), ["step_1", "step_2"]);
    let after = second["paging"]["cursors"]["after"].as_str().unwrap();
    let last = listed(&bench, &[("limit", "2"), ("after", after)]).await;
    assert_eq!((strings(&last["data"], "name"), last["paging"].get("next")), (vec![String::from("step_3")], None));
}

#[tokio::test]
async fn templates_that_meta_would_refuse_are_refused() {
    let bench = Bench::start().await;
    let address = |url: &str, example: Value| json!({ "type": "URL", "text": "Pay", "url": url, "example": example });
    let cases: [(&str, &str, Value); 12] = [
        ("name", "/name", json!("Invoice Overdue")),
        ("language", "/language", json!("")),
        ("category", "/category", json!("REMINDER")),
        ("time to live", "/message_send_ttl_seconds", json!(10)),
        ("no body", "/components", json!([])),
        ("no example", "/components/0/example", json!({})),
        (
            "variable first",
            "/components/0/text",
            json!("{{customer_name}} owes us {{invoice_number}} and also {{amount_due}} today"),
        ),
        ("bad variable", "/components/0/text", json!("Hello {{CustomerName}}, you have some open invoices with us.")),
        ("long button", "/components/1/buttons/0/text", json!("a".repeat(26))),
        (
            "variable inside an address",
            "/components/1/buttons/0",
            address("https://numo.example/{{1}}/pay", json!(["https://numo.example/a/pay"])),
        ),
        ("address without an example", "/components/1/buttons/0", address("https://numo.example/{{1}}", json!([]))),
        (
            "example of another address",
            "/components/1/buttons/0",
            address("https://numo.example/{{1}}", json!(["https://other.example/a"])),
        ),
    ];
    for (name, pointer, value) in cases {
        let mut template = overdue();
        *template.pointer_mut(pointer).unwrap() = value;
        let (status, body) = create(&bench, &template).await;
        assert_eq!((status, &body["error"]["code"]), (400, &json!(100)), "{name}");
    }
    assert_eq!(create(&bench, &overdue()).await.0, 200);
    assert_eq!(create(&bench, &overdue()).await.0, 400, "the same name and language twice");
}
