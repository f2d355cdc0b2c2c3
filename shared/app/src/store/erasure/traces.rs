//! Finding what names a customer, and deleting it.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use numo_domain::{contact::ContactRef, id::OrgId};
use serde_json::{Map, Value};

use crate::{
    error::AppError,
    port::table::{Cursor, Item, Key, Order, Query, Range, Source, Write, Written},
    store::{PAGE, Store, keys},
};

/// Deletions under way at once.
const AT_ONCE: usize = 8;

impl Store {
    /// The items of an organisation whose sort key begins with a text and that are wanted, page by page.
    pub(super) async fn items_where(
        &self,
        org: &OrgId,
        prefix: &str,
        is_wanted: impl Fn(&Item) -> bool + Send + Sync,
    ) -> Result<Vec<Item>, AppError> {
        let (mut found, mut after): (Vec<Item>, Option<Cursor>) = (Vec::new(), None);
        loop {
            let source = Source::Table(keys::org_partition(org));
            let range = Range::Prefix(prefix.to_owned());
            let page = self.query(&Query { source, range, limit: PAGE, after, order: Order::Ascending }).await?;
            found.extend(page.items.into_iter().filter(|item| is_wanted(item)));
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(found),
            }
        }
    }

    /// Those of them that name a customer.
    pub(crate) async fn items_naming(
        &self,
        org: &OrgId,
        prefix: &str,
        contact: &ContactRef,
    ) -> Result<Vec<Item>, AppError> {
        self.items_where(org, prefix, |item| item_names(item, contact)).await
    }

    /// Deletes items as they were seen; whether all of them are gone, and none was written meanwhile.
    pub(super) async fn delete_seen(&self, items: Vec<Item>) -> Result<bool, AppError> {
        let mut deletions = Vec::with_capacity(items.len());
        for item in items {
            deletions.push(self.delete_one(item));
        }
        stream::iter(deletions).buffer_unordered(AT_ONCE).try_fold(true, async |all, gone| Ok(all && gone)).await
    }

    async fn delete_one(&self, item: Item) -> Result<bool, AppError> {
        Ok(self.table.write(Write::Delete { key: item.key, rev: item.rev }).await? == Written::Done)
    }

    /// Deletes what is under a key, whatever it is; whether it is gone.
    pub(super) async fn delete_at(&self, key: &Key) -> Result<bool, AppError> {
        match self.table.get(key).await? {
            Some(item) => self.delete_one(item).await,
            None => Ok(true),
        }
    }
}

/// Whether an item names a customer, anywhere in it.
pub(super) fn item_names(item: &Item, contact: &ContactRef) -> bool {
    let connection = contact.connection.to_string();
    fields_name(&item.body, &connection, contact.contact.as_str())
}

/// A reference is a map with both fields, wherever it stands.
pub(crate) fn fields_name(fields: &Map<String, Value>, connection: &str, contact: &str) -> bool {
    let is = |field: &str, value: &str| fields.get(field).and_then(Value::as_str) == Some(value);
    (is("connection", connection) && is("contact", contact))
        || fields.values().any(|value| value_names(value, connection, contact))
}

fn value_names(value: &Value, connection: &str, contact: &str) -> bool {
    match value {
        Value::Object(fields) => fields_name(fields, connection, contact),
        Value::Array(values) => values.iter().any(|value| value_names(value, connection, contact)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}
