//! Consent, tokens and connections.

use jiff::{SignedDuration, Timestamp};
use numo_app::port::{
    clock::Clock,
    ledger::{
        LedgerAccess, LedgerError, Limit,
        auth::{ConsentAnswer, Granted, GrantedTenant, LedgerAuth},
        reader::LedgerReader,
    },
};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::bench::{Bench, Consent, Midday, REDIRECT, SHORT};

fn in_half_an_hour() -> Option<Timestamp> {
    Midday.now().checked_add(SignedDuration::from_mins(30)).ok()
}

#[tokio::test]
async fn a_consent_gives_tokens_and_only_its_own_organisation() {
    let bench = Bench::start().await;
    let first = bench.granted("demo").await.unwrap();
    let second = bench.granted("demo_company").await.unwrap();
    let names = |granted: &Granted| granted.tenants.iter().map(|tenant| tenant.name.clone()).collect::<Vec<String>>();
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
    let answer = bench.consented(Consent::to("demo")).await;
    let verifier = String::from("wrong");
    let other = ConsentAnswer { verifier, code: answer.code.clone(), realm: None, at: answer.at };
    assert!(matches!(auth.exchange(&other, REDIRECT).await, Err(LedgerError::ReauthRequired)));
    assert!(matches!(auth.exchange(&answer, REDIRECT).await, Err(LedgerError::ReauthRequired)));
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
    let Err(LedgerError::RateLimited { limit, retry_after }) = bench.xero_auth().refresh(&tokens).await else {
        panic!()
    };
    assert_eq!((limit, retry_after), (Limit::Minute, Some(SignedDuration::from_secs(40))));
}

#[tokio::test]
async fn a_wrong_client_secret_is_our_fault_and_ends_no_grant() {
    let bench = Bench::start().await;
    let tokens = bench.granted("demo").await.unwrap().tokens;
    assert!(matches!(bench.xero_auth_with("wrong").refresh(&tokens).await, Err(LedgerError::Rejected(401))));
}

#[tokio::test]
async fn a_tenant_that_was_disconnected_in_xero_is_refused_and_not_open_while_its_token_works() {
    let bench = Bench::start().await;
    let auth = bench.xero_auth();
    let access = bench.ledger("demo").await;
    assert!(auth.is_open(&access.token, &access.tenant).await.unwrap());
    bench.control("xero/disconnect", json!({ "tenant": "demo" })).await;
    assert!(matches!(bench.xero_reader().organisation(&access).await, Err(LedgerError::TenantRefused)));
    assert!(!auth.is_open(&access.token, &access.tenant).await.unwrap());
    bench.sim.handle.advance_seconds(1_801);
    assert!(matches!(auth.is_open(&access.token, &access.tenant).await, Err(LedgerError::TokenRefused)));
}

#[tokio::test]
async fn one_of_forty_organisations_is_disconnected_and_the_others_are_read_as_before() {
    let bench = Bench::start().await;
    let user = "bookkeeper@books.example";
    let many = bench.control("xero/many", json!({ "user": user, "count": 40 })).await;
    let keys: Vec<&str> = many.as_array().unwrap().iter().map(|tenant| tenant["key"].as_str().unwrap()).collect();
    let consent = Consent { user, choice: &keys.join(","), ..Consent::to("") };
    let granted = bench.granted_by(consent).await.unwrap();
    let (ended, kept) = granted.tenants.split_first().unwrap();
    assert_eq!(kept.len(), 39);
    let auth = bench.xero_auth();
    for _ in 0..2 {
        auth.disconnect(&granted.tokens, ended).await.unwrap();
    }
    let tokens = auth.refresh(&granted.tokens).await.unwrap();
    let access = |tenant: &GrantedTenant| LedgerAccess { tenant: tenant.tenant.clone(), token: tokens.access.clone() };
    let reader = bench.xero_reader();
    assert!(matches!(reader.organisation(&access(ended)).await, Err(LedgerError::TenantRefused)));
    assert!(!auth.is_open(&tokens.access, &ended.tenant).await.unwrap());
    for tenant in kept {
        assert_eq!(reader.organisation(&access(tenant)).await.unwrap().name, tenant.name);
    }
    let calls = bench.calls("xero");
    assert_eq!((&calls["DELETE /connections/{id}"], calls.get("POST /connect/revocation")), (&json!(2), None));
}

#[tokio::test]
async fn a_disconnect_that_xero_refuses_is_no_disconnect() {
    let bench = Bench::start().await;
    let auth = bench.xero_auth();
    let granted = bench.granted("demo").await.unwrap();
    let link = &granted.tenants[0];
    let tenant_for_link = GrantedTenant { provider_connection: link.tenant.as_str().parse().unwrap(), ..link.clone() };
    assert!(matches!(auth.disconnect(&granted.tokens, &tenant_for_link).await, Err(LedgerError::TenantRefused)));
    bench.fault("xero", json!({ "kind": "status", "status": 503 })).await;
    assert!(matches!(auth.disconnect(&granted.tokens, link).await, Err(LedgerError::Unavailable(_))));
    assert!(auth.is_open(&granted.tokens.access, &link.tenant).await.unwrap());
    bench.sim.handle.advance_seconds(1_801);
    assert!(matches!(auth.disconnect(&granted.tokens, link).await, Err(LedgerError::TokenRefused)));
}
