//! Taking back that a number was typed for a customer, or that a typed one was given up.

use jiff::Timestamp;
use numo_domain::{
    contact::{Contact, ContactRef},
    id::{OrgId, UserId},
    phone::typed::TypedPhone,
};

use crate::{
    error::AppError,
    number_key::NumberKeys,
    type_number::{NumberChange, change_number},
    wake::Waker,
};

/// Has the number count again that a change found, over what the change left and over nothing else.
///
/// A typed number is read anew before anything goes to it. Whoever changed the number since is not undone, and nor is
/// the ledger: [`AppError::Stale`].
pub async fn undo_number(
    ports: (&Waker, &NumberKeys),
    who: (&OrgId, &UserId),
    (customer, change): (&ContactRef, &NumberChange),
    now: Timestamp,
) -> Result<(), AppError> {
    let found = |known: &Contact| found(known, change);
    change_number(ports, who, (customer, found, |_: &_| Some("customer.number_undone")), now).await.map(|_| ())
}

/// What counted before the latest change of a number, if that is the change that is meant.
fn found(known: &Contact, change: &NumberChange) -> Result<Option<TypedPhone>, AppError> {
    let Some(before) = &known.typed_before else {
        return if NumberChange::of(known) == *change { Ok(None) } else { Err(AppError::Stale) };
    };
    let is_of_ledger = before.ledger.says_what(known.number_in_ledger());
    if NumberChange::of(known) == *change && is_of_ledger {
        Ok(Some(before.text.clone()))
    } else {
        Err(AppError::Stale)
    }
}
