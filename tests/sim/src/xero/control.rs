use std::collections::HashMap;

use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::answer;
use crate::app::App;
use crate::field::Field as _;
use crate::xero::data::document;
use crate::xero::state::Tenant;
use crate::xero::{dates, money};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/_control/xero/pay", post(pay))
        .route("/_control/xero/invoice", post(invoice))
        .route("/_control/xero/contact", post(contact))
        .route("/_control/xero/tenants", get(tenants))
        .route("/_control/xero/documents", get(documents))
        .route("/_control/xero/contacts", get(contacts))
        .route("/_control/xero/mobiles", get(mobiles))
        .route("/_control/xero/settings", post(settings))
        .route("/_control/xero/disconnect", post(disconnect))
}

/// Settles an invoice in full, as a payment entered in Xero would.
async fn pay(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    let now_ms = app.clock.now_ms();
    let today = app.dubai_date(now_ms);
    let payment_id = app.new_id();
    let mut xero = app.xero();
    let Some(row) = tenant_of(&asked).and_then(|key| xero.tenant_mut(key)).and_then(|tenant| {
        tenant
            .invoices
            .iter_mut()
            .find(|row| row.at("InvoiceID").is_string() && row.at("InvoiceID") == asked.at("invoice_id"))
    }) else {
        return answer::json(404, json!({ "error": "no such tenant or invoice" }));
    };
    let due = money::units(row.at("AmountDue")).unwrap_or_default();
    let paid = money::units(row.at("AmountPaid")).unwrap_or_default();
    row.put("AmountPaid", money::number(paid + due));
    row.put("AmountDue", money::number(0));
    row.put("Status", json!("PAID"));
    row.put("FullyPaidOnDate", json!(dates::calendar(today)));
    if let Some(payments) = row.get_mut("Payments").and_then(Value::as_array_mut) {
        payments.push(document::payment(&payment_id, today, due));
    }
    touch(row, now_ms);
    answer::json(200, row.clone())
}

/// Overrides fields of an invoice, or adds one that is filled up with defaults.
async fn invoice(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    let now_ms = app.clock.now_ms();
    let new_id = app.new_id();
    let today = app.dubai_date(now_ms);
    let Some(overrides) = asked.at("invoice").as_object() else {
        return answer::json(400, json!({ "error": "invoice is not an object" }));
    };
    let mut xero = app.xero();
    let Some(tenant) = tenant_of(&asked).and_then(|key| xero.tenant_mut(key)) else {
        return answer::json(404, json!({ "error": "no such tenant" }));
    };
    let known =
        overrides.get("InvoiceID").and_then(|id| tenant.invoices.iter().position(|row| row.at("InvoiceID") == id));
    let mut row = match known {
        Some(at) => tenant.invoices.remove(at),
        None => document::blank(&new_id, &first_contact(tenant), today),
    };
    merge(&mut row, overrides);
    if !overrides.contains_key("UpdatedDateUTC") {
        touch(&mut row, now_ms);
    }
    tenant.invoices.push(row.clone());
    answer::json(200, row)
}

/// Overrides fields of a contact.
async fn contact(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    let now_ms = app.clock.now_ms();
    let Some(overrides) = asked.at("contact").as_object() else {
        return answer::json(400, json!({ "error": "contact is not an object" }));
    };
    let mut xero = app.xero();
    let Some(row) = tenant_of(&asked).and_then(|key| xero.tenant_mut(key)).and_then(|tenant| {
        tenant.contacts.iter_mut().find(|row| row.at("ContactID") == asked.at("contact").at("ContactID"))
    }) else {
        return answer::json(404, json!({ "error": "no such tenant or contact" }));
    };
    merge(row, overrides);
    row.put("UpdatedDateUTC", json!(dates::instant(now_ms)));
    answer::json(200, row.clone())
}

async fn tenants(State(app): State<App>) -> Json<Value> {
    let xero = app.xero();
    let rows: Vec<Value> = xero
        .tenants
        .iter()
        .map(|tenant| {
            let users: Vec<&str> =
                xero.users.iter().filter(|user| user.tenants.contains(&tenant.key)).map(|user| user.email).collect();
            json!({
                "key": tenant.key, "tenant_id": tenant.id, "name": tenant.name, "users": users,
                "contacts": tenant.contacts.len(), "invoices": tenant.invoices.len(),
            })
        })
        .collect();
    Json(Value::Array(rows))
}

async fn documents(State(app): State<App>, Query(asked): Query<HashMap<String, String>>) -> Response {
    shown(&app, &asked, |tenant| Value::Array(tenant.invoices.clone()))
}

async fn contacts(State(app): State<App>, Query(asked): Query<HashMap<String, String>>) -> Response {
    shown(&app, &asked, |tenant| Value::Array(tenant.contacts.clone()))
}

/// The truth behind the phone entries: contacts with one valid number of their own.
async fn mobiles(State(app): State<App>, Query(asked): Query<HashMap<String, String>>) -> Response {
    shown(&app, &asked, |tenant| json!(tenant.mobiles))
}

async fn settings(State(app): State<App>, Json(asked): Json<Value>) -> Json<Value> {
    let mut xero = app.xero();
    if let Some(on) = asked.at("malformed_rows").as_bool() {
        xero.malformed_rows = on;
    }
    if let Some(limit) = asked.get("minute_limit") {
        xero.minute_limit = limit.as_u64();
    }
    if let Some(limit) = asked.get("day_limit") {
        xero.day_limit = limit.as_u64();
    }
    let (rows, minute, day) = (xero.malformed_rows, xero.minute_limit, xero.day_limit);
    Json(json!({ "malformed_rows": rows, "minute_limit": minute, "day_limit": day }))
}

/// What a user does in Xero under Connected apps: the tokens stay good, the tenant is gone.
async fn disconnect(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    let mut xero = app.xero();
    let Some(key) = tenant_of(&asked).and_then(|name| xero.tenant(name)).map(|tenant| tenant.key) else {
        return answer::json(404, json!({ "error": "no such tenant" }));
    };
    xero.connections.retain(|held| held.tenant != key);
    answer::empty(204)
}

fn shown(app: &App, asked: &HashMap<String, String>, of: impl Fn(&Tenant) -> Value) -> Response {
    let xero = app.xero();
    let name = asked.get("tenant").map_or("demo", String::as_str);
    match xero.tenant(name) {
        Some(tenant) => answer::json(200, of(tenant)),
        None => answer::json(404, json!({ "error": "no such tenant" })),
    }
}

fn tenant_of(asked: &Value) -> Option<&str> {
    asked.at("tenant").as_str()
}

fn first_contact(tenant: &Tenant) -> Value {
    tenant.contacts.first().cloned().unwrap_or_default()
}

/// Overrides fields of a row.
pub(crate) fn merge(row: &mut Value, overrides: &serde_json::Map<String, Value>) {
    let Some(fields) = row.as_object_mut() else { return };
    for (name, value) in overrides {
        match value {
            // JSON null takes a field away, so that rows without a due date can be made.
            Value::Null => drop(fields.remove(name)),
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                fields.insert(name.clone(), value.clone());
            }
        }
    }
}

fn touch(row: &mut Value, now_ms: i64) {
    row.put("UpdatedDateUTC", json!(dates::instant(now_ms)));
    row.put("UpdatedDateUTCString", json!(dates::instant_string(now_ms)));
}
