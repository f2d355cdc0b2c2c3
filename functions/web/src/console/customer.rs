//! One customer: what is owed, what was written, what was decided, and why or why not on a day.

use askama::Template;
use axum::{
    Router,
    extract::{RawQuery, State},
    routing::{get, post},
};
use jiff::civil::Date;
use numo_app::error::AppError;
use numo_domain::{
    consent::ConsentState,
    contact::{Contact, ContactNumber, ContactRef, ContactStatus},
    customer_file::{CustomerFile, PromisedBy},
    id::{ConnectionId, ExternalId},
};

use crate::{
    console::{
        Shown, address,
        customer_edit::edit,
        customer_number,
        customers::number_text,
        frame::Frame,
        plan::asked_day,
        plan_day::{cancelled_reasons, sentences},
        reminders::ReminderText,
        time::LocalTime,
        viewer::Viewer,
    },
    failure::Failure,
    path_of::PathOf,
    state::AppState,
    view::{decision::reasons, names::by_ref, reminder::newest},
};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/customers/{connection}/{contact}", get(show))
        .route("/customers/{connection}/{contact}/edit", post(edit))
        .route("/customers/{connection}/{contact}/number", post(customer_number::change))
}

#[derive(Template)]
#[template(path = "customer.html")]
struct CustomerPage {
    frame: Frame,
    address: String,
    status: Option<&'static str>,
    number: String,
    lacks_number: bool,
    /// When another number than the ledger's was typed, if it counts.
    typed_at: Option<LocalTime>,
    groups: String,
    is_opted_out: bool,
    consent: &'static str,
    file: FileText,
    invoices: Vec<InvoiceText>,
    reminders: Vec<ReminderText>,
    /// The day that is explained.
    day: String,
    why: Vec<WhyText>,
    today: String,
}

/// What people decided about the customer.
struct FileText {
    exclusion: Option<(LocalTime, String)>,
    snoozed_until: Option<String>,
    held_on: Option<String>,
    moved_to: Option<String>,
    is_unread: bool,
    promises: Vec<PromiseText>,
    disputes: Vec<DisputeText>,
}

struct PromiseText {
    number: u32,
    date: String,
    by_customer: bool,
}

struct DisputeText {
    invoice: String,
    number: String,
    reason: String,
}

/// An open invoice.
struct InvoiceText {
    id: String,
    number: String,
    address: String,
    due: String,
    days_overdue: Option<i32>,
    remaining: String,
    is_disputed: bool,
}

/// What was decided on a day in one currency.
struct WhyText {
    currency: String,
    /// The message that goes out or went out; else there are reasons.
    sends: bool,
    reasons: Vec<String>,
}

async fn show(
    viewer: Viewer,
    State(state): State<AppState>,
    PathOf((connection, contact)): PathOf<(ConnectionId, ExternalId)>,
    RawQuery(query): RawQuery,
) -> Shown {
    let (store, org) = (state.store(), &viewer.session.org);
    let at = ContactRef { connection, contact };
    let known = store.contacts_by_ref(org, std::slice::from_ref(&at)).await?.pop();
    let contact = known.ok_or_else(|| Failure::not_found("customer"))?.value;
    let day = asked_day(query.as_deref().unwrap_or_default(), viewer.today)?;
    let file = store.customer_file(org, &at).await?;
    let said = store.said_about_writing(org, (contact.number.key(), &at)).await?;
    let states: Vec<ConsentState> =
        [said.of_number(), said.of_contact()].into_iter().flatten().map(|consent| consent.state).collect();
    let is_opted_out = said.is_opted_out();
    let mut open = store.open_invoices_of(org, &at).await?;
    open.sort_by_key(|invoice| (invoice.due.is_none(), invoice.due, invoice.number.clone()));
    let reminders = store.reminders_of(org, &at).await?;
    let reminders = newest(store, org, (reminders, usize::MAX), &by_ref(vec![contact.clone()])).await?;
    let invoices = open
        .iter()
        .map(|invoice| InvoiceText {
            id: invoice.id.as_str().to_owned(),
            address: address::invoice(connection, &invoice.id),
            number: invoice.number.clone(),
            due: invoice.due.map_or_else(|| "no due date".to_owned(), |due| due.strftime("%-d %b %Y").to_string()),
            days_overdue: invoice.days_overdue(viewer.today),
            remaining: invoice.remaining.to_string(),
            is_disputed: file.disputes.contains_key(&invoice.id),
        })
        .collect();
    let numbers = |id: &ExternalId| open.iter().find(|invoice| invoice.id == *id).map(|invoice| invoice.number.clone());
    let page = CustomerPage {
        frame: viewer.frame(&state, &contact.name),
        address: address::customer(&at),
        status: status_words(&contact),
        number: number_text(&contact.number),
        lacks_number: !matches!(contact.number, ContactNumber::Usable { .. }),
        typed_at: contact.typed.as_ref().map(|typed| viewer.clock.show(typed.at)),
        groups: contact.groups.join(", "),
        consent: consent_words(&states, is_opted_out),
        is_opted_out,
        file: FileText::new(&file, &viewer, numbers),
        invoices,
        reminders: reminders.into_iter().map(|reminder| ReminderText::new(reminder, &viewer.clock)).collect(),
        why: why(&state, &viewer, &at, day).await?,
        day: day.to_string(),
        today: viewer.today.to_string(),
    };
    viewer.page(&state, &page)
}

