//! Customers as a file, with their whole numbers: to be looked through, and to be imported again.

use axum::{Router, extract::State, routing::get};
use numo_app::read_customers::{CustomerLine, read_customers};
use numo_domain::contact::{ContactNumber, ContactStatus};

use crate::{
    auth::Admin,
    csv_file::{CsvFile, as_text},
    failure::Failure,
    paging::Paged,
    state::AppState,
    view::number::{problem, source},
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/customers.csv", get(file))
}

/// Customers of one file at most: with the longest names it stays below the 6 MB that an answer may have, and
/// it is imported again as a whole.
const MOST_CUSTOMERS: usize = numo_app::import_numbers::MAX_ROWS;

const HEADS: [&str; 9] = [
    "connection",
    "contact",
    "name",
    "status",
    "number",
    "number_source",
    "number_typed_by",
    "number_problem",
    "consent",
];

/// A part of the customers as a file; the header `Link` leads to the next one.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        get, path = "/customers.csv",
        params(("cursor" = Option<String>, Query, description = "as the header `Link` of the file before has it")),
        responses((status = 200, body = String, content_type = "text/csv",
            headers(("link" = String, description = "with `rel=\"next\"` where more follows")))),
        security(("session" = ["admin"])),
    )
)]
async fn file(Admin(session): Admin, paged: Paged, State(state): State<AppState>) -> Result<CsvFile, Failure> {
    let (org, part) = (&session.org, paged.part_of_file(&session.org, MOST_CUSTOMERS)?);
    let ids = state.waker().ids.as_ref();
    let lines = read_customers(state.store(), ids, (org, &session.user), &part, state.now()).await?;
    let file = CsvFile::new("numo-customers.csv", HEADS, lines.values.iter().map(cells))?;
    let next = paged.next(org, "", lines.next);
    Ok(file.followed_by(next.map(|cursor| format!("/v1/customers.csv?cursor={cursor}"))))
}

/// A number is `+` and digits, which no program takes for more than a number; one that could not be read is as it was
/// typed.
fn cells(CustomerLine { contact, answer }: &CustomerLine) -> [String; 9] {
    let typed = contact.typed.as_ref();
    let number = match &contact.number {
        ContactNumber::Usable { number, .. } => number.as_e164().to_owned(),
        ContactNumber::Unusable { .. } | ContactNumber::Missing | ContactNumber::Unread => {
            typed.map_or_else(String::new, |typed| as_text(typed.text.as_str()))
        }
    };
    let status = match contact.status {
        ContactStatus::Active => "active",
        ContactStatus::Archived => "archived",
        ContactStatus::GdprRequest => "gdpr_request",
    };
    [
        contact.at.connection.to_string(),
        as_text(contact.at.contact.as_str()),
        as_text(&contact.name),
        status.to_owned(),
        number,
        source(contact).to_owned(),
        typed.map_or_else(String::new, |typed| typed.by.to_string()),
        problem(&contact.number).unwrap_or_default(),
        answer.as_str().to_owned(),
    ]
}
