//! Consent, tokens and the end of a connection.

use jiff::{SignedDuration, Timestamp};
use numo_app::port::{
    clock::Clock,
    ledger::{
        LedgerAccess, LedgerError, Limit,
        auth::{ConsentAnswer, GrantedTenant, LedgerAuth},
        reader::LedgerReader,
    },
};
use numo_domain::credential::TokenSet;
use secrecy::ExposeSecret;
use serde_json::json;

use crate::{
    bench::{Bench, Midday, SHORT},
    quickbooks::books::{REDIRECT, auth, auth_with, client, consent, granted},
};

fn in_an_hour() -> Option<Timestamp> {
    Midday.now().checked_add(SignedDuration::from_hours(1)).ok()
}

fn refresh_value(tokens: &TokenSet) -> &str {
    tokens.refresh.as_ref().unwrap().expose_secret()
}

#[tokio::test]
async fn a_consent_gives_tokens_and_its_one_company() {
    let bench = Bench::start().await;
    let granted = granted(&bench, "demo").await.unwrap();
    let realm = granted.holder.as_str();
    let expected = GrantedTenant {
        tenant: realm.parse().unwrap(),
        provider_connection: realm.parse().unwrap(),
        name: String::from("Gulf Marine Supplies"),
    };
    assert_eq!(granted.tenants, [expected]);
    assert_eq!(granted.tokens.access_expires_at, in_an_hour());
    let five_years = Midday.now().checked_add(SignedDuration::from_hours(5 * 365 * 24)).unwrap();
    let rest = five_years.duration_since(granted.tokens.consent_ends_at.unwrap());
    assert!(rest.abs() <= SignedDuration::from_secs(5), "{rest}");
}

#[tokio::test]
async fn a_company_that_the_token_does_not_open_is_not_connected() {
    let bench = Bench::start().await;
    let other = consent(&bench, "other").await.realm;
    let forged = ConsentAnswer { realm: other, ..consent(&bench, "demo").await };
    assert!(matches!(auth(&bench).exchange(&forged, REDIRECT).await, Err(LedgerError::TenantRefused)));
}

#[tokio::test]
async fn a_code_counts_once_and_a_second_exchange_ends_the_tokens_of_the_first() {
    let bench = Bench::start().await;
    let answer = consent(&bench, "demo").await;
    let auth = auth(&bench);
    let tokens = auth.exchange(&answer, REDIRECT).await.unwrap().tokens;
    assert!(matches!(auth.exchange(&answer, REDIRECT).await, Err(LedgerError::ReauthRequired)));
    assert!(matches!(auth.refresh(&tokens).await, Err(LedgerError::ReauthRequired)));
}

#[tokio::test]
async fn a_refresh_value_stays_for_a_day_and_then_the_new_one_is_brought() {
    let bench = Bench::start().await;
    let auth = auth(&bench);
    let first = granted(&bench, "demo").await.unwrap().tokens;
    let second = auth.refresh(&first).await.unwrap();
    assert_eq!(refresh_value(&second), refresh_value(&first));
    assert_ne!(second.access.expose_secret(), first.access.expose_secret());
    assert_eq!(second.access_expires_at, in_an_hour());
    bench.sim.handle.advance_seconds(25 * 3600);
    let third = auth.refresh(&second).await.unwrap();
    assert_ne!(refresh_value(&third), refresh_value(&second));
    assert!(matches!(auth.refresh(&second).await, Err(LedgerError::ReauthRequired)));
    assert!(auth.refresh(&third).await.is_ok());
}

#[tokio::test]
async fn renewing_does_not_put_off_the_end_of_a_consent() {
    let bench = Bench::start().await;
    bench.control("intuit/settings", json!({ "hard_life_s": 7_200 })).await;
    let auth = auth(&bench);
    let first = granted(&bench, "demo").await.unwrap().tokens;
    bench.sim.handle.advance_seconds(3_600);
    let second = auth.refresh(&first).await.unwrap();
    // The client's clock stands still while the simulator's goes on.
    let sooner = first.consent_ends_at.unwrap().duration_since(second.consent_ends_at.unwrap());
    assert!((3_600..=3_605).contains(&sooner.as_secs()), "{sooner}");
    bench.sim.handle.advance_seconds(3_601);
    assert!(matches!(auth.refresh(&second).await, Err(LedgerError::ReauthRequired)));
}

#[tokio::test]
async fn a_token_set_without_a_refresh_token_needs_a_new_consent() {
    let bench = Bench::start().await;
    let tokens = TokenSet { refresh: None, ..granted(&bench, "demo").await.unwrap().tokens };
    assert!(matches!(auth(&bench).refresh(&tokens).await, Err(LedgerError::ReauthRequired)));
}

