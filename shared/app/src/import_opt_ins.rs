//! Opt-ins that customers gave elsewhere, recorded many at a time: a row that is wrong never stops the others.

use std::{collections::BTreeMap, fmt, mem};

use futures_util::{StreamExt as _, stream};
use jiff::{Timestamp, civil::Date};
use numo_domain::{
    consent::opt_in::OptIn,
    contact::{Contact, ContactNumber, ContactRef},
    id::{ActivityId, NumberKey, OrgId, UserId},
    organisation::Organisation,
    phone::spelling::Spelling,
};

use crate::{
    error::AppError,
    import_report::{RefusedRow, RowOutcome, counts},
    job::{Cause, Work},
    store::{
        Store,
        activity::{Activity, Actor},
        consent::OptInRecorded,
    },
    wake::Waker,
};

/// Rows of one import, at most: each takes three reads and a transaction, and all of them a few seconds.
pub const MAX_ROWS: usize = 500;

/// Rows under way at once: a partition of the table takes 1,000 write units a second, and a row writes 4.
const AT_ONCE: usize = 4;

/// One opt-in, as the business has it.
#[derive(Clone, PartialEq, Eq)]
pub struct OptInRow {
    /// Who gave it.
    pub customer: ContactRef,
    /// For which number, with its country's code or without.
    pub number: String,
    /// Where it was given.
    pub source: String,
    /// On which day.
    pub given_on: Date,
}

impl fmt::Debug for OptInRow {
    /// Without the number, so that no log line can carry it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OptInRow").field("customer", &self.customer).finish_non_exhaustive()
    }
}

/// Records opt-ins for their customers' numbers; says of each row, in order, what became of it.
///
/// Importing the same rows again changes nothing. What could not even be read comes as the refusal that it gets.
pub async fn import_opt_ins(
    waker: &Waker,
    org: &OrgId,
    by: &UserId,
    rows: Vec<Result<OptInRow, RefusedRow>>,
    now: Timestamp,
) -> Result<Vec<RowOutcome>, AppError> {
    if !(1..=MAX_ROWS).contains(&rows.len()) {
        let message = format!("1 to {MAX_ROWS} rows are needed, not {}", rows.len());
        return Err(AppError::invalid("opt_ins", message));
    }
    let outcomes = outcomes_of(&waker.store, (org, by), (rows, What::Record), now).await?;
    if let Some(detail) = counts(&outcomes) {
        let (actor, action) = (Actor::User(by.clone()), "opt_ins.imported".to_owned());
        let activity = Activity { at: now, actor, action, detail };
        waker.store.record(org, ActivityId::new(waker.ids.uuid()), &activity).await?;
        waker.wake(org, &Work::PlanDay {}, Cause::Person, now).await?;
    }
    Ok(outcomes)
}

/// What an import of the same rows would say of each; records nothing.
pub async fn look_at_opt_ins(
    store: &Store,
    org: &OrgId,
    by: &UserId,
    rows: Vec<OptInRow>,
    now: Timestamp,
) -> Result<Vec<RowOutcome>, AppError> {
    outcomes_of(store, (org, by), (rows.into_iter().map(Ok).collect(), What::Look), now).await
}

/// A day in the one spelling that nobody reads in two ways.
pub fn day_of(text: &str) -> Result<Date, &'static str> {
    let day = text.parse::<Date>().ok().filter(|day| day.to_string() == text);
    day.ok_or("a day is written as 2026-03-01")
}

/// What is done with each opt-in.
#[derive(Debug, Clone, Copy)]
enum What {
    Look,
    Record,
}

async fn outcomes_of(
    store: &Store,
    (org, by): (&OrgId, &UserId),
    (rows, what): (Vec<Result<OptInRow, RefusedRow>>, What),
    now: Timestamp,
) -> Result<Vec<RowOutcome>, AppError> {
    let organisation = store.organisation(org).await?;
    let checked = |row: Result<OptInRow, RefusedRow>| row.and_then(|row| Given::check(row, &organisation, by, now));
    let rows: Vec<Result<Given, RefusedRow>> = rows.into_iter().map(checked).collect();
    let outcomes = each(store, org, (by_customer(rows.clone()), what), now).await?;
    Ok(of_rows(rows, outcomes))
}

/// A row in which nothing is wrong by itself.
#[derive(Clone)]
struct Given {
    customer: ContactRef,
    number: Spelling,
    opt_in: OptIn,
}

impl Given {
    fn check(row: OptInRow, organisation: &Organisation, by: &UserId, now: Timestamp) -> Result<Self, RefusedRow> {
        let number = row.number.parse::<Spelling>();
        let number = number.map_err(|wrong| RefusedRow::new("number", wrong.to_string()))?;
        let opt_in = OptIn::new(row.given_on, &row.source, organisation.zone.date(now))
            .map_err(|wrong| RefusedRow::new(wrong.field(), wrong.to_string()))?;
        Ok(Self { customer: row.customer, number, opt_in: opt_in.recorded_by(by) })
    }

