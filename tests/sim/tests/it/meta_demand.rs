//! What fails on demand, the limits, and requests that Meta does not describe.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::client::{Bench, answer};
use crate::meta::message;
use crate::openapi;
use crate::receiver::Receiver;
use crate::templates;

const ANYBODY: &str = "+971501234567";

async fn ready() -> Bench {
    let bench = Bench::start().await;
    bench.control("meta/delivery", json!({ "template_updates": false, "delay_ms": 1, "read_percent": 0 })).await;
    templates::create(&bench, &templates::overdue()).await;
    bench
}

/// The code of a refused send, or null.
async fn code(bench: &Bench, to: &str) -> Value {
    bench.message(&message(to, "att")).await.1["error"]["code"].clone()
}

#[tokio::test]
async fn every_documented_code_comes_at_once_and_as_a_failed_status() {
    let bench = ready().await;
    let receiver = Receiver::start(0).await;
    bench.control("meta/webhook", json!({ "url": receiver.url, "app_secret": "s" })).await;
    let codes = bench.look("meta/codes").await;
    let codes = codes.as_array().unwrap();
    assert!(codes.len() > 75);
    for known in codes {
        let code = &known["code"];
        bench.control("meta/failures", json!([{ "code": code, "how": "at_once" }])).await;
        let (status, body) = bench.message(&message(ANYBODY, "att")).await;
        assert_eq!((json!(status), &body["error"]["code"]), (known["status"].clone(), code));
        bench.control("meta/failures", json!([{ "code": code, "how": "as_status" }])).await;
        assert_eq!(bench.message(&message(ANYBODY, "att")).await.0, 200);
        assert_eq!(bench.message(&message(ANYBODY, "att")).await.0, 200, "once is once");
    }
    bench.settled().await;
    let failed = receiver.statuses().into_iter().filter(|status| status["status"] == "failed");
    let mut told: Vec<i64> = failed.map(|status| status["errors"][0]["code"].as_i64().unwrap()).collect();
    told.sort_unstable();
    assert_eq!(told, codes.iter().map(|known| known["code"].as_i64().unwrap()).collect::<Vec<_>>());
}

#[tokio::test]
async fn every_code_of_the_official_samples_can_be_asked_for() {
    let bench = Bench::start().await;
    let codes = bench.look("meta/codes").await;
    let known: Vec<&Value> = codes.as_array().unwrap().iter().map(|known| &known["code"]).collect();
    for file in ["docs_errors", "openapi_graph_errors"] {
        let Some(text) = openapi::text(&format!("meta/errors/{file}.json")) else { return };
        let samples: Value = serde_json::from_str(&text).unwrap();
        for case in samples["cases"].as_array().unwrap() {
            let code = &case["payload"]["error"]["code"];
            // 803 is about names of pages, which nothing of WhatsApp has.
            assert!(*code == 803 || known.contains(&code), "{file} {case}");
        }
    }
}

#[tokio::test]
async fn a_failure_can_be_for_one_number_and_for_so_many_messages() {
    let bench = ready().await;
    bench.control("meta/failures", json!([{ "code": 131_026, "how": "at_once", "to": ANYBODY, "times": 2 }])).await;
    assert_eq!(code(&bench, "+971501234568").await, Value::Null);
    assert_eq!([code(&bench, ANYBODY).await, code(&bench, ANYBODY).await], [json!(131_026), json!(131_026)]);
    assert_eq!((code(&bench, ANYBODY).await, bench.look("meta/failures").await), (Value::Null, json!([])));
}

#[tokio::test]
async fn a_number_takes_so_many_messages_in_a_second_sent_and_received_together() {
    let bench = ready().await;
    bench.sim.handle.stop_clock();
    bench.control("meta/limits", json!({ "number_per_second": 3 })).await;
    let inbound = json!({ "phone_number_id": "106540352242922", "from": ANYBODY, "text": "Hello" });
    bench.control("meta/inbound", inbound).await;
    assert_eq!([code(&bench, ANYBODY).await, code(&bench, "+971501234568").await], [Value::Null, Value::Null]);
    assert_eq!(code(&bench, "+971501234569").await, 130_429);
    bench.sim.handle.advance_seconds(1);
    assert_eq!(code(&bench, "+971501234569").await, Value::Null);
}

#[tokio::test]
async fn a_pair_may_borrow_45_messages_and_waits_six_seconds_for_each_further_one() {
    let bench = ready().await;
    bench.sim.handle.stop_clock();
    bench.control("meta/limits", json!({ "pair": true })).await;
    for n in 0..45 {
        assert_eq!(code(&bench, ANYBODY).await, Value::Null, "{n}");
    }
    assert_eq!(code(&bench, ANYBODY).await, 131_056);
    assert_eq!(code(&bench, "+971501234568").await, Value::Null, "another pair");
    bench.sim.handle.advance_seconds(6);
    assert_eq!([code(&bench, ANYBODY).await, code(&bench, ANYBODY).await], [Value::Null, json!(131_056)]);
}

