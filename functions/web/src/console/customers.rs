//! Customers: whoever lacks a number first, by what is overdue; and the search for one.

use askama::Template;
use axum::{
    Router,
    extract::{RawQuery, State},
    routing::get,
};
use numo_app::debtors::{Debtor, customers_named, debtors};
use numo_domain::contact::ContactNumber;

use crate::{
    console::{Shown, address, frame::Frame, sent::Sent, viewer::Viewer},
    state::AppState,
};

/// Customers of one page; a search finds the others.
const SHOWN: usize = 200;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/customers", get(show).post(search))
}

#[derive(Template)]
#[template(path = "customers.html")]
struct CustomersPage {
    frame: Frame,
    /// What was searched for.
    wanted: String,
    only_without_number: bool,
    /// How many owe and cannot be reminded.
    without_number: usize,
    rows: Vec<CustomerRow>,
    /// How many more there are.
    more: usize,
}

struct CustomerRow {
    name: String,
    address: String,
    /// A masked number, or what is wrong with it.
    number: String,
    lacks_number: bool,
    owes: Vec<String>,
    overdue: Vec<String>,
    days_overdue: Option<i32>,
}

async fn show(viewer: Viewer, State(state): State<AppState>, RawQuery(query): RawQuery) -> Shown {
    let only_without_number = query.as_deref() == Some("number=none");
    page(&viewer, &state, "", only_without_number).await
}

/// A name is nothing for an address: it would stay in the browser's history.
async fn search(State(state): State<AppState>, sent: Sent) -> Shown {
    page(&sent.viewer, &state, sent.fields.optional("name").unwrap_or_default(), false).await
}

async fn page(viewer: &Viewer, state: &AppState, wanted: &str, only_without_number: bool) -> Shown {
    let (store, org) = (state.store(), &viewer.session.org);
    let owing = debtors(store, org, viewer.today).await?;
    let without_number = owing.iter().filter(|debtor| debtor.lacks_number()).count();
    let found = match wanted {
        "" => owing.into_iter().filter(|debtor| !only_without_number || debtor.lacks_number()).collect(),
        name => customers_named(store, org, (name, SHOWN), viewer.today).await?,
    };
    let more = found.len().saturating_sub(SHOWN);
    let page = CustomersPage {
        frame: viewer.frame(state, "Customers"),
        wanted: wanted.to_owned(),
        only_without_number,
        without_number,
        rows: found.into_iter().take(SHOWN).map(CustomerRow::from).collect(),
        more,
    };
    viewer.page(state, &page)
}

impl From<Debtor> for CustomerRow {
    fn from(debtor: Debtor) -> Self {
        let lacks_number = debtor.lacks_number();
        let overdue = debtor.owes.iter().map(|aged| aged.overdue()).filter(|amount| amount.is_positive());
        Self {
            address: address::customer(&debtor.contact.at),
            number: number_text(&debtor.contact.number),
            lacks_number,
            overdue: overdue.map(|amount| amount.to_string()).collect(),
            owes: debtor.owes.iter().map(|aged| aged.total().to_string()).collect(),
            days_overdue: debtor.days_overdue,
            name: debtor.contact.name,
        }
    }
}

/// A number, masked, or why there is none to write to.
pub(super) fn number_text(number: &ContactNumber) -> String {
    match number {
        ContactNumber::Usable { number, .. } => number.masked(),
        ContactNumber::Unusable { why } => format!("unusable: {why}"),
        ContactNumber::Missing => "no number in the ledger".to_owned(),
        ContactNumber::Unread => "a number was typed a moment ago".to_owned(),
    }
}
