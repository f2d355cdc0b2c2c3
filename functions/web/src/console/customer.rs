//! One customer: what is owed, what was decided, why or why not on a day, and everything that happened.

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    Router,
    extract::{RawQuery, State},
    routing::{get, post},
};
use numo_app::{
    backlog::old_invoices_of,
    read_timeline::Whole,
    situation::of_customer::{KnownCustomer, known_customer},
    store::Stored,
};
use numo_domain::{
    consent::ConsentState,
    contact::{Contact, ContactNumber, ContactRef, ContactStatus},
    customer_file::CustomerFile,
    id::{ConnectionId, ExternalId},
    invoice::Invoice,
};

use crate::{
    console::{
        Shown, address,
        customer_backlog::{self, BacklogText},
        customer_consent,
        customer_day::DayText,
        customer_edit::edit,
        customer_erase,
        customer_file::{CreditText, FileText, LanguageText},
        customer_number,
        customer_policy::PolicyText,
        customer_send,
        customer_timeline::{self, TimelineText},
        customers::number_text,
        frame::Frame,
        plan::asked_day,
        time::LocalTime,
        viewer::Viewer,
        words::language_name,
    },
    failure::Failure,
    paging::Paged,
    path_of::PathOf,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .merge(customer_consent::routes())
        .merge(customer_send::routes())
        .merge(customer_erase::routes())
        .route("/customers/{connection}/{contact}", get(show))
        .route("/customers/{connection}/{contact}/edit", post(edit))
        .route("/customers/{connection}/{contact}/backlog", post(customer_backlog::choose))
        .route("/customers/{connection}/{contact}/number", get(customer_number::show).post(customer_number::change))
        .route("/customers/{connection}/{contact}/timeline", get(customer_timeline::show))
}

/// Open invoices of the page; those that fall due first.
const SHOWN: usize = 50;

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
    /// Who owes the invoices in the customer's place: name and address.
    payer: Option<(String, String)>,
    /// None where another customer's counts.
    policy: Option<PolicyText>,
    backlog: BacklogText,
    invoices: Vec<InvoiceText>,
    /// How many more are open.
    more_invoices: usize,
    credits: Vec<CreditText>,
    languages: Vec<LanguageText>,
    /// In which something is open, so that it may be asked for.
    currencies: BTreeSet<String>,
    /// The language that the customer writes in, where it is another one.
    suggested: Option<&'static str>,
    timeline: TimelineText,
    /// Names the export that is asked for, so that a form that is sent twice asks once.
    new_export: String,
    /// The day that is explained.
    day: String,
    why: DayText,
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

async fn show(
    viewer: Viewer,
    paged: Result<Paged, Failure>,
    State(state): State<AppState>,
    PathOf((connection, contact)): PathOf<(ConnectionId, ExternalId)>,
    RawQuery(query): RawQuery,
) -> Shown {
    let (store, org, paged) = (state.store(), &viewer.session.org, paged?);
    let at = ContactRef { connection, contact };
    let known =
        known_customer(store, &viewer.organisation, &at).await?.ok_or_else(|| Failure::not_found("customer"))?;
    let KnownCustomer { contact: Stored { value: contact, .. }, file, situation, .. } = &known;
    let day = asked_day(query.as_deref().unwrap_or_default(), viewer.today)?;
    let said = store.said_about_writing(org, (contact.number.key(), &at)).await?;
    let states: Vec<ConsentState> =
        [said.of_number(), said.of_contact()].into_iter().flatten().map(|consent| consent.state).collect();
    let is_opted_out = said.is_opted_out();
    let mut open: Vec<&Invoice> = situation.ledger.invoices.iter().map(|open| &open.invoice).collect();
    open.sort_by_key(|invoice| (invoice.due.is_none(), invoice.due, invoice.number.clone()));
    let credits = store.open_credits_of(org, &at).await?;
    let payer = match contact.payer() {
        Some(payer) => {
            store.contact(org, &payer).await?.map(|payer| (payer.value.name, address::customer(&payer.value.at)))
        }
        None => None,
    };
    let in_use = situation.policies.for_contact(contact, file.policy.as_ref(), || situation.ledger.balances_of(&at));
    let in_use = file.language.or(in_use.language).unwrap_or(viewer.organisation.language);
    let numbers = |id: &ExternalId| open.iter().find(|invoice| invoice.id == *id).map(|invoice| invoice.number.clone());
    let whole = Whole {
        contact: contact.clone(),
        open: known.open.clone(),
        reminders: known.reminders.clone(),
        consents: said,
    };
    let page = CustomerPage {
        frame: viewer.frame(&state, &contact.name),
        address: address::customer(&at),
        status: status_words(contact),
        number: number_text(&contact.number),
        lacks_number: !matches!(contact.number, ContactNumber::Usable { .. }),
        typed_at: contact.typed.as_ref().map(|typed| viewer.clock.show(typed.at)),
        groups: contact.groups.join(", "),
        consent: consent_words(&states, is_opted_out),
        is_opted_out,
        file: FileText::new(file, &viewer, numbers),
        policy: if payer.is_none() { PolicyText::of(situation, &at) } else { None },
        payer,
        backlog: BacklogText::new(old_invoices_of(&known, state.now())),
        invoices: open.iter().take(SHOWN).map(|invoice| InvoiceText::new(invoice, file, &viewer)).collect(),
        more_invoices: open.len().saturating_sub(SHOWN),
        credits: credits.into_iter().map(|credit| CreditText::new(credit, file)).collect(),
        languages: LanguageText::all(file.language),
        currencies: open.iter().map(|invoice| invoice.remaining.currency.as_str().to_owned()).collect(),
        new_export: state.waker().ids.uuid().to_string(),
        suggested: file.suggested_language(in_use).map(language_name),
        timeline: customer_timeline::latest(&state, &viewer, (whole, &paged)).await?,
        why: DayText::load(&state, &viewer, (&known, day)).await?,
        day: day.to_string(),
        today: viewer.today.to_string(),
    };
    viewer.page(&state, &page)
}

impl InvoiceText {
    fn new(invoice: &Invoice, file: &CustomerFile, viewer: &Viewer) -> Self {
        Self {
            id: invoice.id.as_str().to_owned(),
            address: address::invoice(invoice.contact.connection, &invoice.id),
            number: invoice.number.clone(),
            due: invoice.due.map_or_else(|| "no due date".to_owned(), |due| due.strftime("%-d %b %Y").to_string()),
            days_overdue: invoice.days_overdue(viewer.today),
            remaining: invoice.remaining.to_string(),
            is_disputed: file.disputes.contains_key(&invoice.id),
        }
    }
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
