use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::Value;

use crate::app::App;
use crate::field::Field as _;
use crate::xero::accounting::{self, Resource};
use crate::xero::listing::Listing;
use crate::xero::state::Tenant;

const SEARCHED: &[&str] = &["Name", "FirstName", "LastName", "ContactNumber", "EmailAddress"];
const HEAVY: &[&str] = &["Balances", "ContactPersons", "ContactGroups", "Attachments"];

/// `GET /Contacts`; archived ones only with `includeArchived=true`.
pub(crate) async fn list(
    State(app): State<App>,
    headers: HeaderMap,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    accounting::list(&app, &headers, asked, &CONTACTS)
}

/// `GET /Contacts/{id}`.
pub(crate) async fn one(State(app): State<App>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    accounting::one(&app, &headers, &id, &CONTACTS)
}

const CONTACTS: Resource = Resource { name: "Contacts", scope: "accounting.contacts", matching, trim, by_id };

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

fn by_id(tenant: &Tenant, id: &str) -> Option<Value> {
    let named = |row: &&Value| row.at("ContactID").as_str().is_some_and(|held| held.eq_ignore_ascii_case(id));
    tenant.contacts.iter().find(named).cloned()
}
