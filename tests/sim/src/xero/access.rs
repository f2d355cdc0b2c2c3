use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};

use crate::answer::Refusal;
use crate::app::App;
use crate::xero::errors;
use crate::xero::state::Access;

/// The valid access token of a call.
pub(crate) fn bearer(app: &App, headers: &HeaderMap) -> Result<Access, Refusal> {
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = sent.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    let held = app.xero().access.get(token).cloned();
    let Some(access) = held else { return Err(errors::unauthorized(app, "AuthenticationUnsuccessful")) };
    if access.expires_ms <= app.clock.now_ms() {
        return Err(errors::expired_at(app, access.expires_ms));
    }
    Ok(access)
}

/// Checks token, scope and tenant of an accounting call; gives the tenant's key.
pub(crate) fn tenant(app: &App, headers: &HeaderMap, scope: &str) -> Result<String, Refusal> {
    let access = bearer(app, headers)?;
    let read = format!("{scope}.read");
    if !access.grant.scopes.iter().any(|held| held == scope || *held == read) {
        return Err(errors::unauthorized(app, "AuthorizationUnsuccessful"));
    }
    connected(app, &access.grant.user, tenant_id(headers)).ok_or_else(|| errors::forbidden(app))
}

pub(crate) fn tenant_id(headers: &HeaderMap) -> &str {
    headers.get("xero-tenant-id").and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// The key of a tenant that a user is connected to.
pub(crate) fn connected(app: &App, user: &str, tenant_id: &str) -> Option<String> {
    let xero = app.xero();
    let key = &xero.tenants.iter().find(|tenant| tenant.id == tenant_id)?.key;
    xero.connections.iter().any(|held| held.user == user && held.tenant == *key).then(|| key.clone())
}

/// JSON if it was asked for, otherwise XML as Xero's default is.
pub(crate) fn rendered(headers: &HeaderMap, answer: Response) -> Response {
    if accepts(headers, "application/json") {
        return answer;
    }
    let text = "<Response xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><Status>OK</Status>\
                <ProviderName>Numo</ProviderName></Response>";
    ([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], text).into_response()
}

pub(crate) fn accepts(headers: &HeaderMap, kind: &str) -> bool {
    headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|accept| accept.contains(kind))
}
