//! Fields of a row: what has to be there, and why a row cannot be read.

use jiff::civil::Date;
use numo_domain::{
    id::ExternalId,
    money::{Currency, Money},
};
use serde::Deserialize;
use serde_json::Number;

use crate::xero::date;

/// Why a row is left out: a field path and a reason, never the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unreadable(pub(crate) String);

impl Unreadable {
    /// A field and what is wrong with it.
    pub(crate) fn field(path: &str, reason: &str) -> Self {
        Self(format!("{path}: {reason}"))
    }
}

/// The fields of a row; unknown ones are ignored, a wrong type is named by its path.
pub(crate) fn fields<'a, T: Deserialize<'a>>(row: &'a str) -> Result<T, Unreadable> {
    serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(row)).map_err(|error| {
        let path = error.path().to_string();
        let path = if path == "." { "row" } else { path.as_str() };
        Unreadable::field(path, "wrong type")
    })
}

/// What a row is: several kinds share most lists.
pub(crate) fn kind(row: &str) -> Result<String, Unreadable> {
    #[derive(Deserialize)]
    struct Kind {
        #[serde(rename = "Type")]
        kind: Option<String>,
    }
    fields::<Kind>(row)?.kind.ok_or_else(|| Unreadable::field("Type", "missing"))
}

/// A field that has to be there and to make sense.
pub(crate) fn required<T>(path: &str, text: Option<&str>, read: impl Fn(&str) -> Option<T>) -> Result<T, Unreadable> {
    let text = text.ok_or_else(|| Unreadable::field(path, "missing"))?;
    read(text).ok_or_else(|| Unreadable::field(path, "unreadable"))
}

/// An id that has to be there.
pub(crate) fn id(path: &str, text: Option<&str>) -> Result<ExternalId, Unreadable> {
    required(path, text, |text| text.parse().ok())
}

/// The contact that a row names.
#[derive(Debug, Deserialize)]
pub(crate) struct RawContact {
    #[serde(rename = "ContactID")]
    id: Option<String>,
}

/// Whose a row is.
pub(crate) fn contact(path: &str, contact: Option<&RawContact>) -> Result<ExternalId, Unreadable> {
    id(path, contact.and_then(|contact| contact.id.as_deref()))
}

/// The currency of a row's amounts.
pub(crate) fn currency(path: &str, text: Option<&str>) -> Result<Currency, Unreadable> {
    required(path, text, |text| text.parse().ok())
}

/// The number's own text is read, so that no amount ever passes through a float.
pub(crate) fn money(path: &str, number: Option<&Number>, currency: Currency) -> Result<Money, Unreadable> {
    let number = number.ok_or_else(|| Unreadable::field(path, "missing"))?;
    Money::parse_decimal(number.as_str(), currency).map_err(|error| Unreadable::field(path, &error.to_string()))
}

/// A calendar date, which may be absent.
pub(crate) fn calendar(path: &str, zoneless: Option<&str>, midnight: Option<&str>) -> Result<Option<Date>, Unreadable> {
    date::calendar(zoneless, midnight).map_err(|date::Unreadable| Unreadable::field(path, "unreadable"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_required_and_a_row_has_to_be_an_object() {
        assert_eq!(kind(r#"{"Type":"ACCREC","New":[1]}"#).as_deref(), Ok("ACCREC"));
        assert_eq!(kind("{}"), Err(Unreadable::field("Type", "missing")));
        assert_eq!(kind(r#"{"Type":7}"#), Err(Unreadable::field("Type", "wrong type")));
        assert_eq!(kind("\"HUSH\""), Err(Unreadable::field("row", "wrong type")));
    }

    #[test]
    fn amounts_that_a_currency_does_not_have_are_refused() {
        let aed = "AED".parse().unwrap();
        for (text, expected) in [
            ("1.005", "Total: amount has more than 2 decimals, which AED does not have"),
            ("1e3", "Total: amount is not a plain decimal number"),
            ("99999999999999999999", "Total: amount is too large"),
        ] {
            let number = serde_json::from_str(text).unwrap();
            assert_eq!(money("Total", Some(&number), aed), Err(Unreadable(expected.to_owned())), "{text}");
        }
        assert_eq!(money("Total", None, aed), Err(Unreadable::field("Total", "missing")));
    }
}
