use serde_json::{Value, json};

use crate::client::{Bench, answer};
use crate::intuit::books::Books;

async fn meter(books: &Books<'_>) -> Value {
    books.bench.look("intuit/limits").await[books.realm.as_str()].clone()
}

async fn throttled(books: &Books<'_>, path: &str) {
    let response = books.request(path).send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"], response.headers().get("retry-after")),
        (429, &"application/xml".parse().unwrap(), None)
    );
    let text = response.text().await.unwrap();
    assert!(text.contains("<Fault type=\"SERVICE\">") && text.contains("<Error code=\"3001\">"), "{text}");
}

#[tokio::test]
async fn calls_are_counted_by_realm_second_and_minute() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "demo").await;
    for _ in 0..3 {
        books.get("preferences", &[]).await;
        bench.sim.handle.advance_seconds(60);
    }
    let expected = json!({
        "calls": 3, "throttled": 0, "max_concurrent": 1, "max_per_second": 1, "max_per_minute": 1,
        "max_batches_per_minute": 0,
    });
    assert_eq!(meter(&books).await, expected);
    bench.http.post(bench.url("/_control/intuit/limits/reset")).send().await.unwrap();
    assert_eq!(meter(&books).await["calls"], 0);
}

#[tokio::test]
async fn calls_at_a_time_are_seen() {
    let bench = Bench::start().await;
    bench.control("intuit/settings", json!({ "latency_ms": 300 })).await;
    let books = Books::of(&bench, "demo").await;
    let call = || books.get("preferences", &[]);
    futures_util::future::join3(call(), call(), call()).await;
    call().await;
    let seen = meter(&books).await;
    assert_eq!((&seen["max_concurrent"], &seen["calls"]), (&json!(3), &json!(4)));
}

#[tokio::test]
async fn limits_are_enforced_in_xml_when_set_and_per_realm() {
    let bench = Bench::start().await;
    let (books, other) = (Books::of(&bench, "demo").await, Books::of(&bench, "sandbox").await);
    bench.control("intuit/settings", json!({ "minute_limit": 2 })).await;
    bench.sim.handle.advance_seconds(60);
    books.get("preferences", &[]).await;
    books.get("preferences", &[]).await;
    throttled(&books, "preferences").await;
    other.get("preferences", &[]).await;
    bench.sim.handle.advance_seconds(60);
    books.get("preferences", &[]).await;
    bench.control("intuit/settings", json!({ "minute_limit": null, "second_limit": 0 })).await;
    throttled(&books, "preferences").await;
    bench.control("intuit/settings", json!({ "second_limit": null })).await;
    books.get("preferences", &[]).await;
    assert_eq!(meter(&books).await["throttled"], 2);
}

#[tokio::test]
async fn batches_have_a_limit_of_their_own() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "demo").await;
    bench.control("intuit/settings", json!({ "batch_limit": 0 })).await;
    let url = bench.url(&format!("/quickbooks-api/v3/company/{}/batch", books.realm));
    let items = json!({ "BatchItemRequest": [{ "bId": "1", "Query": "SELECT * FROM Customer" }] });
    let asked = bench.http.post(url).bearer_auth(&books.access).json(&items);
    assert_eq!(asked.send().await.unwrap().status(), 429);
    assert_eq!(meter(&books).await["max_batches_per_minute"], 1);
    books.get("preferences", &[]).await;
}

#[tokio::test]
async fn a_used_up_month_blocks_every_read_until_it_is_lifted() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "demo").await;
    bench.control("intuit/settings", json!({ "month_blocked": true })).await;
    for path in ["preferences", "query?query=SELECT%20*%20FROM%20Invoice", "invoice/1"] {
        throttled(&books, path).await;
        bench.sim.handle.advance_seconds(120);
    }
    assert_eq!(crate::intuit::books::refresh(&bench, &books.refresh).await.0, 200);
    bench.control("intuit/settings", json!({ "month_blocked": false })).await;
    books.get("preferences", &[]).await;
}

#[tokio::test]
async fn calls_are_counted_by_path_template_for_all_of_intuits_hosts() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "demo").await;
    books.query("SELECT * FROM Customer").await;
    answer(books.request("invoice/none")).await;
    let expected = json!({
        "GET /connect/oauth2": 1, "POST /oauth2/v1/tokens/bearer": 1,
        "GET /v3/company/{realm}/query": 1, "GET /v3/company/{realm}/invoice/{id}": 1,
    });
    assert_eq!(bench.look("intuit/calls").await, expected);
    bench.http.post(bench.url("/_control/intuit/calls/reset")).send().await.unwrap();
    assert_eq!(bench.look("intuit/calls").await, json!({}));
}

#[tokio::test]
async fn settings_are_shown_and_wrong_ones_refused() {
    let bench = Bench::start().await;
    let shown = bench.look("intuit/settings").await;
    assert_eq!((&shown["access_life_s"], &shown["minute_limit"]), (&json!(3600), &json!(null)));
    for wrong in [json!({ "minute_limits": 3 }), json!({ "latency_ms": "slow" }), json!({ "auth_errors": "csv" })] {
        let url = bench.url("/_control/intuit/settings");
        assert_eq!(answer(bench.http.post(url).json(&wrong)).await.0, 400, "{wrong}");
    }
    assert_eq!(bench.look("intuit/settings").await, shown);
}
