//! Forgetting a customer for good: what goes, what is kept, and the admin's word for it.

use axum::{Json, Router, extract::State, routing::get};
use jiff::Timestamp;
use numo_app::erase_customer::ask_for_erasure;
use numo_domain::{
    contact::ContactRef,
    id::{ConnectionId, ExternalId},
};
use serde::{Deserialize, Serialize};

use crate::{
    auth::{PresentAdmin, Signed},
    failure::Failure,
    json_body::JsonBody,
    path_of::PathOf,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/customers/{connection}/{contact}/erasure", get(show).post(erase))
}

/// What is deleted, in words for whoever asks for it.
pub(crate) const DELETES: [&str; 4] = [
    "name, number, groups, invoices, credits, bills and payments, with pay links and PDFs",
    "what the customer wrote, and the words of every reminder and answer",
    "promises, disputes, exclusions, notes and tasks",
    "the customer's own answers about being written to, apart from the number's opt-out",
];

/// What is kept all the same, for how long and why.
pub(crate) const KEEPS: [&str; 7] = [
    "a keyed hash of the ledger's id of the customer, so that no sync brings them back",
    "a keyed hash of the number, opted out, so that nothing is ever sent to it",
    "that messages were sent, on which day and at what cost; after seven days nothing in it tells to whom",
    "the ledger's id of the customer in plans for 13 months, in the activity log for 24, in records of syncs for 90 days",
    "for 24 hours, sealed so that whoever asked alone can read them, answers to requests with an Idempotency-Key",
    "backups of the last 30 days, and for 35 days the order to erase the customer from them again, and about which invoices and over how much a reminder by hand was, without its words",
    "everything in the accounting system itself: it is not ours to change",
];

/// What erasing a customer means, and since when it holds.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct ErasureView {
    connection: ConnectionId,
    contact: ExternalId,
    /// Since when nothing is sent and nothing comes back; nothing while nobody asked for it.
    erased_at: Option<Timestamp>,
    deletes: Vec<&'static str>,
    keeps: Vec<&'static str>,
}

impl ErasureView {
    fn new(at: ContactRef, erased_at: Option<Timestamp>) -> Json<Self> {
        let ContactRef { connection, contact } = at;
        Json(Self { connection, contact, erased_at, deletes: DELETES.to_vec(), keeps: KEEPS.to_vec() })
    }
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct ErasureForm {
    /// The customer's name as it is shown, or the ledger's id.
    confirm: String,
}

/// What erasing a customer deletes and keeps, and since when it holds.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        get, path = "/customers/{connection}/{contact}/erasure",
        params(("connection" = ConnectionId, Path), ("contact" = ExternalId, Path)),
        responses((status = 200, body = ErasureView)),
    )
)]
async fn show(
    Signed(session): Signed,
    State(state): State<AppState>,
    PathOf((connection, contact)): PathOf<(ConnectionId, ExternalId)>,
) -> Result<Json<ErasureView>, Failure> {
    let (contact, org) = (ContactRef { connection, contact }, &session.org);
    let customer = state.number_keys().customer(org, &contact)?;
    let erased = state.store().erased_customer(org, &customer).await?;
    if erased.is_none() && state.store().contacts_by_ref(org, std::slice::from_ref(&contact)).await?.is_empty() {
        return Err(Failure::not_found("customer"));
    }
    Ok(ErasureView::new(contact, erased.map(|erased| erased.erased_at)))
}

/// Erases a customer for good: nothing is sent from now on, and nothing comes back.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        post, path = "/customers/{connection}/{contact}/erasure",
        params(("connection" = ConnectionId, Path), ("contact" = ExternalId, Path)),
        request_body = ErasureForm,
        responses((status = 200, body = ErasureView)),
        security(("session" = ["admin"])),
    )
)]
async fn erase(
    PresentAdmin(session): PresentAdmin,
    State(state): State<AppState>,
    PathOf((connection, contact)): PathOf<(ConnectionId, ExternalId)>,
    JsonBody(form): JsonBody<ErasureForm>,
) -> Result<Json<ErasureView>, Failure> {
    let (contact, now) = (ContactRef { connection, contact }, state.now());
    let ports = (state.waker(), state.number_keys());
    let erased = ask_for_erasure(ports, (&session.org, &session.user), &contact, &form.confirm, now).await?;
    Ok(ErasureView::new(contact, Some(erased.erased_at)))
}
