//! What a customer said about being written to, and what an admin records of it.

use axum::{Json, Router, extract::State, routing::get};
use jiff::{Timestamp, civil::Date};
use numo_app::{configure, store::expected::Subject};
use numo_domain::{
    consent::{Consent, ConsentChange, ConsentSource, ConsentState},
    contact::ContactRef,
    id::{ConnectionId, ExternalId, MessageId, UserId},
};
use serde::{Deserialize, Serialize};

use crate::{
    auth::{Admin, Signed},
    etag::{IfMatch, Tagged},
    failure::Failure,
    json_body::JsonBody,
    path_of::PathOf,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/customers/{connection}/{contact}/consent", get(show).post(record))
}

/// What was said by a customer, and by whoever has the customer's number.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct CustomerConsentView {
    connection: ConnectionId,
    contact: ExternalId,
    /// Whether nothing goes out: either of the two is enough.
    is_opted_out: bool,
    /// Of the number that the customer has now; nothing was said for it, or there is none.
    of_number: Option<ConsentView>,
    /// Of the customer, whatever the number.
    of_contact: Option<ConsentView>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct ConsentView {
    state: ConsentState,
    /// When it was said, by the message's own time.
    changed_at: Timestamp,
    /// Every change that is kept, oldest first.
    history: Vec<ChangeView>,
}

/// A change, with its proof.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ConsentChange))]
struct ChangeView {
    state: ConsentState,
    at: Timestamp,
    /// `text`, `button`, `admin` or `import`.
    source: &'static str,
    /// Meta's id of the message that said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<MessageId>,
    /// The member who recorded or imported it.
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded_by: Option<UserId>,
    /// An admin's reason, or where an imported one was given.
    #[serde(skip_serializing_if = "String::is_empty")]
    note: String,
    /// The day on which an imported one was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    given_on: Option<Date>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct ConsentForm {
    state: ConsentState,
    reason: String,
}

/// What was recorded.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct RecordedView {
    connection: ConnectionId,
    contact: ExternalId,
    state: ConsentState,
}

/// What a customer said about being written to.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        get, path = "/customers/{connection}/{contact}/consent",
        params(("connection" = ConnectionId, Path), ("contact" = ExternalId, Path)),
        responses((status = 200, body = CustomerConsentView)),
    )
)]
async fn show(
    Signed(session): Signed,
    State(state): State<AppState>,
    PathOf((connection, contact)): PathOf<(ConnectionId, ExternalId)>,
) -> Result<Tagged<CustomerConsentView>, Failure> {
    let contact = ContactRef { connection, contact };
    let (store, org) = (state.store(), &session.org);
    let Some(known) = store.contacts_by_ref(org, std::slice::from_ref(&contact)).await?.pop() else {
        return Err(Failure::not_found("customer"));
    };
    let said = store.said_about_writing(org, (known.value.number.key(), &contact)).await?;
    let view = CustomerConsentView {
        connection: contact.connection,
        contact: contact.contact,
        is_opted_out: said.is_opted_out(),
        of_number: said.of_number().cloned().map(ConsentView::from),
        of_contact: said.of_contact().cloned().map(ConsentView::from),
    };
    Ok(Tagged::new(said.revision(), view))
}

/// Records what a customer said about being written to; an opt-in of one who opted out needs `If-Match`.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        post, path = "/customers/{connection}/{contact}/consent",
        params(("connection" = ConnectionId, Path), ("contact" = ExternalId, Path)),
        request_body = ConsentForm,
        responses((status = 200, body = RecordedView)),
        security(("session" = ["admin"])),
    )
)]
async fn record(
    Admin(session): Admin,
    State(state): State<AppState>,
    PathOf((connection, contact)): PathOf<(ConnectionId, ExternalId)>,
    if_match: IfMatch,
    JsonBody(form): JsonBody<ConsentForm>,
) -> Result<Json<RecordedView>, Failure> {
    let contact = ContactRef { connection, contact };
    let (waker, now) = (if_match.waker(&state, &session.org, Subject::Consent(&contact)), state.now());
    configure::record_consent(&waker, &session.org, &session.user, &contact, form.state, &form.reason, now).await?;
    Ok(Json(RecordedView { connection: contact.connection, contact: contact.contact, state: form.state }))
}

impl From<Consent> for ConsentView {
    fn from(consent: Consent) -> Self {
        let Consent { state, changed_at, history } = consent;
        Self { state, changed_at, history: history.into_iter().map(ChangeView::from).collect() }
    }
}

impl From<ConsentChange> for ChangeView {
    fn from(change: ConsentChange) -> Self {
        let ConsentChange { state, at, by, note, message, recorded_by } = change;
        let (source, given_on) = match by {
            ConsentSource::Message => ("text", None),
            ConsentSource::Button => ("button", None),
            ConsentSource::Admin => ("admin", None),
            ConsentSource::Import { given_on } => ("import", Some(given_on)),
        };
        Self { state, at, source, message, recorded_by, note, given_on }
    }
}
