//! What is asked of Clerk's Backend API: whether an organisation is there, who belongs where, who is written to, and to
//! delete one.

use axum::extract::{Path, RawQuery};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::answer::{self, Refusal};
use crate::clerk::users::{self, Membership, User};

/// `GET /v1/organizations/{id}` (Clerk: retrieve an organization).
pub(crate) async fn organisation(Path(org): Path<String>, headers: HeaderMap) -> Response {
    if let Err(refusal) = allowed(&headers) {
        return answer::json(refusal.status, refusal.body);
    }
    let Some(held) = users::ALL.iter().filter_map(|user| user.membership).find(|held| held.org_id == org) else {
        return not_found();
    };
    let described = json!({
        "object": "organization", "id": held.org_id, "name": held.name, "slug": held.slug, "created_at": 1,
        "updated_at": 1, "max_allowed_memberships": 5, "admin_delete_enabled": true, "public_metadata": {},
    });
    answer::json(200, described)
}

/// `DELETE /v1/organizations/{id}` (Clerk: delete an organization); whoever is asked for afterwards is still there.
pub(crate) async fn delete(Path(org): Path<String>, headers: HeaderMap) -> Response {
    if let Err(refusal) = allowed(&headers) {
        return answer::json(refusal.status, refusal.body);
    }
    if !users::ALL.iter().filter_map(|user| user.membership).any(|held| held.org_id == org) {
        return not_found();
    }
    answer::json(200, json!({ "object": "organization", "id": org, "deleted": true }))
}

/// `GET /v1/organizations/{id}/memberships` (Clerk: list organization memberships).
pub(crate) async fn memberships(Path(org): Path<String>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    if let Err(refusal) = allowed(&headers) {
        return answer::json(refusal.status, refusal.body);
    }
    let members: Vec<Value> = users::ALL
        .iter()
        .filter_map(|user| Some((user, user.membership.filter(|held| held.org_id == org)?)))
        .map(|(user, held)| membership(user, &held))
        .collect();
    if members.is_empty() {
        return not_found();
    }
    let (limit, offset) = (number(query.as_deref(), "limit", 10), number(query.as_deref(), "offset", 0));
    let page: Vec<&Value> = members.iter().skip(offset).take(limit).collect();
    answer::json(200, json!({ "data": page, "total_count": members.len() }))
}

/// `GET /v1/users/{id}/organization_memberships` (Clerk: retrieve all memberships of a user).
pub(crate) async fn organisations(Path(id): Path<String>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    if let Err(refusal) = allowed(&headers) {
        return answer::json(refusal.status, refusal.body);
    }
    let Some(user) = users::by_id(&id) else { return not_found() };
    let all: Vec<Value> = user.membership.iter().map(|held| membership(&user, held)).collect();
    let (limit, offset) = (number(query.as_deref(), "limit", 10), number(query.as_deref(), "offset", 0));
    let page: Vec<&Value> = all.iter().skip(offset).take(limit).collect();
    answer::json(200, json!({ "data": page, "total_count": all.len() }))
}

/// `GET /v1/users` (Clerk: list users): those who are named, or all.
pub(crate) async fn users(headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    if let Err(refusal) = allowed(&headers) {
        return answer::json(refusal.status, refusal.body);
    }
    let named = values(query.as_deref(), "user_id");
    let limit = number(query.as_deref(), "limit", 10);
    let found = users::ALL.iter().filter(|user| named.is_empty() || named.iter().any(|name| name == user.id));
    answer::json(200, json!(found.take(limit).map(described).collect::<Vec<_>>()))
}

fn membership(user: &User, held: &Membership) -> Value {
    json!({
        "object": "organization_membership", "id": format!("orgmem_{}", user.id), "role": format!("org:{}", held.role),
        "permissions": [], "public_metadata": {}, "created_at": 1, "updated_at": 1,
        "organization": { "object": "organization", "id": held.org_id, "name": held.name, "slug": held.slug },
        "public_user_data": { "user_id": user.id, "identifier": user.email, "first_name": user.name, "last_name": null },
    })
}

fn described(user: &User) -> Value {
    let address = format!("idn_{}", user.id);
    json!({
        "object": "user", "id": user.id, "first_name": user.name, "last_name": null, "banned": false, "locked": false,
        "primary_email_address_id": address,
        "email_addresses": [{
            "object": "email_address", "id": address, "email_address": user.email,
            "verification": { "object": "verification_otp", "status": "verified", "strategy": "email_code" },
        }],
    })
}

/// Every key will do that has the form of one.
fn allowed(headers: &HeaderMap) -> Result<(), Refusal> {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if given.starts_with("Bearer sk_") {
        return Ok(());
    }
    let error = json!({ "errors": [{ "code": "authentication_invalid", "message": "Invalid authentication" }] });
    Err(Refusal { status: 401, body: error })
}

fn not_found() -> Response {
    answer::json(404, json!({ "errors": [{ "code": "resource_not_found", "message": "not found" }] }))
}

fn values(query: Option<&str>, name: &str) -> Vec<String> {
    let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    pairs.filter(|(key, _)| key == name).map(|(_, value)| value.into_owned()).collect()
}

fn number(query: Option<&str>, name: &str, default: usize) -> usize {
    values(query, name).first().and_then(|text| text.parse().ok()).unwrap_or(default)
}
