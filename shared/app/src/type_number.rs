//! Another number for a customer than the ledger's: typed by an admin, read by the next sync of the connection.
//!
//! From the moment it is typed nothing goes to the number of before. What its owner said about being written to stays
//! theirs: the other number has no opt-in of it, and an opt-out of either one holds.

use std::collections::BTreeSet;

use jiff::Timestamp;
use numo_domain::{
    contact::{Contact, ContactNumber, ContactRef, ContactStatus, TypedNumber},
    id::{ActivityId, ConnectionId, OrgId, UserId},
    phone::typed::TypedPhone,
};
use serde_json::json;

use crate::{
    error::AppError,
    job::{Cause, Work},
    number_key::NumberKeys,
    store::{
        RACES,
        activity::{Activity, Actor},
        due::sync_work,
        keys, lost_races,
    },
    wake::Waker,
};

/// Takes a number for a customer, or with none what was typed before back; says how the customer is known then.
pub async fn type_number(
    (waker, number_keys): (&Waker, &NumberKeys),
    (org, by): (&OrgId, &UserId),
    customer: &ContactRef,
    text: Option<&str>,
    now: Timestamp,
) -> Result<Contact, AppError> {
    let typed = text.map(str::parse::<TypedPhone>).transpose();
    let typed = typed.map_err(|wrong| AppError::invalid("number", wrong.to_string()))?;
    let (store, key) = (&waker.store, keys::contact(org, customer));
    let unknown = AppError::NotFound("customer");
    if store.erased_customer(org, &number_keys.customer(org, customer)?).await?.is_some() {
        return Err(unknown);
    }
    let id = ActivityId::new(waker.ids.uuid());
    for _ in 0..RACES {
        let Some(seen) = store.contact(org, customer).await? else { return Err(unknown) };
        store.is_expected(&key, seen.rev)?;
        let change = change(&seen.value, typed.clone(), by, now).map_err(AppError::Conflict)?;
        let (contact, action) = match change {
            Change::None => {
                // Whoever was to read it may not have been woken.
                follow(waker, org, Some(&seen.value).filter(|known| known.is_unread()), now).await?;
                return Ok(seen.value);
            }
            Change::Typed(contact) => (contact, "customer.number_typed"),
            Change::TakenBack(contact) => (contact, "customer.typed_number_taken_back"),
        };
        let detail = json!({"connection": customer.connection, "contact": customer.contact});
        let told = Activity { at: now, actor: Actor::User(by.clone()), action: action.to_owned(), detail };
        if store.renumber(org, &seen, &contact, Some((id, &told)), now).await? {
            follow(waker, org, [&contact], now).await?;
            return Ok(contact);
        }
    }
    Err(lost_races())
}

/// What a typed number changes.
#[derive(Debug)]
pub(crate) enum Change {
    /// Nothing: it is the customer's number, or was typed before.
    None,
    /// The number has to be read.
    Typed(Contact),
    /// The ledger's number counts again.
    TakenBack(Contact),
}

/// What follows from a number that is typed for a customer, or from none; or why it cannot be.
pub(crate) fn change(
    known: &Contact,
    typed: Option<TypedPhone>,
    by: &UserId,
    now: Timestamp,
) -> Result<Change, &'static str> {
    let means = |typed: &TypedPhone, number: &ContactNumber| match number {
        ContactNumber::Usable { number, .. } => typed.means(number),
        ContactNumber::Unusable { .. } | ContactNumber::Missing | ContactNumber::Unread => false,
    };
    let (ledger, before) = (known.number_in_ledger().clone(), known.typed.as_ref());
    let taken_back = || Contact { number: ledger.clone(), typed: None, ..known.clone() };
    let Some(text) = typed else {
        return Ok(if before.is_some() { Change::TakenBack(taken_back()) } else { Change::None });
    };
    if before.is_some_and(|before| before.text == text) || means(&text, &known.number) {
        return Ok(Change::None);
    }
    if means(&text, &ledger) {
        return Ok(Change::TakenBack(taken_back()));
    }
    if known.status == ContactStatus::GdprRequest {
        return Err("the ledger says that this customer asked to be forgotten");
    }
    if known.payer().is_some() {
        return Err("another customer owes the invoices of this one: reminders go to the number of that one");
    }
    let typed = TypedNumber { text, by: by.clone(), at: now, ledger };
    Ok(Change::Typed(Contact { number: ContactNumber::Unread, typed: Some(typed), ..known.clone() }))
}

/// Wakes whoever reads what was typed, once for each ledger, and whoever plans with what was taken back.
pub(crate) async fn follow(
    waker: &Waker,
    org: &OrgId,
    changed: impl IntoIterator<Item = &Contact> + Send,
    now: Timestamp,
) -> Result<(), AppError> {
    let (unread, taken_back): (Vec<&Contact>, Vec<&Contact>) =
        changed.into_iter().partition(|contact| contact.is_unread());
    let ledgers: BTreeSet<ConnectionId> = unread.iter().map(|contact| contact.at.connection).collect();
    for connection in ledgers {
        waker.wake_after_claim(org, &sync_work(connection), Cause::Person, now).await?;
    }
    if !taken_back.is_empty() {
        waker.wake(org, &Work::PlanDay {}, Cause::Person, now).await?;
    }
    Ok(())
}