#[tokio::test]
async fn a_portfolio_reaches_so_many_people_in_a_day_outside_their_windows() {
    let bench = ready().await;
    let limits = json!({ "tier": "TIER_2", "portfolio": true, "portfolio_how": "at_once" });
    bench.control("meta/limits", limits).await;
    let phone = bench.http.get(bench.url("/meta/v25.0/106540352242922"));
    let asked = phone.query(&[("fields", "whatsapp_business_manager_messaging_limit")]).bearer_auth("EAAsim-harbour");
    assert_eq!(answer(asked).await.1["whatsapp_business_manager_messaging_limit"], "TIER_2");
    assert_eq!([code(&bench, ANYBODY).await, code(&bench, "+971501234568").await], [Value::Null, Value::Null]);
    assert_eq!([code(&bench, "+971501234569").await, code(&bench, ANYBODY).await], [json!(131_049), Value::Null]);
    let inbound = json!({ "phone_number_id": "106540352242922", "from": "+971501234569", "text": "Hello" });
    bench.control("meta/inbound", inbound).await;
    assert_eq!(code(&bench, "+971501234569").await, Value::Null, "in the window");
    bench.sim.handle.advance_seconds(24 * 3600);
    assert_eq!(code(&bench, "+971501234570").await, Value::Null);
}

#[tokio::test]
async fn an_account_creates_so_many_templates_in_an_hour_and_has_so_many_at_all() {
    let bench = Bench::start().await;
    bench.control("meta/limits", json!({ "templates_per_hour": 1, "templates_per_account": 3 })).await;
    let code = async |name: &str| {
        let mut template = templates::overdue();
        template["name"] = json!(name);
        templates::create(&bench, &template).await.1["error"]["code"].clone()
    };
    assert_eq!([code("step_1").await, code("step_2").await], [Value::Null, json!(80_007)]);
    bench.sim.handle.advance_seconds(3600);
    assert_eq!(code("step_2").await, Value::Null);
    bench.sim.handle.advance_seconds(3600);
    assert_eq!(code("step_3").await, 2_388_019, "the sample of the account counts");
}

#[tokio::test]
async fn any_change_is_told_as_it_is_given() {
    let bench = ready().await;
    let receiver = Receiver::start(0).await;
    bench.control("meta/webhook", json!({ "url": receiver.url, "app_secret": "s" })).await;
    let value = json!({ "event": "ACCOUNT_OFFBOARDED" });
    let change = json!({ "entry_id": "102290129340398", "field": "account_update", "value": value });
    bench.control("meta/change", change).await;
    bench.settled().await;
    let entry = receiver.got()[0].json()["entry"][0].clone();
    assert_eq!((&entry["id"], entry["time"].is_number()), (&json!("102290129340398"), true));
    assert_eq!(entry["changes"], json!([{ "field": "account_update", "value": value }]));
}

#[tokio::test]
async fn a_new_tier_is_told_to_every_account() {
    let bench = ready().await;
    let receiver = Receiver::start(0).await;
    bench.control("meta/webhook", json!({ "url": receiver.url, "app_secret": "s" })).await;
    bench.control("meta/limits", json!({ "tier": "TIER_UNLIMITED" })).await;
    bench.settled().await;
    let changes: Vec<Value> = receiver.got().iter().flat_map(|got| got.changes()).collect();
    assert!(changes.len() >= 3);
    for change in changes {
        assert_eq!(change["field"], "business_capability_update");
        assert_eq!(change["value"]["max_daily_conversations_per_business"], -1);
    }
}

#[tokio::test]
async fn calls_of_the_app_in_an_hour_are_counted_over_all_accounts() {
    let bench = ready().await;
    bench.control("meta/limits", json!({ "app_per_hour": 2 })).await;
    assert_eq!(code(&bench, ANYBODY).await, Value::Null);
    let other = bench.http.get(bench.url("/meta/v25.0/203391230451409/phone_numbers")).bearer_auth("EAAsim-joinery");
    assert_eq!(answer(other).await.0, 200);
    assert_eq!(code(&bench, ANYBODY).await, 4);
    bench.sim.handle.advance_seconds(3600);
    assert_eq!(code(&bench, ANYBODY).await, Value::Null);
}

#[tokio::test]
async fn a_signed_request_about_a_user_is_posted_on_demand() {
    let bench = Bench::start().await;
    // The simulator's own token endpoint stands in for whoever is told: it takes any form.
    let url = bench.url("/intuit-oauth/oauth2/v1/tokens/bearer");
    let asked = json!({ "url": url, "user_id": "218471" });
    let refused = bench.http.post(bench.url("/_control/meta/signed_request")).json(&asked).send().await.unwrap();
    assert_eq!(refused.status(), 400, "there is no secret to sign with");
    let asked = json!({ "url": url, "user_id": "218471", "secret": "app-secret", "issued_at": 1_764_000_000 });
    let answer = bench.control("meta/signed_request", asked).await;
    let (signature, payload) = answer["signed_request"].as_str().unwrap().split_once('.').unwrap();
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let expected = json!({ "algorithm": "HMAC-SHA256", "user_id": "218471", "issued_at": 1_764_000_000 });
    assert_eq!(serde_json::from_slice::<Value>(&decode(payload)).unwrap(), expected);
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"app-secret");
    assert!(hmac::verify(&key, payload.as_bytes(), &decode(signature)).is_ok());
    assert!(answer["status"].as_u64().is_some_and(|status| status >= 400), "{answer}");
}

