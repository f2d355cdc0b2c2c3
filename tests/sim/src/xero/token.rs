use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::{Form, Json};
use serde_json::{Value, json};

use crate::answer::{self, Refusal};
use crate::app::App;
use crate::field::Field as _;
use crate::keys;
use crate::oauth::{Parameters, client};
use crate::xero::errors;
use crate::xero::state::{Access, Grant, Refresh};

const ACCESS_LIFE_S: i64 = 1800;
const REFRESH_LIFE_MS: i64 = 60 * 24 * 3600 * 1000;
/// How long a rotated refresh token still answers (Xero: FAQ, OAuth 2.0).
const GRACE_MS: i64 = 30 * 60 * 1000;
const KID: &str = "xero-sim-1";

/// What the token endpoint has seen of each user.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    users: BTreeMap<String, Exchanges>,
}

#[derive(Debug, Default)]
struct Exchanges {
    n_refreshes: u64,
    n_refused: u64,
    n_revocations: u64,
    n_under_way: u64,
    most_under_way: u64,
}

impl Traffic {
    fn of(&mut self, user: &str) -> &mut Exchanges {
        self.users.entry(user.to_owned()).or_default()
    }
}

/// A refresh that is under way; it ends when dropped.
pub(crate) struct UnderWay {
    app: App,
    user: String,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.app.xero().traffic.of(&self.user).n_under_way -= 1;
    }
}

/// Begins a refresh of a known token.
pub(crate) fn begin(app: &App, refresh: &str) -> Option<UnderWay> {
    let mut xero = app.xero();
    let user = xero.refresh.get(refresh)?.grant.user.clone();
    let exchanges = xero.traffic.of(&user);
    exchanges.n_under_way += 1;
    exchanges.most_under_way = exchanges.most_under_way.max(exchanges.n_under_way);
    Some(UnderWay { app: app.clone(), user })
}

/// The token endpoint: `authorization_code` and `refresh_token`.
pub(crate) async fn grant(State(app): State<App>, headers: HeaderMap, Form(fields): Form<Parameters>) -> Response {
    let Some(client_id) = client(&headers) else {
        return errors::oauth(401, "invalid_client").into_response();
    };
    let granted = match fields.get("grant_type").map(String::as_str) {
        Some("authorization_code") => by_code(&app, &client_id, &fields),
        Some("refresh_token") => by_refresh(&app, &client_id, &fields),
        _ => Err(errors::oauth(400, "unsupported_grant_type")),
    };
    match granted {
        Ok(grant) => issue(&app, &grant),
        Err(refusal) => refusal.into_response(),
    }
}

/// Revocation ends the refresh token and all connections of its user.
pub(crate) async fn revoke(State(app): State<App>, headers: HeaderMap, Form(fields): Form<Parameters>) -> Response {
    if client(&headers).is_none() {
        return errors::oauth(401, "invalid_client").into_response();
    }
    let mut xero = app.xero();
    let token = fields.get("token").map_or("", String::as_str);
    if let Some(user) = xero.refresh.get(token).map(|held| held.grant.user.clone()) {
        xero.refresh.retain(|_, held| held.grant.user != user);
        xero.connections.retain(|held| held.user != user);
        xero.traffic.of(&user).n_revocations += 1;
    }
    answer::empty(200)
}

/// `GET /_control/xero/tokens`: what was exchanged, by user and by refresh token.
pub(crate) async fn observed(State(app): State<App>) -> Json<Value> {
    let xero = app.xero();
    let users: BTreeMap<&String, Value> = xero
        .traffic
        .users
        .iter()
        .map(|(user, seen)| {
            let told = json!({
                "refreshes": seen.n_refreshes, "refused": seen.n_refused, "revocations": seen.n_revocations,
                "max_concurrent_refreshes": seen.most_under_way,
            });
            (user, told)
        })
        .collect();
    let tokens: BTreeMap<&String, Value> = xero
        .refresh
        .iter()
        .map(|(token, held)| {
            let told = json!({ "user": held.grant.user, "used": held.n_used, "rotated": held.rotated_ms.is_some() });
            (token, told)
        })
        .collect();
    Json(json!({ "users": users, "tokens": tokens }))
}

