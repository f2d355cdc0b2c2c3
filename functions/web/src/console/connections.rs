//! What is connected, how it does, and the ways to connect something: ledgers and WhatsApp.

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::IntoResponse as _,
    routing::{get, post},
};
use numo_app::read_ledger_now::read_ledger_now;
use numo_domain::{id::ConnectionId, sender::Sender};

use crate::{
    console::{
        Loads, Shown, frame::Frame, ledgers::LedgersText, notice::Notice, render, sent::Sent, viewer::Viewer,
        words::sender_status,
    },
    path_of::PathOf,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/connections", get(show)).route("/connections/{connection}/read", post(read))
}

#[derive(Template)]
#[template(path = "connections.html")]
struct ConnectionsPage {
    frame: Frame,
    ledgers: LedgersText,
    senders: Vec<SenderText>,
    /// Where WhatsApp is connected; none where the sign-up is not set up.
    signup_url: Option<String>,
}

/// The ledgers alone: what htmx asks for again while one is being read.
#[derive(Template)]
#[template(path = "ledgers.html")]
struct LedgersPart {
    frame: Frame,
    ledgers: LedgersText,
}

struct SenderText {
    name: String,
    number: String,
    status: &'static str,
}

async fn show(viewer: Viewer, State(state): State<AppState>, headers: HeaderMap) -> Shown {
    let org = &viewer.session.org;
    let (frame, ledgers) = (viewer.frame(&state, "Connections"), LedgersText::load(&state, org, &viewer.clock).await?);
    if headers.contains_key("hx-request") {
        let part = LedgersPart { frame, ledgers };
        return Ok(render(StatusCode::OK, &part, &viewer.nonce, Loads::Clerk(&state.site))?);
    }
    let page = ConnectionsPage {
        frame,
        ledgers,
        senders: state.store().senders(org).await?.into_iter().map(SenderText::from).collect(),
        signup_url: state.site.meta_signup.as_ref().map(|_| format!("{}/connect/whatsapp", state.site.base())),
    };
    viewer.page(&state, &page)
}

/// Has a ledger read now.
async fn read(State(state): State<AppState>, PathOf(connection): PathOf<ConnectionId>, sent: Sent) -> Shown {
    sent.viewer.must_be_admin()?;
    read_ledger_now(state.waker(), &sent.viewer.session.org, connection, state.now()).await?;
    Ok(sent.done("/connections", Notice::Reading).into_response())
}

impl From<Sender> for SenderText {
    fn from(sender: Sender) -> Self {
        Self {
            name: sender.verified_name,
            number: sender.number.as_e164().to_owned(),
            status: sender_status(sender.status),
        }
    }
}
