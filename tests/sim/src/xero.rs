pub(crate) mod state;

mod access;
mod accounting;
mod authorize;
mod collection;
mod connections;
mod contacts;
pub(crate) mod control;
mod credits;
pub(crate) mod data;
pub(crate) mod dates;
pub(crate) mod errors;
mod filter;
mod invoices;
mod limits;
mod listing;
pub(crate) mod money;
mod online;
mod settle;
mod token;
pub(crate) mod traffic;
mod webhook;

use axum::Router;
use axum::routing::{delete, get, post};

use crate::app::App;

const LOGIN: &str = "/xero-login/identity";
const IDENTITY: &str = "/xero-identity";
const API: &str = "/xero-api";

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(&format!("{LOGIN}/connect/authorize"), get(authorize::show).post(authorize::choose))
        .route(&format!("{IDENTITY}/connect/token"), post(token::grant))
        .route(&format!("{IDENTITY}/connect/revocation"), post(token::revoke))
        .route(&format!("{IDENTITY}/.well-known/openid-configuration/jwks"), get(token::jwks))
        .route(&format!("{API}/connections"), get(connections::list))
        .route(&format!("{API}/connections/{{id}}"), delete(connections::remove))
        .merge(accounting_routes())
        .merge(control::routes())
}

fn accounting_routes() -> Router<App> {
    let path = |name: &str| format!("{API}/api.xro/2.0/{name}");
    Router::new()
        .route(&path("Organisation"), get(accounting::organisation))
        .route(&path("InvoiceReminders/Settings"), get(accounting::reminders))
        .route(&path("Contacts"), get(contacts::list))
        .route(&path("Contacts/{id}"), get(contacts::one))
        .route(&path("Invoices"), get(invoices::list))
        .route(&path("Invoices/{id}"), get(invoices::one))
        .route(&path("Invoices/{id}/OnlineInvoice"), get(online::link))
        .route(&path("CreditNotes"), get(credits::credit_notes))
        .route(&path("CreditNotes/{id}"), get(credits::credit_note))
        .route(&path("Prepayments"), get(credits::prepayments))
        .route(&path("Prepayments/{id}"), get(credits::prepayment))
        .route(&path("Overpayments"), get(credits::overpayments))
        .route(&path("Overpayments/{id}"), get(credits::overpayment))
        .route(&path("Payments"), get(credits::payments))
        .route(&path("Payments/{id}"), get(credits::payment))
}
