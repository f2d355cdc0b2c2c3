use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::answer;
use crate::app::App;
use crate::field::Field as _;
use crate::xero::listing::Listing;
use crate::xero::{access, accounting, errors};

const SCOPE: &str = "accounting.contacts";
const SEARCHED: &[&str] = &["Name", "FirstName", "LastName", "ContactNumber", "EmailAddress"];
const HEAVY: &[&str] = &["Balances", "ContactPersons", "ContactGroups", "Attachments"];

/// `GET /Contacts`; archived ones only with `includeArchived=true`.
pub(crate) async fn list(
    State(app): State<App>,
    headers: HeaderMap,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    let key = match access::tenant(&app, &headers, SCOPE) {
        Ok(key) => key,
        Err(response) => return *response,
    };
    let listing = match Listing::parse(asked, &headers) {
        Ok(listing) => listing,
        Err(refusal) => return refusal.into_response(),
    };
    let mut page = listing.page(matching(&app, key, &listing));
    for row in &mut page.rows {
        trim(row, &listing);
    }
    let mut body = accounting::envelope(&app);
    if let Some(pagination) = page.pagination {
        body.put("pagination", pagination);
    }
    body.put("Contacts", Value::Array(page.rows));
    access::rendered(&app, &headers, key, answer::json(200, body))
}

/// `GET /Contacts/{id}`.
pub(crate) async fn one(State(app): State<App>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    let key = match access::tenant(&app, &headers, SCOPE) {
        Ok(key) => key,
        Err(response) => return *response,
    };
    let named = |row: &&Value| row.at("ContactID").as_str().is_some_and(|held| held.eq_ignore_ascii_case(&id));
    let found = app.xero().tenant(key).and_then(|tenant| tenant.contacts.iter().find(named).cloned());
    let Some(row) = found else { return errors::not_found(&app).into_response() };
    let mut body = accounting::envelope(&app);
    body.put("Contacts", json!([row]));
    access::rendered(&app, &headers, key, answer::json(200, body))
}

fn matching(app: &App, key: &str, listing: &Listing) -> Vec<Value> {
    let xero = app.xero();
    let Some(tenant) = xero.tenant(key) else { return Vec::new() };
    let archived_too = listing.flag("includeArchived");
    tenant
        .contacts
        .iter()
        .filter(|row| archived_too || row.at("ContactStatus") != "ARCHIVED")
        .filter(|row| listing.accepts(row) && listing.lists("IDs", row.at("ContactID")) && listing.finds(row, SEARCHED))
        .cloned()
        .collect()
}

/// Where a merged contact went is told only when paging or by id.
fn trim(row: &mut Value, listing: &Listing) {
    let Some(fields) = row.as_object_mut() else { return };
    if !listing.is_paged() {
        fields.remove("MergedToContactID");
    }
    if listing.summary_only {
        for name in HEAVY {
            fields.remove(*name);
        }
    }
}
