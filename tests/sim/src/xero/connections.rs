use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::answer;
use crate::app::App;
use crate::xero::{access, dates, errors};

/// All organisations this user ever connected, not only those of one consent.
pub(crate) async fn list(
    State(app): State<App>,
    headers: HeaderMap,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    let granted = match access::bearer(&app, &headers) {
        Ok(granted) => granted,
        Err(refusal) => return refusal.into_response(),
    };
    let xero = app.xero();
    let event = asked.get("authEventId");
    let rows: Vec<Value> = xero
        .connections
        .iter()
        .filter(|held| held.user == granted.grant.user && event.is_none_or(|event| *event == held.auth_event_id))
        .filter_map(|held| {
            let tenant = xero.tenant(&held.tenant)?;
            Some(json!({
                "id": held.id, "authEventId": held.auth_event_id, "tenantId": tenant.id,
                "tenantType": "ORGANISATION", "tenantName": tenant.name,
                "createdDateUtc": dates::seven_digits(held.created_ms),
                "updatedDateUtc": dates::seven_digits(held.updated_ms),
            }))
        })
        .collect();
    answer::json(200, Value::Array(rows))
}

/// Takes the connection's own id; that of the tenant or of the consent is forbidden.
pub(crate) async fn remove(State(app): State<App>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    let granted = match access::bearer(&app, &headers) {
        Ok(granted) => granted,
        Err(refusal) => return refusal.into_response(),
    };
    match removed(&app, &granted.grant.user, &id) {
        Removed::Yes => answer::empty(204),
        Removed::WrongKind => errors::forbidden(&app).into_response(),
        Removed::Unknown => errors::not_found(&app).into_response(),
    }
}

enum Removed {
    Yes,
    WrongKind,
    Unknown,
}

fn removed(app: &App, user: &str, id: &str) -> Removed {
    let mut xero = app.xero();
    if let Some(at) = xero.connections.iter().position(|held| held.user == user && held.id == id) {
        xero.connections.remove(at);
        return Removed::Yes;
    }
    let is_tenant = xero.tenants.iter().any(|tenant| tenant.id == id);
    let is_consent_or_strange = xero.connections.iter().any(|held| held.auth_event_id == id || held.id == id);
    if is_tenant || is_consent_or_strange { Removed::WrongKind } else { Removed::Unknown }
}
