//! Who belongs to an organisation, asked at Clerk's Backend API.

use std::collections::BTreeMap;

use numo_app::port::{people::People, session::Role};
use serde_json::json;

use crate::bench::Bench;

#[tokio::test]
async fn members_have_their_roles_and_addresses_and_nobody_else_is_told_of() {
    let bench = Bench::start().await;
    let people = bench.people("sk_test_1");
    let members = people.members(&"org_harbour".parse().unwrap()).await.unwrap();
    let expected = [("user_owner", Role::Admin), ("user_member", Role::Member)];
    assert_eq!(members, expected.map(|(user, role)| (user.parse().unwrap(), role)).into());
    let users: Vec<_> = members.into_keys().collect();
    let addresses = people.addresses(&users).await.unwrap();
    let found: BTreeMap<&str, &str> =
        addresses.iter().map(|(user, address)| (user.as_str(), address.as_str())).collect();
    let expected = [("user_owner", "owner@harbour.example"), ("user_member", "member@harbour.example")];
    assert_eq!(found, expected.into());
    assert_eq!(people.addresses(&[]).await.unwrap(), BTreeMap::new());
    let calls = json!({ "GET /v1/organizations/{org}/memberships": 1, "GET /v1/users": 1 });
    assert_eq!(bench.calls("clerk-api"), calls);
}

#[tokio::test]
async fn an_organisation_that_is_gone_has_nobody() {
    let bench = Bench::start().await;
    let gone = bench.people("sk_test_1").members(&"org_gone".parse().unwrap()).await.unwrap();
    assert_eq!(gone, BTreeMap::new());
}

#[tokio::test]
async fn a_key_that_is_refused_and_a_clerk_that_fails_tell_nothing_and_quote_nothing() {
    let bench = Bench::start().await;
    let org = "org_harbour".parse().unwrap();
    let refused = bench.people("pk_planted").members(&org).await.unwrap_err();
    assert!(!format!("{refused:?}").contains("planted"), "{refused:?}");
    bench.fault("clerk", json!({ "kind": "status", "status": 503, "path_contains": "/v1/users" })).await;
    let user = "user_owner".parse().unwrap();
    assert!(bench.people("sk_test_1").addresses(std::slice::from_ref(&user)).await.is_err());
    assert_eq!(bench.people("sk_test_1").addresses(&[user]).await.unwrap().len(), 1);
    bench.fault("clerk", json!({ "kind": "truncate", "path_contains": "memberships" })).await;
    assert!(bench.people("sk_test_1").members(&org).await.is_err());
}
