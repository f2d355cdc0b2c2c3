use serde_json::{Value, json};

use crate::field::Field as _;
use crate::meta::state::{Update, UpdateKind};

/// The body of one POST: an entry per account, a change per number or update.
pub(crate) fn body(updates: &[Update]) -> Vec<u8> {
    let mut entries: Vec<Value> = Vec::new();
    for update in updates {
        let at = entries.iter().position(|entry| *entry.at("id") == *update.waba_id);
        let at = at.unwrap_or_else(|| {
            entries.push(json!({ "id": update.waba_id, "changes": [] }));
            entries.len() - 1
        });
        if let Some(entry) = entries.get_mut(at) {
            add(entry, update);
        }
    }
    escaped(&json!({ "object": "whatsapp_business_account", "entry": entries }).to_string()).into_bytes()
}

fn add(entry: &mut Value, update: &Update) {
    if let Some(time) = update.body.get("time") {
        entry.put("time", time.clone());
    }
    let Some(changes) = entry.get_mut("changes").and_then(Value::as_array_mut) else { return };
    let UpdateKind::Status { phone_number_id, display } = &update.kind else {
        changes.push(update.body.at("change").clone());
        return;
    };
    let same = |change: &Value| {
        change.at("value").at("metadata").at("phone_number_id") == phone_number_id.as_str()
            && change.at("value").at("statuses").is_array()
    };
    let held = changes.iter_mut().find(|change| same(change));
    if let Some(statuses) = held.and_then(|change| change.pointer_mut("/value/statuses")?.as_array_mut()) {
        statuses.push(update.body.clone());
        return;
    }
    changes.push(json!({ "field": "messages", "value": {
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": display, "phone_number_id": phone_number_id },
        "statuses": [update.body],
    } }));
}

/// Meta escapes non-ASCII as `\uXXXX` and `/` as `\/`, and signs those bytes.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '/' => text.push_str("\\/"),
            ascii if ascii.is_ascii() => text.push(ascii),
            wide => {
                for unit in wide.encode_utf16(&mut [0; 2]) {
                    text.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_is_escaped_as_meta_escapes_it() {
        assert_eq!(escaped("\"Zürich 😀 a/b\""), "\"Z\\u00fcrich \\ud83d\\ude00 a\\/b\"");
    }
}
