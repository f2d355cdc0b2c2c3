//! Items of several kinds, read in one call.

use std::collections::BTreeMap;

use crate::{
    error::AppError,
    port::table::{Item, Key},
    store::{Entity, Store, Stored, decode},
};

/// What one call found under some keys, each item of its own kind.
#[derive(Debug)]
pub(crate) struct Batch(BTreeMap<Key, Item>);

impl Batch {
    /// The value under a key, if something was there and was not taken yet.
    pub(crate) fn take<T: Entity>(&mut self, key: &Key) -> Result<Option<Stored<T>>, AppError> {
        self.0.remove(key).map(decode).transpose()
    }
}

impl Store {
    /// Whatever is under some keys; a call per hundred of them.
    pub(crate) async fn read_batch(&self, keys: &[Key]) -> Result<Batch, AppError> {
        let mut found = BTreeMap::new();
        for hundred in keys.chunks(100) {
            let items = self.table.get_many(hundred).await?;
            found.extend(items.into_iter().map(|item| (item.key.clone(), item)));
        }
        Ok(Batch(found))
    }
}
