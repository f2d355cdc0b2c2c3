use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::answer::Refusal;
use crate::app::App;
use crate::meta::state::Sender;

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

fn bad_token() -> Refusal {
    let body = json!({ "error": {
        "message": "Error validating access token: the session has been invalidated or has expired.",
        "type": "OAuthException", "code": 190, "fbtrace_id": "AbCdEfGhIjKlMnOpQrStUvW",
    } });
    Refusal { status: 401, body }
}

/// The sender that a call's token belongs to.
pub(crate) fn owner(app: &App, headers: &HeaderMap) -> Result<Sender, Refusal> {
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = sent.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    app.meta().senders.iter().find(|sender| sender.token == token).cloned().ok_or_else(bad_token)
}

pub(crate) fn token_expired(_app: &App) -> Response {
    bad_token().into_response()
}

/// The answer of a `status` fault; without a code, one that fits the status.
pub(crate) fn injected(_app: &App, status: u16, code: Option<i64>) -> Response {
    let code = code.unwrap_or(match status {
        401 => 190,
        403 => 10,
        404 => 132_001,
        429 => 130_429,
        500 => 131_000,
        503 => 2,
        _ => 100,
    });
    graph(status, code, &title(code), "Injected by the simulator.").into_response()
}

/// The failure object of a status webhook.
pub(crate) fn in_status(code: i64) -> Value {
    let title = title(code);
    json!({
        "code": code, "title": title, "message": title,
        "error_data": { "details": "Message failed to send: the number cannot be reached on WhatsApp." },
        "href": "/documentation/business-messaging/whatsapp/support/error-codes",
    })
}

fn title(code: i64) -> String {
    let known = match code {
        2 => "API Service",
        10 => "Permission Denied",
        100 => "Invalid parameter",
        190 => "Access token has expired",
        368 => "Temporarily blocked for policies violations",
        130_429 => "Rate limit hit",
        131_000 => "Something went wrong",
        131_026 => "Message undeliverable",
        131_031 => "Business Account locked",
        131_042 => "Business eligibility payment issue",
        131_048 => "Spam rate limit hit",
        131_056 => "(Business Account, Consumer Account) pair rate limit hit",
        132_001 => "Template does not exist",
        132_015 => "Template is Paused",
        _ => "Error",
    };
    String::from(known)
}
