//! Customers of the connected ledgers.

use axum::{
    Json, Router,
    extract::State,
    routing::{get, post},
};
use numo_app::configure;
use numo_domain::{
    consent::ConsentState,
    contact::{Contact, ContactNumber, ContactRef, ContactStatus},
    id::{ConnectionId, ExternalId},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    auth::{Admin, Signed},
    failure::Failure,
    json_body::JsonBody,
    path_of::PathOf,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/customers", get(list))
        .route("/customers/{connection}/{contact}/consent", post(record_consent))
}

#[derive(Debug, Serialize)]
struct CustomerView {
    connection: ConnectionId,
    contact: ExternalId,
    name: String,
    status: ContactStatus,
    number: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    number_masked: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    number_problem: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConsentForm {
    state: ConsentState,
    reason: String,
}

async fn list(Signed(session): Signed, State(state): State<AppState>) -> Result<Json<Value>, Failure> {
    let contacts = state.store().contacts(&session.org).await?;
    let customers: Vec<CustomerView> = contacts.into_iter().map(CustomerView::from).collect();
    Ok(Json(json!({"customers": customers})))
}

async fn record_consent(
    Admin(session): Admin,
    State(state): State<AppState>,
    PathOf((connection, contact)): PathOf<(ConnectionId, ExternalId)>,
    JsonBody(form): JsonBody<ConsentForm>,
) -> Result<Json<Value>, Failure> {
    let contact = ContactRef { connection, contact };
    let (waker, now) = (state.waker(), state.now());
    configure::record_consent(waker, &session.org, &session.user, &contact, form.state, &form.reason, now).await?;
    Ok(Json(json!({"connection": contact.connection, "contact": contact.contact, "state": form.state})))
}

impl From<Contact> for CustomerView {
    fn from(contact: Contact) -> Self {
        let (number, number_masked, number_problem) = match &contact.number {
            ContactNumber::Usable { number, .. } => ("usable", Some(number.masked()), None),
            ContactNumber::Unusable { why } => ("unusable", None, Some(why.to_string())),
            ContactNumber::Missing => ("missing", None, None),
        };
        Self {
            connection: contact.at.connection,
            contact: contact.at.contact,
            name: contact.name,
            status: contact.status,
            number,
            number_masked,
            number_problem,
        }
    }
}
