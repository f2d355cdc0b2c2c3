use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::answer::{self, Refusal};
use crate::app::App;
use crate::field::Field as _;
use crate::xero::collection::Collection;
use crate::xero::listing::{Listing, Page};
use crate::xero::state::Tenant;
use crate::xero::{access, errors};

/// Marks a row that is broken on purpose; never served.
pub(crate) const MALFORMED: &str = "_sim_malformed";

const SETTINGS: &str = "accounting.settings";

/// `GET /Organisation`; needs the settings scope.
pub(crate) async fn organisation(State(app): State<App>, headers: HeaderMap) -> Response {
    about(&app, &headers, SETTINGS, "Organisations", |tenant| Ok(tenant.organisation.clone()))
}

/// `GET /InvoiceReminders/Settings`: whether Xero sends reminders of its own.
pub(crate) async fn reminders(State(app): State<App>, headers: HeaderMap) -> Response {
    about(&app, &headers, SETTINGS, "InvoiceReminders", |tenant| Ok(json!({ "Enabled": tenant.reminders })))
}

/// One object that is told about a tenant, or why it is not.
pub(crate) fn about(
    app: &App,
    headers: &HeaderMap,
    scope: &str,
    name: &str,
    of: impl Fn(&Tenant) -> Result<Value, Refusal>,
) -> Response {
    let told = access::tenant(app, headers, scope).and_then(|key| {
        let xero = app.xero();
        xero.tenant(&key).map_or_else(|| Ok(Value::Null), &of)
    });
    match told {
        Ok(row) => enveloped(app, headers, name, json!([row])),
        Err(refusal) => refusal.into_response(),
    }
}

/// What is listed under one name, and how.
pub(crate) struct Resource {
    pub(crate) collection: Collection,
    /// The scope that a token needs.
    pub(crate) scope: &'static str,
    /// Whether a listing asks for a row, beyond what all lists have in common.
    pub(crate) asks_for: fn(&Listing, &Value) -> bool,
    /// Gives listed rows the form that the listing shows.
    pub(crate) listed: fn(&Tenant, Date, &Listing, &mut [Value]),
    /// Gives a single row its whole form.
    pub(crate) whole: fn(&Tenant, Date, &mut Value),
}

/// The route of a list.
pub(crate) fn many(resource: &'static Resource) -> MethodRouter<App> {
    get(async move |State(app): State<App>, headers: HeaderMap, Query(asked): Query<HashMap<String, String>>| {
        list(&app, &headers, asked, resource)
    })
}

/// The route of one row.
pub(crate) fn single(resource: &'static Resource) -> MethodRouter<App> {
    get(async move |State(app): State<App>, headers: HeaderMap, Path(name): Path<String>| {
        one(&app, &headers, &name, resource)
    })
}

/// The rows that were asked for, ordered and cut into pages.
fn list(app: &App, headers: &HeaderMap, asked: HashMap<String, String>, resource: &Resource) -> Response {
    let page = access::tenant(app, headers, resource.scope).and_then(|key| {
        let listing = Listing::parse(asked, headers)?;
        Ok(page_of(app, &key, &listing, resource))
    });
    let page = match page {
        Ok(page) => page,
        Err(refusal) => return refusal.into_response(),
    };
    let mut body = envelope(app);
    if let Some(pagination) = page.pagination {
        body.put("pagination", pagination);
    }
    body.put(resource.collection.name(), Value::Array(page.rows));
    access::rendered(headers, answer::json(200, body))
}

fn page_of(app: &App, key: &str, listing: &Listing, resource: &Resource) -> Page {
    let today = app.dubai_date(app.clock.now_ms());
    let xero = app.xero();
    let broken_too = xero.malformed_rows;
    let Some(tenant) = xero.tenant(key) else { return Page::default() };
    let asked_for = tenant.rows(resource.collection).iter().filter(|row| {
        (broken_too || row.get(MALFORMED).is_none()) && listing.accepts(row) && (resource.asks_for)(listing, row)
    });
    let mut page = listing.page(asked_for.collect());
    for row in &mut page.rows {
        unmark(row);
    }
    (resource.listed)(tenant, today, listing, &mut page.rows);
    page
}

/// One row, whole.
pub(crate) fn one(app: &App, headers: &HeaderMap, name: &str, resource: &Resource) -> Response {
    let today = app.dubai_date(app.clock.now_ms());
    let instance = errors::not_found(app);
    about(app, headers, resource.scope, resource.collection.name(), |tenant| {
        let mut row = tenant.row(resource.collection, name).ok_or_else(|| instance.clone())?.clone();
        unmark(&mut row);
        (resource.whole)(tenant, today, &mut row);
        Ok(row)
    })
}

fn unmark(row: &mut Value) {
    if let Some(fields) = row.as_object_mut() {
        fields.remove(MALFORMED);
    }
}

fn enveloped(app: &App, headers: &HeaderMap, name: &str, rows: Value) -> Response {
    let mut body = envelope(app);
    body.put(name, rows);
    access::rendered(headers, answer::json(200, body))
}

/// The fields that every accounting answer begins with.
fn envelope(app: &App) -> Value {
    let id = app.new_id();
    json!({
        "Id": id, "Status": "OK", "ProviderName": "Numo",
        "DateTimeUTC": format!("/Date({})/", app.clock.now_ms()),
    })
}
