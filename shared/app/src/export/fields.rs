//! Which fields of a stored item leave with an export: what is not named stays.
//!
//! A list of fields is written as words: `name` is a plain value or a list of them, and never anything below it;
//! `name{ … }` is a map, `name[ … ]` a list of maps, of which the same is said within.
//! A sign at the end says how a value is written: `$` money, `~` a cost in millionths, `#` amounts by currency,
//! `%` rates in millionths, `@` states with their times; `*` is everything below, where nothing of it is ours alone.

use serde_json::{Map, Value};

use crate::{
    csv_cell::as_text,
    export::amounts::{amounts, cost, money, normal, rates, states},
};

/// The fields of one kind, in the order of its columns.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fields(Vec<(&'static str, Shape)>);

#[derive(Debug, PartialEq, Eq)]
enum Shape {
    Plain,
    Money,
    Cost,
    Amounts,
    Rates,
    States,
    Whole,
    Map(Fields),
    List(Fields),
}

impl Fields {
    /// Reads a list of fields.
    pub(super) fn of(text: &'static str) -> Self {
        Self::read(&mut text.split_whitespace())
    }

    fn read(words: &mut impl Iterator<Item = &'static str>) -> Self {
        let mut fields = Vec::new();
        while let Some(word) = words.next().filter(|word| !matches!(*word, "}" | "]")) {
            let (name, shape) = if let Some(name) = word.strip_suffix('{') {
                (name, Shape::Map(Self::read(words)))
            } else if let Some(name) = word.strip_suffix('[') {
                (name, Shape::List(Self::read(words)))
            } else {
                Shape::of(word)
            };
            fields.push((name, shape));
        }
        Self(fields)
    }

    /// What of a stored map leaves.
    pub(super) fn pick(&self, stored: &Map<String, Value>) -> Map<String, Value> {
        let picked = self.0.iter().filter_map(|(name, shape)| {
            let value = shape.pick(stored.get(*name)?)?;
            Some(((*name).to_owned(), value))
        });
        picked.collect()
    }

    /// The names of the columns.
    pub(super) fn heads(&self) -> Vec<String> {
        let heads = self.0.iter().flat_map(|(name, shape)| match shape {
            Shape::Map(fields) => fields.heads().into_iter().map(|head| format!("{name}.{head}")).collect(),
            Shape::Money | Shape::Cost => vec![format!("{name}.amount"), format!("{name}.currency")],
            Shape::Plain | Shape::Amounts | Shape::Rates | Shape::States | Shape::Whole | Shape::List(_) => {
                vec![(*name).to_owned()]
            }
        });
        heads.collect()
    }

    /// The cells of what was picked: a list, or a map of no fixed fields, is JSON within its cell.
    pub(super) fn cells(&self, picked: Option<&Map<String, Value>>) -> Vec<String> {
        let cells = self.0.iter().flat_map(|(name, shape)| {
            let value = picked.and_then(|picked| picked.get(*name));
            let within = value.and_then(Value::as_object);
            match shape {
                Shape::Map(fields) => fields.cells(within),
                Shape::Money | Shape::Cost => {
                    ["amount", "currency"].map(|part| cell(within.and_then(|money| money.get(part)))).into()
                }
                Shape::Plain | Shape::Amounts | Shape::Rates | Shape::States | Shape::Whole | Shape::List(_) => {
                    vec![cell(value)]
                }
            }
        });
        cells.collect()
    }
}

impl Shape {
    fn of(word: &'static str) -> (&'static str, Self) {
        let signs = [
            ('$', Self::Money),
            ('~', Self::Cost),
            ('#', Self::Amounts),
            ('%', Self::Rates),
            ('@', Self::States),
            ('*', Self::Whole),
        ];
        let signed = signs.into_iter().find_map(|(sign, shape)| Some((word.strip_suffix(sign)?, shape)));
        signed.unwrap_or((word, Self::Plain))
    }

