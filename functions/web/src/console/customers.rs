//! Customers: whoever lacks a number first, by what is overdue; and the search for one.

use askama::Template;
use axum::{
    Router,
    extract::{RawQuery, State},
    response::{IntoResponse as _, Redirect},
    routing::get,
};
use jiff::civil::Date;
use numo_app::debtors::{Debtor, customers_named, debtors};
use numo_domain::contact::ContactNumber;
use url::form_urlencoded;

use crate::{
    console::{Shown, address, frame::Frame, sent::Sent, time::LocalTime, viewer::Viewer},
    state::AppState,
};

/// Customers that a search finds at most.
const FOUND: usize = 100;

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
    /// Which part of the list it is; none for a search.
    listed: Option<Listed>,
}

/// A part of the list of those who owe.
struct Listed {
    /// None before the first count.
    counted_at: Option<LocalTime>,
    page: usize,
    pages: usize,
    earlier: Option<String>,
    later: Option<String>,
    /// How many are on no page.
    unlisted: usize,
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
    let asked: Vec<(String, String)> =
        form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    let of = |name: &str| asked.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str());
    let only_without_number = of("number") == Some("none");
    let page = of("page").and_then(|page| page.parse().ok()).unwrap_or(1).max(1);
    let (store, org) = (state.store(), &viewer.session.org);
    let read = debtors(store, org, (page - 1, only_without_number)).await?;
    let pages = read.as_ref().map_or(0, |read| read.pages);
    let to = |page: usize| (1..=pages).contains(&page).then(|| address_of(page, only_without_number));
    let listed = Listed {
        counted_at: read.as_ref().map(|read| viewer.clock.show(read.counted_at)),
        page,
        pages,
        earlier: to(page - 1),
        later: to(page + 1),
        unlisted: read.as_ref().map_or(0, |read| read.unlisted),
    };
    let page = CustomersPage {
        frame: viewer.frame(&state, "Customers"),
        wanted: String::new(),
        only_without_number,
        without_number: read.as_ref().map_or(0, |read| read.without_number),
        rows: rows(read.map(|read| read.debtors).unwrap_or_default(), viewer.today),
        listed: Some(listed),
    };
    viewer.page(&state, &page)
}

fn address_of(page: usize, only_without_number: bool) -> String {
    let only = if only_without_number { "number=none&" } else { "" };
    format!("/customers?{only}page={page}")
}

/// A name is nothing for an address: it would stay in the browser's history.
async fn search(State(state): State<AppState>, sent: Sent) -> Shown {
    let wanted = sent.fields.optional("name").unwrap_or_default();
    if wanted.is_empty() {
        return Ok(Redirect::to("/customers").into_response());
    }
    let viewer = &sent.viewer;
    let found = customers_named(state.store(), &viewer.session.org, (wanted, FOUND), viewer.today).await?;
    let page = CustomersPage {
        frame: viewer.frame(&state, "Customers"),
        wanted: wanted.to_owned(),
        only_without_number: false,
        without_number: 0,
        rows: rows(found, viewer.today),
        listed: None,
    };
    viewer.page(&state, &page)
}

fn rows(debtors: Vec<Debtor>, today: Date) -> Vec<CustomerRow> {
    debtors.into_iter().map(|debtor| CustomerRow::new(debtor, today)).collect()
}

impl CustomerRow {
    fn new(debtor: Debtor, today: Date) -> Self {
        let lacks_number = debtor.lacks_number();
        let overdue = debtor.owes.iter().map(|owes| owes.overdue).filter(|amount| amount.is_positive());
        Self {
            address: address::customer(&debtor.contact.at),
            number: number_text(&debtor.contact.number),
            lacks_number,
            overdue: overdue.map(|amount| amount.to_string()).collect(),
            owes: debtor.owes.iter().map(|owes| owes.total.to_string()).collect(),
            days_overdue: debtor.days_overdue(today),
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
