pub(crate) mod state;

mod access;
mod accounting;
mod authorize;
mod connections;
mod contacts;
pub(crate) mod control;
pub(crate) mod data;
pub(crate) mod dates;
pub(crate) mod errors;
mod filter;
mod invoices;
mod listing;
pub(crate) mod money;
mod token;

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
        .route(&format!("{API}/api.xro/2.0/Organisation"), get(accounting::organisation))
        .route(&format!("{API}/api.xro/2.0/Contacts"), get(contacts::list))
        .route(&format!("{API}/api.xro/2.0/Contacts/{{id}}"), get(contacts::one))
        .route(&format!("{API}/api.xro/2.0/Invoices"), get(invoices::list))
        .route(&format!("{API}/api.xro/2.0/Invoices/{{id}}"), get(invoices::one))
        .merge(control::routes())
}
