//! Customers with what they owe: the ones that need somebody first.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use jiff::civil::Date;
use numo_domain::{
    ageing::{Aged, aged},
    contact::{Contact, ContactNumber, ContactRef, Payers},
    id::OrgId,
    invoice::Invoice,
};

use crate::{
    error::AppError,
    store::{Store, part::Part},
};

/// A customer with what is open, by currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Debtor {
    /// The customer, who pays for itself.
    pub contact: Contact,
    /// What is open; nothing where nothing is.
    pub owes: Vec<Aged>,
    /// Days since the oldest due date that has passed.
    pub days_overdue: Option<i32>,
}

impl Debtor {
    fn new(contact: Contact, open: &[Invoice], today: Date) -> Self {
        let days_overdue = open.iter().filter_map(|invoice| invoice.days_overdue(today)).max();
        Self { owes: aged(open, today), days_overdue, contact }
    }

    /// Whether it owes something and there is no number that it could be reminded by.
    pub fn lacks_number(&self) -> bool {
        !self.owes.is_empty() && !matches!(self.contact.number, ContactNumber::Usable { .. })
    }

    /// The most that is overdue in one currency, in its minor units: amounts of two currencies are not compared.
    fn most_overdue(&self) -> i64 {
        self.owes.iter().map(|aged| aged.overdue().minor).max().unwrap_or_default()
    }
}

/// Every customer who owes something: those without a number first, then by what is overdue, then by name.
///
/// What a merged customer owes stands under whoever pays for it.
pub async fn debtors(store: &Store, org: &OrgId, today: Date) -> Result<Vec<Debtor>, AppError> {
    let open = store.open_invoices(org).await?;
    let owing: BTreeSet<ContactRef> = open.iter().map(|invoice| invoice.contact.clone()).collect();
    let contacts = with_payers(store, org, owing).await?;
    let payers = Payers::of(contacts.values());
    let mut owed = by_payer(open, &payers);
    let themselves = contacts.into_values().filter(|contact| owed.contains_key(&contact.at)).collect::<Vec<_>>();
    let found = themselves.into_iter().map(|contact| {
        let open = owed.remove(&contact.at).unwrap_or_default();
        Debtor::new(contact, &open, today)
    });
    Ok(in_order(found.collect()))
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
        debtors.push(Debtor::new(contact, &open, today));
    }
    Ok(in_order(debtors))
}

/// Longest chain of payers that is followed.
const MOST_PAYERS: usize = 8;

/// Customers with whoever pays in their place.
async fn with_payers(
    store: &Store,
    org: &OrgId,
    mut wanted: BTreeSet<ContactRef>,
) -> Result<BTreeMap<ContactRef, Contact>, AppError> {
    let mut known: BTreeMap<ContactRef, Contact> = BTreeMap::new();
    for _ in 0..MOST_PAYERS {
        let refs: Vec<ContactRef> = wanted.into_iter().filter(|contact| !known.contains_key(contact)).collect();
        if refs.is_empty() {
            break;
        }
        let read = store.contacts_by_ref(org, &refs).await?;
        wanted = read.iter().filter_map(|stored| stored.value.payer()).collect();
        known.extend(read.into_iter().map(|stored| (stored.value.at.clone(), stored.value)));
    }
    Ok(known)
}

fn by_payer(open: Vec<Invoice>, payers: &Payers) -> BTreeMap<ContactRef, Vec<Invoice>> {
    let mut owed: BTreeMap<ContactRef, Vec<Invoice>> = BTreeMap::new();
    for invoice in open {
        owed.entry(payers.payer_of(&invoice.contact)).or_default().push(invoice);
    }
    owed
}

fn in_order(mut debtors: Vec<Debtor>) -> Vec<Debtor> {
    debtors.sort_by_cached_key(|debtor| {
        let owes_nothing = debtor.owes.is_empty();
        let name = debtor.contact.name.to_lowercase();
        (!debtor.lacks_number(), Reverse(debtor.most_overdue()), owes_nothing, name, debtor.contact.at.clone())
    });
    debtors
}
