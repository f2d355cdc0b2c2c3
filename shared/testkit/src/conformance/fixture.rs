//! Items and keys of the cases.

use jiff::Timestamp;
use numo_app::port::table::{
    Cursor, Item, Key, Order, Page, Query, Range, Refusal, Source, Table, TableError, Write, Written,
};
use serde_json::Map;

/// 2026-11-23T06:00:00.123Z.
const CREATED: i64 = 1_795_413_600_123;

/// The table under test and the prefix of all keys.
pub(super) struct Fixture<'a> {
    pub(super) table: &'a dyn Table,
    prefix: &'a str,
}

impl<'a> Fixture<'a> {
    pub(super) const fn new(table: &'a dyn Table, prefix: &'a str) -> Self {
        Self { table, prefix }
    }

    /// A partition of this run.
    pub(super) fn partition(&self, name: &str) -> String {
        format!("{}{name}#", self.prefix)
    }

    pub(super) fn key(&self, partition: &str, sk: &str) -> Key {
        Key { pk: self.partition(partition), sk: sk.to_owned() }
    }

    /// A token of this run.
    pub(super) fn token(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// An item with rev 1 and a body that names its key.
    pub(super) fn item(&self, partition: &str, sk: &str) -> Item {
        let mut body = Map::new();
        body.insert("of".to_owned(), sk.into());
        Item {
            key: self.key(partition, sk),
            entity: "thing".to_owned(),
            schema: 3,
            rev: 1,
            created_at: instant(CREATED),
            updated_at: instant(CREATED),
            due: None,
            open: None,
            expires_at: None,
            body,
        }
    }

    /// Creates items that are not there yet.
    pub(super) async fn create(&self, items: &[Item]) -> Result<(), TableError> {
        for item in items {
            let written = self.table.write(Write::Create(item.clone())).await?;
            assert_eq!(written, Written::Done, "an item that was there already: {:?}", item.key);
        }
        Ok(())
    }

    /// All pages of a query, each of at most `limit` items.
    pub(super) async fn pages(
        &self,
        source: &Source,
        range: &Range,
        order: Order,
        limit: usize,
    ) -> Result<Vec<Item>, TableError> {
        let mut items = Vec::new();
        let mut after: Option<Cursor> = None;
        loop {
            let query = Query { source: source.clone(), range: range.clone(), limit, after, order };
            let page: Page = self.table.query(&query).await?;
            assert!(page.items.len() <= limit, "a page of {} items, not {limit}", page.items.len());
            items.extend(page.items);
            if page.next.is_none() {
                return Ok(items);
            }
            after = page.next;
        }
    }

    /// All items of a query.
    pub(super) async fn query(&self, source: Source, range: Range) -> Result<Vec<Item>, TableError> {
        self.pages(&source, &range, Order::Ascending, 1_000).await
    }
}

/// The item as it is replaced: the next rev, a second later.
pub(super) fn next(item: &Item) -> Item {
    Item { rev: item.rev + 1, updated_at: instant(item.updated_at.as_millisecond() + 1_000), ..item.clone() }
}

/// An instant of so many milliseconds.
pub(super) fn instant(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The only write was refused because of this.
pub(super) fn refused(existing: Option<Item>) -> Written {
    Written::Refused(vec![Refusal { index: 0, existing }])
}

/// Every sort key.
pub(super) const fn everything() -> Range {
    Range::Prefix(String::new())
}

/// The sort keys of items.
pub(super) fn sort_keys(items: &[Item]) -> Vec<&str> {
    items.iter().map(|item| item.key.sk.as_str()).collect()
}
