use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use crate::described::objections;

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    /// Status and error, without the request id, which must be the header's.
    pub(crate) fn error(&self) -> (u16, Value) {
        let mut body = self.json();
        let id = body["error"].as_object_mut().unwrap().remove("request_id").unwrap();
        assert_eq!(id, self.header("x-request-id"));
        (self.status.as_u16(), body["error"].take())
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

/// Sends a request; its answer has to be one that the document describes.
pub(crate) async fn send(router: &Router, request: Request<Body>) -> Answer {
    let (parts, body) = request.into_parts();
    let sent = body.collect().await.unwrap().to_bytes();
    let (method, path) = (parts.method.to_string(), parts.uri.to_string());
    let request = Request::from_parts(parts, Body::from(sent.clone()));
    let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let answer =
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.into()).unwrap() };
    let objections = objections(&method, &path, &sent, &answer);
    assert!(objections.is_empty(), "{method} {path}: {objections:#?}\n{}", answer.text);
    answer
}

/// A request without a session.
pub(crate) fn request(method: &str, path: &str, body: Option<&Value>) -> Request<Body> {
    let request = Request::builder().method(method).uri(path);
    match body {
        None => request.body(Body::empty()),
        Some(body) => request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())),
    }
    .unwrap()
}

/// A request with a Bearer token.
pub(crate) fn signed(token: &str, method: &str, path: &str, body: Option<&Value>) -> Request<Body> {
    let mut request = request(method, path, body);
    request.headers_mut().insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
    request
}
