//! What is connected, how it does, and the ways to connect something: ledgers, WhatsApp, the consent statement.

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::IntoResponse as _,
    routing::{get, post},
};
use numo_app::{configure::attest_consent, read_ledger_now::read_ledger_now};
use numo_domain::{
    id::ConnectionId,
    organisation::{ATTESTATION_TEXT, ATTESTATION_VERSION},
    sender::Sender,
};

use crate::{
    console::{
        Loads, Shown, frame::Frame, ledgers::LedgersText, notice::Notice, render, sent::Sent, time::LocalTime,
        viewer::Viewer, words::sender_status,
    },
    path_of::PathOf,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/connections", get(show))
        .route("/connections/attestation", post(confirm))
        .route("/connections/{connection}/read", post(read))
}

#[derive(Template)]
#[template(path = "connections.html")]
struct ConnectionsPage {
    frame: Frame,
    ledgers: LedgersText,
    senders: Vec<SenderText>,
    /// Where WhatsApp is connected; none where the sign-up is not set up.
    signup_url: Option<String>,
    attested_at: Option<LocalTime>,
    explicit_opt_in_only: bool,
    attestation_text: &'static str,
    attestation_version: u16,
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
    let organisation = &viewer.organisation;
    let page = ConnectionsPage {
        frame,
        ledgers,
        senders: state.store().senders(org).await?.into_iter().map(SenderText::from).collect(),
        signup_url: state.site.meta_signup.as_ref().map(|_| format!("{}/connect/whatsapp", state.site.base())),
        attested_at: organisation.attestation.as_ref().map(|given| viewer.clock.show(given.at)),
        explicit_opt_in_only: organisation.explicit_opt_in_only,
        attestation_text: ATTESTATION_TEXT,
        attestation_version: ATTESTATION_VERSION,
    };
    viewer.page(&state, &page)
}

/// Has a ledger read now.
async fn read(State(state): State<AppState>, PathOf(connection): PathOf<ConnectionId>, sent: Sent) -> Shown {
    sent.viewer.must_be_admin()?;
    read_ledger_now(state.waker(), &sent.viewer.session.org, connection, state.now()).await?;
    Ok(sent.done("/connections", Notice::Reading).into_response())
}

/// Confirms that customers may be written to.
async fn confirm(State(state): State<AppState>, sent: Sent) -> Shown {
    sent.viewer.must_be_admin()?;
    let version = sent.fields.read("version", "open the page again")?;
    let by = sent.fields.optional("authorised_by").unwrap_or_default().to_owned();
    let session = &sent.viewer.session;
    attest_consent(state.waker(), &session.org, &session.user, version, by, state.now()).await?;
    Ok(sent.done("/connections", Notice::Saved).into_response())
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
