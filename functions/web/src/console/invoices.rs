//! Invoices: what can be paid by due date, the search for a number, and one invoice with what was written about it.

use askama::Template;
use axum::{
    Router,
    extract::{RawQuery, State},
    routing::get,
};
use jiff::civil::Date;
use numo_app::store::{invoice::KnownInvoice, part::Part};
use numo_domain::id::{ConnectionId, ExternalId};
use url::form_urlencoded;

use crate::{
    api::{
        invoice_query::InvoiceQuery,
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

/// Invoices of one page; a search finds the others.
const SHOWN: usize = 100;

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
    has_more: bool,
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
    let asked: Vec<(String, String)> = form_urlencoded::parse(query.as_deref().unwrap_or_default().as_bytes())
        .into_owned()
        .filter(|(name, value)| name != "done" && !value.trim().is_empty())
        .collect();
    let is_plain = asked.is_empty() && query.is_none_or(|query| !query.contains("state="));
    let asked = if is_plain { vec![("state".to_owned(), "open".to_owned())] } else { asked };
    let of = |name: &str| asked.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone());
    let (here, number) = (of("state").unwrap_or_default(), of("number").unwrap_or_default());
    let part = found(store, org, (&InvoiceQuery::read(&asked)?, viewer.today), &Part::first(SHOWN)).await?;
    let refs: Vec<_> = part.values.iter().map(|known| known.invoice.contact.clone()).collect();
    let contacts = names(store, org, &refs).await?;
    let page = InvoicesPage {
        frame: viewer.frame(&state, "Invoices"),
        tabs: TABS.map(|(state, label)| TabText { state, label, is_here: state == here }).into(),
        state: here,
        number,
        rows: part.values.into_iter().map(|known| InvoiceRow::new(known, viewer.today, &contacts)).collect(),
        has_more: part.next.is_some(),
    };
    viewer.page(&state, &page)
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
