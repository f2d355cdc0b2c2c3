//! What holds for every request: headers, bodies, addresses.

use axum::{
    body::Body,
    http::{Request, header},
};
use numo_runtime::http::gateway::{Invocation, Request as Sent};
use serde_json::json;

use crate::{
    client::{Answer, request, send, signed},
    world::World,
};

fn names(answer: &Answer) -> Vec<&str> {
    let mut names: Vec<&str> = answer.headers.keys().map(header::HeaderName::as_str).collect();
    names.sort_unstable();
    names
}

const API_HEADERS: [&str; 8] = [
    "cache-control",
    "content-length",
    "content-security-policy",
    "content-type",
    "referrer-policy",
    "strict-transport-security",
    "x-content-type-options",
    "x-request-id",
];

#[tokio::test]
async fn an_answer_of_the_api_has_these_headers_and_no_others() {
    let world = World::with_two_organisations().await;
    let answers = [world.get("admin-a", "/v1/senders").await, world.get("admin-a", "/v1/plans/2026-11-24").await];
    for answer in answers {
        assert_eq!(names(&answer), API_HEADERS);
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        let policy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        assert_eq!(answer.header("content-security-policy"), policy);
    }
}

#[tokio::test]
async fn browsers_are_held_to_https_only_where_we_are_reached_by_it() {
    let world = World::at("http://127.0.0.1:8080");
    let answer = world.get("admin-a", "/v1/organisation").await;
    assert!(!answer.headers.contains_key("strict-transport-security"));
}

#[tokio::test]
async fn the_health_check_needs_nobody() {
    let world = World::empty();
    let answer = send(&world.router, request("GET", "/healthz", None)).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "ok"));
    assert_eq!(world.table.counts().calls(), 0);
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_method_are_errors_in_json() {
    let world = World::empty();
    for path in ["/v1/nothing", "/nothing", "/v1/", "/v1"] {
        let answer = world.get("admin-a", path).await;
        assert_eq!(answer.error(), (404, json!({"code": "not_found", "message": "address not found"})), "{path}");
    }
    let answer = send(&world.router, signed("admin-a", "DELETE", "/v1/policies", None)).await;
    let message = "this address does not take this method";
    assert_eq!(answer.error(), (405, json!({"code": "invalid", "message": message})));
}

fn pause(content_type: Option<&str>, body: impl Into<Body>) -> Request<Body> {
    let request = Request::put("/v1/organisation/pause").header(header::AUTHORIZATION, "Bearer member-a");
    match content_type {
        Some(content_type) => request.header(header::CONTENT_TYPE, content_type),
        None => request,
    }
    .body(body.into())
    .unwrap()
}

#[tokio::test]
async fn a_body_that_is_not_the_asked_for_json_is_refused_with_the_field() {
    let world = World::empty();
    let invalid = |message: &str| json!({"code": "invalid", "message": message});
    let field = |field: &str, message: &str| json!({"code": "invalid", "field": field, "message": message});
    let not_json = "the body is not valid JSON";
    let cases = [
        ("{", invalid(not_json)),
        ("", invalid(not_json)),
        ("{\"paused\":true} x", invalid("there is something after the JSON value")),
        ("{}", field("paused", "missing field `paused`")),
        ("{\"paused\":\"yes\"}", field("paused", "invalid type: string \"yes\", expected a boolean")),
        ("{\"paused\":true,\"for\":1}", field("for", "unknown field `for`, expected `paused` or `until`")),
        ("{\"paused\":true,\"paused\":false}", field("paused", "duplicate field `paused`")),
    ];
    for (body, error) in cases {
        let answer = send(&world.router, pause(Some("application/json; charset=utf-8"), body)).await;
        assert_eq!(answer.error(), (400, error), "{body}");
    }
    assert_eq!(world.table.counts().calls(), 0);
}

#[tokio::test]
async fn a_body_of_another_type_is_not_read() {
    let world = World::empty();
    for content_type in [None, Some("text/plain"), Some("application/x-www-form-urlencoded")] {
        let answer = send(&world.router, pause(content_type, "{\"paused\":true}")).await;
        let message = "send JSON with the content type application/json";
        assert_eq!(answer.error(), (415, json!({"code": "invalid", "message": message})));
    }
}

#[tokio::test]
async fn a_body_of_more_than_64_kb_is_refused() {
    let world = World::empty();
    let padded = |bytes: usize| format!("{{\"paused\":true}}{}", " ".repeat(bytes - 15));
    let fits = send(&world.router, pause(Some("application/json"), padded(64 * 1024))).await;
    assert_eq!(fits.status, 200);
    let answer = send(&world.router, pause(Some("application/json"), padded(64 * 1024 + 1))).await;
    let message = "the body is too large or was cut off";
    assert_eq!(answer.error(), (413, json!({"code": "invalid", "message": message})));
}

#[tokio::test]
async fn a_request_of_api_gateway_is_answered_as_text_with_lambdas_request_id() {
    let world = World::with_two_organisations().await;
    let mut lambda = http_request("/v1/nothing");
    lambda.extensions_mut().insert(Invocation { request_id: "lambda-1".to_owned(), ..Invocation::default() });
    let answer = web::serve::answer(world.router.clone(), lambda).await;
    let body = json!({"error": {"code": "not_found", "message": "address not found", "request_id": "lambda-1"}});
    assert_eq!(answer.status().as_u16(), 404);
    assert_eq!(answer.headers()["x-request-id"], "lambda-1");
    assert_eq!(answer.body(), body.to_string().as_bytes());
}

fn http_request(path: &str) -> Sent {
    let mut request = Sent::default();
    *request.uri_mut() = path.parse().unwrap();
    request
}
