//! The table in DynamoDB.

mod item;
mod query;
mod retry;
#[cfg(test)]
mod tests;
mod value;
mod write;

use std::collections::{BTreeSet, HashMap};

use async_trait::async_trait;
use aws_sdk_dynamodb::{
    Client,
    error::{BuildError, ProvideErrorMetadata, SdkError},
    types::KeysAndAttributes,
};
use aws_types::SdkConfig;
use numo_app::port::table::{Item, Key, Page, Query, Table, TableError, Write, Written};

use crate::failure::Failure;

/// Keys that one call of `get_many` may name (DynamoDB API: `BatchGetItem`).
const MOST_KEYS: usize = 100;
/// Rounds of one batch; each returns at least what fits in 16 MB unless the table is throttled.
const MOST_ROUNDS: usize = 8;

/// The table in DynamoDB; cloning shares the client.
#[derive(Debug, Clone)]
pub struct DynamoTable {
    client: Client,
    name: String,
}

impl DynamoTable {
    /// The table of this name.
    pub fn new(config: &SdkConfig, name: impl Into<String>) -> Self {
        Self { client: Client::new(config), name: name.into() }
    }

    async fn batch(&self, keys: KeysAndAttributes) -> Result<(Vec<Item>, Option<KeysAndAttributes>), TableError> {
        let answer = self
            .client
            .batch_get_item()
            .request_items(&self.name, keys)
            .send()
            .await
            .map_err(|error| unavailable("BatchGetItem", &error))?;
        let found = answer.responses.and_then(|mut tables| tables.remove(&self.name)).unwrap_or_default();
        let items = found.into_iter().map(item::read).collect::<Result<_, _>>()?;
        let left = answer.unprocessed_keys.and_then(|mut tables| tables.remove(&self.name));
        Ok((items, left.filter(|left| !left.keys.is_empty())))
    }
}

#[async_trait]
impl Table for DynamoTable {
    fn name(&self) -> &str {
        &self.name
    }

    async fn get(&self, key: &Key) -> Result<Option<Item>, TableError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(item::key(key)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| unavailable("GetItem", &error))?;
        answer.item.map(item::read).transpose()
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, TableError> {
        // The same key twice in one batch is an error there, and no reason for one here.
        let keys: BTreeSet<&Key> = keys.iter().collect();
        if keys.len() > MOST_KEYS {
            return Err(refused("BatchGetItem", "more than 100 keys"));
        }
        let mut items = Vec::with_capacity(keys.len());
        let mut left = keys_to_ask(keys.into_iter().map(item::key).collect())?;
        for _ in 0..MOST_ROUNDS {
            let Some(keys) = left else { return Ok(items) };
            let (found, still_left) = self.batch(keys).await?;
            items.extend(found);
            left = still_left;
        }
        match left {
            None => Ok(items),
            Some(_) => Err(refused("BatchGetItem", "keys were left unprocessed again and again")),
        }
    }

    async fn query(&self, query: &Query) -> Result<Page, TableError> {
        query::run(&self.client, &self.name, query).await
    }

    async fn write(&self, write: Write) -> Result<Written, TableError> {
        write::one(self, write).await
    }

    async fn transact(&self, token: &str, writes: Vec<Write>) -> Result<Written, TableError> {
        write::all_or_none(&self.client, &self.name, token, writes).await
    }
}

fn keys_to_ask(
    keys: Vec<HashMap<String, aws_sdk_dynamodb::types::AttributeValue>>,
) -> Result<Option<KeysAndAttributes>, TableError> {
    if keys.is_empty() {
        return Ok(None);
    }
    let keys = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
    keys.map(Some).map_err(|error| incomplete(&error))
}

/// A failed call, whose effect is open.
fn unavailable<E>(operation: &'static str, error: &SdkError<E>) -> TableError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    TableError::Unavailable(Failure::of(operation, error))
}

/// A call that is not made because the table would refuse it.
fn refused(operation: &'static str, why: impl Into<String>) -> TableError {
    TableError::Unavailable(Failure::because(operation, "NotValid", why))
}

fn incomplete(error: &BuildError) -> TableError {
    refused("a request to DynamoDB", error.to_string())
}
