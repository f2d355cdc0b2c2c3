//! Invoices that were overdue when they first became chaseable: the owner says how to start with each.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use numo_domain::{
    contact::ContactRef,
    customer_file::{BacklogChoice, CustomerFile, Start},
    id::{ActivityId, ExternalId, OrgId, UserId},
    money::Money,
    plan::OpenInvoice,
};
use serde_json::json;

use crate::{
    error::AppError,
    job::{Cause, Work},
    situation::{
        Situation,
        of_customer::{KnownCustomer, known_customer},
        situation,
    },
    store::{
        Store,
        activity::{Activity, Actor},
    },
    wake::Waker,
};

/// An invoice that was overdue when it first became chaseable, and about which nobody decided yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldInvoice {
    /// Who owes it.
    pub contact: ContactRef,
    /// The ledger's id.
    pub invoice: ExternalId,
    /// The number that is printed on it.
    pub number: String,
    /// The calendar date by which it was to be paid.
    pub due: Date,
    /// What is left to pay.
    pub remaining: Money,
    /// Days overdue on the organisation's date.
    pub days_overdue: i32,
}

/// Which invoices a choice is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// All that are listed now.
    All,
    /// Some of them.
    Some(Vec<(ContactRef, ExternalId)>),
    /// Some of one customer.
    Of(ContactRef, Vec<ExternalId>),
}

/// The old invoices about which nobody decided yet, the oldest first.
pub async fn backlog(store: &Store, org: &OrgId, now: Timestamp) -> Result<Vec<OldInvoice>, AppError> {
    Ok(old_invoices(&situation(store, org, now).await?, now))
}

/// Those of one customer; nothing of anybody else is read.
pub async fn backlog_of(
    store: &Store,
    org: &OrgId,
    contact: &ContactRef,
    now: Timestamp,
) -> Result<Vec<OldInvoice>, AppError> {
    let organisation = store.organisation(org).await?;
    let Some(known) = known_customer(store, &organisation, contact).await? else { return Ok(Vec::new()) };
    Ok(old_invoices_of(&known, now))
}

/// Those of a customer who was read already.
pub fn old_invoices_of(known: &KnownCustomer, now: Timestamp) -> Vec<OldInvoice> {
    let mut old = old_invoices(&known.situation, now);
    // What somebody else owes for the customer is theirs to be decided about.
    old.retain(|old| old.contact == *known.at());
    old
}

/// The old invoices of a situation about which nobody decided yet, the oldest first.
fn old_invoices(situation: &Situation, now: Timestamp) -> Vec<OldInvoice> {
    let today = situation.organisation.zone.date(now);
    let old = situation.undecided(now).into_iter().map(|(due, OpenInvoice { invoice, .. })| OldInvoice {
        contact: invoice.contact,
        invoice: invoice.id,
        number: invoice.number,
        due,
        remaining: invoice.remaining,
        days_overdue: today.since(due).map_or(0, |span| span.get_days()),
    });
    old.collect()
}

/// Decides how to start with old invoices; returns how many were listed and are decided now.
pub async fn choose_start(
    waker: &Waker,
    org: &OrgId,
    by: &UserId,
    (start, chosen): (Start, &Chosen),
    now: Timestamp,
) -> Result<usize, AppError> {
    let store = &waker.store;
    let choice = BacklogChoice { start, on: store.organisation(org).await?.zone.date(now) };
    let mut by_contact: BTreeMap<ContactRef, Vec<ExternalId>> = BTreeMap::new();
    let listed = match chosen {
        Chosen::All | Chosen::Some(_) => backlog(store, org, now).await?,
        Chosen::Of(contact, _) => backlog_of(store, org, contact, now).await?,
    };
    for old in listed {
        let is_meant = match chosen {
            Chosen::All => true,
            Chosen::Of(_, some) => some.contains(&old.invoice),
            Chosen::Some(some) => some.iter().any(|(at, id)| *at == old.contact && *id == old.invoice),
        };
        if is_meant {
            by_contact.entry(old.contact).or_default().push(old.invoice);
        }
    }
    let n_decided = by_contact.values().map(Vec::len).sum();
    for (contact, invoices) in by_contact {
        let decide = |file: &mut CustomerFile| {
            file.backlog.extend(invoices.iter().map(|invoice| (invoice.clone(), choice)));
        };
        store.change_customer_file(org, &contact, now, decide).await?;
    }
    let mut detail = json!({"start": start, "invoices": n_decided});
    if let (Chosen::Of(contact, _), Some(fields)) = (chosen, detail.as_object_mut()) {
        fields.insert("connection".to_owned(), json!(contact.connection));
        fields.insert("contact".to_owned(), json!(contact.contact));
    }
    let activity = Activity { at: now, actor: Actor::User(by.clone()), action: "backlog.decided".to_owned(), detail };
    store.record(org, ActivityId::new(waker.ids.uuid()), &activity).await?;
    waker.wake(org, &Work::PlanDay {}, Cause::Person, now).await?;
    Ok(n_decided)
}
