use jiff::civil::Date;
use serde_json::{Value, json};

use crate::field::Field as _;
use crate::xero::accounting::Resource;
use crate::xero::collection::Collection;
use crate::xero::invoices;
use crate::xero::listing::Listing;
use crate::xero::state::Tenant;

const PAYMENTS_SCOPE: &str = "accounting.payments";

/// Credit notes, by id or by number.
pub(crate) const CREDIT_NOTES: Resource = resource(Collection::CreditNotes, invoices::SCOPE);
/// What customers paid before there was an invoice.
pub(crate) const PREPAYMENTS: Resource = resource(Collection::Prepayments, PAYMENTS_SCOPE);
/// What customers paid beyond an invoice.
pub(crate) const OVERPAYMENTS: Resource = resource(Collection::Overpayments, PAYMENTS_SCOPE);
/// Payments, those that were taken back too.
pub(crate) const PAYMENTS: Resource = resource(Collection::Payments, PAYMENTS_SCOPE);

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
