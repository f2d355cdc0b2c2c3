//! What was sent to the providers: every host, every call, and the names of all fields, without their values.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::Value;

use crate::answer;
use crate::app::App;

/// Names of fields, by host and by method and path template.
pub(crate) type Sent = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// What the first part of a path stands for; Clerk's Frontend API has a host of every instance's own.
const HOSTS: [(&str, &str); 10] = [
    ("xero-login", "login.xero.com"),
    ("xero-identity", "identity.xero.com"),
    ("xero-api", "api.xero.com"),
    ("intuit-appcenter", "appcenter.intuit.com"),
    ("intuit-oauth", "oauth.platform.intuit.com"),
    ("intuit-developer-api", "developer.api.intuit.com"),
    ("intuit-developer", "developer.intuit.com"),
    ("quickbooks-api", "quickbooks.api.intuit.com"),
    ("meta", "graph.facebook.com"),
    ("clerk-api", "api.clerk.com"),
];

/// Longest body that is looked at; none of the product's is as long.
const MOST: usize = 64 * 1024 * 1024;

/// Notes what a program sends; browsers, which say that they are none, are people's.
pub(crate) async fn note(State(app): State<App>, request: Request, next: Next) -> Response {
    let template = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let is_program = agent.is_some_and(|agent| !agent.starts_with("Mozilla/"));
    let Some(template) = template.filter(|template| is_program && !template.starts_with("/_control")) else {
        return next.run(request).await;
    };
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MOST).await else { return answer::empty(413) };
    let mut fields = keys_of(parts.uri.query().unwrap_or_default().as_bytes(), "query");
    fields.extend(fields_of(&parts.headers, &body));
    let (host, path) = split(&template);
    let call = format!("{} {path}", parts.method);
    app.sent().entry(host.to_owned()).or_default().entry(call).or_default().extend(fields);
    next.run(Request::from_parts(parts, Body::from(body))).await
}

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/_control/outbound", get(read))
}

async fn read(State(app): State<App>) -> Json<Sent> {
    Json(app.sent().clone())
}

/// The host that a path stands for, and the path there; a path of none is its own host.
fn split(template: &str) -> (&str, String) {
    let (service, path) = template.trim_start_matches('/').split_once('/').unwrap_or((template, ""));
    let host = HOSTS.iter().find(|(known, _)| *known == service).map_or(service, |(_, host)| host);
    (host, format!("/{path}"))
}

fn fields_of(headers: &HeaderMap, body: &Bytes) -> BTreeSet<String> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    match kind.split(';').next().unwrap_or_default() {
        _ if body.is_empty() => BTreeSet::new(),
        "application/x-www-form-urlencoded" => keys_of(body, "form"),
        "multipart/form-data" => parts_of(body),
        _ => match serde_json::from_slice::<Value>(body) {
            Ok(json) => paths_of(&json, "body".to_owned()),
            Err(_) => BTreeSet::from(["body".to_owned()]),
        },
    }
}

fn keys_of(text: &[u8], place: &str) -> BTreeSet<String> {
    url::form_urlencoded::parse(text).map(|(key, _)| format!("{place}.{key}")).collect()
}

/// The names of a form's parts.
fn parts_of(body: &[u8]) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(body);
    let names = text.lines().filter(|line| line.to_ascii_lowercase().starts_with("content-disposition:"));
    let names = names.filter_map(|line| line.split_once(" name=\"")?.1.split('"').next().map(str::to_owned));
    names.map(|name| format!("form.{name}")).collect()
}

/// Where values are; an object that is empty, and the value of an array, count as one.
fn paths_of(json: &Value, at: String) -> BTreeSet<String> {
    match json {
        Value::Object(fields) if !fields.is_empty() => {
            fields.iter().flat_map(|(name, value)| paths_of(value, format!("{at}.{name}"))).collect()
        }
        Value::Array(values) if !values.is_empty() => {
            values.iter().flat_map(|value| paths_of(value, format!("{at}[]"))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            BTreeSet::from([at])
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_are_named_by_their_place_and_without_their_values() {
        let body = json!({"to": "1", "template": {"components": [{"type": "body", "parameters": []}, {"index": 0}]}});
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, "application/json".parse().unwrap())]);
        let fields = fields_of(&headers, &Bytes::from(body.to_string()));
        let expected = [
            "body.template.components[].index",
            "body.template.components[].parameters",
            "body.template.components[].type",
            "body.to",
        ];
        assert_eq!(Vec::from_iter(fields), expected);
    }

    #[test]
    fn a_form_is_named_by_its_parts() {
        let body = b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx\r\n--b--\r\n";
        assert_eq!(Vec::from_iter(parts_of(body)), ["form.file"]);
        assert_eq!(Vec::from_iter(keys_of(b"code=1&code=2&state=", "query")), ["query.code", "query.state"]);
    }

    #[test]
    fn a_path_stands_for_a_host_and_what_stands_for_none_is_shown() {
        assert_eq!(split("/meta/{version}/{id}"), ("graph.facebook.com", "/{version}/{id}".to_owned()));
        assert_eq!(split("/intuit-developer-api/v2"), ("developer.api.intuit.com", "/v2".to_owned()));
        assert_eq!(split("/clerk/.well-known/jwks.json"), ("clerk", "/.well-known/jwks.json".to_owned()));
    }
}
