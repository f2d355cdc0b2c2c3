//! The JSON API: one file per resource; the session decides whose it is.

pub(crate) mod activity;
mod asked;
mod backlog;
mod clients;
mod connections;
mod consent;
mod conversations;
mod cost;
mod customer_consent;
pub(crate) mod customer_erasure;
mod customer_query;
pub(crate) mod customers;
mod customers_csv;
#[cfg(feature = "openapi")]
pub(crate) mod document;
mod exports;
mod figures;
pub(crate) mod invoice_query;
pub(crate) mod invoices;
mod library;
mod mails;
mod numbers;
mod opt_ins;
mod organisation;
mod organisation_erasure;
mod own_number;
mod plan;
mod policies;
mod reminders;
mod send_now;
mod senders;
mod setup_links;
pub(crate) mod signup;
mod tasks;
mod templates;
mod test_messages;
mod whatsapp_accounts;

use axum::{Router, http::header, routing::get};

use crate::state::AppState;

/// What `make openapi` wrote: `document.rs` says how.
const DOCUMENT: &str = include_str!("../../../docs/openapi.json");

/// Longest body of any route below `/v1`.
pub(crate) const LONGEST_BODY_BYTES: usize = numbers::MAX_BODY_BYTES;

/// Every route below `/v1`.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/openapi.json", get(|| async { ([(header::CONTENT_TYPE, "application/json")], DOCUMENT) }))
        .merge(organisation::routes())
        .merge(organisation_erasure::routes())
        .merge(own_number::routes())
        .merge(connections::routes())
        .merge(senders::routes())
        .merge(setup_links::routes())
        .merge(signup::routes())
        .merge(whatsapp_accounts::routes())
        .merge(templates::routes())
        .merge(library::routes())
        .merge(test_messages::routes())
        .merge(consent::routes())
        .merge(opt_ins::routes())
        .merge(conversations::routes())
        .merge(cost::routes())
        .merge(figures::routes())
        .merge(customer_consent::routes())
        .merge(customer_erasure::routes())
        .merge(customers::routes())
        .merge(customers_csv::routes())
        .merge(invoices::routes())
        .merge(numbers::routes())
        .merge(exports::routes())
        .merge(backlog::routes())
        .merge(clients::routes())
        .merge(policies::routes())
        .merge(plan::routes())
        .merge(reminders::routes())
        .merge(send_now::routes())
        .merge(mails::routes())
        .merge(tasks::routes())
        .merge(activity::routes())
}
