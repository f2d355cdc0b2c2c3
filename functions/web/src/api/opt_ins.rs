//! Opt-ins that customers gave elsewhere.

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    routing::post,
};
use jiff::civil::Date;
use numo_app::import_opt_ins::{OptInRow, day_of, import_opt_ins};
use numo_domain::{
    contact::ContactRef,
    id::{ConnectionId, ExternalId},
};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    auth::Admin,
    failure::Failure,
    import_report::ImportView,
    import_rows::{self, ImportRows, MAX_BODY_BYTES},
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/consent/opt-ins", post(import).layer(DefaultBodyLimit::max(MAX_BODY_BYTES)))
}

/// Rows are read one by one, so that one that is wrong does not stop the others.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct ImportForm {
    opt_ins: Vec<Value>,
}

#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, expecting = "a row with connection, contact, number, source and given_on")]
struct OptInForm {
    connection: ConnectionId,
    contact: ExternalId,
    number: String,
    source: String,
    given_on: DayForm,
}

/// A day in the one spelling that nobody reads in two ways.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(try_from = "String")]
struct DayForm(Date);

impl import_rows::ImportForm for ImportForm {
    type Row = OptInForm;

    const COLUMNS: &'static [&'static str] = &["connection", "contact", "number", "source", "given_on"];

    fn into_rows(self) -> Vec<Value> {
        self.opt_ins
    }
}

/// Imports opt-ins that customers gave elsewhere, each row for itself: JSON, or a CSV whose first line names the columns.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        post, path = "/consent/opt-ins",
        request_body(content((ImportForm = "application/json"), (String = "text/csv"))),
        responses((status = 200, body = ImportView)),
        security(("session" = ["admin"])),
    )
)]
async fn import(
    Admin(session): Admin,
    State(state): State<AppState>,
    ImportRows(rows): ImportRows<ImportForm>,
) -> Result<Json<ImportView>, Failure> {
    let rows = rows.into_iter().map(|row| row.map(OptInRow::from)).collect();
    let outcomes = import_opt_ins(state.waker(), &session.org, &session.user, rows, state.now()).await?;
    Ok(Json(ImportView::new(outcomes)))
}

impl From<OptInForm> for OptInRow {
    fn from(form: OptInForm) -> Self {
        let OptInForm { connection, contact, number, source, given_on: DayForm(given_on) } = form;
        Self { customer: ContactRef { connection, contact }, number, source, given_on }
    }
}

impl TryFrom<String> for DayForm {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        day_of(&text).map(Self)
    }
}
