use std::collections::HashMap;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::answer;
use crate::app::App;
use crate::field::Field as _;
use crate::xero::listing::Listing;
use crate::xero::state::Tenant;
use crate::xero::{access, errors};

/// `GET /Organisation`; needs the settings scope.
pub(crate) async fn organisation(State(app): State<App>, headers: HeaderMap) -> Response {
    let key = match access::tenant(&app, &headers, "accounting.settings") {
        Ok(key) => key,
        Err(response) => return *response,
    };
    let organisation = app.xero().tenant(key).map(|tenant| tenant.organisation.clone()).unwrap_or_default();
    let mut body = envelope(&app);
    body.put("Organisations", json!([organisation]));
    access::rendered(&app, &headers, key, answer::json(200, body))
}

/// What is listed under one name, and how.
pub(crate) struct Resource {
    /// The name of the list in the answer.
    pub(crate) name: &'static str,
    /// The scope that a token needs.
    pub(crate) scope: &'static str,
    /// The rows that a listing asks for.
    pub(crate) matching: fn(&App, &str, &Listing) -> Vec<Value>,
    /// Takes from a listed row what only a single one shows.
    pub(crate) trim: fn(&mut Value, &Listing),
    /// One row by its id.
    pub(crate) by_id: fn(&Tenant, &str) -> Option<Value>,
}

/// The rows that were asked for, ordered and cut into pages.
pub(crate) fn list(app: &App, headers: &HeaderMap, asked: HashMap<String, String>, resource: &Resource) -> Response {
    let key = match access::tenant(app, headers, resource.scope) {
        Ok(key) => key,
        Err(response) => return *response,
    };
    let listing = match Listing::parse(asked, headers) {
        Ok(listing) => listing,
        Err(refusal) => return refusal.into_response(),
    };
    let mut page = listing.page((resource.matching)(app, key, &listing));
    for row in &mut page.rows {
        (resource.trim)(row, &listing);
    }
    let mut body = envelope(app);
    if let Some(pagination) = page.pagination {
        body.put("pagination", pagination);
    }
    body.put(resource.name, Value::Array(page.rows));
    access::rendered(app, headers, key, answer::json(200, body))
}

/// One row, whole.
pub(crate) fn one(app: &App, headers: &HeaderMap, id: &str, resource: &Resource) -> Response {
    let key = match access::tenant(app, headers, resource.scope) {
        Ok(key) => key,
        Err(response) => return *response,
    };
    let found = app.xero().tenant(key).and_then(|tenant| (resource.by_id)(tenant, id));
    let Some(row) = found else { return errors::not_found(app).into_response() };
    let mut body = envelope(app);
    body.put(resource.name, json!([row]));
    access::rendered(app, headers, key, answer::json(200, body))
}

/// The fields that every accounting answer begins with.
fn envelope(app: &App) -> Value {
    let id = app.new_id();
    json!({
        "Id": id, "Status": "OK", "ProviderName": "Numo",
        "DateTimeUTC": format!("/Date({})/", app.clock.now_ms()),
    })
}
