//! A `POST` with an `Idempotency-Key`: done once, answered as often as it is sent.

use axum::{body::Body, http::Request};
use jiff::SignedDuration;
use numo_app::asked_once::{Asked, Once};
use numo_testkit::faulty_table::{Fault, Plan};
use serde_json::{Value, json};

use crate::{
    access::{full_world, routes},
    client::{Answer, send, signed},
    seed::{CONNECTION_A, org},
    world::{World, now, number_keys},
};

fn keyed(token: &str, key: &str, path: &str, body: Option<&Value>) -> Request<Body> {
    let mut request = signed(token, "POST", path, body);
    request.headers_mut().insert("idempotency-key", key.parse().unwrap());
    request
}

async fn post(world: &World, token: &str, key: &str, path: &str, body: &Value) -> Answer {
    send(&world.router, keyed(token, key, path, Some(body))).await
}

fn is_replayed(answer: &Answer) -> bool {
    answer.headers.get("idempotency-replayed").is_some_and(|value| value == "true")
}

/// What is stored, without what is remembered of requests.
fn stored(world: &World) -> Vec<numo_app::port::table::Item> {
    world.table.items().into_iter().filter(|item| !item.key.sk.starts_with("ONCE#") && item.key.sk != "CALLS").collect()
}

const POLICIES: &str = "/v1/policies";

#[tokio::test]
async fn every_post_that_is_sent_twice_is_done_once_and_answered_twice() {
    for (method, path, body) in routes().into_iter().filter(|(method, ..)| *method == "POST") {
        let world = full_world().await;
        let first = send(&world.router, keyed("admin-a", "key-1", &path, body.as_ref())).await;
        assert!(first.status.is_success() && !is_replayed(&first), "{method} {path}: {}", first.text);
        let (before, jobs) = (stored(&world), world.queue.jobs().len());
        let again = send(&world.router, keyed("admin-a", "key-1", &path, body.as_ref())).await;
        assert_eq!((again.status, &again.text), (first.status, &first.text), "{path}");
        assert_eq!(again.headers.get("content-type"), first.headers.get("content-type"), "{path}");
        assert!(is_replayed(&again), "{path}");
        assert_eq!((stored(&world), world.queue.jobs().len()), (before, jobs), "{path}");
    }
}

#[tokio::test]
async fn a_key_that_was_used_for_another_body_or_route_is_refused_and_nothing_changes() {
    let world = full_world().await;
    assert_eq!(post(&world, "admin-a", "key-1", POLICIES, &crate::policies::new_group(2)).await.status, 200);
    let before = world.table.items();
    let message = "this key was used for another request in the last 24 hours; choose a new one";
    let refused = json!({"code": "invalid", "field": "Idempotency-Key", "message": message});
    let others = [
        (POLICIES.to_owned(), crate::policies::new_group(3)),
        ("/v1/backlog".to_owned(), json!({"start": "gently", "all": true})),
        (format!("{POLICIES}?x=1"), crate::policies::new_group(2)),
    ];
    for (path, body) in others {
        let answer = post(&world, "admin-a", "key-1", &path, &body).await;
        assert_eq!(answer.error(), (422, refused.clone()), "{path}");
    }
    assert_eq!(world.table.items(), before);
}

#[tokio::test]
async fn a_key_is_its_organisations_and_its_members_own() {
    let world = full_world().await;
    let sync = format!("/v1/connections/{CONNECTION_A}/sync");
    assert_eq!(send(&world.router, keyed("admin-a", "key-1", "/v1/plan", None)).await.status, 202);
    for (token, path, status) in [("admin-b", "/v1/plan", 202), ("member-a", "/v1/me/number", 201)] {
        let answer = send(&world.router, keyed(token, "key-1", path, None)).await;
        assert_eq!((answer.status.as_u16(), is_replayed(&answer)), (status, false), "{token}");
    }
    // Of another organisation's request under the same key nothing is told.
    let answer = send(&world.router, keyed("admin-b", "key-1", &sync, None)).await;
    assert_eq!(answer.error().0, 422);
    let answer = send(&world.router, keyed("admin-b", "key-2", &sync, None)).await;
    assert_eq!(answer.error().0, 404);
}

