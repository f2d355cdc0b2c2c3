//! The short text as which an attempt stores an amount: below 1 KB an attempt costs one write unit, above it two.

use serde::{Deserialize, Deserializer, Serializer, de::Error};

use crate::money::Money;

/// As it is stored, or was before.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    Short(String),
    Long(Money),
}

pub(super) fn serialize<S: Serializer>(money: &Money, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format!("{} {}", money.minor, money.currency))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
    match Stored::deserialize(deserializer)? {
        Stored::Long(money) => Ok(money),
        Stored::Short(text) => read(&text).ok_or_else(|| D::Error::custom("an amount is needed")),
    }
}

fn read(text: &str) -> Option<Money> {
    let (minor, currency) = text.split_once(' ')?;
    Some(Money::new(minor.parse().ok()?, currency.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::{attempt::Evidence, money::Money};

    #[test]
    fn an_amount_is_stored_as_a_short_text_and_the_long_form_of_before_is_read() {
        let evidence = Evidence {
            read_at: jiff::Timestamp::UNIX_EPOCH,
            anchor_remaining: Money::new(-141_384, "AED".parse().unwrap()),
            anchor_updated_at: None,
            request_ids: Vec::new(),
        };
        let stored = serde_json::to_value(&evidence).unwrap();
        assert_eq!(stored["anchor_remaining"], "-141384 AED");
        let with = |amount: Value| {
            let mut stored = stored.clone();
            stored["anchor_remaining"] = amount;
            serde_json::from_value::<Evidence>(stored).ok()
        };
        assert_eq!(with(json!("-141384 AED")), Some(evidence.clone()));
        assert_eq!(with(json!({"minor": -141_384, "currency": "AED"})), Some(evidence));
        for broken in ["", "5", "5AED", "x AED", "1 A"] {
            assert_eq!(with(json!(broken)), None, "{broken}");
        }
    }
}
