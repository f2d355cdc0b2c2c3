use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::answer::Refusal;
use crate::app::App;
use crate::meta::codes;
use crate::meta::sender::Sender;

/// An error body as the Graph API sends it (Meta: Cloud API, error codes).
pub(crate) fn graph(status: u16, code: i64, title: &str, details: &str) -> Refusal {
    let body = json!({ "error": {
        "message": format!("(#{code}) {title}"), "type": "OAuthException", "code": code,
        "error_data": { "messaging_product": "whatsapp", "details": details },
        "fbtrace_id": "AbCdEfGhIjKlMnOpQrStUvW",
    } });
    Refusal { status, body }
}

pub(crate) fn invalid_parameter(details: &str) -> Refusal {
    graph(400, 100, "Invalid parameter", details)
}

/// A refused template carries a sentence for the user (Meta: message templates).
pub(crate) fn template(title: &str, details: &str) -> Refusal {
    let body = json!({ "error": {
        "message": "Invalid parameter", "type": "OAuthException", "code": 100,
        "is_transient": false, "error_user_title": title, "error_user_msg": details,
        "fbtrace_id": "AbCdEfGhIjKlMnOpQrStUvW",
    } });
    Refusal { status: 400, body }
}

pub(crate) fn unknown_object(id: &str) -> Refusal {
    let details = format!(
        "Unsupported request. Object with ID '{id}' does not exist, cannot be loaded due to missing permissions, \
         or does not support this operation"
    );
    invalid_parameter(&details)
}

pub(crate) fn bad_token() -> Refusal {
    let body = json!({ "error": {
        "message": "Error validating access token: the session has been invalidated or has expired.",
        "type": "OAuthException", "code": 190, "fbtrace_id": "AbCdEfGhIjKlMnOpQrStUvW",
    } });
    Refusal { status: 401, body }
}

/// The bearer token of a call, or nothing.
pub(crate) fn bearer(headers: &HeaderMap) -> &str {
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    sent.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default()
}

/// The account that a call's token opens.
pub(crate) fn account(app: &App, headers: &HeaderMap) -> Result<String, Refusal> {
    app.meta().account_of(bearer(headers), app.clock.now_s()).ok_or_else(bad_token)
}

/// A number of the account that a call's token opens.
pub(crate) fn number(app: &App, headers: &HeaderMap, id: &str) -> Result<Sender, Refusal> {
    let waba_id = account(app, headers)?;
    let found = app.meta().sender(id).filter(|sender| sender.waba_id == waba_id).cloned();
    found.ok_or_else(|| unknown_object(id))
}

/// The account itself, if it is the one that a call's token opens.
pub(crate) fn opened(app: &App, headers: &HeaderMap, waba_id: &str) -> Result<(), Refusal> {
    if account(app, headers)? == waba_id { Ok(()) } else { Err(unknown_object(waba_id)) }
}

pub(crate) fn token_expired(_app: &App) -> Response {
    bad_token().into_response()
}

/// The answer of a `status` fault: without a code one that fits the status, without a status the one of the code.
pub(crate) fn injected(_app: &App, status: Option<u16>, code: Option<i64>) -> Response {
    let status = status.unwrap_or_else(|| code.map_or(500, codes::status));
    let code = code.unwrap_or(match status {
        401 => 190,
        403 => 10,
        404 => 132_001,
        429 => 130_429,
        500 => 131_000,
        503 => 2,
        _ => 100,
    });
    graph(status, code, codes::title(code), "Injected by the simulator.").into_response()
}

/// The failure object of a status webhook.
pub(crate) fn in_status(code: i64) -> Value {
    let title = codes::title(code);
    json!({
        "code": code, "title": title, "message": title,
        "error_data": { "details": "Message failed to send." },
        "href": "/documentation/business-messaging/whatsapp/support/error-codes",
    })
}