#[tokio::test]
async fn what_was_refused_stays_refused_under_its_key() {
    let world = full_world().await;
    let edit = format!("/v1/customers/{CONNECTION_A}/c-9/file");
    let first = post(&world, "admin-a", "key-1", &edit, &json!({"edit": "handled"})).await;
    let again = post(&world, "admin-a", "key-1", &edit, &json!({"edit": "handled"})).await;
    assert_eq!(
        (first.error(), again.error()),
        (again.error(), (404, json!({"code": "not_found", "message": "customer not found"})))
    );
    assert!(is_replayed(&again) && !is_replayed(&first));
}

#[tokio::test]
async fn a_refusal_says_the_same_again() {
    let world = full_world().await;
    let mut policy = crate::policies::new_group(2);
    policy["policy"]["steps"][0]["tone"] = json!("angry");
    let first = post(&world, "admin-a", "key-1", POLICIES, &policy).await;
    let again = post(&world, "admin-a", "key-1", POLICIES, &policy).await;
    assert_eq!((first.status.as_u16(), first.error()), (400, again.error()));
    assert!(first.json()["error"]["field"].is_string() && is_replayed(&again));
}

#[tokio::test]
async fn a_key_that_cannot_be_read_is_refused_by_its_name_before_anything_is_read() {
    let world = full_world().await;
    let long = "k".repeat(129);
    let mut twice = keyed("admin-a", "key-1", "/v1/plan", None);
    twice.headers_mut().append("idempotency-key", "key-2".parse().unwrap());
    let mut requests = vec![twice];
    requests.extend(["", "two words", "tab\there", &long].map(|key| keyed("admin-a", key, "/v1/plan", None)));
    let message = "one key of 1 to 128 visible characters without spaces is needed";
    for request in requests {
        let refused = json!({"code": "invalid", "field": "Idempotency-Key", "message": message});
        assert_eq!(send(&world.router, request).await.error(), (400, refused));
    }
    assert_eq!(world.table.counts().calls(), 0);
    let longest = "k".repeat(128);
    assert_eq!(send(&world.router, keyed("admin-a", &longest, "/v1/plan", None)).await.status, 202);
}

#[tokio::test]
async fn a_key_of_somebody_without_a_session_is_not_looked_at() {
    let world = full_world().await;
    assert_eq!(send(&world.router, keyed("expired", "two words", "/v1/plan", None)).await.status, 401);
    assert_eq!(world.table.counts().calls(), 0);
}

#[tokio::test]
async fn of_an_answer_that_is_kept_nothing_can_be_read() {
    let world = full_world().await;
    let answer = send(&world.router, keyed("admin-a", "my-own-key", "/v1/me/number", None)).await;
    let form = crate::signup::form("good");
    assert_eq!(post(&world, "admin-a", "another-key", "/v1/senders/signup", &form).await.status, 200);
    let code = answer.json()["message"].as_str().unwrap().to_owned();
    let requests: Vec<_> = world.table.items().into_iter().filter(|item| item.key.sk.starts_with("ONCE#")).collect();
    assert_eq!(requests.len(), 2);
    for item in requests {
        let text = format!("{item:?}");
        for word in [code.as_str(), "my-own-key", "another-key", "user_ann", "write_to", "verified_name"] {
            assert!(!text.contains(word), "{word} in {text}");
        }
        assert_eq!(
            (item.key.pk.as_str(), item.expires_at),
            ("ORG#org_a#", Some(now() + SignedDuration::from_hours(24)))
        );
    }
}

#[tokio::test]
async fn a_day_later_a_key_is_a_new_one() {
    let world = full_world().await;
    let group = crate::policies::new_group(2);
    assert_eq!(post(&world, "admin-a", "key-1", POLICIES, &group).await.status, 200);
    world.clock.set(now() + SignedDuration::from_hours(24) - SignedDuration::from_secs(1));
    assert!(is_replayed(&post(&world, "admin-a", "key-1", POLICIES, &group).await));
    // The table drops it late.
    world.clock.set(now() + SignedDuration::from_hours(24));
    let answer = send(&world.router, keyed("admin-a", "key-1", "/v1/plan", None)).await;
    assert_eq!((answer.status.as_u16(), is_replayed(&answer)), (202, false));
    assert!(is_replayed(&send(&world.router, keyed("admin-a", "key-1", "/v1/plan", None)).await));
}

