//! Items as attributes and back.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use numo_app::port::table::{Item, Key, TableError};
use serde_json::Map;

use super::{
    refused,
    value::{attributes, values},
};

/// The attributes of one item.
pub(super) type Attributes = HashMap<String, AttributeValue>;

/// Names that every item has for itself; a body may not use them.
const OWN: [&str; 11] = ["pk", "sk", "et", "sv", "rev", "ca", "ua", "gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk"];
const TTL: &str = "ttl";

/// The attributes of an item.
pub(super) fn write(item: Item) -> Result<Attributes, TableError> {
    if let Some(name) = OWN.iter().chain([&TTL]).find(|name| item.body.contains_key(**name)) {
        return Err(refused("a write", format!("the body uses the name {name}")));
    }
    let mut written = attributes(item.body)?;
    let numbers = [
        ("sv", i128::from(item.schema)),
        ("rev", i128::from(item.rev)),
        ("ca", i128::from(item.created_at.as_millisecond())),
        ("ua", i128::from(item.updated_at.as_millisecond())),
    ];
    written.extend(numbers.map(|(name, number)| (name.to_owned(), AttributeValue::N(number.to_string()))));
    written.insert("et".to_owned(), AttributeValue::S(item.entity));
    put_key(&mut written, "pk", "sk", item.key);
    if let Some(due) = item.due {
        put_key(&mut written, "gsi1pk", "gsi1sk", due);
    }
    if let Some(open) = item.open {
        put_key(&mut written, "gsi2pk", "gsi2sk", open);
    }
    if let Some(at) = item.expires_at {
        written.insert(TTL.to_owned(), AttributeValue::N(at.as_second().to_string()));
    }
    Ok(written)
}

/// The item of its attributes; what every item has is taken out of them, and the rest is its body.
pub(super) fn read(mut stored: Attributes) -> Result<Item, TableError> {
    let own = &mut stored;
    Ok(Item {
        key: need(take_key(own, "pk", "sk"), "pk and sk")?,
        entity: need(take_text(own, "et"), "et")?,
        schema: need(take_number(own, "sv"), "sv")?,
        rev: need(take_number(own, "rev"), "rev")?,
        created_at: need(take_milliseconds(own, "ca"), "ca")?,
        updated_at: need(take_milliseconds(own, "ua"), "ua")?,
        due: take_key(own, "gsi1pk", "gsi1sk"),
        open: take_key(own, "gsi2pk", "gsi2sk"),
        expires_at: take_number(own, TTL).and_then(|seconds| Timestamp::from_second(seconds).ok()),
        body: values(stored)?,
    })
}

/// The item of an index that projects keys only: nothing but its two keys is known.
pub(super) fn read_due(mut stored: Attributes) -> Result<Item, TableError> {
    let stored = &mut stored;
    Ok(Item {
        key: need(take_key(stored, "pk", "sk"), "pk and sk")?,
        entity: String::new(),
        schema: 0,
        rev: 0,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
        due: Some(need(take_key(stored, "gsi1pk", "gsi1sk"), "gsi1pk and gsi1sk")?),
        open: None,
        expires_at: None,
        body: Map::new(),
    })
}

/// The attributes of a primary key.
pub(super) fn key(key: &Key) -> Attributes {
    let mut written = Attributes::new();
    put_key(&mut written, "pk", "sk", key.clone());
    written
}

/// Adds the two attributes of a key.
pub(super) fn put_key(attributes: &mut Attributes, pk: &str, sk: &str, key: Key) {
    attributes.insert(pk.to_owned(), AttributeValue::S(key.pk));
    attributes.insert(sk.to_owned(), AttributeValue::S(key.sk));
}

/// The key in two attributes, if both are there.
pub(super) fn take_key(stored: &mut Attributes, pk: &str, sk: &str) -> Option<Key> {
    Some(Key { pk: take_text(stored, pk)?, sk: take_text(stored, sk)? })
}

fn take_text(stored: &mut Attributes, name: &str) -> Option<String> {
    if let AttributeValue::S(text) = stored.remove(name)? { Some(text) } else { None }
}

fn take_number<T: std::str::FromStr>(stored: &mut Attributes, name: &str) -> Option<T> {
    stored.remove(name)?.as_n().ok()?.parse().ok()
}

fn take_milliseconds(stored: &mut Attributes, name: &str) -> Option<Timestamp> {
    Timestamp::from_millisecond(take_number(stored, name)?).ok()
}

fn need<T>(found: Option<T>, name: &str) -> Result<T, TableError> {
    found.ok_or_else(|| TableError::Corrupt(format!("{name} missing or of another type")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn item() -> Item {
        Item {
            key: Key { pk: "ORG#org_a#".to_owned(), sk: "PROFILE".to_owned() },
            entity: "profile".to_owned(),
            schema: 1,
            rev: 2,
            created_at: "2026-11-23T06:00:00.123Z".parse().unwrap(),
            updated_at: "2026-11-23T06:00:01.5Z".parse().unwrap(),
            due: Some(Key { pk: "DUE#3".to_owned(), sk: "1".to_owned() }),
            open: None,
            expires_at: Some("2026-11-24T06:00:00Z".parse().unwrap()),
            body: json!({"name": "A", "count": 3}).as_object().cloned().unwrap(),
        }
    }

    #[test]
    fn an_item_is_stored_under_the_documented_attribute_names() {
        let s = |text: &str| AttributeValue::S(text.to_owned());
        let n = |text: &str| AttributeValue::N(text.to_owned());
        let expected = HashMap::from(
            [
                ("pk", s("ORG#org_a#")),
                ("sk", s("PROFILE")),
                ("et", s("profile")),
                ("sv", n("1")),
                ("rev", n("2")),
                ("ca", n("1795413600123")),
                ("ua", n("1795413601500")),
                ("gsi1pk", s("DUE#3")),
                ("gsi1sk", s("1")),
                ("ttl", n("1795500000")),
                ("name", s("A")),
                ("count", n("3")),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        assert_eq!(write(item()).unwrap(), expected);
        assert_eq!(read(expected).unwrap(), item());
    }

    #[test]
    fn an_item_without_a_common_attribute_is_corrupt() {
        for (name, error) in
            [("sk", "pk and sk"), ("et", "et"), ("sv", "sv"), ("rev", "rev"), ("ca", "ca"), ("ua", "ua")]
        {
            let mut stored = write(item()).unwrap();
            stored.remove(name);
            let expected = format!("a stored item cannot be read: {error} missing or of another type");
            assert_eq!(read(stored).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn a_body_may_not_use_a_name_that_every_item_has() {
        for name in OWN.iter().chain([&TTL]) {
            let mut item = item();
            item.body.insert((*name).to_owned(), json!(1));
            assert!(matches!(write(item), Err(TableError::Unavailable(_))), "{name}");
        }
    }
}
