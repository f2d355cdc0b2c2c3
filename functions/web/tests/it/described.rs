//! The document as a judge: every answer that a test gets is one that it describes.

use std::sync::LazyLock;

use jiff::{Timestamp, civil::Date};
use serde_json::Value;
use uuid::Uuid;

use crate::client::Answer;

/// `docs/openapi.json`, as it is served.
pub(crate) static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../../docs/openapi.json")).unwrap());

/// A described operation: its path with variables, and what is said of it.
pub(crate) fn operation(method: &str, path: &str) -> Option<(&'static str, &'static Value)> {
    let called = path.split('?').next().unwrap();
    let fits = DOCUMENT["paths"].as_object().unwrap().iter().filter(|(described, _)| stands_for(described, called));
    // Literal paths win, as they do in the router.
    let (described, item) = fits.min_by_key(|(described, _)| described.matches('{').count())?;
    item.get(method.to_lowercase()).map(|operation| (described.as_str(), operation))
}

/// Whether a path is one of those that a described path stands for.
fn stands_for(described: &str, path: &str) -> bool {
    let (described, path): (Vec<&str>, Vec<&str>) = (described.split('/').collect(), path.split('/').collect());
    described.len() == path.len()
        && described.iter().zip(path).all(|(one, other)| *one == other || one.starts_with('{') && !other.is_empty())
}

/// What the document says against an answer, or against a request that was done; nothing about what it does not describe.
pub(crate) fn objections(method: &str, path: &str, sent: &[u8], answer: &Answer) -> Vec<String> {
    let Some((_, operation)) = operation(method, path) else { return Vec::new() };
    let status = answer.status.as_str();
    let Some(response) = operation["responses"].get(status).map(resolved) else {
        return vec![format!("{status} is not described")];
    };
    let mut wrong = Vec::new();
    match response.get("content").and_then(Value::as_object) {
        None if answer.text.is_empty() => {}
        None => wrong.push("a body is not described".to_owned()),
        Some(content) => {
            let media = answer.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
            match content.get(media.split(';').next().unwrap()) {
                None => wrong.push(format!("the content type {media:?} is not described")),
                Some(described) if media == "application/json" => {
                    compare(&described["schema"], &answer.json(), "answer", &mut wrong);
                }
                Some(_) => {}
            }
        }
    }
    for name in response.get("headers").and_then(Value::as_object).into_iter().flat_map(|headers| headers.keys()) {
        // What is answered once more is what was answered then, and its tag may be another one by now.
        let is_replayed = answer.headers.contains_key("idempotency-replayed");
        let is_always_there = name == "X-Request-Id" || (name == "ETag" && !is_replayed);
        if is_always_there && !answer.headers.contains_key(name.as_str()) {
            wrong.push(format!("there is no header {name}"));
        }
    }
    if answer.status.is_success() {
        asked(operation, path, sent, &mut wrong);
    }
    wrong
}

/// What was accepted has to be described.
fn asked(operation: &'static Value, path: &str, sent: &[u8], wrong: &mut Vec<String>) {
    if let Some(body) = operation.get("requestBody") {
        match serde_json::from_slice(sent) {
            Ok(sent) => compare(&body["content"]["application/json"]["schema"], &sent, "request", wrong),
            // What is no JSON is a file.
            Err(_) if body["content"].get("text/csv").is_some() => {}
            Err(_) => wrong.push("what was sent is not described".to_owned()),
        }
    }
    let described: Vec<&Value> = operation["parameters"].as_array().into_iter().flatten().map(resolved).collect();
    for pair in path.split_once('?').map_or("", |(_, query)| query).split('&').filter(|pair| !pair.is_empty()) {
        let name = pair.split('=').next().unwrap();
        if !described.iter().any(|one| one["in"] == "query" && one["name"] == name) {
            wrong.push(format!("the query {name:?} is not described"));
        }
    }
}

