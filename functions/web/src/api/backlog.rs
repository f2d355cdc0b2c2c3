//! Old invoices: listed by age for the owner, who says how to start with each.

use axum::{Json, Router, extract::State, routing::get};
use jiff::civil::Date;
use numo_app::{
    backlog::{Chosen, OldInvoice, backlog, choose_start},
    error::AppError,
};
use numo_domain::{
    contact::ContactRef,
    customer_file::Start,
    id::{ConnectionId, ExternalId},
};
use serde::{Deserialize, Serialize};

use crate::{
    auth::{Admin, Signed},
    failure::Failure,
    json_body::JsonBody,
    paging::Paged,
    state::AppState,
    view::money::MoneyView,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/backlog", get(list).post(choose))
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct OldInvoiceView {
    connection: ConnectionId,
    contact: ExternalId,
    invoice: ExternalId,
    number: String,
    due: Date,
    remaining: MoneyView,
    days_overdue: i32,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct BacklogView {
    invoices: Vec<OldInvoiceView>,
    /// Where the next part begins; none at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct DecidedView {
    /// How many invoices the choice is for.
    decided: usize,
}

/// A choice for all old invoices, or for some.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct ChoiceForm {
    start: Start,
    #[serde(default)]
    all: bool,
    #[serde(default)]
    invoices: Vec<InvoiceForm>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct InvoiceForm {
    connection: ConnectionId,
    contact: ExternalId,
    invoice: ExternalId,
}

/// Old invoices that nobody decided about.
#[cfg_attr(feature = "openapi", utoipa::path(get, path = "/backlog", params(crate::paging::PartQuery), responses((status = 200, body = BacklogView))))]
async fn list(
    Signed(session): Signed,
    paged: Paged,
    State(state): State<AppState>,
) -> Result<Json<BacklogView>, Failure> {
    let part = paged.part(&session.org)?;
    let old = backlog(state.store(), &session.org, state.now()).await?;
    let place =
        |old: &OldInvoice| format!("{}#{}#{}#{}", old.due, old.contact.connection, old.contact.contact, old.invoice);
    let shown = part.of(old, place).map(OldInvoiceView::from);
    Ok(Json(BacklogView { invoices: shown.values, next_cursor: paged.next(&session.org, "", shown.next) }))
}

/// How to start with old invoices.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        post, path = "/backlog",
        request_body = ChoiceForm,
        responses((status = 200, body = DecidedView)),
        security(("session" = ["admin"])),
    )
)]
async fn choose(
    Admin(session): Admin,
    State(state): State<AppState>,
    JsonBody(form): JsonBody<ChoiceForm>,
) -> Result<Json<DecidedView>, Failure> {
    let some = form.invoices.into_iter().map(|form| {
        let InvoiceForm { connection, contact, invoice } = form;
        (ContactRef { connection, contact }, invoice)
    });
    let chosen = match (form.all, some.collect::<Vec<_>>()) {
        (true, some) if some.is_empty() => Chosen::All,
        (false, some) if !some.is_empty() => Chosen::Some(some),
        (true | false, _) => {
            return Err(AppError::invalid("invoices", "name the invoices, or say all, but not both").into());
        }
    };
    let start = (form.start, &chosen);
    let decided = choose_start(state.waker(), &session.org, &session.user, start, state.now()).await?;
    Ok(Json(DecidedView { decided }))
}

impl From<OldInvoice> for OldInvoiceView {
    fn from(old: OldInvoice) -> Self {
        Self {
            connection: old.contact.connection,
            contact: old.contact.contact,
            invoice: old.invoice,
            number: old.number,
            due: old.due,
            remaining: old.remaining.into(),
            days_overdue: old.days_overdue,
        }
    }
}
