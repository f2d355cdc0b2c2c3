//! Limits, outages and dead tokens of the accounting interface.

use jiff::SignedDuration;
use numo_app::port::ledger::{
    LedgerAccess, LedgerError, Limit,
    reader::{LedgerReader, Pull, Room},
};
use serde_json::{Value, json};

use crate::bench::{Bench, Consent, SHORT};

async fn spoiled(fault: Value) -> LedgerError {
    let bench = Bench::start().await;
    let access = bench.ledger("demo").await;
    let reader = bench.xero_reader().with_timeout(SHORT);
    bench.fault("xero", fault).await;
    reader.batch(&access, &Pull::Open, &reader.begin(&Pull::Open)).await.unwrap_err()
}

#[tokio::test]
async fn an_outage_is_unavailable_however_it_shows() {
    for fault in [
        json!({ "kind": "status", "status": 500 }),
        json!({ "kind": "status", "status": 503 }),
        json!({ "kind": "truncate" }),
        json!({ "kind": "timeout", "hold_ms": 5_000 }),
        json!({ "kind": "slow", "hold_ms": 5_000 }),
    ] {
        assert!(matches!(spoiled(fault.clone()).await, LedgerError::Unavailable(_)), "{fault}");
    }
}

#[tokio::test]
async fn a_slow_answer_within_the_time_is_an_answer() {
    let bench = Bench::start().await;
    let access = bench.ledger("demo").await;
    bench.fault("xero", json!({ "kind": "slow", "hold_ms": 200 })).await;
    assert!(bench.xero_reader().organisation(&access).await.is_ok());
}

#[tokio::test]
async fn a_limit_says_how_long_to_stay_away() {
    let limited = spoiled(json!({ "kind": "status", "status": 429, "retry_after_s": 66_975 })).await;
    let LedgerError::RateLimited { retry_after, .. } = limited else { panic!("{limited:?}") };
    assert_eq!(retry_after, Some(SignedDuration::from_secs(66_975)));
}

#[tokio::test]
async fn every_limit_is_told_by_its_name() {
    for (setting, most, expected) in [
        ("minute_limit", 2, Limit::Minute),
        ("day_limit", 2, Limit::Day),
        ("app_minute_limit", 3, Limit::App),
        ("concurrent_limit", 0, Limit::Minute),
    ] {
        let bench = Bench::start().await;
        // One call of the app is behind it already: that for the connections.
        let access = bench.ledger("demo").await;
        bench.control("xero/settings", json!({ setting: most })).await;
        let reader = bench.xero_reader();
        for _ in 0..most.min(2) {
            reader.organisation(&access).await.unwrap();
        }
        let Err(LedgerError::RateLimited { limit, retry_after: Some(pause) }) = reader.organisation(&access).await
        else {
            panic!("{setting}")
        };
        assert_eq!(limit, expected, "{setting}");
        assert!(pause <= SignedDuration::from_hours(24), "{setting}");
    }
}

#[tokio::test]
async fn what_is_left_of_the_limits_comes_with_every_answer() {
    let bench = Bench::start().await;
    let access = bench.ledger("demo").await;
    let reader = bench.xero_reader();
    let batch = reader.batch(&access, &Pull::Open, &reader.begin(&Pull::Open)).await.unwrap();
    assert_eq!(batch.room, Room { minute: Some(59), day: Some(4_999), app_minute: Some(9_998) });
    assert!(batch.request_id.is_some());
}

#[tokio::test]
async fn an_ended_or_unknown_token_is_refused_so_that_it_is_renewed() {
    let expired = spoiled(json!({ "kind": "expired_token" })).await;
    assert!(matches!(expired, LedgerError::TokenRefused));
    let bench = Bench::start().await;
    let access = bench.ledger("demo").await;
    bench.sim.handle.advance_seconds(1_801);
    assert!(matches!(bench.xero_reader().organisation(&access).await, Err(LedgerError::TokenRefused)));
    let unknown = LedgerAccess { token: "unknown".into(), ..access };
    assert!(matches!(bench.xero_reader().organisation(&unknown).await, Err(LedgerError::TokenRefused)));
}

#[tokio::test]
async fn a_grant_without_a_scope_needs_a_new_consent() {
    let bench = Bench::start().await;
    let without = Consent { without_scope: Some("%20accounting.settings.read"), ..Consent::to("demo") };
    let access = bench.ledger_by(without).await;
    assert!(matches!(bench.xero_reader().organisation(&access).await, Err(LedgerError::ReauthRequired)));
}

#[tokio::test]
async fn another_tenant_is_not_opened_by_the_token() {
    let bench = Bench::start().await;
    let access = bench.ledger("demo").await;
    let other = LedgerAccess { tenant: "018f0000-0000-7000-8000-000000000001".parse().unwrap(), ..access };
    assert!(matches!(bench.xero_reader().organisation(&other).await, Err(LedgerError::TenantRefused)));
}

#[tokio::test]
async fn a_refusal_for_good_keeps_its_status() {
    for status in [400, 412] {
        let refused = spoiled(json!({ "kind": "status", "status": status })).await;
        assert!(matches!(refused, LedgerError::Rejected(got) if got == status), "{status}");
    }
    assert!(matches!(spoiled(json!({ "kind": "status", "status": 404 })).await, LedgerError::NotFound));
}
