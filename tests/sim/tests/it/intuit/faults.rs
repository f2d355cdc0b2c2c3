use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{Bench, answer};
use crate::intuit::books::{Books, invalid_grant, refresh};

async fn fault(bench: &Bench, kind: &str, more: Value) {
    let mut fault = json!({ "service": "intuit", "kind": kind, "times": 1 });
    fault.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    bench.control("faults", fault).await;
}

#[tokio::test]
async fn an_answer_may_say_200_and_carry_a_fault() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "demo").await;
    for (code, kind) in [(10_000, "SystemFault"), (3200, "AUTHENTICATION"), (6190, "ValidationFault")] {
        fault(&bench, "fault_200", json!({ "code": code })).await;
        let (status, body) = answer(books.request("preferences")).await;
        let fault = &body["Fault"];
        assert_eq!((status, &fault["type"], &fault["Error"][0]["code"]), (200, &json!(kind), &json!(code.to_string())));
    }
}

#[tokio::test]
async fn every_code_comes_with_its_status_and_type() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "demo").await;
    for (status, code, kind) in [
        (403, 3100, "AuthorizationFault"),
        (400, 610, "ValidationFault"),
        (403, 6190, "ValidationFault"),
        (500, 10_000, "SystemFault"),
        (400, 120, "ValidationFault"),
    ] {
        fault(&bench, "status", json!({ "status": status, "code": code })).await;
        let (got, body) = answer(books.request("preferences")).await;
        let fault = &body["Fault"];
        assert_eq!((got, &fault["type"], &fault["Error"][0]["code"]), (status, &json!(kind), &json!(code.to_string())));
    }
    fault(&bench, "status", json!({ "status": 503, "retry_after_s": 9 })).await;
    let response = books.request("preferences").send().await.unwrap();
    assert_eq!((response.status().as_u16(), &response.headers()["retry-after"]), (503, &"9".parse().unwrap()));
}

#[tokio::test]
async fn throttling_is_xml_although_json_was_asked_for() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "demo").await;
    fault(&bench, "xml_throttle", json!({ "path_contains": "/cdc" })).await;
    books.get("preferences", &[]).await;
    let asked = books.request("cdc").query(&[("entities", "Invoice"), ("changedSince", "2026-11-23")]);
    let response = asked.send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (429, &"application/xml".parse().unwrap())
    );
}

#[tokio::test]
async fn the_edge_answers_with_a_page_for_intuit_and_for_xero() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "demo").await;
    fault(&bench, "html", json!({ "status": 503 })).await;
    let response = books.request("preferences").send().await.unwrap();
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    assert_eq!((response.status().as_u16(), kind.starts_with("text/html")), (503, true));
    let ledger = bench.connected("demo").await;
    bench.control("faults", json!({ "service": "xero", "kind": "html", "times": 1 })).await;
    let response = ledger.request("Organisation").send().await.unwrap();
    assert_eq!(response.status(), 502);
    assert!(response.text().await.unwrap().starts_with("<!doctype html>"));
}

#[tokio::test]
async fn an_expired_token_is_3200_at_the_api_and_dead_at_the_token_endpoint() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "demo").await;
    fault(&bench, "expired_token", json!({})).await;
    let (status, body) = answer(books.request("preferences")).await;
    assert_eq!((status, &body["fault"]["error"][0]["code"]), (401, &json!("3200")));
    fault(&bench, "expired_token", json!({ "path_contains": "/tokens/bearer" })).await;
    assert_eq!(refresh(&bench, &books.refresh).await, invalid_grant());
    fault(&bench, "status", json!({ "path_contains": "/tokens/bearer", "status": 503 })).await;
    assert_eq!(refresh(&bench, &books.refresh).await, (503, json!({ "error": "server_error" })));
    assert_eq!(refresh(&bench, &books.refresh).await.0, 200);
}

#[tokio::test]
async fn answers_may_be_late_broken_or_missing() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "demo").await;
    fault(&bench, "slow", json!({ "hold_ms": 30 })).await;
    books.get("preferences", &[]).await;
    fault(&bench, "truncate", json!({})).await;
    assert!(books.request("preferences").send().await.unwrap().bytes().await.is_err());
    fault(&bench, "timeout", json!({})).await;
    let late = books.request("preferences").timeout(Duration::from_millis(300)).send().await;
    assert!(late.unwrap_err().is_timeout());
    let seen = bench.look("intuit/limits").await[books.realm.as_str()].clone();
    assert_eq!(seen["calls"], 3);
}

#[tokio::test]
async fn intuits_kinds_are_not_for_others() {
    let bench = Bench::start().await;
    for kind in ["fault_200", "xml_throttle"] {
        let fault = json!({ "service": "xero", "kind": kind, "times": 1 });
        assert_eq!(answer(bench.http.post(bench.url("/_control/faults")).json(&fault)).await.0, 400);
    }
}
