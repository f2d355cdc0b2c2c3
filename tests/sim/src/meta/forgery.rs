use axum::Json;
use axum::extract::State;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::answer;
use crate::app::App;
use crate::field::Field as _;
use crate::keys;

/// `POST /_control/meta/forgery {"signature","body"?}`: a delivery that does not come from Meta, once; the answer to it.
pub(crate) async fn webhook(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    let Some(webhook) = app.meta().webhook.clone() else {
        return answer::json(409, json!({ "error": "no webhook is set" }));
    };
    let default = json!({ "object": "whatsapp_business_account", "entry": [] });
    let body = asked.get("body").unwrap_or(&default).to_string();
    let right = keys::hub_signature(&webhook.secret, body.as_bytes());
    let signature = match asked.at("signature").as_str() {
        Some("none") => None,
        Some("other_secret") => Some(keys::hub_signature("another secret", body.as_bytes())),
        Some("other_body") => Some(keys::hub_signature(&webhook.secret, b"{}")),
        Some("no_prefix") => Some(right.replace("sha256=", "")),
        Some("other_hash") => Some(right.replace("sha256=", "sha1=")),
        Some("cut") => Some(right.chars().take(40).collect()),
        Some("right") => Some(right),
        _ => return answer::json(400, json!({ "error": format!("signature is one of {SIGNATURES:?}") })),
    };
    let mut request = app.client.post(&webhook.url).header("content-type", "application/json").body(body);
    for (name, value) in [("x-hub-signature-256", signature), ("host", webhook.host)] {
        request = value.into_iter().fold(request, |request, value| request.header(name, value));
    }
    answered(request, json!({})).await
}

const SIGNATURES: [&str; 7] = ["none", "other_secret", "other_body", "no_prefix", "other_hash", "cut", "right"];

/// `POST /_control/meta/signed_request {"url","user_id","issued_at"?,"algorithm"?,"secret"?}`: what Meta posts about a
/// user who removes the app or asks for deletion, and the answer to it (Meta: data deletion request callback).
pub(crate) async fn signed_request(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    let text = |name: &str| asked.at(name).as_str();
    let webhook = app.meta().webhook.clone();
    let secret = text("secret").map(String::from).or_else(|| webhook.as_ref().map(|webhook| webhook.secret.clone()));
    let (Some(url), Some(user), Some(secret)) = (text("url"), text("user_id"), secret) else {
        return answer::json(400, json!({ "error": "url and user_id are required, and a webhook or a secret" }));
    };
    let payload = json!({
        "algorithm": text("algorithm").unwrap_or("HMAC-SHA256"), "user_id": user,
        "issued_at": asked.at("issued_at").as_i64().unwrap_or_else(|| app.clock.now_s()),
    });
    let payload = URL_SAFE_NO_PAD.encode(payload.to_string());
    let signed = format!("{}.{payload}", keys::signed_request(&secret, payload.as_bytes()));
    let mut request = app.client.post(url).form(&[("signed_request", &signed)]);
    if let Some(host) = webhook.and_then(|webhook| webhook.host) {
        request = request.header("host", host);
    }
    answered(request, json!({ "signed_request": signed })).await
}

/// What came back, beside what is known already.
async fn answered(request: reqwest::RequestBuilder, mut told: Value) -> Response {
    match request.send().await {
        Ok(response) => {
            told.put("status", json!(response.status().as_u16()));
            told.put("body", json!(response.text().await.unwrap_or_default()));
            answer::json(200, told)
        }
        Err(error) => answer::json(502, json!({ "error": error.to_string() })),
    }
}
