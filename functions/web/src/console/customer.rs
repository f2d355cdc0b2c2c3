//! One customer: what is owed, what was written, what was decided, and why or why not on a day.

use std::collections::BTreeSet;

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
    id::{ConnectionId, ExternalId},
};

use crate::{
    api::customers::language_in_use,
    console::{
        Shown, address, customer_consent,
        customer_edit::edit,
        customer_erase,
        customer_file::{CreditText, FileText, LanguageText},
        customer_number, customer_send,
        customers::number_text,
        frame::Frame,
        plan::asked_day,
        plan_day::{cancelled_reasons, sentences},
        reminders::ReminderText,
        time::LocalTime,
        viewer::Viewer,
        words::language_name,
    },
    failure::Failure,
    path_of::PathOf,
    state::AppState,
    view::{decision::reasons, names::by_ref, reminder::newest},
};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .merge(customer_consent::routes())
        .merge(customer_send::routes())
        .merge(customer_erase::routes())
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
    credits: Vec<CreditText>,
    languages: Vec<LanguageText>,
    /// In which something is open, so that it may be asked for.
    currencies: BTreeSet<String>,
    /// The language that the customer writes in, where it is another one.
    suggested: Option<&'static str>,
    reminders: Vec<ReminderText>,
    /// Names the export that is asked for, so that a form that is sent twice asks once.
    new_export: String,
    /// The day that is explained.
    day: String,
    why: Vec<WhyText>,
    today: String,
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
    let credits = store.open_credits_of(org, &at).await?;
    let suggested = match file.heard_in {
        Some(_) => file.suggested_language(language_in_use(store, org, &contact, &file).await?),
        None => None,
    };
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
        credits: credits.into_iter().map(|credit| CreditText::new(credit, &file)).collect(),
        languages: LanguageText::all(file.language),
        currencies: open.iter().map(|invoice| invoice.remaining.currency.as_str().to_owned()).collect(),
        new_export: state.waker().ids.uuid().to_string(),
        suggested: suggested.map(language_name),
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
    let decisions = store.plan_decisions_about(org, &header.value, at).await?;
    Ok(decisions
        .into_iter()
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
