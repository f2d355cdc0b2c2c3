use std::collections::HashMap;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::answer::{self, Refusal};
use crate::app::App;
use crate::field::Field as _;
use crate::meta::accounts::{BUSINESS, STANDING_APP};
use crate::meta::{errors, state::MetaState};

/// Codes live this long (Meta: Embedded Signup, implementation).
const CODE_LIFE_MS: i64 = 30 * 1000;
const DAY_S: i64 = 24 * 3600;

const SCOPES: [&str; 2] = ["whatsapp_business_management", "whatsapp_business_messaging"];

/// What sign-ups made.
#[derive(Debug)]
pub(crate) struct Signups {
    codes: HashMap<String, Code>,
    pub(crate) tokens: HashMap<String, Made>,
    /// Days that a new token lives; 0 for one without end.
    pub(crate) token_days: i64,
    /// A scope that new tokens lack.
    pub(crate) without_scope: Option<String>,
}

#[derive(Debug)]
struct Code {
    app_id: String,
    waba_id: String,
    issued_ms: i64,
    is_used: bool,
}

/// A business token that a sign-up made.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) waba_id: String,
    app_id: String,
    scopes: Vec<String>,
    issued_s: i64,
    /// 0 for never.
    ends_s: i64,
    pub(crate) is_revoked: bool,
}

impl Default for Signups {
    fn default() -> Self {
        Self { codes: HashMap::new(), tokens: HashMap::new(), token_days: 60, without_scope: None }
    }
}

impl Signups {
    /// A new code of an app for an account.
    pub(crate) fn issue(&mut self, code: String, app_id: String, waba_id: String, issued_ms: i64) {
        self.codes.insert(code, Code { app_id, waba_id, issued_ms, is_used: false });
    }
}

impl Made {
    pub(crate) const fn is_good(&self, now_s: i64) -> bool {
        !self.is_revoked && (self.ends_s == 0 || now_s < self.ends_s)
    }
}

/// `GET /oauth/access_token`: a code for a business token, once, by the app that it was made for.
pub(crate) async fn access_token(
    State(app): State<App>,
    Path(_version): Path<String>,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    let told = |name: &str| asked.get(name).map_or("", String::as_str);
    let (app_id, secret, code) = (told("client_id"), told("client_secret"), told("code"));
    let token = format!("EAAsim-{}", app.new_hex());
    let (now_ms, mut meta) = (app.clock.now_ms(), app.meta());
    match trade(&mut meta, (app_id, secret, code), token, now_ms) {
        Ok(token) => answer::json(200, json!({ "access_token": token, "token_type": "bearer" })),
        Err(refusal) => refusal.into_response(),
    }
}

fn trade(
    meta: &mut MetaState,
    (app_id, secret, code): (&str, &str, &str),
    token: String,
    now_ms: i64,
) -> Result<String, Refusal> {
    if !is_app(meta, app_id, secret) {
        return Err(oauth(1, 0, "Error validating client secret."));
    }
    let days = meta.signups.token_days;
    let lacking = meta.signups.without_scope.clone();
    let found = meta.signups.codes.get_mut(code).filter(|code| code.app_id == app_id);
    let Some(found) = found else { return Err(oauth(100, 0, "Invalid verification code format.")) };
    if found.is_used {
        return Err(oauth(100, 36_009, "This authorization code has been used."));
    }
    if now_ms - found.issued_ms >= CODE_LIFE_MS {
        return Err(oauth(100, 36_007, "This authorization code has expired."));
    }
    found.is_used = true;
    let (issued_s, waba_id) = (now_ms / 1000, found.waba_id.clone());
    let ends_s = if days == 0 { 0 } else { issued_s + days * DAY_S };
    let scopes = SCOPES.map(String::from).into_iter().filter(|scope| Some(scope) != lacking.as_ref()).collect();
    let made = Made { waba_id, app_id: app_id.to_owned(), scopes, issued_s, ends_s, is_revoked: false };
    meta.signups.tokens.insert(token.clone(), made);
    Ok(token)
}