/// What the plan of a day decided for the customer, and what was taken back right before a send.
async fn why(state: &AppState, viewer: &Viewer, at: &ContactRef, day: Date) -> Result<Vec<WhyText>, AppError> {
    let (store, org) = (state.store(), &viewer.session.org);
    let Some(header) = store.plan_header(org, day).await? else { return Ok(Vec::new()) };
    let cancelled = store.cancelled_of(org, day).await?;
    let decisions = store.plan_decisions(org, &header.value).await?.into_iter();
    let of_customer = decisions.filter(|decision| decision.unit.contact == *at);
    Ok(of_customer
        .map(|decision| {
            let taken_back = cancelled_reasons(&decision, &cancelled);
            let sends = decision.send().is_some() && taken_back.is_none();
            let reasons = sentences(&taken_back.unwrap_or_else(|| reasons(decision.reasons())));
            WhyText { currency: decision.unit.currency.as_str().to_owned(), sends, reasons }
        })
        .collect())
}

const fn status_words(contact: &Contact) -> Option<&'static str> {
    match contact.status {
        ContactStatus::Active => None,
        ContactStatus::Archived => Some("archived in the ledger"),
        ContactStatus::GdprRequest => Some("asked to be forgotten: never written to"),
    }
}

fn consent_words(said: &[ConsentState], is_opted_out: bool) -> &'static str {
    match (said.is_empty(), is_opted_out) {
        (_, true) => "Wants no reminders. Nothing is sent until they write START or an admin records an opt-in.",
        (false, false) => "Agreed to be written to.",
        (true, false) => "Said nothing about being written to.",
    }
}

impl FileText {
    fn new(file: &CustomerFile, viewer: &Viewer, number_of: impl Fn(&ExternalId) -> Option<String>) -> Self {
        let day = |day: Date| day.strftime("%-d %b %Y").to_string();
        let upcoming = |date: &Date| *date >= viewer.today;
        let promises = file.promises.iter().filter(|promise| !promise.is_withdrawn && upcoming(&promise.date));
        Self {
            exclusion: file
                .exclusion
                .as_ref()
                .map(|exclusion| (viewer.clock.show(exclusion.since), exclusion.reason.clone())),
            snoozed_until: file.snoozed_until.filter(upcoming).map(day),
            held_on: file.held_on.filter(upcoming).map(day),
            moved_to: file.moved_to.filter(upcoming).map(day),
            is_unread: file.unread_since.is_some(),
            promises: promises
                .map(|promise| PromiseText {
                    number: promise.number,
                    date: day(promise.date),
                    by_customer: promise.by == PromisedBy::Customer,
                })
                .collect(),
            disputes: file
                .disputes
                .iter()
                .map(|(invoice, dispute)| DisputeText {
                    invoice: invoice.as_str().to_owned(),
                    number: number_of(invoice).unwrap_or_else(|| invoice.as_str().to_owned()),
                    reason: dispute.reason.clone(),
                })
                .collect(),
        }
    }
}
