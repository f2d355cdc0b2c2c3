//! Checks answers against the official descriptions of Xero's interfaces.

#![expect(clippy::print_stdout, reason = "a test that passes over says so")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

/// A reference file; `None`, and a line that says so, where it is absent.
pub(crate) fn text(name: &str) -> Option<String> {
    let folder = std::env::var_os("NUMO_REFERENCE_DATA")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")), PathBuf::from);
    let required = std::env::var_os("NUMO_REQUIRE_REFERENCE").is_some_and(|value| value == "1");
    match std::fs::read_to_string(folder.join(name)) {
        Ok(text) => Some(text),
        Err(error) if required => panic!("{name} is required: {error}"),
        Err(_absent) => {
            println!("passed over: no reference data for {name}");
            None
        }
    }
}

/// The schemas of a description, as far as their properties go.
pub(crate) struct Description {
    schemas: BTreeMap<String, BTreeMap<String, Property>>,
}

/// What is said of one property.
#[derive(Debug, Default)]
struct Property {
    kind: String,
    format: String,
    /// The schema it refers to, itself or by its items.
    refers_to: Option<String>,
    is_calendar_or_instant: bool,
}

/// Fields that the official sample answers have and the description leaves out.
const IN_SAMPLES_ONLY: &[&str] =
    &["DateString", "DueDateString", "FullyPaidOnDateString", "ID", "HasValidationErrors", "HasErrors"];

/// A field that no description has, served so that readers stay tolerant.
const UNKNOWN_ON_PURPOSE: &str = "SimUnknownField";

impl Description {
    /// Reads `components.schemas` of a description in the plain block style that Xero publishes.
    ///
    /// Schemas are at four spaces, their properties at eight, what is said of these from ten on.
    pub(crate) fn read(text: &str) -> Self {
        let mut schemas: BTreeMap<String, BTreeMap<String, Property>> = BTreeMap::new();
        let (mut schema, mut property) = (String::new(), String::new());
        let lines = text.lines().skip_while(|line| *line != "  schemas:").skip(1);
        for line in lines.take_while(|line| line.starts_with("    ")) {
            let trimmed = line.trim_start();
            let Some((name, value)) = trimmed.split_once(':') else { continue };
            let value = value.trim().trim_matches('"');
            match line.len() - trimmed.len() {
                4 => name.clone_into(&mut schema),
                8 if value.is_empty() => {
                    name.clone_into(&mut property);
                    schemas.entry(schema.clone()).or_default().entry(property.clone()).or_default();
                }
                deeper @ (10 | 12) => {
                    let held = schemas.get_mut(&schema).and_then(|properties| properties.get_mut(&property));
                    held.into_iter().for_each(|held| held.learn(deeper, name, value));
                }
                _ => {}
            }
        }
        Self { schemas }
    }

    /// All that a value says otherwise than its schema.
    pub(crate) fn differences(&self, schema: &str, value: &Value, at: &str) -> Vec<String> {
        let Some(properties) = self.schemas.get(schema) else { return Vec::new() };
        let Some(fields) = value.as_object() else { return vec![format!("{at} is no object: {value}")] };
        let mut found = Vec::new();
        for (name, value) in fields {
            let at = format!("{at}.{name}");
            match properties.get(name) {
                Some(property) => found.extend(self.differs(property, value, &at)),
                None if IN_SAMPLES_ONLY.contains(&name.as_str()) || name == UNKNOWN_ON_PURPOSE => {}
                None => found.push(format!("{at} is not described")),
            }
        }
        found
    }

    fn differs(&self, property: &Property, value: &Value, at: &str) -> Vec<String> {
        let refers_to = property.refers_to.as_deref().unwrap_or_default();
        let is_right = match property.kind.as_str() {
            "string" => value.as_str().is_some_and(|text| property.is_written_as_described(text)),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "array" => {
                let Some(items) = value.as_array() else { return vec![format!("{at} is no list: {value}")] };
                return items.iter().flat_map(|item| self.differences(refers_to, item, at)).collect();
            }
            // A reference alone: another schema with properties, or a list of names.
            _ if self.schemas.contains_key(refers_to) => return self.differences(refers_to, value, at),
            _ => value.is_string() || value.is_object(),
        };
        if is_right { Vec::new() } else { vec![format!("{at} is no {}: {value}", property.kind)] }
    }
}

impl Property {
    fn learn(&mut self, indent: usize, name: &str, value: &str) {
        match (indent, name) {
            (10, "type") => value.clone_into(&mut self.kind),
            (10, "format") => value.clone_into(&mut self.format),
            (10, "x-is-msdate" | "x-is-msdate-time") => self.is_calendar_or_instant = value == "true",
            (10 | 12, "$ref") => self.refers_to = value.rsplit('/').next().map(String::from),
            _ => {}
        }
    }

    fn is_written_as_described(&self, text: &str) -> bool {
        if self.is_calendar_or_instant {
            let inner = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/"));
            return inner.is_some_and(|inner| inner.trim_end_matches("+0000").parse::<i64>().is_ok());
        }
        self.format != "uuid" || uuid::Uuid::parse_str(text).is_ok()
    }
}

#[test]
fn a_description_tells_types_names_and_dates_apart() {
    let text = "components:\n  schemas:\n    Row:\n      properties:\n        RowID:\n          type: string\n          \
                format: uuid\n        Date:\n          type: string\n          x-is-msdate: true\n        Lines:\n          \
                type: array\n          items:\n            $ref: \"#/components/schemas/Line\"\n        \
                Pages:\n          type: integer\n    Line:\n      properties:\n        Amount:\n          \
                type: number\n";
    let description = Description::read(text);
    let good = serde_json::json!({
        "RowID": "717f2bfc-c6d4-41fd-b238-3f2f0c0cf777", "Date": "/Date(1+0000)/", "Lines": [{ "Amount": 1.5 }], "Pages": 1,
    });
    assert_eq!(description.differences("Row", &good, "Row"), Vec::<String>::new());
    let bad = serde_json::json!({ "RowID": "1", "Date": "2026-01-01", "Lines": [{ "Amount": "1" }], "More": 1, "Pages": 1.5 });
    let expected = [
        "Row.Date is no string: \"2026-01-01\"",
        "Row.Lines.Amount is no number: \"1\"",
        "Row.More is not described",
        "Row.Pages is no integer: 1.5",
        "Row.RowID is no string: \"1\"",
    ];
    assert_eq!(description.differences("Row", &bad, "Row"), expected);
}