#[tokio::test]
async fn what_failed_here_may_be_asked_for_again() {
    let world = full_world().await;
    world.queue.fail();
    let first = send(&world.router, keyed("admin-a", "key-1", "/v1/plan", None)).await;
    assert_eq!(first.status, 503);
    world.queue.recover();
    let again = send(&world.router, keyed("admin-a", "key-1", "/v1/plan", None)).await;
    assert_eq!((again.status.as_u16(), is_replayed(&again)), (202, false));
}

/// A request that another process has begun.
pub(crate) async fn begin(world: &World, key: &str, address: &str, body: &[u8]) {
    let (org, ann) = (org("org_a"), "user_ann".parse().unwrap());
    let asked = Asked::new(&number_keys(), (&org, &ann), key, (address, body));
    assert!(matches!(asked.begin(&world.store, now()).await.unwrap(), Once::New(_)));
}

#[tokio::test]
async fn while_it_is_being_done_whoever_sends_it_again_waits() {
    let world = full_world().await;
    begin(&world, "key-1", "/plan", b"").await;
    let before = world.table.items();
    let answer = send(&world.router, keyed("admin-a", "key-1", "/v1/plan", None)).await;
    let message = "the same request is being done; ask again for its answer";
    assert_eq!(answer.error(), (409, json!({"code": "conflict", "message": message})));
    assert_eq!((answer.header("retry-after"), world.table.items()), ("5", before));
}

#[tokio::test]
async fn what_was_begun_and_not_answered_is_not_done_again_in_hope() {
    let world = full_world().await;
    begin(&world, "key-1", "/plan", b"").await;
    let before = world.table.items();
    world.clock.set(now() + SignedDuration::from_secs(60));
    let answer = send(&world.router, keyed("admin-a", "key-1", "/v1/plan", None)).await;
    let message = "the same request was begun, and nobody knows whether it was done; \
                   look, and ask under another key if it was not";
    assert_eq!(answer.error(), (409, json!({"code": "conflict", "message": message})));
    assert_eq!((answer.headers.get("retry-after"), world.table.items()), (None, before));
    assert!(world.queue.jobs().is_empty());
}

/// Whoever gets a failure asks again; whoever is told that nobody knows looks, and stops.
#[tokio::test]
async fn whichever_call_of_the_table_fails_a_policy_is_made_once_at_most() {
    let group = crate::policies::new_group(2);
    let mut endings = Vec::new();
    for (call, fault) in (1..=20).flat_map(|call| [(call, Fault::Before), (call, Fault::After)]) {
        let world = full_world().await;
        let before = policies(&world);
        world.faults.reset(Plan::Once { call, fault });
        let mut answers = Vec::new();
        for later in 0..3 {
            world.clock.set(now() + SignedDuration::from_secs(61 * later));
            answers.push(post(&world, "admin-a", "key-1", POLICIES, &group).await.status.as_u16());
        }
        let made = policies(&world) - before;
        assert!(made <= 1, "{call} {fault:?}: {answers:?}");
        assert!(made == 1 || !answers.contains(&200), "{call} {fault:?}: {answers:?}");
        endings.push(answers);
    }
    // It fails, and is done; it fails, and was done; it is done, and not noted; nothing fails.
    for expected in [[503, 200, 200], [503, 409, 409], [200, 409, 409], [200, 200, 200]] {
        assert!(endings.iter().any(|answers| answers == &expected), "{endings:?}");
    }
}

fn policies(world: &World) -> usize {
    world.table.items().iter().filter(|item| item.key.sk.starts_with("POLICY#")).count()
}

#[tokio::test]
async fn a_request_with_a_key_takes_two_calls_of_the_table_more_and_its_repeat_one() {
    let calls = async |world: &World, request| {
        world.table.take_counts();
        assert!(send(&world.router, request).await.status.is_success());
        world.table.counts().calls()
    };
    let plain = calls(&full_world().await, signed("admin-a", "POST", "/v1/plan", None)).await;
    let world = full_world().await;
    assert_eq!(calls(&world, keyed("admin-a", "key-1", "/v1/plan", None)).await, plain + 2);
    assert_eq!(calls(&world, keyed("admin-a", "key-1", "/v1/plan", None)).await, 1);
}
