//! New records, created many to a call.
//!
//! A call of the table takes the same processor time whether it writes one item or a hundred, and a first
//! sync writes thousands. Items of a transaction cost twice the write units, which is less than the time saved.

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::{
    error::AppError,
    port::table::{Item, Key, Write, Written},
    store::Store,
};

/// Most items of one transaction.
const TOGETHER: usize = 100;

/// Transactions under way at once: a partition of the table takes 1,000 write units a second.
const AT_ONCE: usize = 4;

/// Fewer new records than this are written one by one, at half the write units.
const WORTH_IT: usize = 10;

impl Store {
    /// Creates records of one or several items each, each record wholly or not at all.
    ///
    /// Says of each whether it was created. The others are to be compared with what is there, one by one:
    /// something of them, or of a record that shared their transaction, was there already.
    pub(crate) async fn create_together(&self, records: Vec<Vec<Item>>) -> Result<Vec<bool>, AppError> {
        let mut created = vec![false; records.len()];
        if records.len() < WORTH_IT {
            return Ok(created);
        }
        let calls = packed(records).into_iter().map(|Call { places, items }| async move {
            let writes = items.into_iter().map(Write::Create).collect();
            let is_done = self.write_all(writes).await? == Written::Done;
            Ok::<_, AppError>(if is_done { places } else { Vec::new() })
        });
        let done: Vec<Vec<usize>> = stream::iter(calls).buffer_unordered(AT_ONCE).try_collect().await?;
        for place in done.into_iter().flatten() {
            created.get_mut(place).into_iter().for_each(|created| *created = true);
        }
        Ok(created)
    }
}

/// One transaction.
struct Call {
    /// The places of its records.
    places: Vec<usize>,
    items: Vec<Item>,
}

/// Records in transactions, none of them torn apart; a key that comes twice is left to be compared.
fn packed(records: Vec<Vec<Item>>) -> Vec<Call> {
    let (mut calls, mut keys): (Vec<Call>, BTreeSet<Key>) = (Vec::new(), BTreeSet::new());
    for (place, items) in records.into_iter().enumerate() {
        if items.iter().any(|item| keys.contains(&item.key)) {
            continue;
        }
        keys.extend(items.iter().map(|item| item.key.clone()));
        match calls.last_mut().filter(|call| call.items.len() + items.len() <= TOGETHER) {
            Some(call) => {
                call.places.push(place);
                call.items.extend(items);
            }
            None => calls.push(Call { places: vec![place], items }),
        }
    }
    calls
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;

    fn item(sk: &str) -> Item {
        Item {
            key: Key { pk: "ORG#a#".to_owned(), sk: sk.to_owned() },
            entity: "thing".to_owned(),
            schema: 1,
            rev: 1,
            created_at: jiff::Timestamp::UNIX_EPOCH,
            updated_at: jiff::Timestamp::UNIX_EPOCH,
            due: None,
            open: None,
            expires_at: None,
            body: Map::new(),
        }
    }

    #[test]
    fn a_record_is_never_torn_apart_and_a_key_that_comes_twice_stands_once() {
        let pair = |n: usize| vec![item(&format!("A{n}")), item(&format!("B{n}"))];
        let mut records: Vec<Vec<Item>> = (0..60).map(pair).collect();
        records.insert(1, pair(0));
        records.push(vec![item("C")]);
        let calls = packed(records);
        let sizes: Vec<(usize, usize)> = calls.iter().map(|call| (call.places.len(), call.items.len())).collect();
        assert_eq!(sizes, [(50, 100), (11, 21)]);
        assert!(!calls.iter().any(|call| call.places.contains(&1)));
    }
}
