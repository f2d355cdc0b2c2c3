//! The size of an item (DynamoDB developer guide: item sizes and formats).

use numo_app::port::table::{Item, Key};
use serde_json::Value;

/// Bytes of names and values, the common attributes included.
pub(super) fn of(item: &Item) -> usize {
    // Names and numbers of sv, rev, ca and ua, and the names of et, pk and sk.
    const COMMON: usize = 2 + 2 + 3 + 2 + 2 + 8 + 2 + 8 + 2 + 2 + 2;
    const INDEX_NAMES: usize = "gsi1pk".len() + "gsi1sk".len();
    const TTL: usize = "ttl".len() + 6;
    let indexes = item.due.iter().chain(&item.open).map(|one| key(one) + INDEX_NAMES).sum::<usize>();
    let ttl = if item.expires_at.is_some() { TTL } else { 0 };
    let body = item.body.iter().map(|(name, one)| name.len() + value(one)).sum::<usize>();
    COMMON + item.entity.len() + key(&item.key) + indexes + ttl + body
}

fn key(one: &Key) -> usize {
    one.pk.len() + one.sk.len()
}

fn value(one: &Value) -> usize {
    const CONTAINER: usize = 3;
    match one {
        Value::Null | Value::Bool(_) => 1,
        Value::Number(number) => number.to_string().len().div_ceil(2) + 1,
        Value::String(text) => text.len(),
        Value::Array(values) => CONTAINER + values.iter().map(|inner| 1 + value(inner)).sum::<usize>(),
        Value::Object(fields) => {
            CONTAINER + fields.iter().map(|(name, inner)| 1 + name.len() + value(inner)).sum::<usize>()
        }
    }
}
