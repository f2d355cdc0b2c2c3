//! Conditional writes, one or all or none.

use aws_sdk_dynamodb::{
    Client,
    operation::{delete_item::DeleteItemError, put_item::PutItemError, transact_write_items::TransactWriteItemsError},
    types::{
        AttributeValue, CancellationReason, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure,
        TransactWriteItem,
    },
};
use numo_app::port::table::{Item, Key, Refusal, Table, TableError, Write, Written};

use super::{
    DynamoTable, incomplete,
    item::{self, Attributes},
    retry, unavailable,
};

const ALL_OLD: ReturnValuesOnConditionCheckFailure = ReturnValuesOnConditionCheckFailure::AllOld;
const ABSENT: &str = "attribute_not_exists(pk)";
const SEEN: &str = "rev = :rev";

/// One conditional write.
pub(super) async fn one(table: &DynamoTable, write: Write) -> Result<Written, TableError> {
    match write {
        Write::Create(item) => put(table, item, None).await,
        Write::Replace(item) => {
            let seen = seen_by(&item);
            put(table, item, Some(seen)).await
        }
        Write::Delete { key, rev } => delete(table, &key, rev).await,
        Write::Check { key, rev } => check(table, &key, rev).await,
    }
}

/// All of the writes, or none of them.
pub(super) async fn all_or_none(
    client: &Client,
    table: &str,
    token: &str,
    writes: Vec<Write>,
) -> Result<Written, TableError> {
    if writes.is_empty() {
        return Ok(Written::Done);
    }
    let items = writes.into_iter().map(|write| action(table, write)).collect::<Result<Vec<_>, _>>()?;
    let sent = client.transact_write_items().client_request_token(token).set_transact_items(Some(items)).send().await;
    match sent {
        Ok(_) => Ok(Written::Done),
        Err(error) => match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                let refusals = refusals(cancelled.cancellation_reasons())?;
                // Cancelled for other reasons than conditions and conflicts: throttled, or not valid.
                if refusals.is_empty() {
                    return Err(unavailable("TransactWriteItems", &error));
                }
                Ok(Written::Refused(refusals))
            }
            _ => Err(unavailable("TransactWriteItems", &error)),
        },
    }
}

async fn put(table: &DynamoTable, item: Item, seen: Option<u64>) -> Result<Written, TableError> {
    let (condition, values) = condition(seen);
    let sent = table
        .client
        .put_item()
        .table_name(&table.name)
        .set_item(Some(item::write(item)?))
        .condition_expression(condition)
        .set_expression_attribute_values(values)
        .return_values_on_condition_check_failure(ALL_OLD)
        .customize()
        .config_override(retry::never_after_an_effect())
        .send()
        .await;
    match sent {
        Ok(_) => Ok(Written::Done),
        Err(error) => match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => not_held(failed.item()),
            Some(PutItemError::TransactionConflictException(_)) => not_held(None),
            _ => Err(unavailable("PutItem", &error)),
        },
    }
}

async fn delete(table: &DynamoTable, key: &Key, rev: u64) -> Result<Written, TableError> {
    let (condition, values) = condition(Some(rev));
    let sent = table
        .client
        .delete_item()
        .table_name(&table.name)
        .set_key(Some(item::key(key)))
        .condition_expression(condition)
        .set_expression_attribute_values(values)
        .return_values_on_condition_check_failure(ALL_OLD)
        .customize()
        .config_override(retry::never_after_an_effect())
        .send()
        .await;
    match sent {
        Ok(_) => Ok(Written::Done),
        Err(error) => match error.as_service_error() {
            Some(DeleteItemError::ConditionalCheckFailedException(failed)) => not_held(failed.item()),
            Some(DeleteItemError::TransactionConflictException(_)) => not_held(None),
            _ => Err(unavailable("DeleteItem", &error)),
        },
    }
}

/// DynamoDB checks conditions only with a write or in a transaction; alone, a consistent read tells.
async fn check(table: &DynamoTable, key: &Key, rev: Option<u64>) -> Result<Written, TableError> {
    let existing = table.get(key).await?;
    if existing.as_ref().map(|item| item.rev) == rev {
        return Ok(Written::Done);
    }
    Ok(Written::Refused(vec![Refusal { index: 0, existing }]))
}

fn action(table: &str, write: Write) -> Result<TransactWriteItem, TableError> {
    let action = TransactWriteItem::builder();
    Ok(match write {
        Write::Create(item) => action.put(put_action(table, item, None)?),
        Write::Replace(item) => {
            let seen = seen_by(&item);
            action.put(put_action(table, item, Some(seen))?)
        }
        Write::Delete { key, rev } => action.delete(delete_action(table, &key, rev)?),
        Write::Check { key, rev } => action.condition_check(check_action(table, &key, rev)?),
    }
    .build())
}

fn put_action(table: &str, item: Item, seen: Option<u64>) -> Result<Put, TableError> {
    let (condition, values) = condition(seen);
    Put::builder()
        .table_name(table)
        .set_item(Some(item::write(item)?))
        .condition_expression(condition)
        .set_expression_attribute_values(values)
        .return_values_on_condition_check_failure(ALL_OLD)
        .build()
        .map_err(|error| incomplete(&error))
}

fn delete_action(table: &str, key: &Key, rev: u64) -> Result<Delete, TableError> {
    let (condition, values) = condition(Some(rev));
    Delete::builder()
        .table_name(table)
        .set_key(Some(item::key(key)))
        .condition_expression(condition)
        .set_expression_attribute_values(values)
        .return_values_on_condition_check_failure(ALL_OLD)
        .build()
        .map_err(|error| incomplete(&error))
}

fn check_action(table: &str, key: &Key, rev: Option<u64>) -> Result<ConditionCheck, TableError> {
    let (condition, values) = condition(rev);
    ConditionCheck::builder()
        .table_name(table)
        .set_key(Some(item::key(key)))
        .condition_expression(condition)
        .set_expression_attribute_values(values)
        .return_values_on_condition_check_failure(ALL_OLD)
        .build()
        .map_err(|error| incomplete(&error))
}

/// The condition that an item was seen with this `rev`, or that none was seen.
fn condition(seen: Option<u64>) -> (&'static str, Option<Attributes>) {
    match seen {
        None => (ABSENT, None),
        Some(rev) => (SEEN, Some(Attributes::from([(":rev".to_owned(), AttributeValue::N(rev.to_string()))]))),
    }
}

/// The `rev` that a replacement replaces; 0 is no item's, so it never holds.
const fn seen_by(item: &Item) -> u64 {
    item.rev.saturating_sub(1)
}

fn not_held(existing: Option<&Attributes>) -> Result<Written, TableError> {
    Ok(Written::Refused(vec![Refusal { index: 0, existing: existing.cloned().map(item::read).transpose()? }]))
}

fn refusals(reasons: &[CancellationReason]) -> Result<Vec<Refusal>, TableError> {
    reasons
        .iter()
        .enumerate()
        .filter(|(_, reason)| matches!(reason.code(), Some("ConditionalCheckFailed" | "TransactionConflict")))
        .map(|(index, reason)| Ok(Refusal { index, existing: existing(reason)? }))
        .collect()
}

fn existing(reason: &CancellationReason) -> Result<Option<Item>, TableError> {
    reason.item().filter(|attributes| !attributes.is_empty()).cloned().map(item::read).transpose()
}
