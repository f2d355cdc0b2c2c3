//! Every status that the document names is given, or it is said here why no call brings it about.

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{HeaderName, Request, header},
};
use serde_json::Value;

use crate::{
    access::{full_world, routes},
    client::{request, send, signed},
    described::{DOCUMENT, operation},
    once::begin,
    world::World,
};

const NOWHERE: &str = "018f0000-0000-7000-8000-00000000ffff";

/// Why a described status is not brought about by the calls below.
fn excuse(method: &str, path: &str, status: &str) -> Option<&'static str> {
    match status {
        "500" => Some("a defect of ours, or an item that cannot be read"),
        "502" => Some("nobody knows what a provider did; it is described for every change"),
        "409" if method == "PUT" && path.starts_with("/v1/policies") => None,
        "409" | "422" if method != "POST" => Some("a rule or a provider speaks against it; others test that"),
        "404" if method == "POST" && path.ends_with("/send-now") => {
            Some("the id of the body is known; others test that")
        }
        "404" if path == "/v1/tasks/seen" => None,
        "404" if !path.contains('{') => Some("something else than the address is not there; others test that"),
        _ => None,
    }
}

fn with(mut request: Request<Body>, name: HeaderName, value: &str) -> Request<Body> {
    request.headers_mut().insert(name, value.parse().unwrap());
    request
}

/// The address with ids that name nothing.
fn nowhere(described: &str, path: &str) -> String {
    let (path, query) = path.split_once('?').map_or((path, String::new()), |(path, query)| (path, format!("?{query}")));
    let segment = |(described, given): (&str, &str)| {
        let named = if described == "{date}" { "2026-11-29" } else { NOWHERE };
        if described.starts_with('{') { named } else { given }.to_owned()
    };
    let segments: Vec<String> = described.split('/').zip(path.split('/')).map(segment).collect();
    segments.join("/") + &query
}

/// The statuses of an operation that calls of every kind are answered with.
async fn given(method: &'static str, path: &str, body: Option<&Value>) -> BTreeSet<String> {
    let (described, _) = operation(method, path).unwrap();
    let call = |token| signed(token, method, path, body);
    let mut requests = vec![
        request(method, path, body),
        call("nobody"),
        call("down"),
        signed("admin-a", method, &nowhere(described, path), body),
        with(call("admin-a"), header::IF_MATCH, "7"),
        with(call("admin-a"), header::IF_MATCH, "\"other\""),
        with(call("admin-a"), header::IF_NONE_MATCH, "*"),
        with(call("admin-a"), HeaderName::from_static("idempotency-key"), "underway"),
        with(call("admin-a"), HeaderName::from_static("idempotency-key"), "another"),
    ];
    if body.is_some() {
        let mut long = call("admin-a");
        *long.body_mut() = Body::from("x".repeat(1_100 * 1024));
        requests.extend([long, with(call("admin-a"), header::CONTENT_TYPE, "text/plain")]);
    }
    // What changes something comes last.
    requests.push(call("admin-a"));
    let (world, sent) = (full_world().await, body.map(Value::to_string).unwrap_or_default());
    begin(&world, "underway", path.strip_prefix("/v1").unwrap(), sent.as_bytes()).await;
    begin(&world, "another", "/elsewhere", b"").await;
    let mut statuses = BTreeSet::new();
    for request in requests {
        statuses.insert(send(&world.router, request).await.status.as_str().to_owned());
    }
    let busy = send(&World::with_calls(0).router, call("admin-a")).await;
    statuses.insert(busy.status.as_str().to_owned());
    statuses
}

#[tokio::test]
async fn every_described_status_is_given_or_excused() {
    let (mut missing, mut needless) = (Vec::new(), Vec::new());
    for (method, path, body) in routes() {
        let (described, operation) = operation(method, &path).unwrap();
        let given = given(method, &path, body.as_ref()).await;
        for status in operation["responses"].as_object().unwrap().keys() {
            match (given.contains(status), excuse(method, described, status)) {
                (true, None) | (false, Some(_)) => {}
                (true, Some(excuse)) => needless.push(format!("{method} {described} {status}: {excuse}")),
                (false, None) => missing.push(format!("{method} {described} {status}")),
            }
        }
    }
    assert_eq!((missing, needless), (Vec::<String>::new(), Vec::<String>::new()));
    assert!(DOCUMENT["paths"].as_object().unwrap().len() > 40);
}