fn resolved(value: &'static Value) -> &'static Value {
    match value.get("$ref").and_then(Value::as_str) {
        Some(reference) => DOCUMENT.pointer(reference.strip_prefix('#').unwrap()).unwrap(),
        None => value,
    }
}

/// Compares a value with a schema; every keyword that the document uses is known here.
fn compare(schema: &'static Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
    let Some(schema) = schema.as_object() else {
        assert!(schema.is_boolean(), "{schema}");
        if schema == &Value::Bool(false) {
            wrong.push(format!("{at} must not be there"));
        }
        return;
    };
    for (keyword, said) in schema {
        let holds = match keyword.as_str() {
            "$ref" => {
                let reference = DOCUMENT.pointer(said.as_str().unwrap().strip_prefix('#').unwrap()).unwrap();
                compare(reference, value, at, wrong);
                true
            }
            "type" => match said.as_array() {
                Some(types) => types.iter().any(|one| is_of_type(one, value)),
                None => is_of_type(said, value),
            },
            "enum" => said.as_array().unwrap().contains(value),
            "const" => said == value,
            "required" => value.as_object().is_none_or(|object| {
                said.as_array().unwrap().iter().all(|name| object.contains_key(name.as_str().unwrap()))
            }),
            "properties" => {
                for (name, of) in said.as_object().unwrap() {
                    if let Some(part) = value.get(name) {
                        compare(of, part, &format!("{at}.{name}"), wrong);
                    }
                }
                true
            }
            "additionalProperties" => {
                let named = |name: &String| schema.get("properties").is_some_and(|named| named.get(name).is_some());
                for (name, part) in value.as_object().into_iter().flatten().filter(|(name, _)| !named(name)) {
                    compare(said, part, &format!("{at}.{name}"), wrong);
                }
                true
            }
            "propertyNames" => {
                for name in value.as_object().into_iter().flatten().map(|(name, _)| name) {
                    compare(said, &Value::from(name.as_str()), &format!("{at}.{name}"), wrong);
                }
                true
            }
            "items" => {
                for (index, part) in value.as_array().into_iter().flatten().enumerate() {
                    compare(said, part, &format!("{at}[{index}]"), wrong);
                }
                true
            }
            "uniqueItems" => {
                let parts = value.as_array().map(Vec::as_slice).unwrap_or_default();
                parts.iter().enumerate().all(|(index, part)| !parts[..index].contains(part))
            }
            "oneOf" => matching(said, value) == 1,
            "anyOf" => matching(said, value) >= 1,
            "allOf" => matching(said, value) == said.as_array().unwrap().len(),
            "minimum" => value.as_f64().is_none_or(|number| number >= said.as_f64().unwrap()),
            "maximum" => value.as_f64().is_none_or(|number| number <= said.as_f64().unwrap()),
            "minLength" => value.as_str().is_none_or(|text| text.chars().count() as u64 >= said.as_u64().unwrap()),
            "maxLength" => value.as_str().is_none_or(|text| text.chars().count() as u64 <= said.as_u64().unwrap()),
            "minItems" => value.as_array().is_none_or(|parts| parts.len() as u64 >= said.as_u64().unwrap()),
            "maxItems" => value.as_array().is_none_or(|parts| parts.len() as u64 <= said.as_u64().unwrap()),
            "format" => has_format(said.as_str().unwrap(), value),
            "description" | "default" | "title" | "examples" => true,
            unknown => panic!("nobody compares {unknown}"),
        };
        if !holds {
            wrong.push(format!("{at} is {value}, against {keyword}: {said}"));
        }
    }
}

fn matching(schemas: &'static Value, value: &Value) -> usize {
    let fits = |schema: &&'static Value| {
        let mut wrong = Vec::new();
        compare(schema, value, "", &mut wrong);
        wrong.is_empty()
    };
    schemas.as_array().unwrap().iter().filter(fits).count()
}

fn is_of_type(named: &Value, value: &Value) -> bool {
    match named.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        unknown => panic!("nobody compares the type {unknown}"),
    }
}

fn has_format(format: &str, value: &Value) -> bool {
    match format {
        "int32" => value.as_i64().is_none_or(|number| i32::try_from(number).is_ok() || u32::try_from(number).is_ok()),
        "int64" => true,
        "date-time" => value.as_str().is_none_or(|text| text.ends_with('Z') && text.parse::<Timestamp>().is_ok()),
        "date" => value.as_str().is_none_or(|text| text.len() == 10 && text.parse::<Date>().is_ok()),
        "uuid" => value.as_str().is_none_or(|text| text.parse::<Uuid>().is_ok()),
        unknown => panic!("nobody compares the format {unknown}"),
    }
}
