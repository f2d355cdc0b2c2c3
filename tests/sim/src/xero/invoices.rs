use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};

use crate::app::App;
use crate::field::Field as _;
use crate::xero::accounting::{self, Resource};
use crate::xero::listing::Listing;
use crate::xero::state::Tenant;

/// Marks a row that is broken on purpose; never served.
pub(crate) const MALFORMED: &str = "_sim_malformed";

const HEAVY: &[&str] = &["LineItems", "Payments", "CreditNotes", "Prepayments", "Overpayments", "Attachments"];

/// `GET /Invoices`: sales and bills, all statuses, filtered and paged as asked.
pub(crate) async fn list(
    State(app): State<App>,
    headers: HeaderMap,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    accounting::list(&app, &headers, asked, &INVOICES)
}

/// `GET /Invoices/{id}`: by id or by number, with the whole contact.
pub(crate) async fn one(State(app): State<App>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    accounting::one(&app, &headers, &id, &INVOICES)
}

const INVOICES: Resource = Resource { name: "Invoices", scope: "accounting.invoices", matching, trim, by_id: whole };

fn matching(app: &App, key: &str, listing: &Listing) -> Vec<Value> {
    let xero = app.xero();
    let broken_too = xero.malformed_rows;
    let Some(tenant) = xero.tenant(key) else { return Vec::new() };
    tenant
        .invoices
        .iter()
        .filter(|row| broken_too || row.get(MALFORMED).is_none())
        .filter(|row| {
            listing.accepts(row)
                && listing.lists("IDs", row.at("InvoiceID"))
                && listing.lists("InvoiceNumbers", row.at("InvoiceNumber"))
                && listing.lists("ContactIDs", row.at("Contact").at("ContactID"))
                && listing.lists("Statuses", row.at("Status"))
                && listing.finds(row, &["InvoiceNumber", "Reference"])
        })
        .cloned()
        .collect()
}

/// Without a page there are no line items; `summaryOnly` leaves out all nested lists.
fn trim(row: &mut Value, listing: &Listing) {
    let Some(fields) = row.as_object_mut() else { return };
    fields.remove(MALFORMED);
    if listing.summary_only {
        for name in HEAVY {
            fields.remove(*name);
        }
    } else if !listing.is_paged() {
        fields.insert(String::from("LineItems"), json!([]));
    }
}

fn whole(tenant: &Tenant, id: &str) -> Option<Value> {
    let named = |row: &&Value| {
        row.at("InvoiceID").as_str().is_some_and(|held| held.eq_ignore_ascii_case(id)) || row.at("InvoiceNumber") == id
    };
    let mut row = tenant.invoices.iter().find(named)?.clone();
    let contact_id = row.at("Contact").at("ContactID").clone();
    if let Some(contact) = tenant.contacts.iter().find(|contact| *contact.at("ContactID") == contact_id) {
        row.put("Contact", contact.clone());
    }
    let fields = row.as_object_mut()?;
    fields.remove(MALFORMED);
    // Lists leave it out when false, a single invoice always says it.
    fields.entry("SentToContact").or_insert(Value::Bool(false));
    Some(row)
}
