use serde_json::{Value, json};

use crate::client::{Bench, REDIRECT, SCOPES, answer, location};

const HOUR_S: i64 = 3600;

fn refresh_token(tokens: &Value) -> &str {
    tokens["refresh_token"].as_str().unwrap()
}

#[tokio::test]
async fn a_code_buys_one_token_set_and_no_second_one() {
    let bench = Bench::start().await;
    let code = bench.consent("demo", &[]).await;
    let (status, tokens) = bench.exchange(&code).await;
    assert_eq!((status, &tokens["expires_in"], &tokens["token_type"]), (200, &json!(1800), &json!("Bearer")));
    assert_eq!(tokens["scope"], SCOPES);
    assert_eq!(bench.exchange(&code).await, (400, json!({ "error": "invalid_grant" })));
}

#[tokio::test]
async fn a_code_is_too_old_after_five_minutes() {
    let bench = Bench::start().await;
    let code = bench.consent("demo", &[]).await;
    bench.sim.handle.advance_seconds(301);
    assert_eq!(bench.exchange(&code).await, (400, json!({ "error": "invalid_grant" })));
}

#[tokio::test]
async fn a_code_is_refused_for_another_redirect_address() {
    let bench = Bench::start().await;
    let code = bench.consent("demo", &[]).await;
    let fields = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", "http://localhost/other")];
    assert_eq!(bench.token(&fields).await, (400, json!({ "error": "invalid_grant" })));
}

