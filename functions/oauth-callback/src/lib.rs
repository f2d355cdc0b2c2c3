#![doc = include_str!("../README.md")]

pub mod callback;
pub mod config;
pub mod page;
pub mod start;

mod binding;

#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc};

use http::Method;
use lambda_http::{Body, Request, Response};
use numo_app::{
    connect_ledger::ConnectPorts,
    port::{clock::Clock, session::Sessions},
};
use numo_runtime::{config::PublicUrl, http::request};

use crate::page::Page;

/// What the two calls need.
#[derive(Clone)]
pub struct OauthPorts {
    /// Consent, tokens, table and queue.
    pub connect: ConnectPorts,
    /// Who is signed in.
    pub sessions: Arc<dyn Sessions>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Where browsers reach us.
    pub public_url: PublicUrl,
}

impl fmt::Debug for OauthPorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OauthPorts")
    }
}

impl OauthPorts {
    /// Where Xero sends the browser back to, as it is registered there.
    fn redirect_uri(&self) -> String {
        format!("{}/oauth/xero/callback", self.public_url)
    }
}

/// Answers one call of a browser.
pub async fn route(ports: &OauthPorts, request: &Request) -> Response<Body> {
    match (request.method(), request::path(request)) {
        (&Method::GET, "/oauth/xero/start") => start::start(ports, request).await,
        (&Method::GET, "/oauth/xero/callback") => callback::callback(ports, request).await,
        _ => page::answer(Page::NotFound),
    }
}
