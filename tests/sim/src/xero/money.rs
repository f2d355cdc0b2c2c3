use serde_json::{Number, Value};

/// An amount in ten-thousandths of its currency, so that sums are exact.
pub(crate) type Units = i64;

pub(crate) const UNIT: Units = 10_000;

/// A JSON number the way Xero prints one: `40.0`, `541.25`, `1.125`.
pub(crate) fn number(units: Units) -> Value {
    let sign = if units < 0 { "-" } else { "" };
    let (whole, part) = (units.abs() / UNIT, units.abs() % UNIT);
    let digits = format!("{part:04}");
    let digits = match digits.trim_end_matches('0') {
        "" => "0",
        kept => kept,
    };
    format!("{sign}{whole}.{digits}").parse::<Number>().map_or(Value::Null, Value::Number)
}

/// The amount of a JSON number, or nothing when the value is no number.
pub(crate) fn units(value: &Value) -> Option<Units> {
    let Value::Number(number) = value else { return None };
    parse(&number.to_string())
}

pub(crate) fn parse(text: &str) -> Option<Units> {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let whole: i64 = whole.parse().ok()?;
    if part.len() > 4 {
        return parse(&format!("{whole}.{}", part.get(..4)?)).map(|units| sign * units);
    }
    let part: i64 = format!("{part:0<4}").parse().ok()?;
    Some(sign * (whole.checked_mul(UNIT)?.checked_add(part)?))
}
