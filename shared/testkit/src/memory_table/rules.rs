//! What DynamoDB refuses, and what it rounds.

use std::collections::BTreeSet;

use jiff::Timestamp;
use numo_app::port::table::{Item, Key, TableError, Write};
use serde_json::{Number, Value};

use super::size;
use crate::outage::Outage;

// DynamoDB developer guide: quotas.
const MOST_PK_BYTES: usize = 2048;
const MOST_SK_BYTES: usize = 1024;
const MOST_ITEM_BYTES: usize = 400 * 1024;
const MOST_TRANSACTION_BYTES: usize = 4 * 1024 * 1024;
const MOST_KEYS: usize = 100;
const MOST_WRITES: usize = 100;
const MOST_TOKEN_CHARACTERS: usize = 36;
const MOST_DIGITS: usize = 38;
const MOST_LEVELS: usize = 32;

/// Names that every item has for itself.
const OWN: [&str; 12] = ["pk", "sk", "et", "sv", "rev", "ca", "ua", "gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk", "ttl"];

/// A call that DynamoDB would refuse.
pub(super) fn refused(why: impl Into<String>) -> TableError {
    TableError::Unavailable(Outage::because(why))
}

/// A primary or index key.
pub(super) fn key(key: &Key) -> Result<(), TableError> {
    let fits = (1..=MOST_PK_BYTES).contains(&key.pk.len()) && (1..=MOST_SK_BYTES).contains(&key.sk.len());
    if fits { Ok(()) } else { Err(refused("a key is empty or too long")) }
}

/// The distinct keys of a batch.
pub(super) fn batch(keys: &[Key]) -> Result<BTreeSet<&Key>, TableError> {
    let distinct: BTreeSet<&Key> = keys.iter().collect();
    if distinct.len() > MOST_KEYS {
        return Err(refused("more than 100 keys"));
    }
    distinct.iter().try_for_each(|one| key(one))?;
    Ok(distinct)
}

/// One write, its times rounded as they are stored.
pub(super) fn write(write: Write) -> Result<Write, TableError> {
    key(write.key())?;
    Ok(match write {
        Write::Create(one) => Write::Create(item(one)?),
        Write::Replace(one) => Write::Replace(item(one)?),
        Write::Delete { .. } | Write::Check { .. } => write,
    })
}

/// The writes of one transaction.
pub(super) fn transaction(token: &str, writes: Vec<Write>) -> Result<Vec<Write>, TableError> {
    if !(1..=MOST_TOKEN_CHARACTERS).contains(&token.chars().count()) {
        return Err(refused("a token is empty or too long"));
    }
    let distinct: BTreeSet<&Key> = writes.iter().map(Write::key).collect();
    if writes.len() > MOST_WRITES || distinct.len() < writes.len() {
        return Err(refused("more than 100 writes, or two on one item"));
    }
    let writes = writes.into_iter().map(write).collect::<Result<Vec<_>, _>>()?;
    if writes.iter().map(bytes).sum::<usize>() > MOST_TRANSACTION_BYTES {
        return Err(refused("more than 4 MB"));
    }
    Ok(writes)
}

/// Write units for so many bytes: one for every KB that was begun.
pub(super) fn units(bytes: usize) -> u64 {
    wide(bytes.div_ceil(1024).max(1))
}

/// A length as a count.
pub(super) fn wide(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

fn bytes(write: &Write) -> usize {
    match write {
        Write::Create(item) | Write::Replace(item) => size::of(item),
        Write::Delete { key, .. } | Write::Check { key, .. } => key.pk.len() + key.sk.len(),
    }
}

fn item(item: Item) -> Result<Item, TableError> {
    item.due.iter().chain(&item.open).try_for_each(key)?;
    if let Some(name) = OWN.iter().find(|name| item.body.contains_key(**name)) {
        return Err(refused(format!("the body uses the name {name}")));
    }
    item.body.values().try_for_each(|one| value(one, 1))?;
    if size::of(&item) > MOST_ITEM_BYTES {
        return Err(refused("an item of more than 400 KB"));
    }
    Ok(Item {
        created_at: milliseconds(item.created_at),
        updated_at: milliseconds(item.updated_at),
        expires_at: item.expires_at.map(seconds),
        ..item
    })
}

fn value(one: &Value, level: usize) -> Result<(), TableError> {
    if level > MOST_LEVELS {
        return Err(refused("a value nested too deeply"));
    }
    match one {
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
        Value::Number(number) if is_exact(number) => Ok(()),
        Value::Number(_) => Err(refused("a number that the table cannot keep exactly")),
        Value::Array(values) => values.iter().try_for_each(|inner| value(inner, level + 1)),
        Value::Object(fields) => fields.values().try_for_each(|inner| value(inner, level + 1)),
    }
}

/// Whether DynamoDB gives the number back as it was written.
fn is_exact(number: &Number) -> bool {
    let text = number.to_string();
    let digits = text.strip_prefix('-').unwrap_or(&text);
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let ends_in_zero = digits.contains('.') && digits.ends_with('0');
    let significant = digits.trim_start_matches(['0', '.']).bytes().filter(u8::is_ascii_digit).count();
    plain && !ends_in_zero && text != "-0" && significant <= MOST_DIGITS
}

fn milliseconds(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

fn seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}
