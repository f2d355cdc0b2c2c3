use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::{Form, Json};
use serde_json::{Value, json};

use crate::answer::{self, Refusal};
use crate::app::App;
use crate::field::Field as _;
use crate::intuit::discovery::{self, KID};
use crate::intuit::errors;
use crate::intuit::tokens::{Access, Consent, Family};
use crate::oauth::{Parameters, client};

const HARD_EXPIRY: &str = "x-include-refresh-token-hard-expires-in";

/// The token endpoint: `authorization_code` and `refresh_token`.
pub(crate) async fn grant(State(app): State<App>, headers: HeaderMap, Form(fields): Form<Parameters>) -> Response {
    let Some(client_id) = client(&headers) else {
        return errors::oauth(401, "invalid_client").into_response();
    };
    let granted = match fields.get("grant_type").map(String::as_str) {
        Some("authorization_code") => by_code(&app, &client_id, &fields),
        Some("refresh_token") => by_refresh(&app, &client_id, &fields).await,
        _ => Err(errors::oauth(400, "unsupported_grant_type")),
    };
    let with_hard_expiry = headers.get(HARD_EXPIRY).is_some_and(|value| value == "true");
    match granted {
        Ok(family) => issue(&app, family, with_hard_expiry),
        Err(refusal) => refusal.into_response(),
    }
}

/// Revocation by a refresh or an access token ends all tokens of that company.
pub(crate) async fn revoke(State(app): State<App>, headers: HeaderMap, Json(asked): Json<Value>) -> Response {
    if client(&headers).is_none() {
        return errors::oauth(401, "invalid_client").into_response();
    }
    let mut intuit = app.intuit();
    let Some(realm) = intuit.tokens.realm_of(asked.at("token").as_str().unwrap_or_default()) else {
        return errors::oauth(400, "invalid_request").into_response();
    };
    intuit.tokens.end_realm(&realm);
    answer::empty(200)
}

/// A code buys one family of tokens; buying again ends that one (Intuit: OAuth setup).
fn by_code(app: &App, client_id: &str, fields: &Parameters) -> Result<usize, Refusal> {
    let refused = || errors::oauth(400, "invalid_grant");
    let code = fields.get("code").ok_or_else(|| errors::oauth(400, "invalid_request"))?;
    let now_ms = app.clock.now_ms();
    let refresh = new_refresh(app, now_ms);
    let mut intuit = app.intuit();
    let (refresh_ms, hard_ms) = (intuit.settings.refresh_life_s * 1000, intuit.settings.hard_life_s * 1000);
    let tokens = &mut intuit.tokens;
    let held = tokens.codes.get(code).cloned().ok_or_else(refused)?;
    if let Some(family) = held.family {
        tokens.end_family(family);
        return Err(refused());
    }
    let same_target = fields.get("redirect_uri") == Some(&held.redirect_uri);
    if !same_target || held.consent.client_id != client_id || held.expires_ms < now_ms {
        tokens.codes.remove(code);
        return Err(refused());
    }
    let family = tokens.families.len();
    tokens.families.push(Family {
        consent: held.consent,
        refresh: refresh.clone(),
        value_since_ms: now_ms,
        expires_ms: now_ms + refresh_ms,
        hard_expires_ms: now_ms + hard_ms,
        is_over: false,
        n_refreshing: 0,
    });
    tokens.refresh.insert(refresh, family);
    if let Some(held) = tokens.codes.get_mut(code) {
        held.family = Some(family);
    }
    Ok(family)
}

