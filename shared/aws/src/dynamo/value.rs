//! JSON values as native attributes and back, exactly.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use numo_app::port::table::TableError;
use serde_json::{Map, Number, Value};

use super::refused;

/// Significant digits that DynamoDB keeps (DynamoDB developer guide: data types, Number).
const MOST_DIGITS: usize = 38;

/// The attribute of a value; a number that DynamoDB would write differently is refused.
pub(super) fn attribute(value: Value) -> Result<AttributeValue, TableError> {
    Ok(match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(flag) => AttributeValue::Bool(flag),
        Value::Number(number) => AttributeValue::N(exact(&number)?),
        Value::String(text) => AttributeValue::S(text),
        Value::Array(values) => AttributeValue::L(values.into_iter().map(attribute).collect::<Result<_, _>>()?),
        Value::Object(fields) => AttributeValue::M(attributes(fields)?),
    })
}

/// The attributes of an object's fields.
pub(super) fn attributes(fields: Map<String, Value>) -> Result<HashMap<String, AttributeValue>, TableError> {
    fields.into_iter().map(|(name, value)| Ok((name, attribute(value)?))).collect()
}

/// The value of an attribute; sets and binaries are never written.
pub(super) fn value(attribute: AttributeValue) -> Result<Value, TableError> {
    Ok(match attribute {
        AttributeValue::Null(_) => Value::Null,
        AttributeValue::Bool(flag) => Value::Bool(flag),
        AttributeValue::N(text) => Value::Number(number(&text)?),
        AttributeValue::S(text) => Value::String(text),
        AttributeValue::L(each) => Value::Array(each.into_iter().map(value).collect::<Result<_, _>>()?),
        AttributeValue::M(fields) => Value::Object(values(fields)?),
        AttributeValue::B(_) | AttributeValue::Bs(_) | AttributeValue::Ns(_) | AttributeValue::Ss(_) | _ => {
            return Err(TableError::Corrupt("an attribute of a type that is never written".to_owned()));
        }
    })
}

/// The values of some attributes.
pub(super) fn values(fields: HashMap<String, AttributeValue>) -> Result<Map<String, Value>, TableError> {
    fields.into_iter().map(|(name, attribute)| Ok((name, value(attribute)?))).collect()
}

fn number(text: &str) -> Result<Number, TableError> {
    text.parse().map_err(|error| TableError::Corrupt(format!("a number that is none: {error}")))
}

/// The text of a number that comes back as it was written.
///
/// DynamoDB drops zeros after the point, expands exponents and refuses a 39th digit.
fn exact(number: &Number) -> Result<String, TableError> {
    let text = number.to_string();
    let digits = text.strip_prefix('-').unwrap_or(&text);
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let ends_in_zero = digits.contains('.') && digits.ends_with('0');
    let significant = digits.trim_start_matches(['0', '.']).bytes().filter(u8::is_ascii_digit).count();
    if !plain || ends_in_zero || text == "-0" || significant > MOST_DIGITS {
        return Err(refused("a write", "a number that the table cannot keep exactly"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_json_value_has_a_native_attribute_and_comes_back_unchanged() {
        let json =
            r#"{"a":null,"b":[true,{}],"c":{"d":"","e":[]},"f":123456789012345678901234567890.12345678,"g":"é😀"}"#;
        let written: Value = serde_json::from_str(json).unwrap();
        let stored = attribute(written.clone()).unwrap();
        let AttributeValue::M(fields) = &stored else { panic!("{stored:?}") };
        assert_eq!(fields["f"], AttributeValue::N("123456789012345678901234567890.12345678".to_owned()));
        assert_eq!(value(stored).unwrap(), written);
    }

    #[test]
    fn a_number_that_would_come_back_differently_is_refused() {
        for text in ["1.0", "1e3", "-0", "0.10", "123456789012345678901234567890123456789"] {
            let number: Value = serde_json::from_str(text).unwrap();
            assert!(attribute(number).is_err(), "{text}");
        }
        for text in ["0", "-1", "100", "0.001", "-12.5", "12345678901234567890123456789012345678"] {
            let number: Value = serde_json::from_str(text).unwrap();
            assert_eq!(attribute(number).unwrap(), AttributeValue::N(text.to_owned()));
        }
    }

    #[test]
    fn an_attribute_that_is_never_written_cannot_be_read() {
        let set = AttributeValue::Ss(vec!["a".to_owned()]);
        assert!(matches!(value(set), Err(TableError::Corrupt(_))));
    }
}
