use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use serde_json::{Map, Value, json};

use crate::answer;
use crate::app::App;
use crate::clerk::users::{self, User};
use crate::field::Field as _;

const KID: &str = "ins_sim1";
const LIFE_S: i64 = 60;

/// `GET /.well-known/jwks.json`.
pub(crate) async fn jwks(State(app): State<App>) -> Json<Value> {
    Json(json!({ "keys": [app.key.jwk(KID)] }))
}

/// A session token for tests; every part of it can be spoiled.
pub(crate) async fn control(State(app): State<App>, headers: HeaderMap, Json(asked): Json<Value>) -> Response {
    let id = asked.at("user").as_str().unwrap_or("user_owner");
    let Some(user) = users::by_id(id) else {
        return answer::json(404, json!({ "error": "no such user" }));
    };
    let azp = asked.at("azp").as_str().map(String::from).or_else(|| origin(&headers));
    answer::json(200, json!({ "token": token(&app, &user, azp.as_deref(), "sess_sim", &asked) }))
}

/// Who the client handle belongs to.
pub(crate) async fn client(State(app): State<App>, Query(asked): Query<Map<String, Value>>) -> Response {
    let handle = asked.get("client").and_then(Value::as_str).unwrap_or_default();
    let held = app.clerk().clients.get(handle).cloned();
    let Some((session, user)) = held.and_then(|held| Some((held.clone(), users::by_id(held.user)?))) else {
        return answer::json(401, json!({ "errors": [{ "code": "signed_out", "message": "Signed out" }] }));
    };
    let organization = user.membership.map(
        |held| json!({ "id": held.org_id, "name": held.name, "slug": held.slug, "role": format!("org:{}", held.role) }),
    );
    answer::json(
        200,
        json!({
            "session_id": session.session_id, "organization": organization,
            "user": { "id": user.id, "name": user.name, "email": user.email },
        }),
    )
}

/// A fresh session token for a signed-in client; `azp` is the page's origin.
pub(crate) async fn session(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Response {
    let held = app.clerk().clients.get(&handle(&body)).cloned();
    let Some((held, user)) = held.and_then(|held| Some((held.clone(), users::by_id(held.user)?))) else {
        return answer::json(401, json!({ "errors": [{ "code": "signed_out", "message": "Signed out" }] }));
    };
    let azp = origin(&headers);
    let jwt = token(&app, &user, azp.as_deref(), &held.session_id, &Value::Null);
    answer::json(200, json!({ "object": "token", "jwt": jwt }))
}

pub(crate) async fn sign_out(State(app): State<App>, body: Bytes) -> Response {
    app.clerk().clients.remove(&handle(&body));
    answer::empty(204)
}

fn handle(body: &Bytes) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    body.at("client").as_str().unwrap_or_default().to_owned()
}

fn origin(headers: &HeaderMap) -> Option<String> {
    Some(headers.get(header::ORIGIN)?.to_str().ok()?.to_owned())
}

/// A session token, version 2 unless `v1` is asked for (Clerk: session tokens).
fn token(app: &App, user: &User, azp: Option<&str>, session_id: &str, asked: &Value) -> String {
    let now_s = app.clock.now_s();
    let text = |name: &str, default: &str| asked.at(name).as_str().unwrap_or(default).to_owned();
    let issuer = format!("{}/clerk", app.base_url);
    let status = if user.membership.is_some() { "active" } else { "pending" };
    let mut claims = json!({
        "exp": now_s + asked.at("exp_in_s").as_i64().unwrap_or(LIFE_S), "iat": now_s, "nbf": now_s - 10,
        "iss": text("iss", &issuer), "sub": user.id, "sid": session_id, "fva": [0, -1],
        "sts": text("sts", status), "jti": app.new_hex(),
    });
    if let Some(azp) = azp {
        claims.put("azp", json!(azp));
    }
    add_organisation(&mut claims, user, asked);
    let omitted = asked.list("omit");
    if let Some(fields) = claims.as_object_mut() {
        for name in omitted.iter().filter_map(Value::as_str) {
            fields.remove(name);
        }
    }
    let header = json!({
        "alg": text("alg", "RS256"), "kid": text("kid", KID), "typ": "JWT", "oiat": now_s,
    });
    app.key.token(&header, &claims)
}

fn add_organisation(claims: &mut Value, user: &User, asked: &Value) {
    let own = user.membership;
    let id = asked.at("org").as_str().or(own.map(|held| held.org_id));
    let role = asked.at("role").as_str().or(own.map(|held| held.role)).unwrap_or("member");
    let slug = own.filter(|held| Some(held.org_id) == id).map_or("organisation", |held| held.slug);
    if asked.at("v1").as_bool().unwrap_or_default() {
        if let Some(id) = id {
            claims.put("org_id", json!(id));
            claims.put("org_slug", json!(slug));
            claims.put("org_role", json!(format!("org:{role}")));
            claims.put("org_permissions", json!([]));
        }
        return;
    }
    claims.put("v", json!(2));
    claims.put("pla", json!("u:free"));
    claims.put("fea", json!("o:dashboard"));
    if let Some(id) = id {
        claims.put("o", json!({ "id": id, "slg": slug, "rol": role, "per": "manage,read", "fpm": "3" }));
    }
}