/// `GET /debug_token`, by the app token alone; newer answers may lack the targets per scope.
pub(crate) async fn debug_token(
    State(app): State<App>,
    Path(_version): Path<String>,
    headers: HeaderMap,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    let (meta, now_s) = (app.meta(), app.clock.now_s());
    let by = asked.get("access_token").map_or_else(|| errors::bearer(&headers), String::as_str);
    if !by.split_once('|').is_some_and(|(id, secret)| is_app(&meta, id, secret)) {
        return errors::bad_token().into_response();
    }
    let token = asked.get("input_token").map_or("", String::as_str);
    let Some(waba_id) = meta.account_of(token, now_s) else {
        let error = json!({ "code": 190, "message": "Invalid OAuth access token." });
        return answer::json(200, json!({ "data": { "is_valid": false, "error": error, "scopes": [] } }));
    };
    let standing = Made {
        waba_id: waba_id.clone(),
        app_id: STANDING_APP.to_owned(),
        scopes: SCOPES.map(String::from).into(),
        issued_s: now_s - 3600,
        ends_s: 0,
        is_revoked: false,
    };
    let made = meta.signups.tokens.get(token).unwrap_or(&standing);
    let data_access_ends_s = if made.ends_s == 0 { 0 } else { made.issued_s + 90 * DAY_S };
    let mut data = json!({
        "app_id": made.app_id, "type": "SYSTEM_USER", "application": "Numo", "is_valid": true,
        "data_access_expires_at": data_access_ends_s, "expires_at": made.ends_s, "issued_at": made.issued_s,
        "scopes": made.scopes, "user_id": "122100000000000001",
    });
    if meta.granular_scopes {
        let row = |scope: &String| json!({ "scope": scope, "target_ids": [waba_id] });
        data.put("granular_scopes", made.scopes.iter().map(row).collect());
    }
    answer::json(200, json!({ "data": data }))
}

/// `GET /{business}/client_whatsapp_business_accounts`.
pub(crate) async fn client_accounts(
    State(app): State<App>,
    headers: HeaderMap,
    Path((_version, business)): Path<(String, String)>,
) -> Response {
    match errors::account(&app, &headers) {
        Ok(waba_id) if business == BUSINESS => {
            answer::json(200, json!({ "data": [{ "id": waba_id, "currency": "USD", "timezone_id": "1" }] }))
        }
        Ok(_) => errors::unknown_object(&business).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// `POST /_control/meta/tokens {"token_days"?,"without_scope"?,"revoke"?}`: how new tokens are, and the end of all old ones.
pub(crate) async fn set_tokens(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    let mut meta = app.meta();
    meta.signups.token_days = asked.at("token_days").as_i64().unwrap_or(meta.signups.token_days);
    meta.signups.without_scope = asked.at("without_scope").as_str().map(String::from);
    if asked.at("revoke") == true {
        meta.signups.tokens.values_mut().for_each(|made| made.is_revoked = true);
    }
    answer::empty(204)
}

/// Whether an app is the one whose webhooks are set up; without any, every secret but `wrong` will do.
fn is_app(meta: &MetaState, app_id: &str, secret: &str) -> bool {
    let expected = meta.webhook.as_ref().map(|webhook| webhook.secret.as_str());
    !app_id.is_empty() && expected.map_or(!secret.is_empty() && secret != "wrong", |expected| secret == expected)
}

/// An error of the token endpoint, whose subcode tells an expired code from a used one.
fn oauth(code: i64, subcode: i64, message: &str) -> Refusal {
    let mut error = json!({ "message": message, "type": "OAuthException", "code": code, "fbtrace_id": "AbCdEf" });
    if subcode > 0 {
        error.put("error_subcode", json!(subcode));
    }
    Refusal { status: 400, body: json!({ "error": error }) }
}
