use jsonwebtoken::{DecodingKey, Validation, decode};
use serde_json::{Value, json};

use crate::client::{Bench, answer};
use crate::intuit::books::{Books, consent, exchange, invalid_grant, realm, refresh, token_request};

const DAY_S: i64 = 24 * 3600;

async fn status_of(books: &Books<'_>) -> u16 {
    answer(books.request("preferences")).await.0
}

#[tokio::test]
async fn a_token_set_has_the_documented_fields_and_lives() {
    let bench = Bench::start().await;
    let (status, tokens) = exchange(&bench, &consent(&bench, "demo", &[]).await).await;
    let fields: Vec<&String> = tokens.as_object().unwrap().keys().collect();
    let expected =
        ["access_token", "expires_in", "id_token", "refresh_token", "token_type", "x_refresh_token_expires_in"];
    assert_eq!((status, fields), (200, expected.map(String::from).iter().collect()));
    assert_eq!(
        (&tokens["expires_in"], &tokens["token_type"], &tokens["x_refresh_token_expires_in"]),
        (&json!(3600), &json!("bearer"), &json!(8_726_400))
    );
}

#[tokio::test]
async fn the_hard_expiry_is_told_only_when_asked_for_and_is_not_extended() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "demo").await;
    let ask = |token: String| {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
        answer(token_request(&bench, &fields).header("x-include-refresh-token-hard-expires-in", "true"))
    };
    let left = |tokens: &Value| tokens["x_refresh_token_hard_expires_in"].as_i64().unwrap();
    let first = left(&ask(books.refresh.clone()).await.1);
    bench.sim.handle.advance_seconds(3600);
    let second = left(&ask(books.refresh.clone()).await.1);
    assert!((3600..=3602).contains(&(first - second)), "{first} {second}");
    assert!(first <= 157_680_000 && first > 157_679_000, "{first}");
}

#[tokio::test]
async fn the_hard_expiry_ends_a_token_however_often_it_was_refreshed() {
    let bench = Bench::start().await;
    bench.control("intuit/settings", json!({ "hard_life_s": 7200 })).await;
    let books = Books::of(&bench, "demo").await;
    bench.sim.handle.advance_seconds(7000);
    assert_eq!(refresh(&bench, &books.refresh).await.0, 200);
    bench.sim.handle.advance_seconds(201);
    assert_eq!(refresh(&bench, &books.refresh).await, invalid_grant());
}

#[tokio::test]
async fn the_value_of_a_refresh_token_changes_about_once_a_day_and_the_old_one_is_dead() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "demo").await;
    let (_, same) = refresh(&bench, &books.refresh).await;
    assert_eq!(same["refresh_token"], books.refresh.as_str());
    assert_ne!(same["access_token"], books.access.as_str());
    bench.sim.handle.advance_seconds(DAY_S);
    let (status, changed) = refresh(&bench, &books.refresh).await;
    assert_eq!(status, 200);
    assert_ne!(changed["refresh_token"], books.refresh.as_str());
    assert_eq!(refresh(&bench, &books.refresh).await, invalid_grant());
    assert_eq!(refresh(&bench, changed["refresh_token"].as_str().unwrap()).await.0, 200);
}

#[tokio::test]
async fn each_refresh_extends_the_life_of_the_token() {
    let bench = Bench::start().await;
    bench.control("intuit/settings", json!({ "rotate_after_s": 999_999_999 })).await;
    let books = Books::of(&bench, "demo").await;
    for _ in 0..3 {
        bench.sim.handle.advance_seconds(100 * DAY_S);
        assert_eq!(refresh(&bench, &books.refresh).await.0, 200);
    }
    bench.sim.handle.advance_seconds(101 * DAY_S + 1);
    assert_eq!(refresh(&bench, &books.refresh).await, invalid_grant());
}

#[tokio::test]
async fn an_access_token_ends_after_an_hour() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "demo").await;
    assert_eq!(status_of(&books).await, 200);
    bench.sim.handle.advance_seconds(3600);
    assert_eq!(status_of(&books).await, 401);
}

#[tokio::test]
async fn a_code_exchanged_twice_takes_the_tokens_of_the_first_exchange_with_it() {
    let bench = Bench::start().await;
    let code = consent(&bench, "demo", &[]).await;
    let tokens = exchange(&bench, &code).await.1;
    assert_eq!(exchange(&bench, &code).await, invalid_grant());
    let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
    let (access, token) = (text("access_token"), text("refresh_token"));
    let books = Books { bench: &bench, access, refresh: token, realm: realm(&bench, "demo").await };
    assert_eq!((status_of(&books).await, refresh(&bench, &books.refresh).await), (401, invalid_grant()));
}

