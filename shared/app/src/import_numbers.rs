//! Numbers of customers, typed many at a time in a spreadsheet: a row that is wrong never stops the others.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
use numo_domain::{
    contact::{Contact, ContactRef},
    id::{ActivityId, OrgId, UserId},
    phone::typed::TypedPhone,
};

use crate::{
    error::AppError,
    import_report::{RefusedRow, RowOutcome, counts},
    number_key::NumberKeys,
    store::{
        RACES, Store, Stored,
        activity::{Activity, Actor},
        erasure::KeptOut,
        lost_races,
    },
    type_number::{Change, change, follow},
    wake::Waker,
};

/// Rows of one import, at most: as many as an exported file has.
pub const MAX_ROWS: usize = 1_000;

/// Rows under way at once: a partition of the table takes 1,000 write units a second, and a row writes 4.
const AT_ONCE: usize = 4;

/// The number of one customer, as it stands in a file.
#[derive(Clone, PartialEq, Eq)]
pub struct NumberRow {
    /// Whose.
    pub customer: ContactRef,
    /// The number; empty where the ledger's is to count.
    pub number: String,
}

impl fmt::Debug for NumberRow {
    /// Without the number, so that no log line can carry it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NumberRow").field("customer", &self.customer).finish_non_exhaustive()
    }
}

/// Takes numbers for their customers; says of each row, in order, what became of it.
///
/// A number that is the customer's already changes nothing, so that an exported file comes back with what was changed in
/// it alone, and importing the same file again changes nothing. What could not even be read comes as the refusal that it
/// gets.
pub async fn import_numbers(
    (waker, number_keys): (&Waker, &NumberKeys),
    (org, by): (&OrgId, &UserId),
    rows: Vec<Result<NumberRow, RefusedRow>>,
    now: Timestamp,
) -> Result<Vec<RowOutcome>, AppError> {
    if !(1..=MAX_ROWS).contains(&rows.len()) {
        let message = format!("1 to {MAX_ROWS} rows are needed, not {}", rows.len());
        return Err(AppError::invalid("numbers", message));
    }
    let mut met = BTreeSet::new();
    let rows: Vec<Result<Given, RefusedRow>> =
        rows.into_iter().map(|row| row.and_then(|row| Given::check(row, &mut met))).collect();
    let known = &known(waker, number_keys, org, met.into_iter().collect()).await?;
    let done = rows.into_iter().map(|row| async move {
        match row.and_then(|given| Ok((known.get(&given.customer).ok_or_else(|| given.unknown())?, given))) {
            Ok((seen, given)) => renumber(&waker.store, (org, by), seen, &given, now).await,
            Err(refused) => (RowOutcome::Refused(refused), None),
        }
    });
    let (outcomes, contacts): (Vec<RowOutcome>, Vec<Option<Contact>>) =
        stream::iter(done).buffered(AT_ONCE).unzip().await;
    if let Some(detail) = counts(&outcomes) {
        let (actor, action) = (Actor::User(by.clone()), "numbers.imported".to_owned());
        let activity = Activity { at: now, actor, action, detail };
        waker.store.record(org, ActivityId::new(waker.ids.uuid()), &activity).await?;
    }
    follow(waker, org, contacts.iter().flatten(), now).await?;
    Ok(outcomes)
}

/// A row in which nothing is wrong by itself.
struct Given {
    customer: ContactRef,
    typed: Option<TypedPhone>,
}

impl Given {
    /// The first row about a customer counts, whatever is wrong with it.
    fn check(row: NumberRow, met: &mut BTreeSet<ContactRef>) -> Result<Self, RefusedRow> {
        if !met.insert(row.customer.clone()) {
            return Err(RefusedRow::new("contact", "an earlier row is about this customer, and that one counts"));
        }
        let number = Some(row.number.trim()).filter(|number| !number.is_empty());
        let typed = number.map(str::parse::<TypedPhone>).transpose();
        let typed = typed.map_err(|wrong| RefusedRow::new("number", wrong.to_string()))?;
        Ok(Self { customer: row.customer, typed })
    }

    fn unknown(&self) -> RefusedRow {
        RefusedRow::unknown(&self.customer)
    }
}

/// The customers that there are; those who were erased are not.
async fn known(
    waker: &Waker,
    number_keys: &NumberKeys,
    org: &OrgId,
    customers: Vec<ContactRef>,
) -> Result<BTreeMap<ContactRef, Stored<Contact>>, AppError> {
    let kept_out = KeptOut::read(&waker.store, number_keys, org).await?;
    let mut known = BTreeMap::new();
    for seen in waker.store.contacts_by_ref(org, &customers).await? {
        if !kept_out.includes(&seen.value.at)? {
            known.insert(seen.value.at.clone(), seen);
        }
    }
    Ok(known)
}

/// What became of a row, and how the customer is known then, if that is to be read or planned with.
async fn renumber(
    store: &Store,
    (org, by): (&OrgId, &UserId),
    seen: &Stored<Contact>,
    given: &Given,
    now: Timestamp,
) -> (RowOutcome, Option<Contact>) {
    match change_number(store, (org, by), seen.clone(), given, now).await {
        Ok(Ok((outcome, contact))) => (outcome, contact),
        Ok(Err(refused)) => (RowOutcome::Refused(refused), None),
        Err(error) => {
            tracing::warn!(org = %org, error = %error, "whether a number was taken is not known");
            (RowOutcome::Failed, None)
        }
    }
}

async fn change_number(
    store: &Store,
    (org, by): (&OrgId, &UserId),
    mut seen: Stored<Contact>,
    given: &Given,
    now: Timestamp,
) -> Result<Result<(RowOutcome, Option<Contact>), RefusedRow>, AppError> {
    for _ in 0..RACES {
        let (outcome, contact) = match change(&seen.value, given.typed.clone(), by, now) {
            Err(why) => return Ok(Err(RefusedRow::new("contact", why))),
            // Whoever was to read it may not have been woken.
            Ok(Change::None) => return Ok(Ok((RowOutcome::Unchanged, seen.value.is_unread().then_some(seen.value)))),
            Ok(Change::Typed(contact)) => (RowOutcome::Accepted, contact),
            Ok(Change::TakenBack(contact)) => (RowOutcome::TakenBack, contact),
        };
        if store.renumber(org, &seen, &contact, None, now).await? {
            return Ok(Ok((outcome, Some(contact))));
        }
        match store.contact(org, &given.customer).await? {
            Some(latest) => seen = latest,
            None => return Ok(Err(given.unknown())),
        }
    }
    Err(lost_races())
}
