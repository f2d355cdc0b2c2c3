//! Invoices: what can be paid by due date, the search for a number, and one invoice with what was written about it.

use askama::Template;
use axum::{
    Router,
    extract::{RawQuery, State},
    routing::get,
};
use jiff::civil::Date;
use numo_app::{
    error::AppError,
    port::table::Order,
    store::{
        invoice::{KnownInvoice, place_by_due},
        part::Part,
    },
};
use numo_domain::id::{ConnectionId, ExternalId};
use url::form_urlencoded;

use crate::{
    api::{
        invoice_query::{InvoiceQuery, InvoiceState},
        invoices::{found, invoice_file, names},
    },
    console::{
        Shown, address,
        frame::Frame,
        reminders::ReminderText,
        time::LocalTime,
        viewer::Viewer,
        words::{invoice_status, or_unknown},
    },
    path_of::PathOf,
    state::AppState,
    view::names::{Contacts, name_of},
};

/// Invoices of one page.
const SHOWN: usize = 50;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/invoices", get(list)).route("/invoices/{connection}/{invoice}", get(show))
}

#[derive(Template)]
#[template(path = "invoices.html")]
struct InvoicesPage {
    frame: Frame,
    tabs: Vec<TabText>,
    state: String,
    number: String,
    rows: Vec<InvoiceRow>,
    earlier: Option<String>,
    later: Option<String>,
}

struct TabText {
    state: &'static str,
    label: &'static str,
    is_here: bool,
}

struct InvoiceRow {
    number: String,
    address: String,
    customer: String,
    customer_address: String,
    due: String,
    days_overdue: Option<i32>,
    status: &'static str,
    remaining: String,
    total: String,
}

#[derive(Template)]
#[template(path = "invoice.html")]
struct InvoicePage {
    frame: Frame,
    invoice: InvoiceRow,
    issued: Option<String>,
    read_at: LocalTime,
    pay_page: Option<String>,
    reminders: Vec<ReminderText>,
}

const TABS: [(&str, &str); 4] = [("overdue", "Overdue"), ("open", "Open"), ("paid", "Paid"), ("", "All")];

async fn list(viewer: Viewer, State(state): State<AppState>, RawQuery(query): RawQuery) -> Shown {
    let (store, org) = (state.store(), &viewer.session.org);
    let given = form_urlencoded::parse(query.as_deref().unwrap_or_default().as_bytes()).into_owned();
    let (places, asked): (Vec<_>, Vec<_>) = given
        .filter(|(name, value)| name != "done" && !value.trim().is_empty())
        .partition(|(name, _)| matches!(name.as_str(), "after" | "before"));
    let is_plain = asked.is_empty() && query.is_none_or(|query| !query.contains("state="));
    let asked = if is_plain { vec![("state".to_owned(), "open".to_owned())] } else { asked };
    let of = |name: &str| asked.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone());
    let (here, number) = (of("state").unwrap_or_default(), of("number").unwrap_or_default());
    let query = InvoiceQuery::read(&asked)?;
    let page = InvoiceSlice::read(&state, &viewer, &query, places.into_iter().next()).await?;
    let refs: Vec<_> = page.values.iter().map(|known| known.invoice.contact.clone()).collect();
    let contacts = names(store, org, &refs).await?;
    let to = |name: &str, place: Option<String>| {
        let place = place?;
        let fields = [("state", here.as_str()), ("number", &number), (name, &place)];
        let fields = fields.into_iter().filter(|(field, value)| *field == "state" || !value.is_empty());
        Some(format!("/invoices?{}", form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()))
    };
    let page = InvoicesPage {
        frame: viewer.frame(&state, "Invoices"),
        tabs: TABS.map(|(state, label)| TabText { state, label, is_here: state == here }).into(),
        earlier: to("before", page.earlier),
        later: to("after", page.later),
        rows: page.values.into_iter().map(|known| InvoiceRow::new(known, viewer.today, &contacts)).collect(),
        state: here,
        number,
    };
    viewer.page(&state, &page)
}

/// A part of the invoices, with the places from which the ones before and behind it are read.
struct InvoiceSlice {
    values: Vec<KnownInvoice>,
    earlier: Option<String>,
    later: Option<String>,
}

impl InvoiceSlice {
    /// What stands before or behind a place, or the beginning.
    async fn read(
        state: &AppState,
        viewer: &Viewer,
        query: &InvoiceQuery,
        place: Option<(String, String)>,
    ) -> Result<Self, AppError> {
        let is_by_due =
            matches!(query.state, Some(InvoiceState::Open | InvoiceState::Overdue)) && query.contact.is_none();
        let (is_before, after) =
            place.map_or((false, None), |(way, place)| (is_by_due && way == "before", Some(place)));
        let order = if is_before { Order::Descending } else { Order::Ascending };
        let part = Part { limit: SHOWN, after };
        let found = found(state.store(), &viewer.session.org, (query, viewer.today), (&part, order)).await?;
        let (mut values, next) = (found.values, found.next);
        let place_of =
            |known: Option<&KnownInvoice>| known.map(|known| place_by_due(&known.invoice)).filter(|_| is_by_due);
        if is_before {
            values.reverse();
            return Ok(Self { earlier: next, later: place_of(values.last()), values });
        }
        Ok(Self { earlier: place_of(values.first()).filter(|_| part.after.is_some()), later: next, values })
    }
}

async fn show(
    viewer: Viewer,
    State(state): State<AppState>,
    PathOf((connection, id)): PathOf<(ConnectionId, ExternalId)>,
) -> Shown {
    let file = invoice_file(state.store(), &viewer.session.org, connection, &id).await?;
    let page = InvoicePage {
        frame: viewer.frame(&state, &format!("Invoice {}", file.known.invoice.number)),
        issued: file.known.invoice.issued.map(|day| day.strftime("%-d %b %Y").to_string()),
        read_at: viewer.clock.show(file.known.read_at),
        pay_page: file.pay_page.filter(|page| page.starts_with("https://")),
        reminders: file.reminders.into_iter().map(|reminder| ReminderText::new(reminder, &viewer.clock)).collect(),
        invoice: InvoiceRow::new(file.known, viewer.today, &file.owing),
    };
    viewer.page(&state, &page)
}

impl InvoiceRow {
    fn new(known: KnownInvoice, today: Date, contacts: &Contacts) -> Self {
        let invoice = known.invoice;
        Self {
            address: address::invoice(invoice.contact.connection, &invoice.id),
            customer: or_unknown(name_of(contacts, &invoice.contact)),
            customer_address: address::customer(&invoice.contact),
            days_overdue: invoice.days_overdue(today),
            due: invoice.due.map_or_else(|| "no due date".to_owned(), |due| due.strftime("%-d %b %Y").to_string()),
            status: invoice_status(invoice.status),
            remaining: invoice.remaining.to_string(),
            total: invoice.total.to_string(),
            number: invoice.number,
        }
    }
}
