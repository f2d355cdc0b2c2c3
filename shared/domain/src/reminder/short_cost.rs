//! The short text as which a reminder stores what it costs: it is written again with every state.

use serde::{Deserialize, Deserializer, Serializer, de::Error};

use crate::cost::Cost;

/// As it is stored, or was before.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    Short(String),
    Long(Cost),
}

pub(super) fn serialize<S: Serializer>(cost: &Option<Cost>, serializer: S) -> Result<S::Ok, S::Error> {
    match cost {
        Some(Cost { millionths, currency }) => serializer.serialize_str(&format!("{millionths} {currency}")),
        None => serializer.serialize_none(),
    }
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Cost>, D::Error> {
    match Option::<Stored>::deserialize(deserializer)? {
        None => Ok(None),
        Some(Stored::Long(cost)) => Ok(Some(cost)),
        Some(Stored::Short(text)) => read(&text).map(Some).ok_or_else(|| D::Error::custom("a cost is needed")),
    }
}

fn read(text: &str) -> Option<Cost> {
    let (millionths, currency) = text.split_once(' ')?;
    Some(Cost { millionths: millionths.parse().ok()?, currency: currency.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{
        cost::Cost,
        reminder::{Reminder, ReminderState, tests::reminder},
    };

    #[test]
    fn a_cost_is_stored_as_a_short_text_and_the_long_form_of_before_is_read() {
        let cost = Some(Cost { millionths: 57_600, currency: "USD".parse().unwrap() });
        let priced = Reminder { cost, ..reminder(jiff::Timestamp::UNIX_EPOCH, ReminderState::Accepted) };
        let mut stored = serde_json::to_value(&priced).unwrap();
        assert_eq!(stored["cost"], "57600 USD");
        assert_eq!(serde_json::from_value::<Reminder>(stored.clone()).unwrap(), priced);
        stored["cost"] = json!({"millionths": 57_600, "currency": "USD"});
        assert_eq!(serde_json::from_value::<Reminder>(stored.clone()).unwrap(), priced);
        for broken in ["", "57600", "57600USD", "x USD", "1 US"] {
            stored["cost"] = json!(broken);
            assert!(serde_json::from_value::<Reminder>(stored.clone()).is_err(), "{broken}");
        }
        stored.as_object_mut().unwrap().remove("cost");
        assert_eq!(serde_json::from_value::<Reminder>(stored).unwrap(), Reminder { cost: None, ..priced });
    }
}
