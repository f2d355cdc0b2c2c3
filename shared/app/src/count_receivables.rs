//! Counting what customers owe, so that no page has to read every open invoice.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use jiff::{Timestamp, ToSpan, civil::Date};
use numo_domain::{
    ageing::aged,
    contact::{Contact, ContactNumber, ContactRef, Payers},
    id::OrgId,
    invoice::Invoice,
};

use crate::{
    error::AppError,
    situation::Situation,
    store::{
        RACES, Store,
        erasure::KeptOut,
        lost_races,
        receivables::{Count, Kept, OwedOnDay, Owes, RankedDebtor, Receivables},
    },
};

/// Reads everything that is open and keeps what it adds up to; a later count that is there stays.
///
/// The index of what is open may lag: what was written a moment ago is counted the next time at the latest, which is
/// when the day is planned.
pub async fn count_receivables(store: &Store, org: &OrgId, now: Timestamp) -> Result<(), AppError> {
    count_but_for(store, org, None, now).await
}

/// The same without customers who are being erased, where the caller knows of them.
///
/// The planner does not: what it lists of them is taken out by the erasure.
pub(crate) async fn count_but_for(
    store: &Store,
    org: &OrgId,
    kept_out: Option<&KeptOut<'_>>,
    now: Timestamp,
) -> Result<(), AppError> {
    let today = store.organisation(org).await?.zone.date(now);
    for _ in 0..RACES {
        let before = store.kept_before(org, now).await?;
        let mut open = store.open_invoices(org).await?;
        if let Some(kept_out) = kept_out {
            kept_out.take_out(&mut open, |invoice| Some(invoice.contact.clone()))?;
        }
        let owing: BTreeSet<ContactRef> = open.iter().map(|invoice| invoice.contact.clone()).collect();
        let contacts = with_payers(store, org, owing).await?;
        let payers = Payers::of(contacts.values());
        let owed = open.into_iter().map(|invoice| Invoice { contact: payers.payer_of(&invoice.contact), ..invoice });
        let count = Count::of(&owed.collect::<Vec<_>>(), &contacts, today);
        if store.keep_count(org, &before, count, now).await? == Kept::Kept {
            return Ok(());
        }
    }
    Err(lost_races())
}

impl Count {
    /// Of what a plan is made from, where every invoice is under whoever pays it already.
    pub(crate) fn of_situation(situation: &Situation, now: Timestamp) -> Self {
        let open = situation.ledger.invoices.iter().map(|open| &open.invoice);
        Self::of(open, &situation.ledger.contacts, situation.organisation.zone.date(now))
    }

    /// Of open invoices, each under whoever pays it, and of those of their customers who are known.
    ///
    /// Whoever lacks a number stands first, then whoever has the most overdue, then by name: amounts of two currencies are
    /// not compared with each other.
    pub(crate) fn of<'a>(
        open: impl IntoIterator<Item = &'a Invoice> + Clone,
        contacts: &BTreeMap<ContactRef, Contact>,
        today: Date,
    ) -> Self {
        let mut by_payer: BTreeMap<&ContactRef, Vec<&Invoice>> = BTreeMap::new();
        for invoice in open.clone() {
            by_payer.entry(&invoice.contact).or_default().push(invoice);
        }
        let known = by_payer.into_iter().filter_map(|(at, owed)| Some((contacts.get(at)?, owed)));
        let mut ranked: Vec<(RankedDebtor, String)> = known
            .map(|(contact, owed)| (RankedDebtor::of(contact, owed, today), contact.name.to_lowercase()))
            .collect();
        ranked.sort_by(|(one, one_name), (other, other_name)| {
            let place = |debtor: &RankedDebtor| (!debtor.lacks_number, Reverse(debtor.most_overdue()));
            (place(one), one_name, &one.contact).cmp(&(place(other), other_name, &other.contact))
        });
        let debtors = ranked.into_iter().map(|(debtor, _)| debtor).collect();
        Self { date: today, owed: aged(open, today), debtors }
    }
}

impl RankedDebtor {
    /// A customer with what is open.
    pub(crate) fn of<'a>(contact: &Contact, open: impl IntoIterator<Item = &'a Invoice> + Clone, today: Date) -> Self {
        let sums = aged(open.clone(), today);
        Self {
            contact: contact.at.clone(),
            lacks_number: !sums.is_empty() && !matches!(contact.number, ContactNumber::Usable { .. }),
            owes: sums.iter().map(|sums| Owes { total: sums.total(), overdue: sums.overdue() }).collect(),
            oldest_due: open.into_iter().filter(|invoice| invoice.is_open()).filter_map(|invoice| invoice.due).min(),
        }
    }

    /// The most that is overdue in one currency, in its minor units.
    pub(crate) fn most_overdue(&self) -> i64 {
        self.owes.iter().map(|owes| owes.overdue.minor).max().unwrap_or_default()
    }
}

/// What is owed, as it was counted last, beside what was owed about a month before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwedNow {
    /// As it was counted last.
    pub counted: Receivables,
    /// On the latest day that is a month ago, or up to six days more; none where none of them was counted.
    pub month_ago: Option<OwedOnDay>,
}

/// Days that stand for the one a month ago, where that was not counted.
const DAYS_ABOUT: i64 = 7;

/// What is owed by the latest count; none before the first one.
pub async fn owed_now(store: &Store, org: &OrgId, today: Date) -> Result<Option<OwedNow>, AppError> {
    let month_ago = today.saturating_sub(1.month());
    let days: Vec<Date> = (0..DAYS_ABOUT).map(|more| month_ago.saturating_sub(more.days())).collect();
    let (counted, days) = store.receivables_and_days(org, &days).await?;
    Ok(counted.map(|counted| OwedNow { counted, month_ago: days.into_iter().max_by_key(|day| day.date) }))
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
