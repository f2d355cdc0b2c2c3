use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::client::{Bench, REDIRECT, SCOPES, location};

const BOOKKEEPER: &str = "bookkeeper@books.example";

fn refresh_token(tokens: &Value) -> &str {
    tokens["refresh_token"].as_str().unwrap()
}

async fn clients(bench: &Bench, count: u64) -> Vec<Value> {
    let added = bench.control("xero/many", json!({ "user": BOOKKEEPER, "count": count })).await;
    added.as_array().unwrap().clone()
}

fn joined(clients: &[Value]) -> String {
    clients.iter().map(|client| client["tenant_id"].as_str().unwrap()).collect::<Vec<_>>().join(",")
}

async fn location_of(bench: &Bench, choice: &str) -> reqwest::Url {
    let asked = [
        ("response_type", "code"),
        ("client_id", "client"),
        ("redirect_uri", REDIRECT),
        ("scope", SCOPES),
        ("state", "s1"),
        ("sim_user", BOOKKEEPER),
        ("sim_choose", choice),
    ];
    location(&bench.authorize(&asked).await)
}

#[tokio::test]
async fn a_bookkeeper_connects_forty_organisations_in_one_consent() {
    let bench = Bench::start().await;
    let clients = clients(&bench, 40).await;
    let tokens = bench.bulk(BOOKKEEPER, &joined(&clients)).await;
    let connections = bench.connections(&tokens).await;
    let of = |name: &str| -> std::collections::BTreeSet<String> {
        connections.as_array().unwrap().iter().map(|row| row[name].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!((of("id").len(), of("tenantId").len(), of("authEventId").len()), (40, 40, 1));
    let access = tokens["access_token"].as_str().unwrap().to_owned();
    for client in &clients {
        let tenant = client["tenant_id"].as_str().unwrap().to_owned();
        let ledger = crate::client::Ledger { bench: &bench, access: access.clone(), tenant };
        let n_rows = async |name: &str| ledger.get(name, &[]).await[name].as_array().unwrap().len();
        assert_eq!((n_rows("Contacts").await, n_rows("Invoices").await), (4, 8));
    }
}

#[tokio::test]
async fn no_consent_reaches_an_organisation_of_somebody_else() {
    let bench = Bench::start().await;
    let clients = clients(&bench, 2).await;
    let strange = format!("{},{}", joined(&clients), bench.tenant_id("demo").await);
    assert_eq!(location_of(&bench, &strange).await.query(), Some("error=access_denied&state=s1"));
}

#[tokio::test]
async fn a_consent_beyond_the_cap_connects_nothing() {
    let bench = Bench::start().await;
    let clients = clients(&bench, 3).await;
    let tokens = bench.bulk(BOOKKEEPER, &joined(&clients[..1])).await;
    bench.control("xero/settings", json!({ "connection_cap": 2 })).await;
    let told = location_of(&bench, &joined(&clients)).await;
    let expected = "error=access_denied&error_description=the+app+has+reached+its+limit+of+connections&state=s1";
    assert_eq!(told.query(), Some(expected));
    assert_eq!(bench.connections(&tokens).await.as_array().unwrap().len(), 1);
    bench.bulk(BOOKKEEPER, &joined(&clients[..2])).await;
    assert_eq!(bench.connections(&tokens).await.as_array().unwrap().len(), 2);
    bench.control("xero/settings", json!({ "connection_cap_shown": "page" })).await;
    let asked = [
        ("response_type", "code"),
        ("client_id", "client"),
        ("redirect_uri", REDIRECT),
        ("scope", SCOPES),
        ("sim_user", BOOKKEEPER),
        ("sim_choose", clients[2]["tenant_id"].as_str().unwrap()),
    ];
    let page = bench.authorize(&asked).await;
    assert_eq!((page.status().as_u16(), page.headers().get("location")), (403, None));
}

#[tokio::test]
async fn a_revocation_ends_the_tokens_and_all_connections_of_the_user_and_is_counted() {
    let bench = Bench::start().await;
    let clients = clients(&bench, 3).await;
    let tokens = bench.bulk(BOOKKEEPER, &joined(&clients)).await;
    let other = bench.bulk("owner@harbour.example", "demo").await;
    let url = bench.url("/xero-identity/connect/revocation");
    let form = [("token", refresh_token(&tokens))];
    let answered = bench.http.post(url).basic_auth("client", Some("secret")).form(&form).send().await.unwrap();
    assert_eq!(answered.status(), 200);
    assert_eq!(bench.refresh(refresh_token(&tokens)).await, (400, json!({ "error": "invalid_grant" })));
    assert_eq!(bench.connections(&tokens).await, json!([]));
    assert_eq!(bench.connections(&other).await.as_array().unwrap().len(), 1);
    assert_eq!(bench.look("xero/tokens").await["users"][BOOKKEEPER]["revocations"], 1);
    assert_eq!(bench.look("xero/calls").await["POST /connect/revocation"], 1);
}

#[tokio::test]
async fn refreshes_are_counted_by_token_and_by_how_many_overlap() {
    let bench = Bench::start().await;
    let tokens = bench.bulk("owner@harbour.example", "demo").await;
    let slow =
        json!({ "service": "xero", "path_contains": "/connect/token", "kind": "slow", "hold_ms": 300, "times": 2 });
    bench.control("faults", slow).await;
    let answers = join_all([bench.refresh(refresh_token(&tokens)), bench.refresh(refresh_token(&tokens))]).await;
    assert_eq!(answers.iter().map(|(status, _)| *status).collect::<Vec<_>>(), [200, 200]);
    assert_eq!(bench.refresh(refresh_token(&answers[0].1)).await.0, 200);
    let seen = bench.look("xero/tokens").await;
    let expected = json!({ "refreshes": 3, "refused": 0, "revocations": 0, "max_concurrent_refreshes": 2 });
    assert_eq!(seen["users"]["owner@harbour.example"], expected);
    let used = |tokens: &Value| seen["tokens"][refresh_token(tokens)]["used"].clone();
    assert_eq!([used(&tokens), used(&answers[0].1), used(&answers[1].1)], [json!(2), json!(1), json!(0)]);
}

#[tokio::test]
async fn a_lost_answer_of_a_refresh_has_rotated_and_the_same_token_recovers_it() {
    let bench = Bench::start().await;
    let tokens = bench.bulk("owner@harbour.example", "demo").await;
    let fault = json!({
        "service": "xero", "path_contains": "/connect/token", "kind": "timeout", "times": 1, "after_processing": true,
    });
    bench.control("faults", fault).await;
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token(&tokens))];
    let url = bench.url("/xero-identity/connect/token");
    let lost = bench.http.post(url).basic_auth("client", Some("secret")).form(&form);
    assert!(lost.timeout(Duration::from_millis(400)).send().await.unwrap_err().is_timeout());
    let seen = bench.look("xero/tokens").await;
    assert_eq!(
        seen["tokens"][refresh_token(&tokens)],
        json!({
            "user": "owner@harbour.example", "used": 1, "rotated": true,
        })
    );
    assert_eq!(bench.refresh(refresh_token(&tokens)).await.0, 200);
    bench.sim.handle.advance_seconds(31 * 60);
    assert_eq!(bench.refresh(refresh_token(&tokens)).await.0, 400);
}

#[tokio::test]
async fn ended_tokens_are_an_invalid_grant_while_the_connections_stay() {
    let bench = Bench::start().await;
    let tokens = bench.bulk("owner@harbour.example", "demo").await;
    let ended = bench.control("xero/end_tokens", json!({ "user": "owner@harbour.example" })).await;
    assert_eq!(ended, json!({ "ended": 1 }));
    assert_eq!(bench.refresh(refresh_token(&tokens)).await, (400, json!({ "error": "invalid_grant" })));
    assert_eq!(bench.connections(&tokens).await.as_array().unwrap().len(), 1);
}
