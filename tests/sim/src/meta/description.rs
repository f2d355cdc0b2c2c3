//! What Meta says of the requests that are accepted: fields, types, lengths and what is required.
//!
//! `description.json` follows Meta's OpenAPI description of v23.0, and its pages where those are newer: named parameters,
//! `recipient`, `biz_opaque_callback_data` and the archive of templates are on the pages alone, and the description's
//! pattern for the index of a button excludes the first two. Meta ignores much of what it does not know; here it is
//! refused, so that a misspelt field is seen.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::answer::Refusal;
use crate::app::App;
use crate::meta::errors;

static DESCRIPTIONS: LazyLock<BTreeMap<String, Schema>> =
    LazyLock::new(|| serde_json::from_str(include_str!("description.json")).unwrap_or_default());

/// What may stand in a place.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
struct Schema {
    /// Another description by its name, instead of everything below.
    is: Option<String>,
    r#type: Option<Types>,
    /// In lower case; Meta takes either.
    r#enum: Vec<String>,
    min_length: usize,
    max_length: Option<usize>,
    minimum: Option<i64>,
    maximum: Option<i64>,
    min_items: usize,
    max_items: Option<usize>,
    items: Option<Box<Schema>>,
    required: Vec<String>,
    /// None where any field may stand.
    properties: Option<BTreeMap<String, Schema>>,
    variants: Option<Variants>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Types {
    One(String),
    Any(Vec<String>),
}

/// Further fields that depend on one of them.
#[derive(Debug, Deserialize)]
struct Variants {
    by: String,
    of: BTreeMap<String, Schema>,
}

/// Refuses a request that differs from its description, and keeps what differed.
pub(crate) fn check(app: &App, name: &str, asked: &Value) -> Result<(), Refusal> {
    let found = differences(name, asked);
    let Some(first) = found.first() else { return Ok(()) };
    let details = format!("not as Meta describes it: {first}");
    app.meta().undescribed.extend(found);
    Err(errors::invalid_parameter(&details))
}

/// Refuses fields of an object that Meta does not know, which may be asked with arguments: `name.argument(value)`.
pub(crate) fn check_fields(app: &App, name: &str, fields: &str) -> Result<(), Refusal> {
    let mut depth = 0_i32;
    let parts = fields.split(|c: char| {
        depth += i32::from("([{".contains(c)) - i32::from(")]}".contains(c));
        c == ',' && depth == 0
    });
    let names = parts.map(|part| part.split(['.', '(', '{']).next().unwrap_or_default().trim());
    check(app, name, &names.filter(|name| !name.is_empty()).collect())
}

/// All in which a request differs from the description of that name.
fn differences(name: &str, asked: &Value) -> Vec<String> {
    let mut found = Vec::new();
    match DESCRIPTIONS.get(name) {
        Some(schema) => schema.look(asked, name, &mut found),
        None => found.push(format!("{name} is not described")),
    }
    found
}

/// `POST /_control/meta/description/{name}`: in what the body differs.
pub(crate) async fn ask(Path(name): Path<String>, Json(asked): Json<Value>) -> Json<Value> {
    Json(json!(differences(&name, &asked)))
}

/// `GET /_control/meta/undescribed`: in what requests differed so far.
pub(crate) async fn show(State(app): State<App>) -> Json<Vec<String>> {
    Json(app.meta().undescribed.clone())
}

impl Schema {
    fn look(&self, value: &Value, at: &str, found: &mut Vec<String>) {
        if let Some(name) = &self.is {
            return match DESCRIPTIONS.get(name) {
                Some(schema) => schema.look(value, at, found),
                None => found.push(format!("{at}: {name} is not described")),
            };
        }
        if !self.is_of_type(value) {
            return found.push(format!("{at} is of another type: {value}"));
        }
        match value {
            Value::String(text) => self.text(text, at, found),
            Value::Array(items) => self.list(items, at, found),
            Value::Object(fields) => self.fields(fields, at, found),
            Value::Number(number) => {
                let number = number.as_i64();
                let fits = number.is_some_and(|number| {
                    self.minimum.is_none_or(|least| number >= least) && self.maximum.is_none_or(|most| number <= most)
                });
                if !fits {
                    found.push(format!("{at} is out of range"));
                }
            }
            Value::Bool(_) | Value::Null => {}
        }
    }

