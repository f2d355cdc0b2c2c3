//! Customers with what they owe: the ones that need somebody first.

use std::{cmp::Reverse, collections::BTreeMap};

use jiff::civil::Date;
use numo_domain::{
    ageing::{Aged, aged},
    contact::{Contact, ContactNumber, ContactRef, Payers},
    id::OrgId,
    invoice::Invoice,
};

use crate::{error::AppError, store::Store};

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
    /// Whether it owes something and there is no number that it could be reminded by.
    pub fn lacks_number(&self) -> bool {
        !self.owes.is_empty() && !matches!(self.contact.number, ContactNumber::Usable { .. })
    }

    /// The most that is overdue in one currency, in its minor units: amounts of two currencies are not compared.
    fn most_overdue(&self) -> i64 {
        self.owes.iter().map(|aged| aged.overdue().minor).max().unwrap_or_default()
    }
}

/// Every customer, those without a number who owe first, then by what is overdue, then by name.
///
/// What a merged customer owes stands under whoever pays for it.
pub async fn debtors(store: &Store, org: &OrgId, today: Date) -> Result<Vec<Debtor>, AppError> {
    let (contacts, open) = (store.contacts(org).await?, store.open_invoices(org).await?);
    let payers = Payers::of(&contacts);
    let mut owed: BTreeMap<ContactRef, Vec<Invoice>> = BTreeMap::new();
    for invoice in open {
        owed.entry(payers.payer_of(&invoice.contact)).or_default().push(invoice);
    }
    let themselves = contacts.into_iter().filter(|contact| contact.payer().is_none());
    let mut debtors: Vec<Debtor> = themselves
        .map(|contact| {
            let open = owed.remove(&contact.at).unwrap_or_default();
            let days_overdue = open.iter().filter_map(|invoice| invoice.days_overdue(today)).max();
            Debtor { owes: aged(&open, today), days_overdue, contact }
        })
        .collect();
    debtors.sort_by_cached_key(|debtor| {
        let owes_nothing = debtor.owes.is_empty();
        let name = debtor.contact.name.to_lowercase();
        (!debtor.lacks_number(), Reverse(debtor.most_overdue()), owes_nothing, name, debtor.contact.at.clone())
    });
    Ok(debtors)
}
