//! Rows: one unreadable row never costs the rest of its page.

use jiff::{Timestamp, civil::Date};
use numo_app::port::ledger::record::SkippedRow;
use numo_domain::{
    id::ExternalId,
    money::{Currency, Money},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Deserializer, Number, Value, value::RawValue};

use crate::quickbooks::{date, entity::Entity};

/// Why a row is left out: a field path and a reason, never the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unreadable(String);

impl Unreadable {
    /// A field and what is wrong with it.
    pub(crate) fn field(path: &str, reason: &str) -> Self {
        Self(format!("{path}: {reason}"))
    }
}

/// The fields of a row; unknown ones are ignored, a wrong type is named by its path.
pub(crate) fn fields<T: DeserializeOwned>(row: &RawValue) -> Result<T, Unreadable> {
    serde_path_to_error::deserialize(&mut Deserializer::from_str(row.get())).map_err(|error| {
        let path = error.path().to_string();
        let path = if path == "." { "row" } else { path.as_str() };
        Unreadable::field(path, "wrong type")
    })
}

/// A field that has to be there and to make sense.
pub(crate) fn required<T>(path: &str, text: Option<&str>, read: impl Fn(&str) -> Option<T>) -> Result<T, Unreadable> {
    let text = text.ok_or_else(|| Unreadable::field(path, "missing"))?;
    read(text).ok_or_else(|| Unreadable::field(path, "unreadable"))
}

/// The number's own text is read, so that no amount ever passes through a float.
pub(crate) fn money(path: &str, number: Option<&Number>, currency: Currency) -> Result<Money, Unreadable> {
    let number = number.ok_or_else(|| Unreadable::field(path, "missing"))?;
    Money::parse_decimal(number.as_str(), currency).map_err(|error| Unreadable::field(path, &error.to_string()))
}

/// A calendar date that may be missing or empty, but not rubbish.
pub(crate) fn calendar(path: &str, text: Option<&str>) -> Result<Option<Date>, Unreadable> {
    text.filter(|text| !text.is_empty()).map(|text| required(path, Some(text), date::calendar)).transpose()
}

/// The id of the row itself.
pub(crate) fn id(text: Option<&str>) -> Result<ExternalId, Unreadable> {
    required("Id", text, |text| text.parse().ok())
}

/// Whose row it is.
pub(crate) fn customer(reference: Option<&Reference>) -> Result<ExternalId, Unreadable> {
    required("CustomerRef.value", value(reference), |text| text.parse().ok())
}

/// The one currency of all amounts of the row.
pub(crate) fn currency(reference: Option<&Reference>) -> Result<Currency, Unreadable> {
    required("CurrencyRef.value", value(reference), |text| text.parse().ok())
}

/// When the row changed.
pub(crate) fn updated_at(meta: Option<&Meta>) -> Result<Timestamp, Unreadable> {
    let text = meta.and_then(|meta| meta.updated.as_deref());
    required("MetaData.LastUpdatedTime", text, date::instant)
}

/// A reference to another record, or a currency; its name is never used, since names change.
#[derive(Debug, Deserialize)]
pub(crate) struct Reference {
    /// The id, or the code of a currency.
    pub(crate) value: Option<String>,
}

fn value(reference: Option<&Reference>) -> Option<&str> {
    reference.and_then(|reference| reference.value.as_deref())
}

/// When a row was made and changed.
#[derive(Debug, Deserialize)]
pub(crate) struct Meta {
    #[serde(rename = "LastUpdatedTime")]
    updated: Option<String>,
}

/// Whether a row without amounts was cancelled: QuickBooks has no status for it.
///
/// The row stays with nothing on it and "Voided" in its private note.
pub(crate) fn is_voided(amounts: &[Money], note: Option<&str>) -> bool {
    let word = note.is_some_and(|note| note.to_ascii_lowercase().contains("voided"));
    word && amounts.iter().all(|amount| amount.minor == 0)
}

/// What is known of a row that is left out.
pub(crate) fn skipped(entity: Entity, row: &RawValue, Unreadable(reason): Unreadable) -> SkippedRow {
    let row: Value = serde_json::from_str(row.get()).unwrap_or_default();
    let id = row.get("Id").and_then(identifier);
    let of_reference = || row.get("CustomerRef")?.get("value").and_then(identifier);
    let number = row.get("DocNumber").or_else(|| row.get("PaymentRefNum")).and_then(Value::as_str);
    SkippedRow {
        kind: entity.kind(),
        number: number.filter(|number| !number.is_empty()).map(str::to_owned),
        contact: match entity {
            Entity::Customer => id.clone(),
            Entity::Invoice | Entity::CreditMemo | Entity::Payment => of_reference(),
        },
        id,
        reason,
    }
}

/// An id, also where it is a number by mistake.
fn identifier(value: &Value) -> Option<ExternalId> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.as_str().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn raw(value: &Value) -> Box<RawValue> {
        RawValue::from_string(value.to_string()).unwrap()
    }

    #[test]
    fn what_can_be_known_of_a_broken_row_is_kept() {
        let invoice =
            json!({ "Id": "7", "DocNumber": "INV-7", "CustomerRef": { "value": 3, "name": "Hush" }, "Balance": {} });
        let expected = SkippedRow {
            kind: Entity::Invoice.kind(),
            id: "7".parse().ok(),
            number: Some(String::from("INV-7")),
            contact: "3".parse().ok(),
            reason: String::from("Balance: wrong type"),
        };
        let reason = || Unreadable::field("Balance", "wrong type");
        assert_eq!(skipped(Entity::Invoice, &raw(&invoice), reason()), expected);
        let customer = skipped(Entity::Customer, &raw(&json!({ "Id": 9, "DisplayName": "Hush" })), reason());
        assert_eq!((customer.id.clone(), customer.number), ("9".parse().ok(), None));
        assert_eq!(customer.contact, customer.id);
        for row in [json!(7), json!(null), json!([]), json!({ "Id": "a b", "DocNumber": "", "CustomerRef": 1 })] {
            let skipped = skipped(Entity::Payment, &raw(&row), reason());
            assert_eq!((skipped.id, skipped.number, skipped.contact), (None, None, None), "{row}");
        }
    }

    #[test]
    fn a_row_is_void_when_it_has_the_word_and_no_money() {
        let money = |minor| Money::new(minor, "USD".parse().unwrap());
        assert!(is_voided(&[money(0), money(0)], Some("Voided: by hand")));
        assert!(is_voided(&[money(0)], Some("voided")));
        assert!(!is_voided(&[money(0), money(1)], Some("Voided")));
        assert!(!is_voided(&[money(0)], Some("a gift")));
        assert!(!is_voided(&[money(0)], None));
    }

    #[test]
    fn an_empty_date_is_none_and_rubbish_is_named() {
        assert_eq!(calendar("DueDate", None), Ok(None));
        assert_eq!(calendar("DueDate", Some("")), Ok(None));
        assert_eq!(calendar("DueDate", Some("2026-03-10")), Ok(Some(jiff::civil::date(2026, 3, 10))));
        assert_eq!(calendar("DueDate", Some("soon")), Err(Unreadable::field("DueDate", "unreadable")));
    }
}