    fn pick(&self, value: &Value) -> Option<Value> {
        if value.is_null() {
            return Some(Value::Null);
        }
        match self {
            Self::Plain => is_plain(value).then(|| value.clone()),
            Self::Money => money(value),
            Self::Cost => cost(value),
            Self::Amounts => amounts(value),
            Self::Rates => rates(value),
            Self::States => states(value),
            Self::Whole => Some(normal(value)),
            Self::Map(fields) => value.as_object().map(|map| Value::Object(fields.pick(map))),
            Self::List(fields) => {
                let maps = value.as_array()?.iter().filter_map(Value::as_object);
                Some(maps.map(|map| Value::Object(fields.pick(map))).collect())
            }
        }
    }
}

fn is_plain(value: &Value) -> bool {
    match value {
        Value::Object(_) => false,
        Value::Array(values) => values.iter().all(|value| !value.is_array() && is_plain(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

/// A number, one of a telephone too, stays as it is: calculated, it is a number.
fn cell(value: Option<&Value>) -> String {
    let is_number = |text: &str| {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) if is_number(text) => text.clone(),
        Some(Value::String(text)) => as_text(text),
        Some(value @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_))) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn picked(fields: &'static str, stored: Value) -> (Value, Vec<(String, String)>) {
        let fields = Fields::of(fields);
        let picked = fields.pick(stored.as_object().unwrap());
        let cells = fields.heads().into_iter().zip(fields.cells(Some(&picked))).collect();
        (Value::Object(picked), cells)
    }

    #[test]
    fn what_is_not_named_stays_at_every_depth() {
        let stored = json!({
            "id": "1", "token": "secret", "at": {"contact": "c", "key": "secret"}, "by": {"hash": "secret"},
            "lines": [{"number": "A", "hash": "secret"}], "list": ["a", "b"], "deep": [{"hash": "secret"}],
        });
        let (left, cells) = picked("id at{ contact } by lines[ number ] list deep absent", stored);
        assert_eq!(left, json!({"id": "1", "at": {"contact": "c"}, "lines": [{"number": "A"}], "list": ["a", "b"]}));
        let expected = [
            ("id", "1"),
            ("at.contact", "c"),
            ("by", ""),
            ("lines", r#"[{"number":"A"}]"#),
            ("list", r#"["a","b"]"#),
            ("deep", ""),
            ("absent", ""),
        ];
        assert_eq!(cells, expected.map(|(head, cell)| (head.to_owned(), cell.to_owned())));
    }

    #[test]
    fn money_is_decimal_text_with_its_currency_in_two_columns() {
        let stored = json!({
            "total": {"minor": -1_804_296, "currency": "AED"}, "short": "5 JPY", "cost": "34500 USD", "none": null,
            "least": {"KWD": 1500, "EUR": 7}, "rates": {"AE": 34_500}, "rate": 1,
        });
        let (left, cells) = picked("total$ short$ cost~ none$ least# rates% rate%", stored);
        let expected = json!({
            "total": {"amount": "-18042.96", "currency": "AED"}, "short": {"amount": "5", "currency": "JPY"},
            "cost": {"amount": "0.034500", "currency": "USD"}, "none": null,
            "least": {"KWD": "1.500", "EUR": "0.07"}, "rates": {"AE": "0.034500"}, "rate": "0.000001",
        });
        assert_eq!(left, expected);
        assert_eq!(
            cells[..4].iter().map(|(_, cell)| cell.as_str()).collect::<Vec<_>>(),
            ["-18042.96", "AED", "5", "JPY"]
        );
        assert_eq!(cells.len(), 11);
    }

    #[test]
    fn no_cell_is_a_formula_and_a_telephone_number_stays_one() {
        let (_, cells) = picked("name number", json!({"name": "=HYPERLINK(\"x\")", "number": "+971501234567"}));
        assert_eq!(
            cells.into_iter().map(|(_, cell)| cell).collect::<Vec<_>>(),
            ["'=HYPERLINK(\"x\")", "+971501234567"]
        );
    }
}
