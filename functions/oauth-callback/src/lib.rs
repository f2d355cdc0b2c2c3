#![doc = include_str!("../README.md")]

pub mod callback;
pub mod choose;
pub mod config;
pub mod disconnected;
pub mod page;
pub mod start;

mod binding;
mod ending;

#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc};

use http::{Method, StatusCode};
use numo_app::{
    connect_ledger::ConnectPorts,
    port::{clock::Clock, session::Sessions},
};
use numo_domain::connection::LedgerProvider;
use numo_runtime::{
    config::PublicUrl,
    http::{
        gateway::{Request, Response},
        request, response,
    },
};

/// What the calls need.
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
    /// Where a provider sends the browser back to, as it is registered there.
    fn redirect_uri(&self, provider: LedgerProvider) -> String {
        format!("{}/oauth/{}/callback", self.public_url, provider.as_str())
    }
}

/// Answers one call of a browser.
pub async fn route(ports: &OauthPorts, request: &Request) -> Response {
    let Some((provider, step)) = step(request::path(request)) else { return page::not_found() };
    match (request.method(), step) {
        (&Method::GET, "start" | "reconnect") => start::start(ports, provider, request).await,
        (&Method::GET, "callback") => callback::callback(ports, provider, request).await,
        (&Method::GET, "choose") => choose::show(ports, provider, request).await,
        (&Method::POST, "choose") => choose::choose(ports, provider, request).await,
        // The console signs in whoever is not; a visit from an app store begins no consent by itself.
        (&Method::GET, "launch") => response::redirect(StatusCode::FOUND, "/"),
        (&Method::GET, "disconnect") => disconnected::look(ports, provider, request).await,
        _ => page::not_found(),
    }
}

/// The provider and the step of a consent that an address names.
fn step(path: &str) -> Option<(LedgerProvider, &str)> {
    let (provider, step) = path.strip_prefix("/oauth/")?.split_once('/')?;
    Some((LedgerProvider::named(provider)?, step))
}
