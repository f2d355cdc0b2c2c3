//! How amounts, rates and states are written in an export: as decimal text with the currency beside it.

use jiff::Timestamp;
use numo_domain::money::Currency;
use serde_json::{Map, Value, json};

/// Digits behind the point of what is counted in millionths.
const MILLIONTHS: usize = 6;

/// Money, as `{"minor": 1804296, "currency": "AED"}` or as the short text `1804296 AED`.
pub(super) fn money(value: &Value) -> Option<Value> {
    let (minor, currency) = counted(value, "minor")?;
    Some(json!({"amount": decimal(minor, places(currency)), "currency": currency}))
}

/// What a message costs, as `{"millionths": 34500, "currency": "USD"}` or as the short text `34500 USD`.
pub(super) fn cost(value: &Value) -> Option<Value> {
    let (millionths, currency) = counted(value, "millionths")?;
    Some(json!({"amount": decimal(millionths, MILLIONTHS), "currency": currency}))
}

/// Minor units by currency.
pub(super) fn amounts(value: &Value) -> Option<Value> {
    let texts = value.as_object()?.iter().filter_map(|(currency, minor)| {
        let text = decimal(minor.as_i64()?, places(currency));
        Some((currency.clone(), Value::String(text)))
    });
    Some(Value::Object(texts.collect()))
}

/// Millionths, or millionths by country.
pub(super) fn rates(value: &Value) -> Option<Value> {
    let text = |rate: &Value| rate.as_i64().map(|rate| Value::String(decimal(rate, MILLIONTHS)));
    match value.as_object() {
        Some(rates) => Some(rates.iter().filter_map(|(land, rate)| Some((land.clone(), text(rate)?))).collect()),
        None => text(value),
    }
}

/// States with their times, each as the short text `failed:131026 1795413600000`.
pub(super) fn states(value: &Value) -> Option<Value> {
    Some(value.as_array()?.iter().map(|state| short_state(state).unwrap_or_else(|| normal(state))).collect())
}

fn short_state(value: &Value) -> Option<Value> {
    let (state, at) = value.as_str()?.split_once(' ')?;
    let at = Timestamp::from_millisecond(at.parse().ok()?).ok()?;
    Some(match state.split_once(':') {
        Some((state, code)) => json!({"state": state, "code": code.parse::<u32>().ok()?, "at": at}),
        None => json!({"state": state, "at": at}),
    })
}

/// A value with every amount in it written as one.
pub(super) fn normal(value: &Value) -> Value {
    match value {
        Value::Object(fields) => money(value).or_else(|| cost(value)).unwrap_or_else(|| within(fields)),
        Value::Array(values) => values.iter().map(normal).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// Sums of Meta's bill have their currency above them.
fn within(fields: &Map<String, Value>) -> Value {
    let written = fields.iter().map(|(name, value)| match name.as_str() {
        "millionths" => ("amount".to_owned(), rates(value).unwrap_or_else(|| value.clone())),
        _ => (name.clone(), normal(value)),
    });
    Value::Object(written.collect())
}

fn counted<'a>(value: &'a Value, unit: &str) -> Option<(i64, &'a str)> {
    match value {
        Value::String(short) => {
            let (count, currency) = short.split_once(' ')?;
            Some((count.parse().ok()?, currency))
        }
        Value::Object(fields) => Some((fields.get(unit)?.as_i64()?, fields.get("currency")?.as_str()?)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    }
}

fn places(currency: &str) -> usize {
    currency.parse::<Currency>().map_or(2, Currency::exponent)
}

fn decimal(count: i64, places: usize) -> String {
    let digits = format!("{:0>width$}", count.unsigned_abs(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let sign = if count < 0 { "-" } else { "" };
    if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_decimal_by_their_currency_wherever_they_stand() {
        let stored = json!({"a": [{"minor": 5, "currency": "EUR"}], "b": {"millionths": -2, "currency": "USD"}});
        let expected = json!({
            "a": [{"amount": "0.05", "currency": "EUR"}], "b": {"amount": "-0.000002", "currency": "USD"},
        });
        assert_eq!(normal(&stored), expected);
        let sums = json!({"currency": "USD", "categories": {"utility": {"messages": 2, "millionths": 69_000}}});
        let expected = json!({"currency": "USD", "categories": {"utility": {"messages": 2, "amount": "0.069000"}}});
        assert_eq!(normal(&sums), expected);
    }

    #[test]
    fn a_state_has_its_code_and_its_time() {
        let stored =
            json!(["delivered 1795413600000", "failed:131026 1795413600001", {"state": {"is": "read"}, "at": 1}]);
        let expected = json!([
            {"state": "delivered", "at": "2026-11-23T06:00:00Z"},
            {"state": "failed", "code": 131_026, "at": "2026-11-23T06:00:00.001Z"},
            {"state": {"is": "read"}, "at": 1},
        ]);
        assert_eq!(states(&stored), Some(expected));
    }
}
