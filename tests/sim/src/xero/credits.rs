use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::app::App;
use crate::field::Field as _;
use crate::xero::accounting::{self, Resource};
use crate::xero::collection::Collection;
use crate::xero::invoices;
use crate::xero::listing::Listing;
use crate::xero::state::Tenant;

type Asked = Query<HashMap<String, String>>;

const PAYMENTS_SCOPE: &str = "accounting.payments";

const CREDIT_NOTES: Resource = resource(Collection::CreditNotes, invoices::SCOPE);
const PREPAYMENTS: Resource = resource(Collection::Prepayments, PAYMENTS_SCOPE);
const OVERPAYMENTS: Resource = resource(Collection::Overpayments, PAYMENTS_SCOPE);
const PAYMENTS: Resource = resource(Collection::Payments, PAYMENTS_SCOPE);

/// `GET /CreditNotes`.
pub(crate) async fn credit_notes(State(app): State<App>, headers: HeaderMap, Query(asked): Asked) -> Response {
    accounting::list(&app, &headers, asked, &CREDIT_NOTES)
}

/// `GET /CreditNotes/{id}`: by id or by number.
pub(crate) async fn credit_note(State(app): State<App>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    accounting::one(&app, &headers, &id, &CREDIT_NOTES)
}

/// `GET /Prepayments`.
pub(crate) async fn prepayments(State(app): State<App>, headers: HeaderMap, Query(asked): Asked) -> Response {
    accounting::list(&app, &headers, asked, &PREPAYMENTS)
}

/// `GET /Prepayments/{id}`.
pub(crate) async fn prepayment(State(app): State<App>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    accounting::one(&app, &headers, &id, &PREPAYMENTS)
}

/// `GET /Overpayments`.
pub(crate) async fn overpayments(State(app): State<App>, headers: HeaderMap, Query(asked): Asked) -> Response {
    accounting::list(&app, &headers, asked, &OVERPAYMENTS)
}

/// `GET /Overpayments/{id}`.
pub(crate) async fn overpayment(State(app): State<App>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    accounting::one(&app, &headers, &id, &OVERPAYMENTS)
}

/// `GET /Payments`: those that were taken back too.
pub(crate) async fn payments(State(app): State<App>, headers: HeaderMap, Query(asked): Asked) -> Response {
    accounting::list(&app, &headers, asked, &PAYMENTS)
}

/// `GET /Payments/{id}`.
pub(crate) async fn payment(State(app): State<App>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    accounting::one(&app, &headers, &id, &PAYMENTS)
}

const fn resource(collection: Collection, scope: &'static str) -> Resource {
    Resource { collection, scope, asks_for: |_, _| true, listed, whole: |_, _, _| {} }
}

/// Without a page there are no line items.
fn listed(_tenant: &Tenant, _today: Date, listing: &Listing, rows: &mut [Value]) {
    if listing.is_paged() {
        return;
    }
    for fields in rows.iter_mut().filter_map(Value::as_object_mut) {
        fields.entry("LineItems").and_modify(|items| *items = json!([]));
    }
}

/// A single invoice dates its credits by their allocation, a list by the credit itself.
///
/// Xero confirms the difference as a mistake of its own (Xero-OpenAPI, issue 266).
pub(crate) fn date_as_allocated(tenant: &Tenant, invoice: &mut Value) {
    let invoice_id = invoice.at("InvoiceID").clone();
    for collection in [Collection::CreditNotes, Collection::Prepayments, Collection::Overpayments] {
        let Some(nested) = invoice.get_mut(collection.name()).and_then(Value::as_array_mut) else { continue };
        for credit in nested {
            let id = credit.at(collection.id_field()).as_str().unwrap_or_default();
            let allocations = tenant.row(collection, id).map(|held| held.list("Allocations")).unwrap_or_default();
            let here = allocations.iter().find(|held| held.at("Invoice").at("InvoiceID") == &invoice_id);
            if let Some(allocation) = here {
                credit.put("Date", allocation.at("Date").clone());
            }
        }
    }
}
