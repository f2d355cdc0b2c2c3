use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::app::App;
use crate::field::Field as _;
use crate::xero::accounting::{self, Resource};
use crate::xero::collection::Collection;
use crate::xero::listing::Listing;
use crate::xero::state::Tenant;
use crate::xero::{access, contacts, credits, online};

pub(crate) const SCOPE: &str = "accounting.invoices";

const HEAVY: &[&str] = &["LineItems", "Payments", "CreditNotes", "Prepayments", "Overpayments", "Attachments"];

/// `GET /Invoices/{id}`: with the whole contact, or as a PDF.
pub(crate) async fn one(State(app): State<App>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    if access::accepts(&headers, "application/pdf") {
        return online::pdf(&app, &headers, &id);
    }
    accounting::one(&app, &headers, &id, &INVOICES)
}

/// Sales and bills of all statuses, by id or by number.
pub(crate) const INVOICES: Resource =
    Resource { collection: Collection::Invoices, scope: SCOPE, asks_for, listed, whole };

fn asks_for(listing: &Listing, row: &Value) -> bool {
    listing.lists("IDs", row.at("InvoiceID"))
        && listing.lists("InvoiceNumbers", row.at("InvoiceNumber"))
        && listing.lists("ContactIDs", row.at("Contact").at("ContactID"))
        && listing.lists("Statuses", row.at("Status"))
        && listing.finds(row, &["InvoiceNumber", "Reference"])
}

/// Without a page there are no line items; `summaryOnly` leaves out all nested lists.
fn listed(_tenant: &Tenant, _today: Date, listing: &Listing, rows: &mut [Value]) {
    for row in rows {
        let Some(fields) = row.as_object_mut() else { continue };
        if listing.summary_only {
            for name in HEAVY {
                fields.remove(*name);
            }
            let named = json!({ "ContactID": row.at("Contact").at("ContactID"), "Name": row.at("Contact").at("Name") });
            row.put("Contact", named);
        } else if !listing.is_paged() {
            fields.insert(String::from("LineItems"), json!([]));
        }
    }
}

fn whole(tenant: &Tenant, today: Date, row: &mut Value) {
    let contact_id = row.at("Contact").at("ContactID").as_str().unwrap_or_default();
    if let Some(contact) = tenant.row(Collection::Contacts, contact_id) {
        let mut contact = contact.clone();
        contacts::whole(tenant, today, &mut contact);
        row.put("Contact", contact);
    }
    credits::date_as_allocated(tenant, row);
    if let Some(fields) = row.as_object_mut() {
        // Lists leave it out when false, a single invoice always says it.
        fields.entry("SentToContact").or_insert(Value::Bool(false));
    }
}
