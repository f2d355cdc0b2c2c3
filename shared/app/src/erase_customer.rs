//! Forgetting a customer for good: from the moment it is asked for nothing is sent to them and nothing of them comes back.

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    contact::ContactRef,
    id::{ActivityId, ConnectionId, ExternalId, OrgId, UserId},
    wording::value::is_typed,
};
use serde_json::json;

use crate::{
    error::AppError,
    job::Cause,
    number_key::NumberKeys,
    store::{
        Store,
        activity::{Activity, Actor},
        consent::ConsentOf,
        due::erase_work,
        erasure::{ErasedCustomer, Pass, opt_out},
        journal::erasure::JournalledErasure,
    },
    wake::Waker,
};

/// Erases a customer on an admin's word, who typed the customer's name or id; again it changes nothing.
///
/// First the journal, so that a restored table has them erased again; then the number is silenced; then what is left of
/// them is noted together with the work that deletes the rest.
pub async fn ask_for_erasure(
    (waker, number_keys): (&Waker, &NumberKeys),
    (org, by): (&OrgId, &UserId),
    contact: &ContactRef,
    typed: &str,
    now: Timestamp,
) -> Result<ErasedCustomer, AppError> {
    let (store, customer) = (&waker.store, number_keys.customer(org, contact)?);
    if let Some(erased) = store.erased_customer(org, &customer).await? {
        return Ok(erased);
    }
    let found = store.contacts_by_ref(org, std::slice::from_ref(contact)).await?;
    let known = found.into_iter().next().ok_or(AppError::NotFound("customer"))?.value;
    if !is_typed(typed, &known.name) && typed.trim() != contact.contact.as_str() {
        return Err(AppError::invalid("confirm", "type the customer's name as it is shown, or the ledger's id"));
    }
    let erased = ErasedCustomer { customer, erased_at: now, by: by.clone() };
    let entry = JournalledErasure { org: org.clone(), contact: contact.clone(), erased: erased.clone() };
    store.journal_erasure(&entry, now).await?;
    if let Some(number) = known.number.key() {
        store.change_consent(org, ConsentOf::Number(number.clone()), &opt_out(&erased), now).await?;
    }
    let line = ActivityId::new(waker.ids.uuid());
    if !begin(store, &entry, (line, Actor::User(by.clone())), now).await? {
        // Somebody else asked in the same moment.
        let before = store.erased_customer(org, &erased.customer).await?;
        return before.ok_or_else(crate::store::lost_races);
    }
    store.forget_debtor(org, contact, now).await?;
    let claimed = store.claim_work(org, &erase_work(contact), now).await?;
    waker.send_claimed(org, claimed, Cause::Person, now).await?;
    Ok(erased)
}

/// Notes that a customer is erased, with the work that does it; false if it was noted before.
pub(crate) async fn begin(
    store: &Store,
    JournalledErasure { org, contact, erased }: &JournalledErasure,
    (line, actor): (ActivityId, Actor),
    now: Timestamp,
) -> Result<bool, AppError> {
    let detail = json!({"customer": erased.customer});
    let activity = Activity { at: now, actor, action: "customer.erased".to_owned(), detail };
    store.begin_erasure(org, (contact, erased), (line, &activity), now).await
}

/// How a look at a customer who is to be erased ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erasing {
    /// Nothing is left that names them.
    Done,
    /// Everything that could be is deleted; the next look stands in the table.
    Again,
    /// The job was stale.
    Stale,
}

/// Whoever had a record of theirs in hand when it was asked for has written it by then: no invocation is longer.
pub(crate) const IN_HAND: SignedDuration = SignedDuration::from_mins(20);

/// A message of theirs that is too young to be taken out of the send ledger is looked at again after this.
const YOUNG_AGAIN: SignedDuration = SignedDuration::from_hours(24);

/// Deletes what names an erased customer, until nothing does.
///
/// Looked at twice at least, the second time after everybody who was at work when it was asked for.
pub async fn erase_customer(
    store: &Store,
    number_keys: &NumberKeys,
    org: &OrgId,
    (connection, contact): (ConnectionId, ExternalId),
    claim: Timestamp,
    now: Timestamp,
) -> Result<Erasing, AppError> {
    let contact = &ContactRef { connection, contact };
    let work = erase_work(contact);
    if !store.holds_claim(org, &work, claim).await? {
        return Ok(Erasing::Stale);
    }
    let erased = store.erased_customer(org, &number_keys.customer(org, contact)?).await?;
    let Some(erased) = erased else {
        store.finish_due(org, &work, claim, None, now).await?;
        return Ok(Erasing::Stale);
    };
    let left = Pass { store, number_keys, org, contact, erased: &erased, now }.run().await?;
    let settled_at = erased.erased_at.saturating_add(IN_HAND).unwrap_or(now);
    let next = if now < settled_at {
        Some(settled_at)
    } else if left.is_raced {
        now.saturating_add(IN_HAND).ok()
    } else if left.is_young {
        now.saturating_add(YOUNG_AGAIN).ok()
    } else {
        None
    };
    store.finish_due(org, &work, claim, next, now).await?;
    Ok(if next.is_some() { Erasing::Again } else { Erasing::Done })
}
