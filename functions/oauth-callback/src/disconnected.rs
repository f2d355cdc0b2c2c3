//! What a provider's "disconnect" page leads to: the link is looked at, and the owner told how to go on.

use numo_app::{
    error::AppError,
    ledger_news::{LedgerNews, take_news},
};
use numo_domain::connection::LedgerProvider;
use numo_runtime::{
    http::{
        gateway::{Request, Response},
        request,
    },
    telemetry::chain,
};

use crate::{
    OauthPorts,
    page::{self, Page},
};

/// Has the ledger asked whether the link ended; the page is the same whatever is known of it.
///
/// Intuit: Disconnect URL. Nobody signed `realmId` and nobody is signed in, so a visit counts as news of
/// the ledger, no more: its next sync comes sooner, and finds out.
pub(crate) async fn look(ports: &OauthPorts, provider: LedgerProvider, request: &Request) -> Response {
    if let Err(error) = mark(ports, provider, request).await {
        tracing::error!(class = error.class(), error = chain(&error), "the link could not be marked to be looked at");
    }
    page::answer(provider, Page::Disconnected)
}

async fn mark(ports: &OauthPorts, provider: LedgerProvider, request: &Request) -> Result<(), AppError> {
    let realm = request::query(request, "realmId").and_then(|realm| realm.parse().ok());
    let Some(tenant) = realm else { return Ok(()) };
    let news = LedgerNews { provider, tenants: [tenant].into(), n_ignored: 0 };
    take_news(&ports.connect.waker.store, &news, ports.clock.now()).await.map(drop)
}