#[tokio::test]
async fn two_refreshes_at_a_time_are_counted_and_may_end_the_token() {
    let bench = Bench::start().await;
    bench.control("intuit/settings", json!({ "refresh_hold_ms": 300 })).await;
    let books = Books::of(&bench, "demo").await;
    let both = futures_util::future::join(refresh(&bench, &books.refresh), refresh(&bench, &books.refresh));
    let (first, second) = both.await;
    assert_eq!((first.0, second.0), (200, 200));
    assert_eq!(bench.look("intuit/tokens").await["concurrent_refreshes"], 1);
    bench.control("intuit/settings", json!({ "concurrent_refresh_revokes": true })).await;
    let both = futures_util::future::join(refresh(&bench, &books.refresh), refresh(&bench, &books.refresh));
    assert_eq!(both.await, (invalid_grant(), invalid_grant()));
    assert_eq!(refresh(&bench, &books.refresh).await, invalid_grant());
}

#[tokio::test]
async fn revocation_ends_all_tokens_of_the_company() {
    let bench = Bench::start().await;
    let first = Books::of(&bench, "demo").await;
    let second = Books::of(&bench, "demo").await;
    let other = Books::of(&bench, "sandbox").await;
    let url = bench.url("/intuit-developer-api/v2/oauth2/tokens/revoke");
    let revoke = |token: &str| {
        let asked = bench.http.post(&url).basic_auth("client", Some("secret")).json(&json!({ "token": token }));
        asked.send()
    };
    assert_eq!(revoke(&first.refresh).await.unwrap().status(), 200);
    assert_eq!(revoke("unknown").await.unwrap().status(), 400);
    assert_eq!(bench.http.post(&url).json(&json!({})).send().await.unwrap().status(), 401);
    for books in [&first, &second] {
        assert_eq!((status_of(books).await, refresh(&bench, &books.refresh).await), (401, invalid_grant()));
    }
    assert_eq!((status_of(&other).await, refresh(&bench, &other.refresh).await.0), (200, 200));
}

#[tokio::test]
async fn disconnecting_inside_quickbooks_kills_the_tokens() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "demo").await;
    bench.control("intuit/disconnect", json!({ "realm": "demo" })).await;
    assert_eq!((status_of(&books).await, refresh(&bench, &books.refresh).await), (401, invalid_grant()));
    assert_eq!(status_of(&Books::of(&bench, "demo").await).await, 200);
}

#[tokio::test]
async fn control_ends_one_refresh_token_and_sets_the_lives() {
    let bench = Bench::start().await;
    let lives = json!({ "access_life_s": 60, "refresh_life_s": 600, "rotate_after_s": 0 });
    bench.control("intuit/settings", lives).await;
    let books = Books::of(&bench, "demo").await;
    let (_, tokens) = refresh(&bench, &books.refresh).await;
    assert_eq!((&tokens["expires_in"], &tokens["x_refresh_token_expires_in"]), (&json!(60), &json!(600)));
    assert_ne!(tokens["refresh_token"], books.refresh.as_str());
    bench.control("intuit/token", json!({ "refresh_token": tokens["refresh_token"] })).await;
    assert_eq!(refresh(&bench, tokens["refresh_token"].as_str().unwrap()).await, invalid_grant());
}

#[tokio::test]
async fn the_identity_token_names_the_realm_and_is_signed_by_the_key_set() {
    let bench = Bench::start().await;
    let tokens = exchange(&bench, &consent(&bench, "demo", &[]).await).await.1;
    let keys = answer(bench.http.get(bench.url("/intuit-oauth/op/v1/jwks"))).await.1;
    let jwk = serde_json::from_value(keys["keys"][0].clone()).unwrap();
    let mut validation = Validation::new(jsonwebtoken::Algorithm::RS256);
    validation.set_audience(&["client"]);
    validation.set_issuer(&[bench.url("/intuit-oauth/op/v1")]);
    let token = tokens["id_token"].as_str().unwrap();
    let claims = decode::<Value>(token, &DecodingKey::from_jwk(&jwk).unwrap(), &validation).unwrap().claims;
    assert_eq!(claims["realmid"], realm(&bench, "demo").await);
}

#[tokio::test]
async fn every_answer_carries_an_intuit_tid() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "demo").await;
    let answers = [
        books.request("preferences"),
        books.request("invoice/none"),
        token_request(&bench, &[("grant_type", "refresh_token")]),
    ];
    for asked in answers {
        let response = asked.send().await.unwrap();
        assert!(response.headers()["intuit_tid"].to_str().unwrap().starts_with("1-"));
    }
}
