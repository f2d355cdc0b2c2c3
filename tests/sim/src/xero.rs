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
use crate::xero::accounting::{many, single};

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
        .route(&path("Contacts"), many(&contacts::CONTACTS))
        .route(&path("Contacts/{id}"), single(&contacts::CONTACTS))
        .route(&path("Invoices"), many(&invoices::INVOICES))
        .route(&path("Invoices/{id}"), get(invoices::one))
        .route(&path("Invoices/{id}/OnlineInvoice"), get(online::link))
        .route(&path("CreditNotes"), many(&credits::CREDIT_NOTES))
        .route(&path("CreditNotes/{id}"), single(&credits::CREDIT_NOTES))
        .route(&path("Prepayments"), many(&credits::PREPAYMENTS))
        .route(&path("Prepayments/{id}"), single(&credits::PREPAYMENTS))
        .route(&path("Overpayments"), many(&credits::OVERPAYMENTS))
        .route(&path("Overpayments/{id}"), single(&credits::OVERPAYMENTS))
        .route(&path("Payments"), many(&credits::PAYMENTS))
        .route(&path("Payments/{id}"), single(&credits::PAYMENTS))
}
