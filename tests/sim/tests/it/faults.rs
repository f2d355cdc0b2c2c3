use std::time::Duration;

use serde_json::json;

use crate::client::{Bench, answer};
use crate::meta::message;
use crate::templates;

#[tokio::test]
async fn a_fault_fires_as_often_as_it_was_asked_to() {
    let bench = Bench::start().await;
    let ledger = bench.connected("demo").await;
    let fault = json!({
        "service": "xero", "path_contains": "/Invoices", "kind": "status", "status": 429, "retry_after_s": 7, "times": 2, "after": 1,
    });
    bench.control("faults", fault).await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        let response = ledger.request("Invoices").query(&[("page", "1")]).send().await.unwrap();
        let retry_after = response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
        seen.push((response.status().as_u16(), retry_after));
    }
    let limited = (429, Some(String::from("7")));
    assert_eq!(seen, [(200, None), limited.clone(), limited, (200, None)]);
    assert_eq!(answer(ledger.request("Organisation")).await.0, 200);
}

#[tokio::test]
async fn faults_can_be_listed_and_cleared() {
    let bench = Bench::start().await;
    let ledger = bench.connected("demo").await;
    bench.control("faults", json!({ "service": "xero", "kind": "expired_token", "times": 9 })).await;
    assert_eq!(bench.look("faults").await["faults"][0]["times"], 9);
    let (status, body) = answer(ledger.request("Organisation")).await;
    assert!(status == 401 && body["Detail"].as_str().unwrap().starts_with("TokenExpired"));
    bench.http.delete(bench.url("/_control/faults")).send().await.unwrap();
    assert_eq!(answer(ledger.request("Organisation")).await.0, 200);
}

#[tokio::test]
async fn a_truncated_answer_breaks_off_in_the_body() {
    let bench = Bench::start().await;
    let ledger = bench.connected("demo").await;
    bench.control("faults", json!({ "service": "xero", "kind": "truncate", "times": 1 })).await;
    let response = ledger.request("Invoices").query(&[("page", "1")]).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.bytes().await.is_err());
    assert_eq!(answer(ledger.request("Organisation")).await.0, 200);
}

#[tokio::test]
async fn a_timeout_may_come_before_or_after_the_message_was_accepted() {
    let bench = Bench::start().await;
    templates::create(&bench, &templates::overdue()).await;
    let url = bench.url("/meta/v25.0/106540352242922/messages");
    for (after_processing, accepted) in [(false, 0), (true, 1)] {
        let fault = json!({
            "service": "meta", "path_contains": "/messages", "kind": "timeout", "times": 1, "after_processing": after_processing,
        });
        bench.control("faults", fault).await;
        let body = message("+971501234567", "att-1");
        let asked = bench.http.post(&url).bearer_auth("EAAsim-harbour").json(&body).timeout(Duration::from_millis(400));
        assert!(asked.send().await.unwrap_err().is_timeout());
        assert_eq!(bench.look("meta/summary").await["accepted"], accepted);
    }
}

#[tokio::test]
async fn a_slow_answer_comes_in_the_end() {
    let bench = Bench::start().await;
    bench.control("faults", json!({ "service": "clerk", "kind": "slow", "hold_ms": 30, "times": 1 })).await;
    let (status, keys) = answer(bench.http.get(bench.url("/clerk/.well-known/jwks.json"))).await;
    assert_eq!((status, keys["keys"].as_array().unwrap().len()), (200, 1));
}

#[tokio::test]
async fn a_bad_gateway_before_xero_answers_in_html() {
    let bench = Bench::start().await;
    let ledger = bench.connected("demo").await;
    bench.control("faults", json!({ "service": "xero", "kind": "status", "status": 502, "times": 1 })).await;
    let response = ledger.request("Invoices").send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), response.headers()["content-type"].to_str().unwrap()),
        (502, "text/html; charset=utf-8")
    );
}

#[tokio::test]
async fn metas_faults_carry_its_error_codes() {
    let bench = Bench::start().await;
    for (fault, status, code) in [
        (json!({ "service": "meta", "kind": "status", "status": 429, "times": 1 }), 429, 130_429),
        (json!({ "service": "meta", "kind": "status", "status": 400, "code": 131_056, "times": 1 }), 400, 131_056),
        (json!({ "service": "meta", "kind": "expired_token", "times": 1 }), 401, 190),
    ] {
        bench.control("faults", fault).await;
        let (got, body) = bench.message(&message("+971501234567", "att-1")).await;
        assert_eq!((got, &body["error"]["code"]), (status, &json!(code)));
    }
}
