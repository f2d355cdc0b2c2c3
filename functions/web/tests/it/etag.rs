//! What was read is changed only as it was read, by whoever says so.

use std::sync::{Arc, Mutex};

use axum::{body::Body, http::Request};
use serde_json::{Value, json};

use crate::{
    access::{full_world, routes},
    client::{Answer, send, signed},
    openapi::{document, operation_of, operations},
    seed::CONNECTION_A,
    world::World,
};

fn bound(tag: &str, method: &str, path: &str, body: Option<&Value>) -> Request<Body> {
    let mut request = signed("admin-a", method, path, body);
    request.headers_mut().insert("if-match", tag.parse().unwrap());
    request
}

async fn read_unless(world: &World, tag: &str, path: &str) -> Answer {
    let mut request = signed("admin-a", "GET", path, None);
    request.headers_mut().insert("if-none-match", tag.parse().unwrap());
    send(&world.router, request).await
}

async fn tag(world: &World, path: &str) -> String {
    world.get("admin-a", path).await.header("etag").to_owned()
}

/// What the document says of a call, and under which path.
fn described<'a>(document: &'a Value, method: &str, path: &str) -> (String, &'a Value) {
    let operations = operations(document);
    let (_, described) = operation_of(&operations, method, path).unwrap().split_once(' ').unwrap();
    (described.to_owned(), &document["paths"][described][method.to_lowercase()])
}

/// Changes that may be bound, each with where what it changes is read.
async fn bindings() -> Vec<(&'static str, String, Option<Value>, String)> {
    let document = document().await;
    let is_bound = |method: &str, path: &str| described(&document, method, path).1.to_string().contains("IfMatch");
    let read_at = |path: &str| match path {
        "/v1/me/digest" => "/v1/mails".to_owned(),
        path if path.starts_with("/v1/connections") => format!("/v1/connections/{CONNECTION_A}"),
        path => {
            let wider = ["/v1/organisation", "/v1/cost"].into_iter().find(|of| path.starts_with(of));
            wider.unwrap_or(path).to_owned()
        }
    };
    let changes = routes().into_iter().filter(|(method, path, _)| is_bound(method, path));
    changes.map(|(method, path, body)| (method, path.clone(), body, read_at(&path))).collect()
}

/// What is so already in the world of the tests: whoever asks for it changes nothing, and may ask again.
const CHANGES_NOTHING: [(&str, &str); 3] = [("DELETE", "/cost/cap"), ("PUT", "/sender"), ("DELETE", "/c-1/number")];

const STALE: &str = "it was changed since you read it; read it again, and decide again";

#[tokio::test]
async fn a_change_of_what_was_read_is_made_and_one_of_what_somebody_changed_since_is_not() {
    let bindings = bindings().await;
    assert!(bindings.len() >= 15, "{}", bindings.len());
    for (method, path, body, read_at) in bindings {
        let world = full_world().await;
        let read = tag(&world, &read_at).await;
        let first = send(&world.router, bound(&read, method, &path, body.as_ref())).await;
        assert!(first.status.is_success(), "{method} {path}: {}", first.text);
        let before = world.table.items();
        let second = send(&world.router, bound(&read, method, &path, body.as_ref())).await;
        let is_gone = method == "DELETE" && path.contains("/policies/");
        if CHANGES_NOTHING.iter().any(|(one, end)| method == *one && path.ends_with(end)) {
            assert_eq!(second.status, 200, "{method} {path}: {}", second.text);
            continue;
        }
        if is_gone {
            assert_eq!(second.status, 404, "{path}");
        } else {
            assert_eq!(second.error(), (412, json!({"code": "stale", "message": STALE})), "{method} {path}");
        }
        assert_eq!(world.table.items(), before, "{method} {path}");
    }
}

#[tokio::test]
async fn whoever_changed_something_may_change_it_again_without_reading_it() {
    let document = document().await;
    let mut untold = Vec::new();
    for (method, path, body, read_at) in bindings().await {
        let world = full_world().await;
        let read = tag(&world, &read_at).await;
        let changed = send(&world.router, bound(&read, method, &path, body.as_ref())).await;
        let (described, operation) = described(&document, method, &path);
        let is_told = operation["responses"]["200"]["headers"].get("ETag").is_some();
        assert_eq!(changed.headers.contains_key("etag"), is_told, "{method} {path}");
        if !is_told {
            untold.push(format!("{method} {described}"));
            continue;
        }
        let shown = world.get("admin-a", &read_at).await;
        assert_eq!((&changed.text, changed.header("etag")), (&shown.text, shown.header("etag")), "{method} {path}");
        // A policy has its version in the body besides.
        let next = body.map(|mut body| {
            if let Some(based_on) = body.get_mut("based_on") {
                *based_on = json!(based_on.as_u64().unwrap() + 1);
            }
            body
        });
        let again = send(&world.router, bound(changed.header("etag"), method, &path, next.as_ref())).await;
        assert_eq!(again.status, 200, "{method} {path}: {}", again.text);
    }
    let less = [
        "DELETE /v1/connections/{id}",
        "DELETE /v1/policies/{policy}",
        "POST /v1/customers/{connection}/{contact}/consent",
    ];
    untold.sort();
    assert_eq!(untold, less);
}

