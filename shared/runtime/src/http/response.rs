//! Answers, each with the headers that keep browsers careful.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::Value;

use crate::http::gateway::Response;

/// JSON that nobody keeps.
pub fn json(status: StatusCode, body: &Value) -> Response {
    let mut answer = with_status(status, body.to_string().into_bytes());
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

/// A status without a word, as webhooks want it.
pub fn empty(status: StatusCode) -> Response {
    with_status(status, Vec::new())
}

/// Plain text.
pub fn text(status: StatusCode, body: String) -> Response {
    let mut answer = with_status(status, body.into_bytes());
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    answer
}

/// The browser goes elsewhere; 303 and 302 both have it use GET.
pub fn redirect(status: StatusCode, location: &str) -> Response {
    match HeaderValue::from_str(location) {
        Ok(location) => {
            let mut answer = with_status(status, Vec::new());
            answer.headers_mut().insert(header::LOCATION, location);
            answer
        }
        // An address that is no header value would be ours, from a faulty configuration.
        Err(_) => empty(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// A page without scripts, with one style of its own; the texts are ours and need no escaping.
pub fn page(status: StatusCode, style: &str, html: String) -> Response {
    let mut answer = with_status(status, html.into_bytes());
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    let policy = format!("{NOTHING}; style-src 'sha256-{}'", BASE64_STANDARD.encode(digest(&SHA256, style.as_bytes())));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    answer
}

/// A policy under which an answer loads nothing and is framed by nobody.
const NOTHING: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Two years, the least that browsers' preload lists take.
const ONLY_HTTPS: &str = "max-age=63072000; includeSubDomains";

/// Sets the headers of every answer: not kept, not sniffed, not framed, no referrer.
///
/// What an answer has set for itself stays.
pub fn secure(headers: &mut HeaderMap) {
    let ours: [(HeaderName, &'static str); 4] = [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, NOTHING),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in ours {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

/// Has browsers use https alone from now on; only where we are reached by https.
pub fn secure_transport(headers: &mut HeaderMap) {
    headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(ONLY_HTTPS));
}

fn with_status(status: StatusCode, body: Vec<u8>) -> Response {
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    secure(answer.headers_mut());
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers_of(answer: &Response) -> Vec<(&str, &str)> {
        let mut headers: Vec<_> =
            answer.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        headers.sort_unstable();
        headers
    }

    #[test]
    fn an_answer_has_these_headers_and_no_others() {
        assert_eq!(
            headers_of(&json(StatusCode::OK, &Value::Null)),
            [
                ("cache-control", "no-store"),
                ("content-security-policy", NOTHING),
                ("content-type", "application/json"),
                ("referrer-policy", "no-referrer"),
                ("x-content-type-options", "nosniff"),
            ]
        );
    }

    #[test]
    fn a_page_may_use_its_own_style_and_nothing_else() {
        let answer = page(StatusCode::OK, "p{margin:0}", "<p>".to_owned());
        let policy = answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        let hash = BASE64_STANDARD.encode(digest(&SHA256, b"p{margin:0}"));
        assert_eq!(policy, format!("{NOTHING}; style-src 'sha256-{hash}'"));
    }

    #[test]
    fn a_redirect_to_what_is_no_address_is_an_error() {
        assert_eq!(redirect(StatusCode::FOUND, "/a").headers()[header::LOCATION], "/a");
        assert_eq!(redirect(StatusCode::FOUND, "/a\r\nx: y").status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
