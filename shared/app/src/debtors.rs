//! Customers with what they owe: the ones that need somebody first.

use std::{cmp::Reverse, collections::BTreeMap};

use jiff::{Timestamp, civil::Date};
use numo_domain::{
    contact::{Contact, ContactNumber, ContactRef},
    id::OrgId,
};

use crate::{
    error::AppError,
    store::{
        Store,
        part::Part,
        receivables::{CHUNK, Owes, RankedDebtor},
    },
};

/// A customer with what is open, by currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Debtor {
    /// The customer, who pays for itself.
    pub contact: Contact,
    /// What is open; nothing where nothing is.
    pub owes: Vec<Owes>,
    /// The oldest due date of it.
    pub oldest_due: Option<Date>,
}

impl Debtor {
    /// Whether it owes something and there is no number that it could be reminded by.
    pub fn lacks_number(&self) -> bool {
        !self.owes.is_empty() && !matches!(self.contact.number, ContactNumber::Usable { .. })
    }

    /// Days since the oldest due date, where it has passed.
    pub fn days_overdue(&self, today: Date) -> Option<i32> {
        let due = self.oldest_due.filter(|due| *due < today)?;
        today.since(due).ok().map(|span| span.get_days())
    }

    fn new(contact: Contact, ranked: RankedDebtor) -> Self {
        Self { contact, owes: ranked.owes, oldest_due: ranked.oldest_due }
    }
}

/// A page of those who owe, as they were counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DebtorsPage {
    /// When.
    pub counted_at: Timestamp,
    /// How many owe something.
    pub all: usize,
    /// How many of them had no number that they could be reminded by.
    pub without_number: usize,
    /// Whoever is on the page, with the number of this moment.
    pub debtors: Vec<Debtor>,
    /// Pages of the list that is asked for.
    pub pages: usize,
    /// How many are on no page: only the search finds them.
    pub unlisted: usize,
}

/// A page, counted from 0, of those who owe, or of those of them who lack a number; none before the first count.
///
/// Those without a number stand first, then by what is overdue, then by name. What a merged customer owes stands under
/// whoever pays for it.
pub async fn debtors(
    store: &Store,
    org: &OrgId,
    (page, only_without_number): (usize, bool),
) -> Result<Option<DebtorsPage>, AppError> {
    let (counted, mut ranked) = store.debtor_chunk(org, page).await?;
    let Some(counted) = counted else { return Ok(None) };
    ranked.retain(|debtor| !only_without_number || debtor.lacks_number);
    let refs: Vec<ContactRef> = ranked.iter().map(|debtor| debtor.contact.clone()).collect();
    let contacts = store.contacts_by_ref(org, &refs).await?.into_iter().map(|stored| stored.value);
    let mut contacts: BTreeMap<ContactRef, Contact> = contacts.map(|contact| (contact.at.clone(), contact)).collect();
    let known = ranked.into_iter().filter_map(|ranked| Some(Debtor::new(contacts.remove(&ranked.contact)?, ranked)));
    let wanted = known.filter(|debtor| !only_without_number || debtor.lacks_number());
    let listed = if only_without_number { counted.without_number } else { counted.debtors };
    let pages = listed.div_ceil(CHUNK).min(counted.chunks);
    Ok(Some(DebtorsPage {
        counted_at: counted.counted_at,
        all: counted.debtors,
        without_number: counted.without_number,
        debtors: wanted.collect(),
        pages,
        unlisted: listed.saturating_sub(pages * CHUNK),
    }))
}

/// Customers with a part of the name, whether they owe something or not, in the same order; at most so many.
pub async fn customers_named(
    store: &Store,
    org: &OrgId,
    (name, most): (&str, usize),
    today: Date,
) -> Result<Vec<Debtor>, AppError> {
    let (name, mut found) = (name.to_lowercase(), Vec::new());
    let mut part = Part::first(most);
    loop {
        let wanted = |contact: &Contact| contact.name.to_lowercase().contains(&name);
        let read = store.contacts_found(org, &part, wanted).await?;
        found.extend(read.values);
        part = match read.next {
            Some(next) if found.len() < most => Part { limit: most - found.len(), after: Some(next) },
            Some(_) | None => break,
        };
    }
    let mut debtors = Vec::with_capacity(found.len());
    for contact in found {
        let open = store.open_invoices_of(org, &contact.at).await?;
        debtors.push((RankedDebtor::of(&contact, &open, today), contact));
    }
    debtors.sort_by_cached_key(|(ranked, contact)| {
        let owes_nothing = ranked.owes.is_empty();
        let name = contact.name.to_lowercase();
        (!ranked.lacks_number, Reverse(ranked.most_overdue()), owes_nothing, name, contact.at.clone())
    });
    Ok(debtors.into_iter().map(|(ranked, contact)| Debtor::new(contact, ranked)).collect())
}
