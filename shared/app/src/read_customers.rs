//! Customers with the number that is written to and what is known of their consent, to be taken along.

use jiff::Timestamp;
use numo_domain::{
    consent::Answer,
    contact::Contact,
    id::{ActivityId, OrgId, UserId},
};
use serde_json::json;

use crate::{
    error::AppError,
    port::clock::Ids,
    store::{
        Store,
        activity::{Activity, Actor},
        part::{Part, Parted},
    },
};

/// A customer as it is taken along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerLine {
    /// The customer.
    pub contact: Contact,
    /// What is known of being written to.
    pub answer: Answer,
}

/// Contacts of one read.
const AT_ONCE: usize = 500;

/// A part of all customers, in the order of their keys; that somebody took it along is written down.
pub async fn read_customers(
    store: &Store,
    ids: &dyn Ids,
    (org, by): (&OrgId, &UserId),
    part: &Part,
    now: Timestamp,
) -> Result<Parted<CustomerLine>, AppError> {
    let consents = store.consents(org).await?;
    let (mut values, mut after) = (Vec::new(), part.after.clone());
    loop {
        let limit = AT_ONCE.min(part.limit - values.len());
        let read = store.contacts_part(org, &Part { limit, after }).await?;
        values.extend(read.values.into_iter().map(|contact| {
            let answer = consents.answer_of(&contact);
            CustomerLine { contact, answer }
        }));
        after = read.next;
        if after.is_none() || values.len() >= part.limit {
            break;
        }
    }
    let (actor, action) = (Actor::User(by.clone()), "customers.exported".to_owned());
    let activity = Activity { at: now, actor, action, detail: json!({"customers": values.len()}) };
    store.record(org, ActivityId::new(ids.uuid()), &activity).await?;
    Ok(Parted { values, next: after })
}