#[tokio::test]
async fn a_challenged_code_needs_the_verifier_of_rfc_7636() {
    let bench = Bench::start().await;
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let pkce = [("code_challenge", challenge), ("code_challenge_method", "S256")];
    for (verifier, expected) in
        [(None, 400), (Some("wrong"), 400), (Some("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), 200)]
    {
        let code = bench.consent("demo", &pkce).await;
        let mut fields = vec![("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", REDIRECT)];
        fields.extend(verifier.map(|verifier| ("code_verifier", verifier)));
        assert_eq!(bench.token(&fields).await.0, expected, "{verifier:?}");
    }
}

#[tokio::test]
async fn each_refresh_rotates_and_the_old_token_answers_for_thirty_minutes() {
    let bench = Bench::start().await;
    let first = bench.exchange(&bench.consent("demo", &[]).await).await.1;
    let (_, second) = bench.refresh(refresh_token(&first)).await;
    assert_ne!(refresh_token(&first), refresh_token(&second));
    bench.sim.handle.advance_seconds(29 * 60);
    let (status, again) = bench.refresh(refresh_token(&first)).await;
    assert_eq!(status, 200);
    assert_ne!(refresh_token(&again), refresh_token(&second));
    bench.sim.handle.advance_seconds(2 * 60);
    let refused = (400, json!({ "error": "invalid_grant" }));
    assert_eq!(bench.refresh(refresh_token(&first)).await, refused);
    assert_eq!(bench.refresh(refresh_token(&second)).await.0, 200);
    assert_eq!(bench.refresh("unknown").await, refused);
}

#[tokio::test]
async fn an_unused_refresh_token_lives_for_sixty_days() {
    let bench = Bench::start().await;
    let tokens = bench.exchange(&bench.consent("demo", &[]).await).await.1;
    bench.sim.handle.advance_seconds(60 * 24 * HOUR_S + 1);
    assert_eq!(bench.refresh(refresh_token(&tokens)).await.0, 400);
}

#[tokio::test]
async fn a_wrong_client_secret_is_refused() {
    let bench = Bench::start().await;
    let url = bench.url("/xero-identity/connect/token");
    let asked = bench.http.post(url).basic_auth("client", Some("wrong")).form(&[("grant_type", "refresh_token")]);
    assert_eq!(answer(asked).await, (401, json!({ "error": "invalid_client" })));
}

#[tokio::test]
async fn consent_is_refused_for_scopes_that_new_apps_cannot_ask_for() {
    let bench = Bench::start().await;
    for scope in ["offline_access accounting.transactions.read", "openid accounting.invoices.read", ""] {
        let asked = [
            ("response_type", "code"),
            ("client_id", "client"),
            ("redirect_uri", REDIRECT),
            ("scope", scope),
            ("state", "s1"),
        ];
        let url = location(&bench.authorize(&asked).await);
        assert_eq!(url.query(), Some("error=invalid_scope&state=s1"), "{scope}");
    }
}

#[tokio::test]
async fn cancelling_the_consent_comes_back_with_access_denied() {
    let bench = Bench::start().await;
    let form = [
        ("response_type", "code"),
        ("client_id", "client"),
        ("redirect_uri", REDIRECT),
        ("scope", SCOPES),
        ("state", "s1"),
        ("choice", "cancel"),
    ];
    let url = bench.url("/xero-login/identity/connect/authorize");
    let response = bench.http.post(url).form(&form).send().await.unwrap();
    assert_eq!(response.status(), 302);
    assert_eq!(location(&response).query(), Some("error=access_denied&state=s1"));
}

#[tokio::test]
async fn the_consent_page_offers_the_organisations_of_the_signed_in_user_only() {
    let bench = Bench::start().await;
    let asked = [
        ("response_type", "code"),
        ("client_id", "client"),
        ("redirect_uri", REDIRECT),
        ("scope", SCOPES),
        ("state", "\"><script>"),
        ("sim_user", "other@joinery.example"),
    ];
    let response = bench.authorize(&asked).await;
    assert_eq!(response.headers()["x-frame-options"], "DENY");
    let page = response.text().await.unwrap();
    assert!(page.contains("Edinburgh Joinery") && !page.contains("Harbour Lane") && !page.contains("<script>"));
}

#[tokio::test]
async fn every_consent_has_its_own_event_on_one_lasting_connection() {
    let bench = Bench::start().await;
    let ledger = bench.connected("demo").await;
    let connections =
        || async { answer(bench.http.get(bench.url("/xero-api/connections")).bearer_auth(&ledger.access)).await.1 };
    let before = connections().await;
    bench.connected("demo").await;
    let after = connections().await;
    assert_eq!(after.as_array().unwrap().len(), 1);
    assert_eq!(before[0]["id"], after[0]["id"]);
    assert_ne!(before[0]["authEventId"], after[0]["authEventId"]);
    let created = after[0]["createdDateUtc"].as_str().unwrap();
    assert_eq!((created.len(), created.ends_with("0000")), (27, true));
}

#[tokio::test]
async fn connections_can_be_filtered_by_consent_and_removed_by_their_own_id() {
    let bench = Bench::start().await;
    bench.connected("demo").await;
    let ledger = bench.connected("demo_company").await;
    let url = bench.url("/xero-api/connections");
    let all = answer(bench.http.get(&url).bearer_auth(&ledger.access)).await.1;
    assert_eq!(all.as_array().unwrap().len(), 2);
    let event = all[1]["authEventId"].as_str().unwrap();
    let one = answer(bench.http.get(&url).query(&[("authEventId", event)]).bearer_auth(&ledger.access)).await.1;
    assert_eq!(one, json!([all[1]]));
    let remove = |id: &Value| {
        let url = format!("{url}/{}", id.as_str().unwrap());
        bench.http.delete(url).bearer_auth(&ledger.access).send()
    };
    let unknown = json!("00000000-0000-0000-0000-000000000000");
    assert_eq!(remove(&all[1]["tenantId"]).await.unwrap().status(), 403);
    assert_eq!(remove(&all[1]["authEventId"]).await.unwrap().status(), 403);
    assert_eq!(remove(&unknown).await.unwrap().status(), 404);
    assert_eq!(remove(&all[1]["id"]).await.unwrap().status(), 204);
    let (status, body) = answer(ledger.request("Organisation")).await;
    assert_eq!((status, &body["detail"]), (403, &json!("AuthenticationUnsuccessful")));
}
