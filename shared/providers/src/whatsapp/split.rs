//! Splits a webhook body by account and by size; no update is lost.

use std::collections::BTreeMap;

use numo_domain::id::WabaId;
use serde_json::{Map, Value, json};

use crate::whatsapp::{delivery::Malformed, parse::id};

/// Largest message: a queue takes 256 KB, of which the envelope and its escapes need some.
pub(crate) const MAX_BYTES: usize = 200 * 1024;

/// The lists of a change's value that can be cut.
const CUTTABLE: [&str; 4] = ["statuses", "messages", "contacts", "errors"];

pub(crate) fn split(raw_body: &[u8]) -> Result<Vec<(WabaId, String)>, Malformed> {
    let body: Value = serde_json::from_slice(raw_body).or(Err(Malformed))?;
    // Some of Meta's own samples have no object; another one's is never for us.
    if body.get("object").is_some_and(|object| object.as_str() != Some("whatsapp_business_account")) {
        return Err(Malformed);
    }
    let entries = body.get("entry").and_then(Value::as_array).ok_or(Malformed)?;
    let mut accounts: BTreeMap<WabaId, Vec<Value>> = BTreeMap::new();
    for entry in entries {
        let waba: WabaId = entry.get("id").and_then(id).and_then(|id| id.parse().ok()).ok_or(Malformed)?;
        let changes = entry.get("changes").and_then(Value::as_array).ok_or(Malformed)?;
        accounts.entry(waba).or_default().extend(changes.iter().cloned());
    }
    let messages = accounts.into_iter().flat_map(|(waba, changes)| {
        let pieces = changes.into_iter().flat_map(pieces).collect();
        packed(pieces).into_iter().map(move |message| (waba.clone(), message))
    });
    Ok(messages.collect())
}

/// A change as texts that fit into a message, in its own order.
fn pieces(change: Value) -> Vec<String> {
    let whole = change.to_string();
    if fits(&whole) {
        return vec![whole];
    }
    let too_large =
        |change: &Value| json!({ "field": change.get("field"), "too_large_bytes": whole.len() }).to_string();
    let Some(value) = change.get("value").and_then(Value::as_object) else { return vec![too_large(&change)] };
    let mut frame = value.clone();
    let lists = CUTTABLE.map(|name| (name, frame.remove(name)));
    let room = MAX_BYTES.saturating_sub(rebuilt(&change, &frame, "statuses", &[]).len() + 2);
    let mut texts = Vec::new();
    for (name, list) in lists {
        let rows = list.as_ref().and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for rows in runs(rows, room) {
            let text = rebuilt(&change, &frame, name, rows);
            texts.push(if fits(&text) { text } else { too_large(&change) });
        }
    }
    // Not its lists make it large, so there is nothing to cut.
    if texts.is_empty() { vec![too_large(&change)] } else { texts }
}

/// The change with one list, holding some of its rows.
fn rebuilt(change: &Value, frame: &Map<String, Value>, name: &str, rows: &[Value]) -> String {
    let mut value = frame.clone();
    value.insert(name.to_owned(), Value::from(rows));
    json!({ "field": change.get("field"), "value": value }).to_string()
}

/// Runs of rows that take no more than some bytes; a row that does alone is a run of its own.
fn runs(rows: &[Value], room: usize) -> Vec<&[Value]> {
    let mut runs = Vec::new();
    let (mut start, mut size) = (0, 0);
    for (at, row) in rows.iter().enumerate() {
        let length = row.to_string().len() + 1;
        if at > start && size + length > room {
            runs.extend(rows.get(start..at));
            (start, size) = (at, 0);
        }
        size += length;
    }
    runs.extend(rows.get(start..).filter(|rest| !rest.is_empty()));
    runs
}

/// Texts joined to JSON lists that fit into a message.
fn packed(texts: Vec<String>) -> Vec<String> {
    let mut messages: Vec<String> = Vec::new();
    let mut open = String::new();
    for text in texts {
        if !open.is_empty() && open.len() + text.len() + 3 > MAX_BYTES {
            messages.push(format!("[{open}]"));
            open.clear();
        }
        if !open.is_empty() {
            open.push(',');
        }
        open.push_str(&text);
    }
    if !open.is_empty() {
        messages.push(format!("[{open}]"));
    }
    messages
}

const fn fits(text: &str) -> bool {
    // Brackets around it.
    text.len() + 2 <= MAX_BYTES
}

#[cfg(test)]
mod tests;