/// `POST /_control/xero/end_tokens`: every refresh token of a user is dead from now on.
pub(crate) async fn end(State(app): State<App>, Json(asked): Json<Value>) -> Json<Value> {
    let mut xero = app.xero();
    let n_before = xero.refresh.len();
    xero.refresh.retain(|_, held| held.grant.user != *asked.at("user"));
    Json(json!({ "ended": n_before - xero.refresh.len() }))
}

pub(crate) async fn jwks(State(app): State<App>) -> Json<Value> {
    Json(json!({ "keys": [app.key.jwk(KID)] }))
}

fn by_code(app: &App, client_id: &str, fields: &Parameters) -> Result<Grant, Refusal> {
    let refused = || errors::oauth(400, "invalid_grant");
    let code = fields.get("code").ok_or_else(|| errors::oauth(400, "invalid_request"))?;
    // Taken out first: a code that was tried wrongly cannot be tried again.
    let held = app.xero().codes.remove(code).ok_or_else(refused)?;
    let proven = match &held.challenge {
        Some(challenge) => fields.get("code_verifier").is_some_and(|verifier| keys::s256(verifier) == *challenge),
        None => true,
    };
    let same_target = fields.get("redirect_uri") == Some(&held.redirect_uri);
    if !proven || !same_target || held.grant.client_id != client_id || held.expires_ms < app.clock.now_ms() {
        return Err(refused());
    }
    Ok(held.grant)
}

fn by_refresh(app: &App, client_id: &str, fields: &Parameters) -> Result<Grant, Refusal> {
    let refused = || errors::oauth(400, "invalid_grant");
    let token = fields.get("refresh_token").ok_or_else(|| errors::oauth(400, "invalid_request"))?;
    let now_ms = app.clock.now_ms();
    let mut xero = app.xero();
    let held = xero.refresh.get_mut(token).ok_or_else(refused)?;
    let grant = held.grant.clone();
    let in_grace = held.rotated_ms.is_none_or(|rotated_ms| now_ms <= rotated_ms + GRACE_MS);
    if !in_grace || held.expires_ms < now_ms || grant.client_id != client_id {
        xero.traffic.of(&grant.user).n_refused += 1;
        return Err(refused());
    }
    held.rotated_ms.get_or_insert(now_ms);
    held.n_used += 1;
    xero.traffic.of(&grant.user).n_refreshes += 1;
    Ok(grant)
}

fn issue(app: &App, grant: &Grant) -> Response {
    let now_ms = app.clock.now_ms();
    let now_s = now_ms / 1000;
    let user_id = app.xero().user(&grant.user).map(|user| user.id.clone()).unwrap_or_default();
    let (session, sid, jti, refresh) = (app.new_hex(), app.new_hex(), app.new_hex(), app.new_hex());
    let header = json!({ "alg": "RS256", "kid": KID, "typ": "JWT" });
    let access_claims = json!({
        "nbf": now_s, "exp": now_s + ACCESS_LIFE_S, "iat": now_s,
        "iss": "https://identity.xero.com", "aud": "https://identity.xero.com/resources",
        "client_id": grant.client_id, "sub": user_id.replace('-', ""), "auth_time": now_s,
        "xero_userid": user_id, "global_session_id": session, "sid": sid, "jti": jti,
        "authentication_event_id": grant.auth_event_id, "scope": grant.scopes, "amr": ["ssl"],
    });
    let id_claims = json!({
        "nbf": now_s, "exp": now_s + 300, "iat": now_s, "iss": "https://identity.xero.com",
        "aud": grant.client_id, "sub": user_id.replace('-', ""), "auth_time": now_s,
        "xero_userid": user_id, "global_session_id": session, "sid": sid,
        "preferred_username": grant.user, "email": grant.user, "given_name": "Sam", "family_name": "Example",
    });
    let access = app.key.token(&header, &access_claims);
    let id_token = app.key.token(&header, &id_claims);
    let mut xero = app.xero();
    let expires_ms = now_ms + ACCESS_LIFE_S * 1000;
    xero.access.insert(access.clone(), Access { grant: grant.clone(), expires_ms });
    let kept = Refresh { grant: grant.clone(), expires_ms: now_ms + REFRESH_LIFE_MS, rotated_ms: None, n_used: 0 };
    xero.refresh.insert(refresh.clone(), kept);
    answer::json(
        200,
        json!({
            "id_token": id_token, "access_token": access, "expires_in": ACCESS_LIFE_S,
            "token_type": "Bearer", "refresh_token": refresh, "scope": grant.scopes.join(" "),
        }),
    )
}
