//! What is connected, how it does, and the ways to connect something: ledgers and WhatsApp.

mod accounts;
mod ending;
mod ledger;
mod ledgers;
mod links;

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::get,
};

use self::{accounts::AccountText, ledgers::LedgersText, links::LinksText};
use crate::{
    console::{Loads, Shown, awaited::is_part, frame::Frame, render, viewer::Viewer},
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/connections", get(show))
        .merge(ledger::routes())
        .merge(links::routes())
        .merge(ending::routes())
}

#[derive(Template)]
#[template(path = "connections.html")]
struct ConnectionsPage {
    frame: Frame,
    ledgers: LedgersText,
    accounts: Vec<AccountText>,
    /// Where WhatsApp is connected, and links for clients; none where the sign-up is not set up.
    signup: Option<LinksText>,
}

/// The ledgers alone: what htmx asks for again while one is being read.
#[derive(Template)]
#[template(path = "ledgers.html")]
struct LedgersPart {
    frame: Frame,
    ledgers: LedgersText,
}

async fn show(viewer: Viewer, State(state): State<AppState>, headers: HeaderMap) -> Shown {
    let org = &viewer.session.org;
    let (frame, ledgers) = (viewer.frame(&state, "Connections"), LedgersText::load(&state, org, &viewer.clock).await?);
    if is_part(&headers) {
        let part = LedgersPart { frame, ledgers };
        return Ok(render(StatusCode::OK, &part, &viewer.nonce, Loads::Clerk(&state.site))?);
    }
    let signup = match &state.site.meta_signup {
        Some(_) => Some(LinksText::load(&state, &viewer).await?),
        None => None,
    };
    let page = ConnectionsPage { frame, ledgers, accounts: AccountText::all(&state, &viewer).await?, signup };
    viewer.page(&state, &page)
}
