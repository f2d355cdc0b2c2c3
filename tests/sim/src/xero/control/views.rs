use std::collections::HashMap;

use axum::Json;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::answer;
use crate::app::App;
use crate::xero::control::missing;
use crate::xero::state::Tenant;

type Asked = Query<HashMap<String, String>>;

pub(crate) async fn tenants(State(app): State<App>) -> Json<Value> {
    let xero = app.xero();
    let rows: Vec<Value> = xero
        .tenants
        .iter()
        .map(|tenant| {
            let users: Vec<&String> =
                xero.users.iter().filter(|user| user.tenants.contains(&tenant.key)).map(|user| &user.email).collect();
            json!({
                "key": tenant.key, "tenant_id": tenant.id, "name": tenant.name, "users": users,
                "contacts": tenant.contacts.len(), "invoices": tenant.invoices.len(),
                "credit_notes": tenant.credit_notes.len(), "prepayments": tenant.prepayments.len(),
                "overpayments": tenant.overpayments.len(), "payments": tenant.payments.len(),
            })
        })
        .collect();
    Json(Value::Array(rows))
}

pub(crate) async fn documents(State(app): State<App>, Query(asked): Asked) -> Response {
    shown(&app, &asked, |tenant| Value::Array(tenant.invoices.clone()))
}

pub(crate) async fn contacts(State(app): State<App>, Query(asked): Asked) -> Response {
    shown(&app, &asked, |tenant| Value::Array(tenant.contacts.clone()))
}

/// The truth behind the phone entries: contacts with one valid number of their own.
pub(crate) async fn mobiles(State(app): State<App>, Query(asked): Asked) -> Response {
    shown(&app, &asked, |tenant| json!(tenant.mobiles))
}

fn shown(app: &App, asked: &HashMap<String, String>, of: impl Fn(&Tenant) -> Value) -> Response {
    let xero = app.xero();
    let name = asked.get("tenant").map_or("demo", String::as_str);
    match xero.tenant(name) {
        Some(tenant) => answer::json(200, of(tenant)),
        None => missing("tenant").into_response(),
    }
}