/// A refresh extends the token's life; its value changes only about once a day.
async fn by_refresh(app: &App, client_id: &str, fields: &Parameters) -> Result<usize, Refusal> {
    let refused = || errors::oauth(400, "invalid_grant");
    let token = fields.get("refresh_token").ok_or_else(|| errors::oauth(400, "invalid_request"))?;
    let refreshing = Refreshing::begin(app, token, client_id).ok_or_else(refused)?;
    let hold_ms = app.intuit().settings.refresh_hold_ms;
    tokio::time::sleep(Duration::from_millis(hold_ms)).await;
    let now_ms = app.clock.now_ms();
    let next = new_refresh(app, now_ms);
    let mut intuit = app.intuit();
    let (refresh_ms, rotate_ms) = (intuit.settings.refresh_life_s * 1000, intuit.settings.rotate_after_s * 1000);
    let tokens = &mut intuit.tokens;
    // Looked at again: meanwhile another refresh may have changed or ended it.
    let at = tokens.refreshable(token, client_id, now_ms).ok_or_else(refused)?;
    let family = tokens.family_mut(at).ok_or_else(refused)?;
    family.expires_ms = now_ms + refresh_ms;
    if now_ms >= family.value_since_ms + rotate_ms {
        family.value_since_ms = now_ms;
        family.refresh.clone_from(&next);
        tokens.refresh.insert(next, at);
    }
    tokens.n_refreshes += 1;
    drop(intuit);
    drop(refreshing);
    Ok(at)
}

/// A refresh under way; over when dropped, also when the caller goes away.
struct Refreshing {
    app: App,
    family: usize,
}

impl Refreshing {
    fn begin(app: &App, token: &str, client_id: &str) -> Option<Self> {
        let now_ms = app.clock.now_ms();
        let mut intuit = app.intuit();
        let is_compromise = intuit.settings.concurrent_refresh_revokes;
        let tokens = &mut intuit.tokens;
        let at = tokens.refreshable(token, client_id, now_ms)?;
        let family = tokens.family_mut(at)?;
        family.n_refreshing += 1;
        if family.n_refreshing > 1 {
            family.is_over = is_compromise;
            tokens.n_concurrent_refreshes += 1;
        }
        Some(Self { app: app.clone(), family: at })
    }
}

impl Drop for Refreshing {
    fn drop(&mut self) {
        if let Some(family) = self.app.intuit().tokens.family_mut(self.family) {
            family.n_refreshing -= 1;
        }
    }
}

fn new_refresh(app: &App, now_ms: i64) -> String {
    format!("RT1-{}-H0-{}{}", now_ms % 97, now_ms / 1000, app.new_hex())
}

fn issue(app: &App, at: usize, with_hard_expiry: bool) -> Response {
    let now_ms = app.clock.now_ms();
    let access = format!("eyJhbGciOiJkaXIi..{}.{}", app.new_hex(), app.new_hex());
    let mut intuit = app.intuit();
    let settings = intuit.settings.clone();
    let Some(family) = intuit.tokens.family(at).cloned() else {
        return errors::oauth(500, "server_error").into_response();
    };
    intuit
        .tokens
        .access
        .insert(access.clone(), Access { family: at, expires_ms: now_ms + settings.access_life_s * 1000 });
    let mut body = json!({
        "access_token": access, "token_type": "bearer", "expires_in": settings.access_life_s,
        "refresh_token": family.refresh, "x_refresh_token_expires_in": settings.refresh_life_s,
    });
    if with_hard_expiry {
        body.put("x_refresh_token_hard_expires_in", json!((family.hard_expires_ms - now_ms) / 1000));
    }
    if family.consent.scopes.iter().any(|scope| scope == "openid") {
        let user_id = intuit.user(family.consent.user).map(|user| user.id.clone()).unwrap_or_default();
        body.put("id_token", json!(id_token(app, &family.consent, &user_id)));
    }
    answer::json(200, body)
}

fn id_token(app: &App, consent: &Consent, user_id: &str) -> String {
    let now_s = app.clock.now_s();
    let claims = json!({
        "sub": user_id, "aud": [consent.client_id], "realmid": consent.realm, "auth_time": now_s,
        "iss": discovery::issuer(app), "iat": now_s, "exp": now_s + 3600,
    });
    app.key.token(&json!({ "alg": "RS256", "kid": KID, "typ": "JWT" }), &claims)
}