#[tokio::test]
async fn whatever_is_there_may_be_changed_by_whoever_says_so() {
    for (method, path, body, read_at) in bindings().await {
        let world = full_world().await;
        let read = tag(&world, &read_at).await;
        for any in ["*".to_owned(), format!("\"other\", {read}")] {
            let answer = send(&full_world().await.router, bound(&any, method, &path, body.as_ref())).await;
            assert!(answer.status.is_success(), "{method} {path} {any}: {}", answer.text);
        }
        let before = world.table.items();
        for other in [format!("W/{read}"), "\"other\"".to_owned(), "\"999.0011223344556677\"".to_owned()] {
            let answer = send(&world.router, bound(&other, method, &path, body.as_ref())).await;
            assert_eq!(answer.error(), (412, json!({"code": "stale", "message": STALE})), "{method} {path} {other}");
        }
        assert_eq!(world.table.items(), before, "{method} {path}");
    }
}

#[tokio::test]
async fn a_condition_that_cannot_be_read_or_held_is_refused_by_its_name() {
    let world = full_world().await;
    let (before, document) = (world.table.items(), document().await);
    let unreadable = "ETags in quotes with commas between them are needed, or one *";
    for (method, path, body) in routes() {
        let answer = send(&world.router, bound("7", method, &path, body.as_ref())).await;
        let refused = json!({"code": "invalid", "field": "If-Match", "message": unreadable});
        assert_eq!(answer.error(), (400, refused), "{method} {path}");
        if !described(&document, method, &path).1.to_string().contains("IfMatch") {
            let answer = send(&world.router, bound("*", method, &path, body.as_ref())).await;
            let message = "what this address changes has no ETag";
            let refused = json!({"code": "invalid", "field": "If-Match", "message": message});
            assert_eq!(answer.error(), (400, refused), "{method} {path}");
        }
        if method != "GET" {
            let mut request = signed("admin-a", method, &path, body.as_ref());
            request.headers_mut().insert("if-none-match", "*".parse().unwrap());
            let refused = json!({"code": "invalid", "field": "If-None-Match", "message": "only a GET takes it"});
            assert_eq!(send(&world.router, request).await.error(), (400, refused), "{method} {path}");
        }
    }
    assert_eq!(world.table.items(), before);
}

#[tokio::test]
async fn what_has_not_changed_since_it_was_read_is_not_told_again() {
    let document = document().await;
    let is_tagged = |path: &str| described(&document, "GET", path).1["responses"].get("304").is_some();
    let tagged = routes().into_iter().filter(|(method, path, _)| *method == "GET" && is_tagged(path));
    let tagged: Vec<String> = tagged.map(|(_, path, _)| path).collect();
    assert!(tagged.len() >= 7, "{tagged:?}");
    for path in tagged {
        let world = full_world().await;
        let answer = world.get("admin-a", &path).await;
        let read = answer.header("etag").to_owned();
        for known in [read.clone(), format!("W/{read}"), format!("\"other\",{read}"), "*".to_owned()] {
            let again = read_unless(&world, &known, &path).await;
            assert_eq!((again.status.as_u16(), again.text.as_str(), again.header("etag")), (304, "", read.as_str()));
        }
        let other = read_unless(&world, "\"other\"", &path).await;
        assert_eq!((other.status.as_u16(), &other.text), (200, &answer.text), "{path}");
        let unreadable = read_unless(&world, "7", &path).await;
        assert_eq!(unreadable.error().1["field"], "If-None-Match", "{path}");
    }
}

#[tokio::test]
async fn an_etag_changes_with_what_is_told_although_nothing_was_written() {
    let world = full_world().await;
    world.put("member-a", "/v1/organisation/pause", &json!({"paused": true, "until": "2026-11-25"})).await;
    let paused = tag(&world, "/v1/organisation").await;
    world.clock.set("2026-11-25T06:00:00Z".parse().unwrap());
    let over = tag(&world, "/v1/organisation").await;
    assert_ne!(paused, over);
    // Nobody changed it: a change of what was read then is one of what is there.
    let answer =
        send(&world.router, bound(&paused, "PUT", "/v1/organisation/ramp", Some(&json!({"per_day": 7})))).await;
    assert_eq!(answer.status, 200);
}

/// Somebody else changes it between the read and the write of the change.
#[tokio::test]
async fn of_two_who_change_the_same_revision_at_once_one_is_refused() {
    let calls = {
        let world = full_world().await;
        let read = tag(&world, "/v1/organisation").await;
        world.table.take_counts();
        send(&world.router, bound(&read, "PUT", "/v1/organisation/ramp", Some(&json!({"per_day": 7})))).await;
        world.table.counts().calls()
    };
    let mut endings = Vec::new();
    for call in 1..=calls {
        let world = full_world().await;
        let read = tag(&world, "/v1/organisation").await;
        let other = bound(&read, "PUT", "/v1/organisation/pace", Some(&json!({"per_ten_minutes": 20})));
        let one = bound(&read, "PUT", "/v1/organisation/ramp", Some(&json!({"per_day": 7})));
        let (router, told) = (world.router.clone(), Arc::new(Mutex::new(None)));
        let others = told.clone();
        world.meddled.meddle(call, async move {
            let answer = send(&router, other).await;
            *others.lock().unwrap() = Some(answer);
        });
        let one = send(&world.router, one).await;
        let other = told.lock().unwrap().take().unwrap();
        let told = world.get("admin-a", "/v1/organisation").await.json();
        let done = (told["ramp_per_day"] == 7, told["per_ten_minutes"] == 20);
        assert_eq!(done, (one.status == 200, other.status == 200), "{call}");
        assert!(done.0 != done.1, "{call}: {} {}", one.text, other.text);
        endings.push(done.0);
    }
    assert!(endings.contains(&true) && endings.contains(&false));
}
