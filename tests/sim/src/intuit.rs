pub(crate) mod state;

mod access;
mod amounts;
mod authorize;
mod batch;
mod cdc;
mod company;
mod control;
pub(crate) mod courier;
mod data;
mod discovery;
pub(crate) mod edge;
mod entity;
pub(crate) mod errors;
mod instants;
mod ledger;
mod meter;
mod query;
mod reads;
mod settings;
mod token;
mod tokens;
mod webhook;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

const APPCENTER: &str = "/intuit-appcenter";
const OAUTH: &str = "/intuit-oauth";
const DEVELOPER_API: &str = "/intuit-developer-api";
const DEVELOPER: &str = "/intuit-developer";
const API: &str = "/quickbooks-api/v3/company";

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(&format!("{APPCENTER}/connect/oauth2"), get(authorize::show).post(authorize::choose))
        .route(&format!("{OAUTH}/oauth2/v1/tokens/bearer"), post(token::grant))
        .route(&format!("{OAUTH}/op/v1/jwks"), get(discovery::jwks))
        .route(&format!("{DEVELOPER_API}/v2/oauth2/tokens/revoke"), post(token::revoke))
        .route(&format!("{DEVELOPER}/.well-known/openid_configuration"), get(discovery::configuration))
        .route(&format!("{API}/{{realm}}/companyinfo/{{id}}"), get(reads::company_info))
        .route(&format!("{API}/{{realm}}/preferences"), get(reads::preferences))
        .route(&format!("{API}/{{realm}}/query"), get(query::by_parameter).post(query::by_body))
        .route(&format!("{API}/{{realm}}/cdc"), get(cdc::changes))
        .route(&format!("{API}/{{realm}}/batch"), post(batch::run))
        .route(&format!("{API}/{{realm}}/invoice/{{id}}"), get(reads::invoice))
        .route(&format!("{API}/{{realm}}/invoice/{{id}}/pdf"), get(reads::invoice_pdf))
        .route(&format!("{API}/{{realm}}/customer/{{id}}"), get(reads::customer))
        .route(&format!("{API}/{{realm}}/payment/{{id}}"), get(reads::payment))
        .merge(control::routes())
}