    /// Whether two rows say the same.
    fn agrees_with(&self, other: &Self) -> bool {
        self.opt_in == other.opt_in && self.number.agrees_with(&other.number)
    }

    /// The key of the number, if it is the one that the customer has now.
    fn number_key<'a>(&self, contact: Option<&'a Contact>) -> Result<&'a NumberKey, RefusedRow> {
        let contact = contact.ok_or_else(|| RefusedRow::unknown(&self.customer))?;
        match &contact.number {
            ContactNumber::Usable { number, key, .. } if self.number.means(number) => Ok(key),
            ContactNumber::Usable { .. } => {
                let message = "the customer has another number now, and an opt-in counts for its own number alone";
                Err(RefusedRow::new("number", message))
            }
            ContactNumber::Unusable { .. } | ContactNumber::Missing | ContactNumber::Unread => {
                Err(RefusedRow::new("number", "the customer has no number that can be written to"))
            }
        }
    }
}

/// What the rows say of each customer; where they differ, none of them is taken.
fn by_customer(rows: Vec<Result<Given, RefusedRow>>) -> BTreeMap<ContactRef, Result<Given, RefusedRow>> {
    let mut customers: BTreeMap<ContactRef, Result<Given, RefusedRow>> = BTreeMap::new();
    for given in rows.into_iter().flatten() {
        let said = customers.entry(given.customer.clone()).or_insert_with(|| Ok(given.clone()));
        if said.as_ref().is_ok_and(|said| !said.agrees_with(&given)) {
            let message = "rows about this customer differ in number, source or day, and none of them is recorded";
            *said = Err(RefusedRow::new("contact", message));
        }
    }
    customers
}

async fn each(
    store: &Store,
    org: &OrgId,
    (customers, what): (BTreeMap<ContactRef, Result<Given, RefusedRow>>, What),
    now: Timestamp,
) -> Result<BTreeMap<ContactRef, RowOutcome>, AppError> {
    let refs: Vec<ContactRef> = customers.keys().cloned().collect();
    let known = store.contacts_by_ref(org, &refs).await?.into_iter().map(|known| (known.value.at.clone(), known.value));
    let known: &BTreeMap<ContactRef, Contact> = &known.collect();
    let recordings = customers.into_iter().map(|(customer, given)| async move {
        let outcome = match given {
            Ok(given) => one(store, org, (&given, known.get(&customer), what), now).await,
            Err(refused) => RowOutcome::Refused(refused),
        };
        (customer, outcome)
    });
    Ok(stream::iter(recordings).buffer_unordered(AT_ONCE).collect().await)
}

async fn one(
    store: &Store,
    org: &OrgId,
    (given, contact, what): (&Given, Option<&Contact>, What),
    now: Timestamp,
) -> RowOutcome {
    let number = match given.number_key(contact) {
        Ok(number) => number,
        Err(refused) => return RowOutcome::Refused(refused),
    };
    let whose = (&given.customer, number);
    let done = match what {
        What::Look => store.look_at_opt_in(org, whose, &given.opt_in, now).await,
        What::Record => store.record_opt_in(org, whose, &given.opt_in, now).await,
    };
    match done {
        Ok(OptInRecorded::Now) => RowOutcome::Accepted,
        Ok(OptInRecorded::Before) => RowOutcome::Unchanged,
        Ok(OptInRecorded::Not(why)) => RowOutcome::Refused(RefusedRow::new(why.field(), why.to_string())),
        Err(error) => {
            tracing::warn!(org = %org, error = %error, "whether an opt-in was recorded is not known");
            RowOutcome::Failed
        }
    }
}

/// The outcome of every row; one that is there twice is recorded by the first of them.
fn of_rows(rows: Vec<Result<Given, RefusedRow>>, mut outcomes: BTreeMap<ContactRef, RowOutcome>) -> Vec<RowOutcome> {
    let outcome = |row: Result<Given, RefusedRow>| match row {
        Err(refused) => RowOutcome::Refused(refused),
        Ok(given) => outcomes.get_mut(&given.customer).map_or(RowOutcome::Failed, |outcome| match outcome {
            RowOutcome::Accepted => mem::replace(outcome, RowOutcome::Unchanged),
            RowOutcome::Unchanged | RowOutcome::TakenBack | RowOutcome::Refused(_) | RowOutcome::Failed => {
                outcome.clone()
            }
        }),
    };
    rows.into_iter().map(outcome).collect()
}
