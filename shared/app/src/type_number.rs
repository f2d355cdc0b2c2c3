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
use serde::{Deserialize, Serialize};
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

/// Takes a number for a customer, or with none what was typed before back; says how the customer is known then, and what
/// was changed, if anything was.
pub async fn type_number(
    ports: (&Waker, &NumberKeys),
    who: (&OrgId, &UserId),
    customer: &ContactRef,
    text: Option<&str>,
    now: Timestamp,
) -> Result<(Contact, Option<NumberChange>), AppError> {
    let typed = text.map(str::parse::<TypedPhone>).transpose();
    let typed = typed.map_err(|wrong| AppError::invalid("number", wrong.to_string()))?;
    let said = |change: &Change| match change {
        Change::None => None,
        Change::Typed(_) => Some("customer.number_typed"),
        Change::TakenBack(_) => Some("customer.typed_number_taken_back"),
    };
    change_number(ports, who, (customer, |_: &Contact| Ok(typed.clone()), said), now).await
}

/// Changes the number of a customer to the one that is wanted once the customer was read, over what was read alone.
pub(crate) async fn change_number(
    (waker, number_keys): (&Waker, &NumberKeys),
    (org, by): (&OrgId, &UserId),
    (customer, wanted, said): (
        &ContactRef,
        impl Fn(&Contact) -> Result<Option<TypedPhone>, AppError> + Send + Sync,
        impl Fn(&Change) -> Option<&'static str> + Send + Sync,
    ),
    now: Timestamp,
) -> Result<(Contact, Option<NumberChange>), AppError> {
    let (store, key) = (&waker.store, keys::contact(org, customer));
    let unknown = AppError::NotFound("customer");
    if store.erased_customer(org, &number_keys.customer(org, customer)?).await?.is_some() {
        return Err(unknown);
    }
    let id = ActivityId::new(waker.ids.uuid());
    for _ in 0..RACES {
        let Some(seen) = store.contact(org, customer).await? else { return Err(unknown) };
        store.is_expected(&key, seen.rev)?;
        let change = change(&seen.value, wanted(&seen.value)?, by, now).map_err(AppError::Conflict)?;
        let (contact, action) = match (said(&change), change) {
            (Some(action), Change::Typed(contact) | Change::TakenBack(contact)) => (contact, action),
            (None, _) | (Some(_), Change::None) => {
                // Whoever was to read it may not have been woken.
                follow(waker, org, Some(&seen.value).filter(|known| known.is_unread()), now).await?;
                return Ok((seen.value, None));
            }
        };
        let detail = json!({"connection": customer.connection, "contact": customer.contact});
        let told = Activity { at: now, actor: Actor::User(by.clone()), action: action.to_owned(), detail };
        if store.renumber(org, &seen, &contact, Some((id, &told)), now).await? {
            follow(waker, org, [&contact], now).await?;
            let changed = NumberChange::of(&contact);
            return Ok((contact, Some(changed)));
        }
    }
    Err(lost_races())
}

/// What a change of a customer's number left and found, by when each was typed; none is the ledger's number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberChange {
    /// When the number was typed that counts since.
    pub left: Option<Timestamp>,
    /// When the number was typed that counted before.
    pub found: Option<Timestamp>,
}

impl NumberChange {
    /// The latest change of a customer's number.
    pub(crate) fn of(contact: &Contact) -> Self {
        let typed_at = |typed: &Option<TypedNumber>| typed.as_ref().map(|typed| typed.at);
        Self { left: typed_at(&contact.typed), found: typed_at(&contact.typed_before) }
    }
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
    let typed_before = known.typed.clone();
    let taken_back =
        || Contact { number: ledger.clone(), typed: None, typed_before: typed_before.clone(), ..known.clone() };
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
    Ok(Change::Typed(Contact { number: ContactNumber::Unread, typed: Some(typed), typed_before, ..known.clone() }))
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
