//! Sales invoices of the connected ledgers.

use axum::{Json, Router, extract::State, routing::get};
use jiff::{Timestamp, civil::Date};
use numo_app::{
    error::AppError,
    port::table::Order,
    store::{
        Store,
        invoice::{KnownInvoice, place_by_due},
        part::{Part, Parted},
    },
};
use numo_domain::{
    contact::{Contact, ContactRef},
    id::{ConnectionId, ExternalId, OrgId},
    invoice::{InvoiceStatus, Marked},
    reminder::Reminder,
};
use serde::Serialize;

use crate::{
    api::invoice_query::{InvoiceQuery, InvoiceState},
    auth::Signed,
    failure::Failure,
    paging::Paged,
    path_of::PathOf,
    state::AppState,
    view::{
        money::MoneyView,
        names::{Contacts, by_ref, name_of},
        reminder::{ReminderView, newest},
    },
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/invoices", get(list)).route("/invoices/{connection}/{invoice}", get(show))
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct InvoicesView {
    invoices: Vec<InvoiceView>,
    /// Where the next part begins; none at the end. A part may have fewer invoices than asked for before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// An invoice as its ledger has it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct InvoiceView {
    connection: ConnectionId,
    invoice: ExternalId,
    number: String,
    contact: ExternalId,
    /// The customer's name; none where the ledger has dropped the customer.
    customer: Option<String>,
    status: InvoiceStatus,
    issued: Option<Date>,
    due: Option<Date>,
    /// Days since the due date on the organisation's calendar; none where nothing is overdue.
    days_overdue: Option<i32>,
    total: MoneyView,
    remaining: MoneyView,
    /// Whether the ledger says that the customer has it.
    marked: Marked,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_payment: Option<Date>,
    /// When the ledger says it changed.
    updated_at: Timestamp,
    /// When this was read from the ledger.
    read_at: Timestamp,
}

/// An invoice with what was written about it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct InvoiceFileView {
    #[serde(flatten)]
    invoice: InvoiceView,
    /// Where it is paid online, as the ledger told when a reminder last asked.
    pay_page: Option<String>,
    /// Reminders that list it, newest first.
    reminders: Vec<ReminderView>,
}

/// Invoices: those that are open with the oldest due date first, all others in the order of the ledgers' ids.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        get, path = "/invoices",
        params(crate::paging::PartQuery, crate::api::invoice_query::DescribedQuery),
        responses((status = 200, body = InvoicesView)),
    )
)]
async fn list(
    Signed(session): Signed,
    paged: Paged,
    State(state): State<AppState>,
) -> Result<Json<InvoicesView>, Failure> {
    let (store, org) = (state.store(), &session.org);
    let query = InvoiceQuery::read(paged.rest())?;
    let filter = format!("{query:?}");
    let part = paged.part_of(org, &filter)?;
    let today = store.organisation(org).await?.zone.date(state.now());
    let found = found(store, org, (&query, today), (&part, Order::Ascending)).await?;
    let refs: Vec<ContactRef> = found.values.iter().map(|known| known.invoice.contact.clone()).collect();
    let contacts = names(store, org, &refs).await?;
    let shown = found.map(|known| InvoiceView::new(known, today, &contacts));
    Ok(Json(InvoicesView { invoices: shown.values, next_cursor: paged.next(org, &filter, shown.next) }))
}

/// Invoices that a query asks for; what is open stands in an index by due date.
pub(crate) async fn found(
    store: &Store,
    org: &OrgId,
    (query, today): (&InvoiceQuery, Date),
    (part, order): (&Part, Order),
) -> Result<Parted<KnownInvoice>, AppError> {
    let wanted = |known: &KnownInvoice| query.wants(&known.invoice, today);
    let before = match query.state {
        Some(InvoiceState::Open) => None,
        Some(InvoiceState::Overdue) => Some(today),
        Some(InvoiceState::Paid | InvoiceState::Unapproved | InvoiceState::Void) | None => {
            return store.invoices_found(org, part, wanted).await;
        }
    };
    if let Some(contact) = &query.contact {
        let mut open = store.known_open_invoices(org, contact).await?;
        open.retain(wanted);
        return Ok(part.of(open, |known| place_by_due(&known.invoice)));
    }
    store.open_by_due(org, (before, order), part, wanted).await
}

