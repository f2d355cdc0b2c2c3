use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::answer::{self, Refusal};
use crate::app::App;
use crate::field::Field as _;

/// 401 with capitalised keys, as the accounting API answers (Xero: http response codes).
pub(crate) fn unauthorized(app: &App, detail: &str) -> Refusal {
    let instance = app.new_id();
    Refusal {
        status: 401,
        body: json!({ "Title": "Unauthorized", "Status": 401, "Detail": detail, "Instance": instance }),
    }
}

/// 403 with lower-case keys: Xero's casing differs between the two.
pub(crate) fn forbidden(app: &App) -> Refusal {
    let instance = app.new_id();
    let body =
        json!({ "title": "Forbidden", "status": 403, "detail": "AuthenticationUnsuccessful", "instance": instance });
    Refusal { status: 403, body }
}

pub(crate) fn expired_at(app: &App, at_ms: i64) -> Refusal {
    let at = Timestamp::from_millisecond(at_ms).unwrap_or_default();
    unauthorized(app, &format!("TokenExpired: token expired at {}", at.strftime("%m/%d/%Y %H:%M:%S")))
}

pub(crate) fn token_expired(app: &App) -> Response {
    expired_at(app, app.clock.now_ms() - 1000).into_response()
}

pub(crate) fn not_found(app: &App) -> Refusal {
    let instance = app.new_id();
    let detail = "The resource you're looking for cannot be found";
    Refusal { status: 404, body: json!({ "Title": "NotFound", "Status": 404, "Detail": detail, "Instance": instance }) }
}

pub(crate) fn query(message: &str) -> Refusal {
    Refusal { status: 400, body: json!({ "ErrorNumber": 16, "Type": "QueryParseException", "Message": message }) }
}

/// 400 as for a request that Xero understood and does not follow.
pub(crate) fn validation(message: &str, row: &Value) -> Refusal {
    let mut element = json!({ "ValidationErrors": [{ "Message": message }] });
    element.put("InvoiceID", row.at("InvoiceID").clone());
    let told = "A validation exception occurred";
    Refusal {
        status: 400,
        body: json!({ "ErrorNumber": 10, "Type": "ValidationException", "Message": told, "Elements": [element] }),
    }
}

pub(crate) fn precondition(message: &str) -> Refusal {
    Refusal { status: 412, body: json!({ "Title": "PreconditionFailed", "Status": 412, "Detail": message }) }
}

/// OAuth errors carry nothing but the code (RFC 6749, 5.2).
pub(crate) fn oauth(status: u16, code: &str) -> Refusal {
    Refusal { status, body: json!({ "error": code }) }
}

/// 429 names the limit that was reached in a header (Xero: FAQ, limits).
pub(crate) fn rate_limited(problem: &'static str, retry_after_s: i64) -> Response {
    let mut response = answer::json(429, json!({ "Title": "TooManyRequests", "Status": 429 }));
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("x-rate-limit-problem"), HeaderValue::from_static(problem));
    headers.insert(HeaderName::from_static("retry-after"), HeaderValue::from(retry_after_s));
    response
}

/// The answer of a `status` fault.
pub(crate) fn injected(app: &App, status: u16) -> Response {
    match status {
        401 => unauthorized(app, "AuthenticationUnsuccessful").into_response(),
        403 => forbidden(app).into_response(),
        404 => not_found(app).into_response(),
        429 => rate_limited("minute", 5),
        503 => {
            let body = Value::from("The organisation is offline");
            answer::json(503, json!({ "Title": "ServiceUnavailable", "Status": 503, "Detail": body }))
        }
        // The edge in front of Xero fails in HTML, whatever was asked for.
        502 | 504 => answer::page(status, "Bad gateway", "<p>The server is unavailable.</p>"),
        _ => answer::json(status, json!({ "Title": "Error", "Status": status })),
    }
}
