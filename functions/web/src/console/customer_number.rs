//! Another number for a customer than the ledger's, typed on a page.

use axum::{extract::State, response::IntoResponse as _};
use numo_app::type_number::type_number;
use numo_domain::{
    contact::ContactRef,
    id::{ConnectionId, ExternalId},
};

use crate::{
    console::{Shown, address, notice::Notice, sent::Sent},
    path_of::PathOf,
    state::AppState,
};

/// Takes a number, or with none what was typed before back.
pub(super) async fn change(
    State(state): State<AppState>,
    PathOf((connection, contact)): PathOf<(ConnectionId, ExternalId)>,
    sent: Sent,
) -> Shown {
    sent.viewer.must_be_admin()?;
    let customer = ContactRef { connection, contact };
    let (number, notice) = match sent.fields.optional("take_back") {
        Some(_) => (None, Notice::NumberTakenBack),
        None => (Some(sent.fields.text("number")?), Notice::NumberTyped),
    };
    let (ports, session) = ((state.waker(), state.number_keys()), &sent.viewer.session);
    type_number(ports, (&session.org, &session.user), &customer, number, state.now()).await?;
    Ok(sent.done(&address::customer(&customer), notice).into_response())
}
