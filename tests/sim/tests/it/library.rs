use serde_json::{Value, json};

use crate::client::{Bench, answer, strings};

const WABA: &str = "/meta/v25.0/102290129340398";

async fn asked(bench: &Bench, path: &str, query: &[(&str, &str)]) -> (u16, Value) {
    answer(bench.http.get(bench.url(path)).bearer_auth("EAAsim-harbour").query(query)).await
}

async fn post(bench: &Bench, path: &str, body: &Value) -> (u16, Value) {
    answer(bench.http.post(bench.url(path)).bearer_auth("EAAsim-harbour").json(body)).await
}

fn due() -> Value {
    json!({
        "name": "our_due", "language": "en_US", "category": "UTILITY", "library_template_name": "payment_due_reminder_1",
        "message_send_ttl_seconds": 43_200,
        "library_template_button_inputs":
            r#"[{"type":"URL","url":{"base_url":"https://n.example/{{1}}","url_suffix_example":"https://n.example/a"}}]"#,
    })
}

#[tokio::test]
async fn the_library_is_filtered_and_paged_and_asked_where_control_says() {
    let bench = Bench::start().await;
    let (root, below) = ("/meta/v25.0/message_template_library", format!("{WABA}/message_template_library"));
    let overdue = [("topic", "PAYMENTS"), ("usecase", "PAYMENT_OVERDUE"), ("limit", "4")];
    let (status, first) = asked(&bench, root, &overdue).await;
    let names = ["payment_overdue_1", "payment_overdue_1", "payment_overdue_1", "payment_overdue_2"];
    assert_eq!((status, strings(&first["data"], "name")), (200, names.map(String::from).to_vec()));
    let after = first["paging"]["cursors"]["after"].as_str().unwrap();
    let (_, last) = asked(&bench, root, &[overdue.as_slice(), &[("after", after)]].concat()).await;
    let names = ["payment_overdue_3", "payment_overdue_4"].map(String::from).to_vec();
    assert_eq!((strings(&last["data"], "name"), last["paging"].get("next")), (names, None));
    let (_, spanish) = asked(&bench, root, &[("language", "es_ES")]).await;
    assert_eq!(strings(&spanish["data"], "id"), ["7147013345418003"]);
    assert_eq!(asked(&bench, &below, &[]).await.0, 400);
    bench.control("meta/library", json!({ "path": "account" })).await;
    let (status, unknown) = asked(&bench, root, &[]).await;
    assert_eq!((status, &unknown["error"]["code"]), (400, &json!(2500)));
    assert_eq!(asked(&bench, &below, &[]).await.0, 200);
}

#[tokio::test]
async fn a_template_of_the_library_is_approved_at_once_with_the_words_of_its_entry() {
    let bench = Bench::start().await;
    bench.control("meta/templates", json!({ "review": "hold" })).await;
    let (status, made) = post(&bench, &format!("{WABA}/message_templates"), &due()).await;
    assert_eq!((status, &made["status"], &made["category"]), (200, &json!("APPROVED"), &json!("UTILITY")));
    let fields = "status,library_template_name,message_send_ttl_seconds,components,parameter_format";
    let query = [("name", "our_due"), ("fields", fields)];
    let (_, found) = asked(&bench, &format!("{WABA}/message_templates"), &query).await;
    let row = &found["data"][0];
    assert_eq!(
        (&row["status"], &row["library_template_name"], &row["message_send_ttl_seconds"], &row["parameter_format"]),
        (&json!("APPROVED"), &json!("payment_due_reminder_1"), &json!(43_200), &json!("POSITIONAL"))
    );
    let buttons = json!([{
        "type": "URL", "text": "Make a payment", "url": "https://n.example/{{1}}", "example": ["https://n.example/a"],
    }]);
    assert_eq!(row["components"][1]["buttons"], buttons);
}

#[tokio::test]
async fn what_does_not_fit_an_entry_is_refused() {
    let bench = Bench::start().await;
    for (name, value) in [
        ("library_template_name", json!("payment_due_reminder_9")),
        ("language", json!("fr")),
        ("category", json!("MARKETING")),
        ("library_template_button_inputs", json!("[]")),
        ("library_template_button_inputs", json!(r#"[{"type":"PHONE_NUMBER","phone_number":"+1"}]"#)),
        ("components", json!([])),
    ] {
        let mut bad = due();
        bad[name] = value;
        let (status, body) = post(&bench, &format!("{WABA}/message_templates"), &bad).await;
        assert_eq!((status, &body["error"]["code"]), (400, &json!(100)), "{name}");
    }
    bench.control("meta/library", json!({ "ttl": "refused" })).await;
    assert_eq!(post(&bench, &format!("{WABA}/message_templates"), &due()).await.0, 400);
    bench.control("meta/library", json!({ "ttl": "ignored" })).await;
    assert_eq!(post(&bench, &format!("{WABA}/message_templates"), &due()).await.0, 200);
    let query = [("name", "our_due"), ("fields", "message_send_ttl_seconds")];
    let (_, found) = asked(&bench, &format!("{WABA}/message_templates"), &query).await;
    assert_eq!(found["data"][0].get("message_send_ttl_seconds"), None);
}

#[tokio::test]
async fn values_are_of_the_types_of_their_parameters() {
    let bench = Bench::start().await;
    assert_eq!(post(&bench, &format!("{WABA}/message_templates"), &due()).await.0, 200);
    let sent = async |values: [&str; 4]| {
        let parameters = values.map(|text| json!({ "type": "text", "text": text }));
        let button = json!({
            "type": "button", "sub_type": "url", "index": "0", "parameters": [{ "type": "text", "text": "abc" }],
        });
        let body = json!({
            "messaging_product": "whatsapp", "to": "+971501234567", "type": "template",
            "template": {
                "name": "our_due", "language": { "code": "en_US" },
                "components": [{ "type": "body", "parameters": parameters }, button],
            },
        });
        let (_, answer) = post(&bench, "/meta/v25.0/106540352242922/messages", &body).await;
        answer["error"]["code"].as_i64()
    };
    assert_eq!(sent(["Acme", "AED 1,376.22", "Harbour Lane", "2 Nov 2026"]).await, None);
    assert_eq!(sent(["Acme", "much", "Harbour Lane", "2 Nov 2026"]).await, Some(132_012));
    assert_eq!(sent(["Acme", "AED 1,376.22", "Harbour Lane", "soon"]).await, Some(132_012));
}
