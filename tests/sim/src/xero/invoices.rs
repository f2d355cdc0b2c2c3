use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::answer;
use crate::app::App;
use crate::field::Field as _;
use crate::xero::listing::Listing;
use crate::xero::state::Tenant;
use crate::xero::{access, accounting, errors};

/// Marks a row that is broken on purpose; never served.
pub(crate) const MALFORMED: &str = "_sim_malformed";

const SCOPE: &str = "accounting.invoices";
const HEAVY: &[&str] = &["LineItems", "Payments", "CreditNotes", "Prepayments", "Overpayments", "Attachments"];

/// `GET /Invoices`: sales and bills, all statuses, filtered and paged as asked.
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
    let rows = matching(&app, key, &listing);
    let mut page = listing.page(rows);
    for row in &mut page.rows {
        trim(row, &listing);
    }
    let mut body = accounting::envelope(&app);
    if let Some(pagination) = page.pagination {
        body.put("pagination", pagination);
    }
    body.put("Invoices", Value::Array(page.rows));
    access::rendered(&app, &headers, key, answer::json(200, body))
}

/// `GET /Invoices/{id}`: by id or by number, with the whole contact.
pub(crate) async fn one(State(app): State<App>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    let key = match access::tenant(&app, &headers, SCOPE) {
        Ok(key) => key,
        Err(response) => return *response,
    };
    let found = app.xero().tenant(key).and_then(|tenant| whole(tenant, &id));
    let Some(row) = found else { return errors::not_found(&app).into_response() };
    let mut body = accounting::envelope(&app);
    body.put("Invoices", json!([row]));
    access::rendered(&app, &headers, key, answer::json(200, body))
}

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
