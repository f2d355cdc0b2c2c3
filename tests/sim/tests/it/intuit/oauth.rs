use std::collections::BTreeMap;

use serde_json::json;

use crate::client::{Bench, answer, location};
use crate::intuit::books::{REDIRECT, authorize, consent, exchange, invalid_grant, realm, token_request};

#[tokio::test]
async fn consent_comes_back_with_code_state_and_realm() {
    let bench = Bench::start().await;
    let response = authorize(&bench, &[("sim_choose", "demo")]).await;
    let url = location(&response);
    let pairs: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    assert_eq!(response.status(), 302);
    assert_eq!(pairs.keys().collect::<Vec<_>>(), ["code", "realmId", "state"]);
    assert_eq!((&pairs["state"], &pairs["realmId"]), (&String::from("s1"), &realm(&bench, "demo").await));
}

#[tokio::test]
async fn a_company_can_be_chosen_by_its_realm_and_only_by_its_own_users() {
    let bench = Bench::start().await;
    let id = realm(&bench, "demo").await;
    for (user, choice, query) in [
        ("owner@gulf.example", id.as_str(), None),
        ("owner@harbour.example", "sandbox", None),
        ("other@joinery.example", "other", None),
        ("other@joinery.example", "demo", Some("error=access_denied&state=s1")),
        ("owner@harbour.example", "cancel", Some("error=access_denied&state=s1")),
    ] {
        let url = location(&authorize(&bench, &[("sim_user", user), ("sim_choose", choice)]).await);
        match query {
            Some(_) => assert_eq!(url.query(), query, "{user} {choice}"),
            None => assert!(url.query().unwrap().starts_with("code="), "{user} {choice}"),
        }
    }
}

#[tokio::test]
async fn an_address_with_a_query_or_plain_http_elsewhere_is_refused_on_the_page() {
    let bench = Bench::start().await;
    for address in ["https://numo.example/callback?provider=intuit", "http://numo.example/callback", "callback"] {
        let response = authorize(&bench, &[("redirect_uri", address)]).await;
        assert_eq!((response.status().as_u16(), response.headers().get("location")), (400, None), "{address}");
    }
}

#[tokio::test]
async fn unknown_scopes_and_a_missing_state_are_told_to_the_app() {
    let bench = Bench::start().await;
    for (name, value, query) in [
        ("scope", "com.intuit.quickbooks.accounting.read", "error=invalid_scope&state=s1"),
        ("response_type", "token", "error=unsupported_response_type&state=s1"),
        ("state", "", "error=invalid_request"),
    ] {
        let url = location(&authorize(&bench, &[(name, value)]).await);
        assert_eq!(url.query(), Some(query), "{name}");
    }
}

#[tokio::test]
async fn the_page_offers_the_companies_of_the_signed_in_user_and_posts_the_choice() {
    let bench = Bench::start().await;
    let response = authorize(&bench, &[("state", "\"><script>"), ("sim_user", "owner@gulf.example")]).await;
    assert_eq!(response.headers()["x-frame-options"], "DENY");
    let page = response.text().await.unwrap();
    assert!(page.contains("Gulf Marine Supplies") && !page.contains("Sandbox") && !page.contains("<script>"));
    let id = realm(&bench, "demo").await;
    let form = [
        ("response_type", "code"),
        ("client_id", "client"),
        ("redirect_uri", REDIRECT),
        ("scope", "com.intuit.quickbooks.accounting"),
        ("state", "s1"),
        ("sim_user", "owner@gulf.example"),
        ("choice", &id),
    ];
    let url = bench.url("/intuit-appcenter/connect/oauth2");
    let response = bench.http.post(url).form(&form).send().await.unwrap();
    assert!(location(&response).query().unwrap().ends_with(&format!("&state=s1&realmId={id}")));
}

#[tokio::test]
async fn a_code_is_good_for_five_minutes_one_address_and_one_client() {
    let bench = Bench::start().await;
    let code = consent(&bench, "demo", &[]).await;
    let fields = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", "http://localhost/other")];
    assert_eq!(answer(token_request(&bench, &fields)).await, invalid_grant());
    let code = consent(&bench, "demo", &[]).await;
    let fields = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", REDIRECT)];
    let url = bench.url("/intuit-oauth/oauth2/v1/tokens/bearer");
    let stranger = bench.http.post(url).basic_auth("stranger", Some("secret")).form(&fields);
    assert_eq!(answer(stranger).await, invalid_grant());
    let code = consent(&bench, "demo", &[]).await;
    bench.sim.handle.advance_seconds(301);
    assert_eq!(exchange(&bench, &code).await, invalid_grant());
}

#[tokio::test]
async fn a_wrong_secret_or_grant_type_is_refused() {
    let bench = Bench::start().await;
    let url = bench.url("/intuit-oauth/oauth2/v1/tokens/bearer");
    let wrong = bench.http.post(url).basic_auth("client", Some("wrong")).form(&[("grant_type", "refresh_token")]);
    assert_eq!(answer(wrong).await, (401, json!({ "error": "invalid_client" })));
    let other = token_request(&bench, &[("grant_type", "password")]);
    assert_eq!(answer(other).await, (400, json!({ "error": "unsupported_grant_type" })));
}

#[tokio::test]
async fn discovery_names_the_simulators_own_endpoints() {
    let bench = Bench::start().await;
    let url = bench.url("/intuit-developer/.well-known/openid_configuration");
    let (status, found) = answer(bench.http.get(url)).await;
    assert_eq!(status, 200);
    for (name, path) in [
        ("issuer", "/intuit-oauth/op/v1"),
        ("authorization_endpoint", "/intuit-appcenter/connect/oauth2"),
        ("token_endpoint", "/intuit-oauth/oauth2/v1/tokens/bearer"),
        ("revocation_endpoint", "/intuit-developer-api/v2/oauth2/tokens/revoke"),
        ("jwks_uri", "/intuit-oauth/op/v1/jwks"),
    ] {
        assert_eq!(found[name], bench.url(path), "{name}");
    }
    let keys = answer(bench.http.get(found["jwks_uri"].as_str().unwrap())).await.1;
    assert_eq!((&keys["keys"][0]["kty"], &keys["keys"][0]["alg"]), (&json!("RSA"), &json!("RS256")));
}