#[tokio::test]
async fn trouble_at_the_token_endpoint_never_ends_a_grant() {
    let bench = Bench::start().await;
    let auth = auth(&bench).with_timeout(SHORT);
    let tokens = granted(&bench, "demo").await.unwrap().tokens;
    auth.refresh(&tokens).await.unwrap();
    for fault in [
        json!({ "kind": "status", "status": 500 }),
        json!({ "kind": "html", "status": 503 }),
        json!({ "kind": "html", "status": 400 }),
        json!({ "kind": "truncate" }),
        json!({ "kind": "timeout", "after_processing": true, "hold_ms": 5_000 }),
        json!({ "kind": "slow", "hold_ms": 5_000 }),
    ] {
        bench.fault("intuit", fault.clone()).await;
        assert!(matches!(auth.refresh(&tokens).await, Err(LedgerError::Unavailable(_))), "{fault}");
    }
    assert!(auth.refresh(&tokens).await.is_ok());
}

#[tokio::test]
async fn a_limit_and_a_wrong_secret_at_the_token_endpoint_are_told_apart() {
    let bench = Bench::start().await;
    let tokens = granted(&bench, "demo").await.unwrap().tokens;
    let wrong = auth_with(&bench, None, "wrong");
    assert!(matches!(wrong.refresh(&tokens).await, Err(LedgerError::Rejected(401))));
    bench.fault("intuit", json!({ "kind": "status", "status": 429, "retry_after_s": 40 })).await;
    let Err(LedgerError::RateLimited { limit, retry_after }) = wrong.refresh(&tokens).await else { panic!() };
    assert_eq!((limit, retry_after), (Limit::App, Some(SignedDuration::from_secs(40))));
}

#[tokio::test]
async fn a_disconnection_ends_the_grant_and_one_that_is_dead_is_done() {
    let bench = Bench::start().await;
    let auth = auth(&bench);
    let granted = granted(&bench, "demo").await.unwrap();
    let (tokens, link) = (granted.tokens, &granted.tenants[0]);
    assert!(auth.is_open(&tokens.access, &link.tenant).await.unwrap());
    for _ in 0..2 {
        auth.disconnect(&tokens, link).await.unwrap();
    }
    assert!(matches!(auth.refresh(&tokens).await, Err(LedgerError::ReauthRequired)));
    assert!(matches!(auth.is_open(&tokens.access, &link.tenant).await, Err(LedgerError::TokenRefused)));
    let unknown = TokenSet { refresh: Some("unknown".into()), ..tokens.clone() };
    auth.disconnect(&unknown, link).await.unwrap();
    auth.disconnect(&TokenSet { refresh: None, ..tokens }, link).await.unwrap();
}

#[tokio::test]
async fn a_company_that_was_disconnected_in_quickbooks_has_dead_tokens() {
    let bench = Bench::start().await;
    let granted = granted(&bench, "demo").await.unwrap();
    bench.control("intuit/disconnect", json!({ "realm": "demo" })).await;
    let access = LedgerAccess { tenant: granted.tenants[0].tenant.clone(), token: granted.tokens.access.clone() };
    assert!(matches!(client(&bench).organisation(&access).await, Err(LedgerError::TokenRefused)));
    assert!(matches!(auth(&bench).refresh(&granted.tokens).await, Err(LedgerError::ReauthRequired)));
}

#[tokio::test]
async fn another_company_is_not_open() {
    let bench = Bench::start().await;
    let demo = granted(&bench, "demo").await.unwrap();
    let other = consent(&bench, "other").await.realm.unwrap();
    assert!(!auth(&bench).is_open(&demo.tokens.access, &other).await.unwrap());
}

#[tokio::test]
async fn the_discovery_document_is_read_once_a_day_and_its_loss_changes_nothing() {
    let bench = Bench::start().await;
    for discovery in [None, Some("/nowhere")] {
        let auth = auth_with(&bench, discovery, "secret");
        assert!(auth.authorise_url(REDIRECT, "s", "").await.unwrap().contains("/intuit-appcenter/connect/oauth2"));
    }
    let auth = auth(&bench);
    for _ in 0..2 {
        auth.clone().authorise_url(REDIRECT, "s", "").await.unwrap();
    }
    let calls = bench.shown("intuit/calls").await;
    assert_eq!(calls["GET /.well-known/openid_configuration"], 1, "{calls}");
}
