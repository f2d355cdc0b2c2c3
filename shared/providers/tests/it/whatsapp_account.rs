//! Numbers, subscriptions and templates of an account.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use numo_app::port::whatsapp::{AccountError, Messaging as _, NumberInfo, SenderAccess, WhatsappAccount};
use numo_domain::{
    account_bill::{Sum, Sums},
    delivery_report::pricing::PriceCategory,
    id::WabaId,
    sender::Throughput,
    template::{AccountTemplate, WhyUnusable, every_text},
};
use serde_json::json;

use crate::{
    bench::{Bench, SHORT, first_text, harbour},
    whatsapp_send::message,
};

fn waba() -> WabaId {
    "102290129340398".parse().unwrap()
}

#[tokio::test]
async fn a_number_tells_itself_its_name_and_whether_it_can_send() {
    let bench = Bench::start().await;
    let graph = bench.graph();
    let expected = NumberInfo {
        number: "+97145550100".parse().unwrap(),
        verified_name: String::from("Harbour Lane Trading"),
        can_send: true,
        daily_limit: Some(2_000),
        is_on_biz_app: false,
        throughput: Throughput::Standard,
        troubles: BTreeSet::new(),
    };
    assert_eq!(graph.number(&harbour()).await.unwrap(), expected);
    for fields in [
        json!({ "status": "BANNED" }),
        json!({ "status": "CONNECTED", "health_status": { "can_send_message": "BLOCKED" } }),
    ] {
        let body = json!({ "phone_number_id": harbour().phone_number_id.as_str(), "fields": fields });
        bench.control("meta/phone", body).await;
        assert!(!graph.number(&harbour()).await.unwrap().can_send, "{fields}");
    }
}

#[tokio::test]
async fn the_numbers_of_an_account_prove_that_one_belongs_to_it() {
    let bench = Bench::start().await;
    let graph = bench.graph();
    let token = harbour().token;
    assert_eq!(graph.numbers_of(&waba(), &token).await.unwrap(), [harbour().phone_number_id]);
    let foreign = "203391230451409".parse().unwrap();
    assert!(matches!(graph.numbers_of(&foreign, &token).await, Err(AccountError::Unknown)));
}

#[tokio::test]
async fn what_an_account_was_billed_is_told_by_category_and_of_a_foreign_one_nothing() {
    let bench = Bench::start().await;
    let graph = bench.graph();
    graph.create_template(&waba(), &harbour().token, &first_text()).await.unwrap();
    let (to, attempt) = ("+971501234567".parse().unwrap(), "018f0000-0000-7000-8000-000000000001".parse().unwrap());
    graph.send(&harbour(), &to, attempt, &message()).await.unwrap();
    let (from, until) = (Timestamp::UNIX_EPOCH, "2100-01-01T00:00:00Z".parse().unwrap());
    let sum = Sum { messages: 1, free: 0, millionths: 13_600 };
    let expected = Sums { currency: "USD".parse().ok(), categories: [(PriceCategory::Utility, sum)].into() };
    assert_eq!(graph.billed(&waba(), &harbour().token, from, until).await.unwrap(), expected);
    let empty = Sums { currency: "USD".parse().ok(), categories: BTreeMap::new() };
    let long_ago = "1970-01-02T00:00:00Z".parse().unwrap();
    assert_eq!(graph.billed(&waba(), &harbour().token, from, long_ago).await.unwrap(), empty);
    let refused = graph.billed(&waba(), &harbour().token, until, from).await;
    assert!(matches!(refused, Err(AccountError::Rejected(100))), "{refused:?}");
    let foreign = graph.billed(&"203391230451409".parse().unwrap(), &harbour().token, from, until).await;
    assert!(foreign.is_err(), "{foreign:?}");
}

#[tokio::test]
async fn a_subscription_is_made_and_a_foreign_one_is_not() {
    let bench = Bench::start().await;
    let graph = bench.graph();
    graph.subscribe(&waba(), &harbour().token).await.unwrap();
    let foreign = "203391230451409".parse().unwrap();
    assert!(matches!(graph.subscribe(&foreign, &harbour().token).await, Err(AccountError::Unknown)));
}

#[tokio::test]
async fn the_whole_pack_is_accepted_and_then_approved() {
    let bench = Bench::start().await;
    let graph = bench.graph();
    let token = harbour().token;
    for template in every_text() {
        let pending = AccountTemplate::pending(template.reference());
        assert_eq!(graph.create_template(&waba(), &token, &template).await.unwrap(), pending);
    }
    let there = graph.templates(&waba(), &token).await.unwrap();
    for template in every_text() {
        let expected = AccountTemplate::approved(template.reference());
        assert!(there.iter().any(|found| found.text == expected), "{}", template.name());
    }
    let again = graph.create_template(&waba(), &token, &first_text()).await;
    assert!(matches!(again, Err(AccountError::Rejected(100))), "{again:?}");
}

#[tokio::test]
async fn templates_are_read_over_pages_with_what_became_of_them() {
    let bench = Bench::start().await;
    let graph = bench.graph();
    let token = harbour().token;
    let http = reqwest::Client::builder().build().unwrap();
    for number in 0..120 {
        let body = json!({
            "name": format!("t_{number}"), "language": "en", "category": "UTILITY",
            "components": [{ "type": "BODY", "text": format!("Text number {number} of many.") }],
        });
        let url = bench.url("/meta/v25.0/102290129340398/message_templates");
        let response = http.post(url).bearer_auth("EAAsim-harbour").json(&body).send().await.unwrap();
        assert!(response.status().is_success());
    }
    bench.control("meta/templates", json!({ "name": "t_1", "category": "MARKETING" })).await;
    bench.control("meta/templates", json!({ "name": "t_2", "status": "PAUSED" })).await;
    let read = graph.templates(&waba(), &token).await.unwrap();
    let by_name: BTreeMap<&str, Option<WhyUnusable>> =
        read.iter().map(|row| (row.text.template.name.as_str(), row.text.why)).collect();
    assert_eq!((by_name.len(), read.len()), (121, 121));
    let why = ["t_0", "t_1", "t_2", "t_119"].map(|name| by_name[name]);
    assert_eq!(why, [None, Some(WhyUnusable::Marketing), Some(WhyUnusable::Paused), None]);
}

#[tokio::test]
async fn a_dead_token_is_refused_and_an_outage_is_not() {
    let bench = Bench::start().await;
    let graph = bench.graph().with_timeout(SHORT);
    let dead = SenderAccess { token: "dead".into(), ..harbour() };
    assert!(matches!(graph.number(&dead).await, Err(AccountError::Refused)));
    for fault in [
        json!({ "kind": "status", "status": 500 }),
        json!({ "kind": "status", "status": 400, "code": 80_007 }),
        json!({ "kind": "truncate" }),
        json!({ "kind": "slow", "hold_ms": 5_000 }),
    ] {
        bench.fault("meta", fault.clone()).await;
        assert!(matches!(graph.number(&harbour()).await, Err(AccountError::Unavailable(_))), "{fault}");
    }
    let unknown = SenderAccess { phone_number_id: "1".parse().unwrap(), ..harbour() };
    assert!(matches!(graph.number(&unknown).await, Err(AccountError::Unknown)));
}
