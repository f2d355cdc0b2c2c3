//! Consent, tokens and connections.

use jiff::{SignedDuration, Timestamp};
use numo_app::port::{
    clock::Clock,
    ledger::{LedgerAuth, LedgerError, LedgerReader},
};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::bench::{Bench, Midday, REDIRECT, SHORT, VERIFIER};

fn in_half_an_hour() -> Option<Timestamp> {
    Midday.now().checked_add(SignedDuration::from_mins(30)).ok()
}

#[tokio::test]
async fn a_consent_gives_tokens_and_only_its_own_organisation() {
    let bench = Bench::start().await;
    let first = bench.granted("demo").await.unwrap();
    let second = bench.granted("demo_company").await.unwrap();
    let names = |granted: &numo_app::port::ledger::Granted| {
        granted.tenants.iter().map(|tenant| tenant.name.clone()).collect::<Vec<String>>()
    };
    assert_eq!(
        (names(&first), names(&second)),
        (vec!["Harbour Lane Trading".into()], vec!["Demo Company (UK)".into()])
    );
    assert_eq!(first.holder, second.holder);
    assert_eq!(first.tokens.access_expires_at, in_half_an_hour());
    assert!(first.tokens.refresh.is_some() && first.tokens.scope.contains("accounting.invoices.read"));
}

#[tokio::test]
async fn a_code_counts_once_and_only_with_its_verifier() {
    let bench = Bench::start().await;
    let auth = bench.xero_auth();
    let code = bench.code("demo").await.into();
    assert!(matches!(auth.exchange(&code, "wrong", REDIRECT).await, Err(LedgerError::ReauthRequired)));
    assert!(matches!(auth.exchange(&code, VERIFIER, REDIRECT).await, Err(LedgerError::ReauthRequired)));
}

#[tokio::test]
async fn a_refresh_gives_a_new_pair_and_the_old_one_works_through_the_grace_period() {
    let bench = Bench::start().await;
    let auth = bench.xero_auth();
    let old = bench.granted("demo").await.unwrap().tokens;
    let new = auth.refresh(&old).await.unwrap();
    assert_ne!(new.refresh.as_ref().unwrap().expose_secret(), old.refresh.as_ref().unwrap().expose_secret());
    assert_eq!(new.access_expires_at, in_half_an_hour());
    bench.sim.handle.advance_seconds(29 * 60);
    assert!(auth.refresh(&old).await.is_ok());
    bench.sim.handle.advance_seconds(120);
    assert!(matches!(auth.refresh(&old).await, Err(LedgerError::ReauthRequired)));
    assert!(auth.refresh(&new).await.is_ok());
}

#[tokio::test]
async fn a_token_set_without_a_refresh_token_needs_a_new_consent() {
    let bench = Bench::start().await;
    let tokens = bench.granted("demo").await.unwrap().tokens;
    let tokens = numo_domain::credential::TokenSet { refresh: None, ..tokens };
    assert!(matches!(bench.xero_auth().refresh(&tokens).await, Err(LedgerError::ReauthRequired)));
}

#[tokio::test]
async fn trouble_at_the_token_endpoint_never_ends_a_grant() {
    let bench = Bench::start().await;
    let auth = bench.xero_auth().with_timeout(SHORT);
    let tokens = bench.granted("demo").await.unwrap().tokens;
    for fault in [
        json!({ "kind": "status", "status": 500 }),
        json!({ "kind": "status", "status": 503 }),
        json!({ "kind": "truncate" }),
        json!({ "kind": "timeout", "after_processing": true, "hold_ms": 5_000 }),
        json!({ "kind": "slow", "hold_ms": 5_000 }),
    ] {
        bench.fault("xero", fault.clone()).await;
        assert!(matches!(auth.refresh(&tokens).await, Err(LedgerError::Unavailable(_))), "{fault}");
    }
    assert!(auth.refresh(&tokens).await.is_ok());
}

#[tokio::test]
async fn a_limit_at_the_token_endpoint_says_how_long() {
    let bench = Bench::start().await;
    let tokens = bench.granted("demo").await.unwrap().tokens;
    bench.fault("xero", json!({ "kind": "status", "status": 429, "retry_after_s": 40 })).await;
    let Err(LedgerError::RateLimited { retry_after }) = bench.xero_auth().refresh(&tokens).await else { panic!() };
    assert_eq!(retry_after, Some(SignedDuration::from_secs(40)));
}

#[tokio::test]
async fn a_wrong_client_secret_is_our_fault_and_ends_no_grant() {
    let bench = Bench::start().await;
    let tokens = bench.granted("demo").await.unwrap().tokens;
    assert!(matches!(bench.xero_auth_with("wrong").refresh(&tokens).await, Err(LedgerError::Rejected(401))));
}

#[tokio::test]
async fn a_tenant_that_was_disconnected_in_xero_is_gone_while_its_token_works() {
    let bench = Bench::start().await;
    let access = bench.ledger("demo").await;
    bench.control("xero/disconnect", json!({ "tenant": "demo" })).await;
    assert!(matches!(bench.xero_reader().organisation(&access).await, Err(LedgerError::TenantGone)));
}
