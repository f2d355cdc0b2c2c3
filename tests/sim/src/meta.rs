pub(crate) mod control;
pub(crate) mod courier;
pub(crate) mod errors;
pub(crate) mod state;

mod accounts;
mod content;
mod inbound;
mod messages;
mod placeholders;
mod template_rules;
mod templates;
mod webhook;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/meta/{version}/debug_token", get(accounts::debug_token))
        .route("/meta/{version}/{id}", get(accounts::object))
        .route("/meta/{version}/{id}/phone_numbers", get(accounts::phone_numbers))
        .route("/meta/{version}/{id}/register", post(accounts::register))
        .route(
            "/meta/{version}/{id}/subscribed_apps",
            get(accounts::subscribed).post(accounts::subscribe).delete(accounts::unsubscribe),
        )
        .route("/meta/{version}/{id}/message_templates", get(templates::list).post(templates::create))
        .route("/meta/{version}/{id}/messages", post(messages::send))
        .merge(control::routes())
}
