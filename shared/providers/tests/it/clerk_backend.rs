//! Who belongs to an organisation, asked at Clerk's Backend API.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use numo_app::port::{
    organisations::Organisations as _,
    people::{People, PeopleError, Presence},
    session::Role,
};
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
async fn a_person_has_the_organisations_of_this_moment_and_one_who_is_gone_has_none() {
    let bench = Bench::start().await;
    let people = bench.people("sk_test_1");
    let of = async |user: &str| people.organisations(&user.parse().unwrap()).await.unwrap();
    let expected = [("org_harbour".parse().unwrap(), Role::Member)];
    assert_eq!(of("user_member").await, expected.into());
    assert_eq!((of("user_nobody").await, of("user_gone").await), (BTreeMap::new(), BTreeMap::new()));
    bench.fault("clerk", json!({ "kind": "status", "status": 429, "path_contains": "organization_memberships" })).await;
    assert!(people.organisations(&"user_member".parse().unwrap()).await.is_err());
}

#[tokio::test]
async fn an_organisation_that_is_gone_has_nobody() {
    let bench = Bench::start().await;
    let gone = bench.people("sk_test_1").members(&"org_gone".parse().unwrap()).await.unwrap();
    assert_eq!(gone, BTreeMap::new());
}

#[tokio::test]
async fn an_organisation_is_gone_only_by_clerks_own_word() {
    let bench = Bench::start().await;
    let people = bench.people("sk_test_1");
    let [harbour, gone] = ["org_harbour", "org_gone"].map(|org| org.parse().unwrap());
    assert_eq!(people.organisation(&harbour).await.unwrap(), Presence::Present);
    assert_eq!(people.organisation(&gone).await.unwrap(), Presence::Gone);
    // Whatever stands between us and Clerk says 404 as well.
    bench.fault("clerk", json!({ "kind": "html", "status": 404, "path_contains": "org_harbour" })).await;
    assert!(matches!(people.organisation(&harbour).await, Err(PeopleError::Unavailable(_))));
    bench.fault("clerk", json!({ "kind": "truncate", "path_contains": "org_harbour" })).await;
    assert!(matches!(people.organisation(&harbour).await, Err(PeopleError::Unavailable(_))));
}

#[tokio::test]
async fn an_organisation_is_deleted_once_and_one_that_is_gone_is_done() {
    let bench = Bench::start().await;
    let organisations = bench.people("sk_test_1");
    let [harbour, gone] = ["org_harbour", "org_gone"].map(|org| org.parse().unwrap());
    organisations.delete(&harbour).await.unwrap();
    organisations.delete(&gone).await.unwrap();
    assert_eq!(bench.calls("clerk-api"), json!({ "DELETE /v1/organizations/{org}": 2 }));
    // Whatever stands between us and Clerk says 404 as well.
    bench.fault("clerk", json!({ "kind": "html", "status": 404, "path_contains": "org_harbour" })).await;
    assert!(matches!(organisations.delete(&harbour).await, Err(PeopleError::Unavailable(_))));
    assert!(matches!(bench.people("pk_wrong").delete(&harbour).await, Err(PeopleError::Refused)));
}

#[tokio::test]
async fn a_refused_key_and_a_limit_are_told_apart_from_a_failure() {
    let bench = Bench::start().await;
    let org = "org_harbour".parse().unwrap();
    assert!(matches!(bench.people("pk_wrong").organisation(&org).await, Err(PeopleError::Refused)));
    let people = bench.people("sk_test_1");
    bench.fault("clerk", json!({ "kind": "status", "status": 403, "path_contains": "organizations" })).await;
    assert!(matches!(people.organisation(&org).await, Err(PeopleError::Refused)));
    let limit = json!({ "kind": "status", "status": 429, "retry_after_s": 7, "path_contains": "organizations" });
    bench.fault("clerk", limit).await;
    let limited = people.organisation(&org).await;
    let seven = Some(SignedDuration::from_secs(7));
    assert!(matches!(limited, Err(PeopleError::RateLimited { retry_after }) if retry_after == seven));
    bench.fault("clerk", json!({ "kind": "status", "status": 500, "path_contains": "organizations" })).await;
    assert!(matches!(people.organisation(&org).await, Err(PeopleError::Unavailable(_))));
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
