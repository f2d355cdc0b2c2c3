use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Value, json};

use crate::client::{Bench, answer, location};

async fn token(bench: &Bench, asked: Value) -> String {
    bench.control("clerk/token", asked).await["token"].as_str().unwrap().to_owned()
}

async fn verified(bench: &Bench, token: &str) -> Result<Value, jsonwebtoken::errors::Error> {
    let keys: JwkSet =
        serde_json::from_value(answer(bench.http.get(bench.url("/clerk/.well-known/jwks.json"))).await.1).unwrap();
    let key = DecodingKey::from_jwk(keys.find("ins_sim1").unwrap()).unwrap();
    let mut rules = Validation::new(Algorithm::RS256);
    rules.leeway = 5;
    rules.set_issuer(&[bench.url("/clerk")]);
    rules.validate_aud = false;
    rules.validate_nbf = true;
    Ok(decode::<Value>(token, &key, &rules)?.claims)
}

#[tokio::test]
async fn a_session_token_has_the_shape_of_version_two_and_verifies_against_the_jwks() {
    let bench = Bench::start().await;
    let token = token(&bench, json!({ "user": "user_owner", "azp": "http://console.example" })).await;
    assert_eq!(decode_header(&token).unwrap().kid.as_deref(), Some("ins_sim1"));
    let claims = verified(&bench, &token).await.unwrap();
    let now_s = claims["iat"].as_i64().unwrap();
    let expected = json!({
        "azp": "http://console.example", "exp": now_s + 60, "fea": "o:dashboard", "fva": [0, -1], "iat": now_s,
        "iss": bench.url("/clerk"), "jti": claims["jti"], "nbf": now_s - 10,
        "o": { "fpm": "3", "id": "org_harbour", "per": "manage,read", "rol": "admin", "slg": "harbour-lane-trading" },
        "pla": "u:free", "sid": "sess_sim", "sts": "active", "sub": "user_owner", "v": 2,
    });
    assert_eq!(claims, expected);
}

#[tokio::test]
async fn spoiled_tokens_do_not_verify() {
    let bench = Bench::start().await;
    for spoiled in [
        json!({ "exp_in_s": -60 }),
        json!({ "iss": "https://other.example" }),
        json!({ "alg": "none" }),
        json!({ "alg": "HS256" }),
    ] {
        let token = token(&bench, spoiled.clone()).await;
        assert!(verified(&bench, &token).await.is_err(), "{spoiled}");
    }
}

#[tokio::test]
async fn tokens_can_lack_claims_or_be_of_version_one_or_pending() {
    let bench = Bench::start().await;
    let old =
        verified(&bench, &token(&bench, json!({ "v1": true, "org": "org_x", "role": "member" })).await).await.unwrap();
    assert_eq!(
        (&old["org_id"], &old["org_role"], old.get("v"), old.get("o")),
        (&json!("org_x"), &json!("org:member"), None, None)
    );
    let bare = verified(&bench, &token(&bench, json!({ "omit": ["azp", "o", "jti"] })).await).await.unwrap();
    assert_eq!((bare.get("azp"), bare.get("o"), bare.get("jti")), (None, None, None));
    let nobody = verified(&bench, &token(&bench, json!({ "user": "user_nobody" })).await).await.unwrap();
    assert_eq!((&nobody["sts"], nobody.get("o")), (&json!("pending"), None));
}

#[tokio::test]
async fn signing_in_leads_back_with_a_handle_that_buys_tokens_for_the_pages_origin() {
    let bench = Bench::start().await;
    let target = "http://console.example/invoices?page=2";
    let page = bench.http.get(bench.url("/clerk/sign-in")).query(&[("redirect_url", target)]).send().await.unwrap();
    let page = page.text().await.unwrap();
    assert!(page.contains("Olivia Owner") && page.contains("Nia Nobody"));
    let form = [("user", "user_member"), ("redirect_url", target)];
    let back = location(&bench.http.post(bench.url("/clerk/sign-in")).form(&form).send().await.unwrap());
    let handle = back.fragment().unwrap().strip_prefix("__clerk_client=").unwrap().to_owned();
    assert!(back.as_str().starts_with(target));
    let url = bench.url("/clerk/v1/client/sessions/token");
    let renew = || {
        let body = json!({ "client": handle }).to_string();
        bench.http.post(&url).header("origin", "http://console.example").body(body).send()
    };
    let response = renew().await.unwrap();
    assert_eq!(response.headers()["access-control-allow-origin"], "http://console.example");
    let body: Value = response.json().await.unwrap();
    let claims = verified(&bench, body["jwt"].as_str().unwrap()).await.unwrap();
    assert_eq!((&claims["azp"], &claims["o"]["rol"]), (&json!("http://console.example"), &json!("member")));
    let held = answer(bench.http.get(bench.url("/clerk/v1/client")).query(&[("client", &handle)])).await.1;
    assert_eq!((&held["user"]["id"], &held["organization"]["id"]), (&json!("user_member"), &json!("org_harbour")));
    let body = json!({ "client": handle }).to_string();
    bench.http.post(bench.url("/clerk/v1/client/sign-out")).body(body).send().await.unwrap();
    assert_eq!(renew().await.unwrap().status(), 401);
}

#[tokio::test]
async fn the_browser_bundles_are_served_to_any_origin() {
    let bench = Bench::start().await;
    for (path, part) in [
        ("/clerk/npm/@clerk/clerk-js@6/dist/clerk.browser.js", "window.Clerk = clerk"),
        ("/clerk/npm/@clerk/ui@1/dist/ui.browser.js", "__internal_ClerkUICtor"),
    ] {
        let asked = bench.http.get(bench.url(path)).header("origin", "http://console.example");
        let response = asked.send().await.unwrap();
        assert_eq!(response.headers()["access-control-allow-origin"], "http://console.example");
        assert_eq!(response.headers()["content-type"], "application/javascript; charset=utf-8");
        let source = response.text().await.unwrap();
        assert!(source.contains(part) && !source.contains("__BASE__"), "{path}");
    }
}
