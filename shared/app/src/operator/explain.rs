//! A reminder, or a silence, explained to an operator: by the same use case that explains it to the business.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use numo_domain::{
    connection::Connection,
    consent::{Answer, Consent},
    contact::ContactRef,
    id::{ActivityId, NumberKey, OperatorId, OrgId},
    organisation::{Organisation, Pause},
    reminder::Reminder,
};
use serde_json::json;

use crate::{
    error::AppError,
    explain_day::{Explained, explain_day},
    operator::{OperatorPorts, activity, checked},
    situation::of_customer::{KnownCustomer, known_customer},
    store::{Store, consent::ConsentOf, invoice::KnownInvoice, messaging_gate::MessagingGate, part::Part},
};

/// Whom an operator asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// Whoever owes an invoice, by its printed number or its id.
    Invoice(String),
    /// Whoever has a telephone number, by its keyed hash.
    Number(NumberKey),
}

/// What is known of a day.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The day, by the organisation's date.
    pub day: Date,
    /// What holds up every organisation.
    pub gate: MessagingGate,
    /// Whether the table was restored and not taken into use.
    pub is_restored: bool,
    /// What holds up this one on that day.
    pub pause: Option<Pause>,
    /// Its ledgers.
    pub connections: Vec<Connection>,
    /// What was said by the number that was asked about.
    pub number: Option<Consent>,
    /// The customers, by their ids.
    pub customers: Vec<ExplainedCustomer>,
}

/// What is known of a customer on that day.
#[derive(Debug, Clone)]
pub struct ExplainedCustomer {
    /// Who.
    pub contact: ContactRef,
    /// The invoices that were asked about.
    pub invoices: Vec<KnownInvoice>,
    /// What counts of everything that was said.
    pub answer: Answer,
    /// What was said by the customer's number, and by the customer under whatever number.
    pub said: Vec<Consent>,
    /// What was or would be decided.
    pub explained: Explained,
    /// The reminders, newest first: those of the day that was asked for, otherwise the latest; only those with the
    /// invoice that was asked about.
    pub reminders: Vec<Reminder>,
}

/// The latest reminders that are told.
const LATEST: usize = 10;

/// Explains a day, today unless another is given; nothing is told before the activity log says who looked, and why.
///
/// What it returns has amounts and names in it, as the plan has: whoever shows it shows ids, dates, states and codes.
pub async fn explain(
    ports: &OperatorPorts,
    org: &OrgId,
    (by, reason): (&OperatorId, &str),
    (about, on): (&About, Option<Date>),
    now: Timestamp,
) -> Result<Explanation, AppError> {
    let (store, reason) = (&ports.store, checked(reason)?);
    let organisation = store.known_organisation(org).await?.ok_or(AppError::NotFound("organisation"))?;
    let day = on.unwrap_or_else(|| organisation.zone.date(now));
    let connections = store.connections(org).await?;
    let (contacts, invoices) = match about {
        About::Number(number) => (store.contacts_of_number(org, number).await?, Vec::new()),
        About::Invoice(text) => {
            let invoices = invoices_called(store, org, &connections, text).await?;
            (invoices.iter().map(|known| known.invoice.contact.clone()).collect(), invoices)
        }
    };
    let mut owing = BTreeSet::new();
    for contact in contacts {
        owing.insert(store.payers(org, contact.connection).await?.payer_of(&contact));
    }
    for contact in owing.iter().map(Some).chain(owing.is_empty().then_some(None)) {
        let line = activity(by, "reminders.explained", looked(contact, (day, reason)), now);
        store.record(org, ActivityId::new(ports.ids.uuid()), &line).await?;
    }
    let mut customers = Vec::new();
    for contact in owing {
        let Some(customer) = known_customer(store, &organisation, &contact).await? else { continue };
        customers.push(explained(store, &organisation, (customer, &invoices), (day, on), now).await?);
    }
    let gate = store.messaging_gate().await?;
    let number = match about {
        About::Number(number) => said(store, org, ConsentOf::Number(number.clone())).await?,
        About::Invoice(_) => None,
    };
    let (is_restored, pause) = (store.is_restored(&gate), organisation.pause_on(day).cloned());
    Ok(Explanation { day, gate, is_restored, pause, connections, number, customers })
}

/// The detail of a line; one about nobody says that somebody looked all the same.
fn looked(contact: Option<&ContactRef>, (day, reason): (Date, &str)) -> serde_json::Value {
    match contact {
        Some(ContactRef { connection, contact }) => {
            json!({"connection": connection, "contact": contact, "day": day, "reason": reason})
        }
        None => json!({"found": 0, "day": day, "reason": reason}),
    }
}

/// The invoices with an id or a printed number; of two ledgers both.
async fn invoices_called(
    store: &Store,
    org: &OrgId,
    connections: &[Connection],
    text: &str,
) -> Result<Vec<KnownInvoice>, AppError> {
    let text = text.trim();
    if let Ok(id) = text.parse() {
        let mut found = Vec::new();
        for connection in connections {
            let stored = store.invoices_by_id(org, connection.id, std::slice::from_ref(&id)).await?;
            found.extend(stored.into_iter().map(|stored| stored.value));
        }
        if !found.is_empty() {
            return Ok(found);
        }
    }
    let (mut found, mut part) = (Vec::new(), Part::first(PAGE));
    loop {
        let is_called = |known: &KnownInvoice| known.invoice.number.trim().eq_ignore_ascii_case(text);
        let page = store.invoices_found(org, &part, is_called).await?;
        found.extend(page.values);
        match page.next {
            Some(next) => part.after = Some(next),
            None => return Ok(found),
        }
    }
}

/// Invoices read at a time.
const PAGE: usize = 500;

async fn explained(
    store: &Store,
    organisation: &Organisation,
    (customer, invoices): (KnownCustomer, &[KnownInvoice]),
    (day, on): (Date, Option<Date>),
    now: Timestamp,
) -> Result<ExplainedCustomer, AppError> {
    let (org, contact) = (&organisation.id, customer.at().clone());
    let payers = store.payers(org, contact.connection).await?;
    let owed = |known: &&KnownInvoice| payers.payer_of(&known.invoice.contact) == contact;
    let invoices: Vec<KnownInvoice> = invoices.iter().filter(owed).cloned().collect();
    let number = customer.contact.value.number.key().cloned();
    let answer = store.consents_of(org, (number.as_ref(), &contact)).await?.answer_of(&customer.contact.value);
    let whose = number.map(ConsentOf::Number).into_iter().chain([ConsentOf::Contact(contact.clone())]);
    let mut heard = Vec::new();
    for of in whose {
        heard.extend(said(store, org, of).await?);
    }
    let explained = explain_day(store, org, (&customer, day), now).await?;
    let has_invoice = |reminder: &Reminder| {
        let mut asked = invoices.iter().map(|known| &known.invoice.id);
        invoices.is_empty() || asked.any(|id| reminder.listed.contains(id) || reminder.key.anchor == *id)
    };
    let is_wanted = |reminder: &Reminder| on.is_none_or(|day| reminder.date == day) && has_invoice(reminder);
    let mut reminders: Vec<Reminder> = customer.reminders.into_iter().filter(is_wanted).collect();
    reminders.sort_by_key(|reminder| std::cmp::Reverse(reminder.claimed_at));
    reminders.truncate(LATEST);
    Ok(ExplainedCustomer { contact, invoices, answer, said: heard, explained, reminders })
}

async fn said(store: &Store, org: &OrgId, of: ConsentOf) -> Result<Option<Consent>, AppError> {
    Ok(store.consent(org, &of).await?.map(|stored| stored.value.consent))
}
