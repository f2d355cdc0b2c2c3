//! Which calls a pull takes, and in which order.

use jiff::{Timestamp, civil::Date};
use numo_app::port::ledger::{
    LedgerError,
    reader::{LedgerList, Place, Pull},
};

use crate::quickbooks::{
    entity::Entity,
    query::{Filter, PAGE_SIZE, Query},
};

/// Rows that neighbouring pages share: as many may vanish meanwhile without hiding another.
pub(crate) const OVERLAP: usize = 10;

/// Most records of one answer of change data capture; what is beyond is cut off without a word.
const MAX_CHANGES: usize = 1000;

/// One call of a pull.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// A page of rows.
    Rows(Query),
    /// What changed since an instant, of some entities.
    Changes(Vec<Entity>, Timestamp),
}

/// Where a pull begins.
pub(crate) const fn begin(pull: &Pull) -> Place {
    Place::first(match pull {
        Pull::Everything { .. } => LedgerList::Contacts,
        Pull::Changes { .. } => LedgerList::AllChanges,
        Pull::Open => LedgerList::Invoices,
    })
}

/// The call at a place; unapplied payments are looked for among those dated since a day.
///
/// One call tells all changes. Only where it is cut off, each entity is asked for alone, and one
/// that is cut off again is read by pages, which do not show what was deleted.
pub(crate) fn step(pull: &Pull, place: &Place, paid_since: Date) -> Result<Step, LedgerError> {
    if let (Pull::Changes { since }, LedgerList::AllChanges) = (pull, place.list) {
        return Ok(Step::Changes(Entity::ALL.to_vec(), *since));
    }
    let no_such_list = || LedgerError::Malformed(format!("QuickBooks has no list {:?}", place.list));
    let entity = Entity::of(place.list).ok_or_else(no_such_list)?;
    if let (Pull::Changes { since }, 1) = (pull, place.page) {
        return Ok(Step::Changes(vec![entity], *since));
    }
    let query = filters(pull, place.list, paid_since).into_iter().fold(Query::all(entity), Query::with);
    let n_before = place.page.saturating_sub(first_page_of_rows(pull));
    let start = usize::try_from(n_before).unwrap_or(usize::MAX).saturating_mul(PAGE_SIZE - OVERLAP).saturating_add(1);
    Ok(Step::Rows(query.starting_at(start)))
}

fn filters(pull: &Pull, list: LedgerList, paid_since: Date) -> Vec<Filter> {
    match pull {
        Pull::Changes { since } => vec![Filter::changed_since(*since)],
        Pull::Open if list == LedgerList::Payments => vec![Filter::dated_since(paid_since)],
        Pull::Open => vec![Filter::open()],
        Pull::Everything { dated_since } => match list {
            LedgerList::Invoices | LedgerList::Payments => vec![Filter::dated_since(*dated_since)],
            LedgerList::OldInvoices => vec![Filter::dated_before(*dated_since), Filter::open()],
            LedgerList::CreditNotes => vec![Filter::open()],
            LedgerList::Contacts
            | LedgerList::Prepayments
            | LedgerList::Overpayments
            | LedgerList::Bills
            | LedgerList::AllChanges => Vec::new(),
        },
    }
}

/// Page 1 of a list of changes is change data capture's.
const fn first_page_of_rows(pull: &Pull) -> u32 {
    match pull {
        Pull::Changes { .. } => 2,
        Pull::Everything { .. } | Pull::Open => 1,
    }
}

/// What an answer says of its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Its rows.
    pub(crate) n_rows: usize,
    /// Those of the whole list, where QuickBooks counts them.
    pub(crate) n_total: Option<u64>,
}

/// How much of what changed an answer tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// All of it.
    Whole,
    /// It was cut off, and any of its entities may be the one that lacks records.
    CutAmongSeveral,
    /// It was cut off, and has one entity.
    CutAlone,
}

/// How much an answer to a step tells; pages of rows are not cut off.
pub(crate) fn told(step: &Step, seen: Seen) -> Told {
    match step {
        Step::Changes(entities, _) if seen.n_rows >= MAX_CHANGES => match entities.as_slice() {
            [_] => Told::CutAlone,
            _ => Told::CutAmongSeveral,
        },
        Step::Changes(..) | Step::Rows(_) => Told::Whole,
    }
}

/// Where a pull goes on after a call.
pub(crate) fn next(pull: &Pull, place: &Place, step: &Step, seen: Seen) -> Option<Place> {
    match (told(step, seen), step) {
        (Told::CutAmongSeveral, _) => Some(Place::first(LedgerList::Contacts)),
        (Told::CutAlone, _) => Some(Place { page: place.page + 1, ..place.clone() }),
        (Told::Whole, Step::Changes(..)) => next_list(pull, place.list),
        (Told::Whole, Step::Rows(query)) => next_page(query, place, seen).or_else(|| next_list(pull, place.list)),
    }
}

/// A full page promises another.
///
/// Rows that left a list move the others forward, more of them than pages share to a page that was
/// read already: then the page before is read again.
fn next_page(query: &Query, place: &Place, seen: Seen) -> Option<Place> {
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let n_seen = count(query.start() - 1 + seen.n_rows);
    // Not for every entity, nor in every version, is it the count of the whole list.
    let n_rows = seen.n_total.filter(|n_total| *n_total >= n_seen);
    let n_gone = place.n_rows.zip(n_rows).map_or(0, |(before, now)| before.saturating_sub(now));
    let page = if n_gone > count(OVERLAP) { place.page - 1 } else { place.page + 1 };
    (page < place.page || seen.n_rows >= PAGE_SIZE).then_some(Place { page, n_rows, ..place.clone() })
}

fn next_list(pull: &Pull, list: LedgerList) -> Option<Place> {
    let lists: &[LedgerList] = match pull {
        Pull::Everything { .. } => &[
            LedgerList::Contacts,
            LedgerList::Invoices,
            LedgerList::OldInvoices,
            LedgerList::CreditNotes,
            LedgerList::Payments,
        ],
        Pull::Changes { .. } => &Entity::ALL.map(Entity::list),
        Pull::Open => &[LedgerList::Invoices, LedgerList::CreditNotes, LedgerList::Payments],
    };
    let at = lists.iter().position(|other| *other == list)?;
    lists.get(at + 1).map(|next| Place::first(*next))
}

#[cfg(test)]
mod tests;
