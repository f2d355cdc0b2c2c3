//! Taking along what is known of a customer, and forgetting the customer for good.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::IntoResponse as _,
    routing::{get, post},
};
use numo_app::{erase_customer::ask_for_erasure, export::ask_for_export};
use numo_domain::{
    contact::ContactRef,
    id::{ConnectionId, ExportId, ExternalId},
};

use crate::{
    api::customer_erasure::{DELETES, KEEPS},
    console::{Shown, address, frame::Frame, notice::Notice, sent::Sent, viewer::Viewer},
    failure::Failure,
    path_of::PathOf,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/customers/{connection}/{contact}/export", post(export))
        .route("/customers/{connection}/{contact}/erasure", get(show).post(erase))
}

#[derive(Template)]
#[template(path = "customer_erase.html")]
struct ErasePage {
    frame: Frame,
    customer: String,
    name: String,
    deletes: [&'static str; DELETES.len()],
    keeps: [&'static str; KEEPS.len()],
}

/// Asks for an archive of one customer, which is fetched among the exports.
async fn export(
    State(state): State<AppState>,
    PathOf((connection, contact)): PathOf<(ConnectionId, ExternalId)>,
    sent: Sent,
) -> Shown {
    sent.viewer.must_be_admin()?;
    let (id, of) = (sent.fields.read::<ExportId>("id", "open the page again")?, ContactRef { connection, contact });
    let session = &sent.viewer.session;
    ask_for_export(state.waker(), (&session.org, &session.user), (id, Some(of)), state.now()).await?;
    Ok(sent.done("/settings/exports", Notice::ExportAsked).into_response())
}

async fn show(
    viewer: Viewer,
    State(state): State<AppState>,
    PathOf((connection, contact)): PathOf<(ConnectionId, ExternalId)>,
) -> Shown {
    let at = ContactRef { connection, contact };
    let known = state.store().contact(&viewer.session.org, &at).await?;
    let page = ErasePage {
        frame: viewer.frame(&state, "Erase a customer"),
        customer: address::customer(&at),
        name: known.ok_or_else(|| Failure::not_found("customer"))?.value.name,
        deletes: DELETES,
        keeps: KEEPS,
    };
    viewer.page(&state, &page)
}

async fn erase(
    State(state): State<AppState>,
    PathOf((connection, contact)): PathOf<(ConnectionId, ExternalId)>,
    sent: Sent,
) -> Shown {
    sent.viewer.must_be_present_admin(&state).await?;
    let (ports, session) = ((state.waker(), state.number_keys()), &sent.viewer.session);
    let contact = ContactRef { connection, contact };
    let confirmed = sent.fields.text("confirm")?;
    ask_for_erasure(ports, (&session.org, &session.user), &contact, confirmed, state.now()).await?;
    Ok(sent.done("/customers", Notice::Erased).into_response())
}
