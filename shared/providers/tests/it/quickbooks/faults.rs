//! Limits, outages, dead tokens and faults in every shape.

use jiff::SignedDuration;
use numo_app::port::ledger::{
    LedgerAccess, LedgerError, Limit,
    reader::{LedgerReader, Pull},
};
use serde_json::{Value, json};

use crate::{
    bench::SHORT,
    quickbooks::books::{Books, consent},
};

async fn refusal(books: &Books) -> LedgerError {
    let client = books.client.clone().with_timeout(SHORT);
    client.batch(&books.access, &Pull::Open, &client.begin(&Pull::Open)).await.unwrap_err()
}

async fn spoiled(fault: Value) -> LedgerError {
    let books = Books::of("other").await;
    books.bench.fault("intuit", fault).await;
    refusal(&books).await
}

#[tokio::test]
async fn an_outage_is_unavailable_however_it_shows() {
    for fault in [
        json!({ "kind": "status", "status": 500 }),
        json!({ "kind": "status", "status": 503 }),
        json!({ "kind": "html", "status": 502 }),
        json!({ "kind": "html", "status": 403 }),
        json!({ "kind": "html", "status": 200 }),
        json!({ "kind": "fault_200" }),
        json!({ "kind": "truncate" }),
        json!({ "kind": "timeout", "hold_ms": 5_000 }),
        json!({ "kind": "slow", "hold_ms": 5_000 }),
    ] {
        assert!(matches!(spoiled(fault.clone()).await, LedgerError::Unavailable(_)), "{fault}");
    }
}

#[tokio::test]
async fn a_fault_in_a_success_has_the_class_of_its_code() {
    for (code, expected) in [
        (3200, "the ledger does not take the access token"),
        (3100, "the ledger organisation is not open to the token"),
        (3001, "the ledger limits the rate of calls: minute"),
        (610, "the ledger has no such record"),
        (6190, "the provider has suspended the ledger organisation"),
        (120, "the ledger's grant is dead"),
        (4001, "the ledger refused the call with status 200"),
    ] {
        let refused = spoiled(json!({ "kind": "fault_200", "code": code })).await;
        assert_eq!(refused.to_string(), expected, "{code}");
    }
}

#[tokio::test]
async fn a_throttle_in_xml_says_a_minute_and_a_header_says_more() {
    let limited = |error: LedgerError| {
        let LedgerError::RateLimited { limit, retry_after } = &error else { panic!("{error:?}") };
        (*limit, retry_after.map(|pause| pause.as_secs()))
    };
    assert_eq!(limited(spoiled(json!({ "kind": "xml_throttle" })).await), (Limit::Minute, Some(60)));
    let said = spoiled(json!({ "kind": "status", "status": 429, "retry_after_s": 7 })).await;
    assert_eq!(limited(said), (Limit::Minute, Some(7)));
}

#[tokio::test]
async fn limits_of_the_company_are_told_until_they_are_lifted() {
    let books = Books::of("other").await;
    for setting in [json!({ "minute_limit": 0 }), json!({ "month_blocked": true })] {
        books.bench.control("intuit/settings", setting.clone()).await;
        let refused = refusal(&books).await;
        let LedgerError::RateLimited { retry_after, .. } = refused else { panic!("{refused:?}") };
        assert_eq!(retry_after, Some(SignedDuration::from_secs(60)), "{setting}");
        books.bench.control("intuit/settings", json!({ "minute_limit": null, "month_blocked": false })).await;
        assert!(books.client.organisation(&books.access).await.is_ok());
    }
}

#[tokio::test]
async fn a_dead_token_and_another_company_are_told_apart_in_every_shape() {
    for form in ["upper", "lower", "xml"] {
        let books = Books::of("other").await;
        books.bench.control("intuit/settings", json!({ "auth_errors": form })).await;
        let unknown = LedgerAccess { token: "unknown".into(), ..books.access.clone() };
        let refused = books.client.organisation(&unknown).await;
        assert!(matches!(refused, Err(LedgerError::TokenRefused)), "{form} {refused:?}");
        let realm = consent(&books.bench, "demo").await.realm.unwrap();
        let elsewhere = LedgerAccess { tenant: realm, ..books.access.clone() };
        let refused = books.client.organisation(&elsewhere).await;
        assert!(matches!(refused, Err(LedgerError::TenantRefused)), "{form} {refused:?}");
        books.bench.sim.handle.advance_seconds(3_601);
        assert!(matches!(books.client.organisation(&books.access).await, Err(LedgerError::TokenRefused)), "{form}");
    }
}

#[tokio::test]
async fn a_company_that_does_not_pay_is_suspended() {
    let books = Books::of("other").await;
    books.change_company(json!({ "subscription_ended": true })).await;
    assert!(matches!(books.client.organisation(&books.access).await, Err(LedgerError::Suspended)));
}