    fn is_of_type(&self, value: &Value) -> bool {
        let name = match value {
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "integer",
            Value::Null => "null",
        };
        match &self.r#type {
            Some(Types::One(wanted)) => wanted == name,
            Some(Types::Any(wanted)) => wanted.iter().any(|wanted| wanted == name),
            None => self.r#enum.is_empty() || name == "string",
        }
    }

    fn text(&self, text: &str, at: &str, found: &mut Vec<String>) {
        let length = text.chars().count();
        if length < self.min_length || self.max_length.is_some_and(|most| length > most) {
            found.push(format!("{at} has {length} characters"));
        }
        if !self.r#enum.is_empty() && !self.r#enum.contains(&text.to_lowercase()) {
            found.push(format!("{at} is none of {:?}", self.r#enum));
        }
    }

    fn list(&self, items: &[Value], at: &str, found: &mut Vec<String>) {
        if items.len() < self.min_items || self.max_items.is_some_and(|most| items.len() > most) {
            found.push(format!("{at} has {} elements", items.len()));
        }
        for (n, item) in items.iter().enumerate() {
            if let Some(schema) = &self.items {
                schema.look(item, &format!("{at}[{n}]"), found);
            }
        }
    }

    fn fields(&self, fields: &Map<String, Value>, at: &str, found: &mut Vec<String>) {
        let Some(properties) = &self.properties else { return };
        let variant = match &self.variants {
            None => None,
            Some(variants) => {
                let told = fields.get(&variants.by).and_then(Value::as_str).unwrap_or_default();
                let variant = variants.of.get(&told.to_lowercase());
                if variant.is_none() {
                    found.push(format!("{at}.{} is none of {:?}", variants.by, variants.of.keys()));
                }
                variant
            }
        };
        let more = variant.and_then(|variant| variant.properties.as_ref());
        for (name, value) in fields {
            let place = format!("{at}.{name}");
            match properties.get(name).or_else(|| more?.get(name)) {
                Some(schema) => schema.look(value, &place, found),
                None => found.push(format!("{place} is not described")),
            }
        }
        let needed = self.required.iter().chain(variant.into_iter().flat_map(|variant| &variant.required));
        found.extend(needed.filter(|name| !fields.contains_key(*name)).map(|name| format!("{at}.{name} is missing")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_description_can_be_read_and_refers_to_others_that_exist() {
        let read: BTreeMap<String, Schema> = serde_json::from_str(include_str!("description.json")).unwrap();
        assert_eq!(read.len(), DESCRIPTIONS.len());
        for name in include_str!("description.json").split("\"is\": \"").skip(1) {
            let name = name.split('"').next().unwrap();
            assert!(read.contains_key(name), "{name}");
        }
    }

    #[test]
    fn what_differs_is_told_with_its_place() {
        let good = json!({
            "messaging_product": "whatsapp", "to": "+1", "type": "text", "text": { "body": "Hello", "preview_url": false },
        });
        assert_eq!(differences("message", &good), Vec::<String>::new());
        let mut bad = good.clone();
        bad["text"] = json!({ "body": "", "preview": false });
        bad["messaging_product"] = json!("sms");
        bad["to"] = json!(1);
        let expected = [
            "message.messaging_product is none of [\"whatsapp\"]",
            "message.text.body has 0 characters",
            "message.text.preview is not described",
            "message.to is of another type: 1",
        ];
        assert_eq!(differences("message", &bad), expected);
        assert_eq!(differences("subscription", &json!([])), ["subscription is of another type: []"]);
        assert_eq!(differences("template_ids", &json!({ "hsm_ids": [] })), ["template_ids.hsm_ids has 0 elements"]);
        assert_eq!(
            differences("registration", &json!({ "messaging_product": "whatsapp" })),
            ["registration.pin is missing"]
        );
        assert_eq!(differences("nothing", &json!({})), ["nothing is not described"]);
    }
}