/// One invoice, with the reminders that list it.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        get, path = "/invoices/{connection}/{invoice}",
        params(("connection" = ConnectionId, Path), ("invoice" = ExternalId, Path)),
        responses((status = 200, body = InvoiceFileView)),
    )
)]
async fn show(
    Signed(session): Signed,
    State(state): State<AppState>,
    PathOf((connection, id)): PathOf<(ConnectionId, ExternalId)>,
) -> Result<Json<InvoiceFileView>, Failure> {
    let today = state.store().organisation(&session.org).await?.zone.date(state.now());
    let file = invoice_file(state.store(), &session.org, connection, &id).await?;
    let InvoiceFile { known, owing, pay_page, reminders } = file;
    Ok(Json(InvoiceFileView { invoice: InvoiceView::new(known, today, &owing), pay_page, reminders }))
}

/// An invoice with what was written about it.
pub(crate) struct InvoiceFile {
    pub(crate) known: KnownInvoice,
    /// Its customer, and who pays in its place.
    pub(crate) owing: Contacts,
    pub(crate) pay_page: Option<String>,
    pub(crate) reminders: Vec<ReminderView>,
}

/// Reads an invoice with the reminders that list it.
pub(crate) async fn invoice_file(
    store: &Store,
    org: &OrgId,
    connection: ConnectionId,
    id: &ExternalId,
) -> Result<InvoiceFile, AppError> {
    let known = store.invoices_by_id(org, connection, std::slice::from_ref(id)).await?.pop();
    let known = known.ok_or(AppError::NotFound("invoice"))?.value;
    let owing = owing(store, org, &known.invoice.contact).await?;
    let mut reminders = Vec::new();
    for contact in owing.keys().chain([&known.invoice.contact].into_iter().filter(|_| owing.is_empty())) {
        reminders.extend(store.reminders_of(org, contact).await?.into_iter().filter(|reminder| lists(reminder, id)));
    }
    let reminders = newest(store, org, (reminders, usize::MAX), &owing).await?;
    let pay_page = store.pay_address(org, connection, id).await?;
    Ok(InvoiceFile { known, owing, pay_page, reminders })
}

fn lists(reminder: &Reminder, invoice: &ExternalId) -> bool {
    reminder.key.anchor == *invoice || reminder.listed.contains(invoice)
}

/// Payers that are followed: an invoice of a customer who was merged is written about to whoever owes it since.
const MOST_PAYERS: usize = 8;

/// The customer of an invoice and whoever pays in its place.
async fn owing(store: &Store, org: &OrgId, contact: &ContactRef) -> Result<Contacts, AppError> {
    let (mut contacts, mut next) = (Vec::<Contact>::new(), Some(contact.clone()));
    while let Some(contact) = next.take().filter(|_| contacts.len() < MOST_PAYERS) {
        if contacts.iter().any(|known| known.at == contact) {
            break;
        }
        if let Some(known) = store.contacts_by_ref(org, &[contact]).await?.pop() {
            next = known.value.payer();
            contacts.push(known.value);
        }
    }
    Ok(by_ref(contacts))
}

/// Customers by reference.
pub(crate) async fn names(store: &Store, org: &OrgId, contacts: &[ContactRef]) -> Result<Contacts, AppError> {
    let stored = store.contacts_by_ref(org, contacts).await?;
    Ok(by_ref(stored.into_iter().map(|stored| stored.value).collect()))
}

impl InvoiceView {
    fn new(known: KnownInvoice, today: Date, contacts: &Contacts) -> Self {
        let KnownInvoice { invoice, read_at, .. } = known;
        Self {
            connection: invoice.contact.connection,
            days_overdue: invoice.days_overdue(today),
            customer: name_of(contacts, &invoice.contact),
            contact: invoice.contact.contact,
            invoice: invoice.id,
            number: invoice.number,
            status: invoice.status,
            issued: invoice.issued,
            due: invoice.due,
            total: invoice.total.into(),
            remaining: invoice.remaining.into(),
            marked: invoice.marked,
            expected_payment: invoice.expected_payment,
            updated_at: invoice.updated_at,
            read_at,
        }
    }
}
