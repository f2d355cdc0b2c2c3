pub(crate) mod control;
pub(crate) mod courier;
pub(crate) mod errors;
pub(crate) mod state;

pub(crate) mod limits;

mod accounts;
mod codes;
mod content;
mod description;
mod failures;
mod fate;
mod forgery;
mod inbound;
mod interactive;
mod library;
mod media;
mod messages;
mod pacing;
mod people;
mod placeholders;
mod pricing;
mod registration;
mod retries;
mod sdk;
mod sender;
mod signup;
mod template;
mod template_rules;
mod templates;
mod upkeep;
mod webhook;
mod window;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/meta/sdk.js", get(sdk::script))
        .route("/meta/dialog", get(window::dialog).post(window::end))
        .route("/meta/{version}/oauth/access_token", get(signup::access_token))
        .route("/meta/{version}/debug_token", get(signup::debug_token))
        .route("/meta/{version}/{id}/client_whatsapp_business_accounts", get(signup::client_accounts))
        .route("/meta/{version}/message_template_library", get(library::list))
        .route("/meta/{version}/{id}/message_template_library", get(library::list_below))
        .route("/meta/{version}/{id}", get(accounts::object).post(media::finish))
        .route("/meta/{version}/{id}/phone_numbers", get(accounts::phone_numbers))
        .route("/meta/{version}/{id}/register", post(registration::register))
        .route("/meta/{version}/{id}/deregister", post(registration::deregister))
        .route(
            "/meta/{version}/{id}/subscribed_apps",
            get(accounts::subscribed).post(accounts::subscribe).delete(accounts::unsubscribe),
        )
        .route("/meta/{version}/{id}/message_templates", get(templates::list).post(templates::create))
        .route("/meta/{version}/{id}/message_templates/archive", post(upkeep::archive))
        .route("/meta/{version}/{id}/message_templates/unarchive", post(upkeep::unarchive))
        .route("/meta/{version}/{id}/unpause", post(upkeep::unpause))
        .route("/meta/{version}/{id}/messages", post(messages::send))
        .route("/meta/{version}/{id}/media", post(media::upload))
        .route("/meta/{version}/{id}/uploads", post(media::begin))
        .merge(control::routes())
}