#[tokio::test]
async fn what_meta_does_not_describe_is_refused_with_its_place_and_kept() {
    let bench = ready().await;
    let mut misspelt = message(ANYBODY, "att");
    misspelt["biz_opaque_callback"] = json!("att");
    let (status, body) = bench.message(&misspelt).await;
    let details = "not as Meta describes it: message.biz_opaque_callback is not described";
    assert_eq!((status, &body["error"]["code"]), (400, &json!(100)));
    assert_eq!(body["error"]["error_data"]["details"], details);
    assert_eq!(bench.look("meta/undescribed").await, json!(["message.biz_opaque_callback is not described"]));
    let mut creation = templates::overdue();
    creation["components"][0]["examples"] = creation["components"][0]["example"].take();
    assert_eq!(templates::create(&bench, &creation).await.0, 400);
    let post = async |path: &str, body: Value| {
        let request = bench.http.post(bench.url(&format!("/meta/v25.0/{path}")));
        answer(request.bearer_auth("EAAsim-harbour").json(&body)).await.0
    };
    for (path, body) in [
        ("102290129340398/subscribed_apps", json!({ "callback": "https://numo.example" })),
        ("102290129340398/message_templates/unarchive", json!({ "ids": ["1"] })),
        ("102290129340398/message_templates/unarchive", json!({ "hsm_ids": vec!["1"; 101] })),
        ("106540352242922/register", json!({ "messaging_product": "whatsapp", "pin": 123_456 })),
        ("634974688087057/uploads?file_name=a.pdf&file_length=1&file_type=text/plain", json!({})),
    ] {
        assert_eq!(post(path, body).await, 400, "{path}");
    }
    assert_eq!(post("102290129340398/subscribed_apps", json!({})).await, 200);
}

#[tokio::test]
async fn fields_that_an_object_does_not_have_are_refused() {
    let bench = Bench::start().await;
    let get = async |path: &str, fields: &str| {
        let request = bench.http.get(bench.url(&format!("/meta/v25.0/{path}"))).query(&[("fields", fields)]);
        answer(request.bearer_auth("EAAsim-harbour")).await.0
    };
    let analytics = "name,pricing_analytics.start(1).end(2).granularity(DAILY).dimensions([\"COUNTRY\",\"PHONE\"])";
    for (path, good, bad) in [
        ("106540352242922", "status,throughput", "status,messaging_limit_tier"),
        ("102290129340398", analytics, "name,balance"),
        ("102290129340398/phone_numbers", "id,is_on_biz_app", "id,phone"),
        ("102290129340398/message_templates", "id,quality_score", "id,quality"),
    ] {
        assert_eq!((get(path, good).await, get(path, bad).await), (200, 400), "{path}");
    }
}

#[tokio::test]
async fn requests_of_the_official_samples_are_as_described_and_a_further_field_is_not() {
    let bench = Bench::start().await;
    let kinds = ["template", "text", "interactive"];
    // The first has a truth value for a text, and the second no type.
    let odd = ["Send Sample Issue Resolution Template", "Send Text Message with Preview URL"];
    let mut n_checked = 0;
    for (file, name) in [
        ("openapi_messages", "message"),
        ("docs_free_form", "message"),
        ("bindambc_expected_messages", "message"),
        ("docs_template_send_and_create", "message"),
        ("docs_template_send_and_create", "new_template"),
        ("openapi_message_templates", "new_template"),
    ] {
        let Some(text) = openapi::text(&format!("meta/requests/{file}.json")) else { return };
        let samples: Value = serde_json::from_str(&text).unwrap();
        for case in samples["cases"].as_array().unwrap() {
            let payload = &case["payload"];
            let is_message = kinds.iter().any(|kind| payload["type"] == *kind);
            let is_template = payload["category"].is_string() && payload["components"].is_array();
            // Flows, one-time passwords and catalogues are none of the product's; a response is no request.
            let is_ours = !payload.to_string().contains("FLOW") && payload["category"] != "AUTHENTICATION";
            let wanted = if name == "message" { is_message } else { is_template && is_ours };
            if !wanted || odd.iter().any(|odd| case["name"] == *odd) || payload.to_string().contains("MPM") {
                continue;
            }
            let differences = bench.control(&format!("meta/description/{name}"), payload.clone()).await;
            assert_eq!(differences, json!([]), "{file} {}", case["name"]);
            let mut further = payload.clone();
            further["further"] = json!(1);
            let differences = bench.control(&format!("meta/description/{name}"), further).await;
            assert_eq!(differences, json!([format!("{name}.further is not described")]), "{file} {}", case["name"]);
            n_checked += 1;
        }
    }
    assert!(n_checked >= 20, "{n_checked}");
}
