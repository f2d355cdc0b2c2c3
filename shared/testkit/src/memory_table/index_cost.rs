//! What a write costs in the indexes (DynamoDB developer guide: global secondary indexes, write capacity units).
//!
//! An entry that appears or goes costs its size, one that moves costs both, and one that stays costs nothing
//! unless something changed that the index holds. Indexes follow the commit: a transaction does not double this.

use numo_app::port::table::{Item, Key};

use super::{rules, size};

/// Write units of both indexes for an item that takes the place of another, or goes.
pub(super) fn of(before: Option<&Item>, after: Option<&Item>) -> u64 {
    let due = cost(before.and_then(due), after.and_then(due), |_, _| 0);
    // Everything is held there, and every write changes `rev`.
    let open = cost(before.and_then(open), after.and_then(open), u64::max);
    due + open
}

/// Where an entry is, and the units that writing it takes.
type Entry<'a> = (&'a Key, u64);

/// The index of due work holds keys.
fn due(item: &Item) -> Option<Entry<'_>> {
    let index = item.due.as_ref()?;
    let bytes = [&item.key, index].iter().map(|key| key.pk.len() + key.sk.len()).sum();
    Some((index, rules::units(bytes)))
}

/// The index of what is open holds everything.
fn open(item: &Item) -> Option<Entry<'_>> {
    Some((item.open.as_ref()?, rules::units(size::of(item))))
}

fn cost(before: Option<Entry<'_>>, after: Option<Entry<'_>>, stays: impl Fn(u64, u64) -> u64) -> u64 {
    match (before, after) {
        (None, None) => 0,
        (Some((_, units)), None) | (None, Some((_, units))) => units,
        (Some((from, before)), Some((to, after))) if from == to => stays(before, after),
        (Some((_, before)), Some((_, after))) => before + after,
    }
}
