//! Another number for a customer than the ledger's, one at a time or as a file.

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    routing::{get, post},
};
use numo_app::{
    import_numbers::{NumberRow, import_numbers},
    port::session::Session,
    store::expected::Subject,
    type_number::type_number,
};
use numo_domain::{
    contact::{Contact, ContactRef},
    id::{ConnectionId, ExternalId},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    auth::{Admin, Signed},
    etag::{IfMatch, Tagged},
    failure::Failure,
    import_report::ImportView,
    import_rows::{self, ImportRows},
    json_body::JsonBody,
    path_of::PathOf,
    state::AppState,
    view::number::RecipientNumberView,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/customers/{connection}/{contact}/number", get(show).put(correct).delete(take_back))
        .route("/customers/numbers", post(import).layer(DefaultBodyLimit::max(MAX_BODY_BYTES)))
}

/// Longest body that is read: the rows of an import with a kilobyte for each.
pub(crate) const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The number of one customer.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct CustomerNumberView {
    connection: ConnectionId,
    contact: ExternalId,
    #[serde(flatten)]
    number: RecipientNumberView,
}

#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct NumberForm {
    /// With its country's code, or as it is written in the organisation's country.
    number: String,
}

/// Rows are read one by one, so that one that is wrong does not stop the others.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct NumbersForm {
    numbers: Vec<Value>,
}

#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, expecting = "a row with connection, contact and number")]
struct NumberRowForm {
    connection: ConnectionId,
    contact: ExternalId,
    /// Empty where the ledger's number is to count.
    number: String,
}

impl import_rows::ImportForm for NumbersForm {
    type Row = NumberRowForm;

    const COLUMNS: &'static [&'static str] = &["connection", "contact", "number"];

    fn into_rows(self) -> Vec<Value> {
        self.numbers
    }
}

/// The number of a customer, and where it comes from.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        get, path = "/customers/{connection}/{contact}/number",
        params(("connection" = ConnectionId, Path), ("contact" = ExternalId, Path)),
        responses((status = 200, body = CustomerNumberView)),
    )
)]
async fn show(
    Signed(session): Signed,
    State(state): State<AppState>,
    PathOf((connection, contact)): PathOf<(ConnectionId, ExternalId)>,
) -> Result<Tagged<CustomerNumberView>, Failure> {
    let known = state.store().contact(&session.org, &ContactRef { connection, contact }).await?;
    let known = known.ok_or_else(|| Failure::not_found("customer"))?;
    Ok(Tagged::new(known.rev, CustomerNumberView::new(known.value)))
}

/// Takes another number than the ledger's, until the ledger says something else.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        put, path = "/customers/{connection}/{contact}/number",
        params(("connection" = ConnectionId, Path), ("contact" = ExternalId, Path)),
        request_body = NumberForm,
        responses((status = 200, body = CustomerNumberView)),
        security(("session" = ["admin"])),
    )
)]
async fn correct(
    Admin(session): Admin,
    State(state): State<AppState>,
    PathOf((connection, contact)): PathOf<(ConnectionId, ExternalId)>,
    if_match: IfMatch,
    JsonBody(form): JsonBody<NumberForm>,
) -> Result<Tagged<CustomerNumberView>, Failure> {
    change(session, state, ContactRef { connection, contact }, if_match, Some(&form.number)).await
}

/// Lets the ledger's number count again.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        delete, path = "/customers/{connection}/{contact}/number",
        params(("connection" = ConnectionId, Path), ("contact" = ExternalId, Path)),
        responses((status = 200, body = CustomerNumberView)),
        security(("session" = ["admin"])),
    )
)]
async fn take_back(
    Admin(session): Admin,
    State(state): State<AppState>,
    PathOf((connection, contact)): PathOf<(ConnectionId, ExternalId)>,
    if_match: IfMatch,
) -> Result<Tagged<CustomerNumberView>, Failure> {
    change(session, state, ContactRef { connection, contact }, if_match, None).await
}

async fn change(
    session: Session,
    state: AppState,
    customer: ContactRef,
    if_match: IfMatch,
    number: Option<&str>,
) -> Result<Tagged<CustomerNumberView>, Failure> {
    let waker = if_match.waker(&state, &session.org, Subject::Contact(&customer));
    let (ports, who, now) = ((&waker, state.number_keys()), (&session.org, &session.user), state.now());
    type_number(ports, who, &customer, number, now).await?;
    let ContactRef { connection, contact } = customer;
    show(Signed(session), State(state), PathOf((connection, contact))).await
}

/// Imports numbers, each row for itself: JSON, or `customers.csv` as it was exported, with other numbers in it.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        post, path = "/customers/numbers",
        request_body(content((NumbersForm = "application/json"), (String = "text/csv"))),
        responses((status = 200, body = ImportView)),
        security(("session" = ["admin"])),
    )
)]
async fn import(
    Admin(session): Admin,
    State(state): State<AppState>,
    ImportRows(rows): ImportRows<NumbersForm>,
) -> Result<Json<ImportView>, Failure> {
    let rows = rows.into_iter().map(|row| row.map(NumberRow::from)).collect();
    let ports = (state.waker(), state.number_keys());
    let outcomes = import_numbers(ports, (&session.org, &session.user), rows, state.now()).await?;
    Ok(Json(ImportView::new(outcomes)))
}

impl CustomerNumberView {
    fn new(contact: Contact) -> Self {
        let number = RecipientNumberView::new(&contact);
        let ContactRef { connection, contact } = contact.at;
        Self { connection, contact, number }
    }
}

impl From<NumberRowForm> for NumberRow {
    fn from(NumberRowForm { connection, contact, number }: NumberRowForm) -> Self {
        Self { customer: ContactRef { connection, contact }, number }
    }
}
