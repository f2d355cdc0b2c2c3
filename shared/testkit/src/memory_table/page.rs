//! One page of a partition or index partition.

use std::sync::Arc;

use jiff::Timestamp;
use numo_app::port::table::{Cursor, Item, Key, Order, Page, Query, Range, Source, TableError};
use serde_json::Map;

use super::{
    rules,
    state::{Index, State, Stored},
};

/// A page ends after this much (DynamoDB API: `Query`).
const MOST_BYTES: usize = 1024 * 1024;
const MOST_ITEMS: usize = 1_000;

/// Reads one page.
pub(super) fn read(state: &State, query: &Query) -> Result<Page, TableError> {
    let (partition, index) = match &query.source {
        Source::Table(partition) => (partition, None),
        Source::Due(partition) => (partition, Some(&state.due)),
        Source::Open(partition) => (partition, Some(&state.open)),
    };
    let Some(span) = Span::of(partition, query, index.is_some())? else {
        return Ok(Page { items: Vec::new(), next: None });
    };
    let mut page = match index {
        None => cut(query, state.items.range(span.from.0..span.to.0)),
        Some(index) => cut(query, entries(state, index, span)),
    };
    if let Some(cursor) = &mut page.next {
        cursor.index = page.items.last().and_then(|item| index_key(item, &query.source));
    }
    if matches!(query.source, Source::Due(_)) {
        page.items = page.items.into_iter().map(keys_only).collect();
    }
    Ok(page)
}

/// Where a page begins and ends: from the first key to before the second, each with the primary
/// key that orders equal index keys.
struct Span {
    from: (Key, Key),
    to: (Key, Key),
}

impl Span {
    /// `None` when nothing can lie in between.
    fn of(partition: &str, query: &Query, is_index: bool) -> Result<Option<Self>, TableError> {
        let first = Key { pk: String::new(), sk: String::new() };
        let at = |sk: &str| (Key { pk: partition.to_owned(), sk: sk.to_owned() }, first.clone());
        let beyond = || (Key { pk: next(partition), sk: String::new() }, first.clone());
        let (mut from, mut to) = match &query.range {
            Range::Prefix(prefix) => (at(prefix), after_prefix(prefix).map_or_else(beyond, |sk| at(&sk))),
            Range::UpTo(last) => (at(""), at(&next(last))),
            Range::Between(first, last) => (at(first), at(&next(last))),
        };
        if let Some(cursor) = &query.after {
            let position = position(cursor, is_index, &first)?;
            let inside = position.0.pk == partition && from.0 <= position.0 && position.0 < to.0;
            if !inside {
                return Err(rules::refused("the cursor is of another query"));
            }
            match query.order {
                Order::Ascending if is_index => from = (position.0, Key { sk: next(&position.1.sk), ..position.1 }),
                Order::Ascending => from = at(&next(&position.0.sk)),
                Order::Descending => to = position,
            }
        }
        Ok((from < to).then_some(Self { from, to }))
    }
}

fn position(cursor: &Cursor, is_index: bool, first: &Key) -> Result<(Key, Key), TableError> {
    if !is_index {
        return Ok((cursor.key.clone(), first.clone()));
    }
    let index = cursor.index.clone().ok_or_else(|| rules::refused("the cursor lacks the index key"))?;
    Ok((index, cursor.key.clone()))
}

fn entries<'a>(
    state: &'a State,
    index: &'a Index,
    span: Span,
) -> impl DoubleEndedIterator<Item = (&'a Key, &'a Arc<Stored>)> {
    index.range(span.from..span.to).filter_map(|(_, key)| state.items.get_key_value(key))
}

/// As much as one page holds; a full page has a `next` even when nothing follows.
fn cut<'a>(query: &Query, found: impl DoubleEndedIterator<Item = (&'a Key, &'a Arc<Stored>)>) -> Page {
    let found: Box<dyn Iterator<Item = _>> = match query.order {
        Order::Ascending => Box::new(found),
        Order::Descending => Box::new(found.rev()),
    };
    let limit = query.limit.clamp(1, MOST_ITEMS);
    let mut items = Vec::new();
    let mut bytes = 0;
    for (key, stored) in found {
        bytes += stored.bytes;
        items.push(stored.item.clone());
        if items.len() == limit || bytes > MOST_BYTES {
            return Page { items, next: Some(Cursor { key: key.clone(), index: None }) };
        }
    }
    Page { items, next: None }
}

fn index_key(item: &Item, source: &Source) -> Option<Key> {
    match source {
        Source::Table(_) => None,
        Source::Due(_) => item.due.clone(),
        Source::Open(_) => item.open.clone(),
    }
}

/// What an index that projects keys only knows of an item.
fn keys_only(item: Item) -> Item {
    Item {
        key: item.key,
        entity: String::new(),
        schema: 0,
        rev: 0,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
        due: item.due,
        open: None,
        expires_at: None,
        body: Map::new(),
    }
}

/// The smallest text after this one.
fn next(text: &str) -> String {
    format!("{text}\0")
}

/// The smallest text after all that start with this one, if there is any.
fn after_prefix(prefix: &str) -> Option<String> {
    let mut text = prefix.to_owned();
    while let Some(last) = text.pop() {
        if let Some(larger) = (last..=char::MAX).nth(1) {
            text.push(larger);
            return Some(text);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_prefix_is_after_all_texts_that_start_with_it() {
        assert_eq!(after_prefix("INV#"), Some("INV$".to_owned()));
        assert_eq!(after_prefix("a\u{d7ff}"), Some("a\u{e000}".to_owned()));
        assert_eq!(after_prefix("a\u{10ffff}"), Some("b".to_owned()));
        assert_eq!(after_prefix("\u{10ffff}"), None);
        assert_eq!(after_prefix(""), None);
    }
}
