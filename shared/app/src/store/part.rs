//! Listings in parts, for whoever cannot take all of one at once.

use crate::{
    error::AppError,
    port::table::{Cursor, Key, Order, Query, Range, Source},
    store::{Entity, Store, Stored, decode},
};

/// Which part of a listing is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// At most so many.
    pub limit: usize,
    /// Where an earlier part ended, as it told; none for the beginning.
    pub after: Option<String>,
}

/// A part of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parted<T> {
    /// What is in it.
    pub values: Vec<T>,
    /// Where it ended; none where nothing follows.
    pub next: Option<String>,
}

impl Part {
    /// The first so many.
    pub const fn first(limit: usize) -> Self {
        Self { limit, after: None }
    }

    /// The part of a listing that is whole already, in the order of its places, of which no two are equal.
    pub fn of<T>(&self, values: Vec<T>, place: impl Fn(&T) -> String) -> Parted<T> {
        let mut placed: Vec<(String, T)> = values.into_iter().map(|value| (place(&value), value)).collect();
        placed.retain(|(place, _)| self.after.as_ref().is_none_or(|after| place > after));
        placed.sort_by(|(one, _), (other, _)| one.cmp(other));
        let has_more = placed.len() > self.limit;
        placed.truncate(self.limit);
        let next = placed.last().filter(|_| has_more).map(|(place, _)| place.clone());
        Parted { values: placed.into_iter().map(|(_, value)| value).collect(), next }
    }
}

impl<T> Parted<T> {
    /// The same part with other values.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Parted<U> {
        Parted { values: self.values.into_iter().map(change).collect(), next: self.next }
    }
}

impl Store {
    /// One page of a partition's values whose sort key starts with a text; a place is the rest of a sort key.
    pub(crate) async fn list_part<T: Entity>(
        &self,
        partition: String,
        prefix: String,
        order: Order,
        part: &Part,
    ) -> Result<Parted<T>, AppError> {
        let key = |place: &String| Key { pk: partition.clone(), sk: format!("{prefix}{place}") };
        let query = Query {
            after: part.after.as_ref().map(|place| Cursor { key: key(place), index: None }),
            source: Source::Table(partition.clone()),
            range: Range::Prefix(prefix.clone()),
            limit: part.limit,
            order,
        };
        let page = self.query(&query).await?;
        let next = page.next.and_then(|next| next.key.sk.strip_prefix(&prefix).map(str::to_owned));
        let stored = page.items.into_iter().map(|item| decode(item).map(|stored: Stored<T>| stored.value));
        Ok(Parted { values: stored.collect::<Result<_, _>>()?, next })
    }

    /// What is wanted of such a partition; a part may have fewer than its limit, or nothing, and be followed by more.
    pub(crate) async fn list_found<T: Entity>(
        &self,
        (partition, prefix): (String, &str),
        part: &Part,
        wanted: impl Fn(&T) -> bool,
    ) -> Result<Parted<T>, AppError> {
        let (mut values, mut looked_at, mut after) = (Vec::new(), 0, part.after.clone());
        let place = |sk: &str| sk.strip_prefix(prefix).map(str::to_owned);
        while looked_at < MOST_LOOKED_AT {
            let key = |place: String| Key { pk: partition.clone(), sk: format!("{prefix}{place}") };
            let query = Query {
                source: Source::Table(partition.clone()),
                range: Range::Prefix(prefix.to_owned()),
                limit: LOOKED_AT_ONCE,
                after: after.map(|place| Cursor { key: key(place), index: None }),
                order: Order::Ascending,
            };
            let page = self.query(&query).await?;
            looked_at += page.items.len();
            let (mut items, next) = (page.items.into_iter().peekable(), page.next);
            while let Some(item) = items.next() {
                let at = place(&item.key.sk);
                let value = decode(item)?.value;
                if wanted(&value) {
                    values.push(value);
                }
                if values.len() == part.limit {
                    let has_more = items.peek().is_some() || next.is_some();
                    return Ok(Parted { values, next: at.filter(|_| has_more) });
                }
            }
            after = next.and_then(|next| place(&next.key.sk));
            if after.is_none() {
                break;
            }
        }
        Ok(Parted { values, next: after })
    }
}

/// Items that a search reads at once.
const LOOKED_AT_ONCE: usize = 500;

/// Items that one part of a search looks at, at most; its next part goes on behind them.
pub(super) const MOST_LOOKED_AT: usize = 2_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_listing_have_everything_once_whatever_is_added_before_them() {
        let mut listing: Vec<u8> = vec![50, 10, 40, 20, 30];
        let place = |value: &u8| format!("{value:03}");
        let first = Part::first(2).of(listing.clone(), place);
        assert_eq!(first, Parted { values: vec![10, 20], next: Some("020".to_owned()) });
        listing.push(15);
        let second = Part { limit: 2, after: first.next }.of(listing.clone(), place);
        assert_eq!(second, Parted { values: vec![30, 40], next: Some("040".to_owned()) });
        let last = Part { limit: 2, after: second.next }.of(listing, place);
        assert_eq!(last, Parted { values: vec![50], next: None });
    }
}
