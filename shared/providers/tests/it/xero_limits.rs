//! Limits, outages and dead tokens of the accounting interface.

use jiff::SignedDuration;
use numo_app::port::ledger::{LedgerAccess, LedgerError, LedgerReader, PageRequest};
use serde_json::{Value, json};

use crate::bench::{Bench, SHORT};

const FIRST: PageRequest = PageRequest { page: 1, modified_since: None };

async fn spoiled(fault: Value) -> LedgerError {
    let bench = Bench::start().await;
    let access = bench.ledger("demo").await;
    let reader = bench.xero_reader().with_timeout(SHORT);
    bench.fault("xero", fault).await;
    reader.invoices(&access, &FIRST).await.unwrap_err()
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
    let LedgerError::RateLimited { retry_after } = limited else { panic!("{limited:?}") };
    assert_eq!(retry_after, Some(SignedDuration::from_secs(66_975)));
}

#[tokio::test]
async fn the_limit_per_minute_is_met_after_its_calls() {
    let bench = Bench::start().await;
    let access = bench.ledger("demo").await;
    bench.control("xero/settings", json!({ "minute_limit": 2 })).await;
    let reader = bench.xero_reader();
    for _ in 0..2 {
        reader.organisation(&access).await.unwrap();
    }
    let Err(LedgerError::RateLimited { retry_after: Some(pause) }) = reader.organisation(&access).await else {
        panic!()
    };
    assert!(pause <= SignedDuration::from_secs(60));
}

#[tokio::test]
async fn an_ended_token_is_renewed_at_the_next_use_and_an_unknown_one_needs_a_new_consent() {
    let expired = spoiled(json!({ "kind": "expired_token" })).await;
    assert!(matches!(expired, LedgerError::Unavailable(_)));
    let bench = Bench::start().await;
    let access = bench.ledger("demo").await;
    bench.sim.handle.advance_seconds(1_801);
    assert!(matches!(bench.xero_reader().organisation(&access).await, Err(LedgerError::Unavailable(_))));
    let unknown = LedgerAccess { token: "unknown".into(), ..access };
    assert!(matches!(bench.xero_reader().organisation(&unknown).await, Err(LedgerError::ReauthRequired)));
}

#[tokio::test]
async fn another_tenant_is_not_opened_by_the_token() {
    let bench = Bench::start().await;
    let access = bench.ledger("demo").await;
    let other = LedgerAccess { tenant: "018f0000-0000-7000-8000-000000000001".parse().unwrap(), ..access };
    assert!(matches!(bench.xero_reader().organisation(&other).await, Err(LedgerError::TenantGone)));
}

#[tokio::test]
async fn a_refusal_for_good_keeps_its_status() {
    for status in [400, 404, 412] {
        let refused = spoiled(json!({ "kind": "status", "status": status })).await;
        assert!(matches!(refused, LedgerError::Rejected(got) if got == status), "{status}");
    }
}
