//! Bodies and times come back as they were written.

use numo_app::port::table::TableError;
use serde_json::{Map, Number, Value, json};

use super::fixture::{Fixture, instant};

pub(super) async fn all(f: &Fixture<'_>) -> Result<(), TableError> {
    every_json_value_comes_back_unchanged(f).await?;
    numbers_keep_every_digit(f).await?;
    an_empty_body_stays_empty(f).await?;
    times_are_kept_to_the_millisecond_and_expiry_to_the_second(f).await
}

async fn every_json_value_comes_back_unchanged(f: &Fixture<'_>) -> Result<(), TableError> {
    let body = json!({
        "null": null, "yes": true, "no": false, "empty text": "", "empty list": [], "empty object": {},
        "text": "Zoë Ångström, 株式会社, 🧾\n\t\"quoted\" \\ \u{0}end",
        "list": [null, 1, "a", [[], [{}]], {"in": [false]}],
        "nested": {"a": {"b": {"c": {"d": {"e": [{"f": "deep"}]}}}}},
        "S": "a type's name", "N": {"S": "x"}, "a.b#c:d": 1, "size": 2, "name": "reserved word",
        "long": "x".repeat(20_000),
    });
    round_trip(f, "values", body.as_object().cloned().unwrap_or_default()).await
}

async fn numbers_keep_every_digit(f: &Fixture<'_>) -> Result<(), TableError> {
    let numbers = [
        "0",
        "-1",
        "9007199254740993",
        "18446744073709551615",
        "-9223372036854775808",
        "12345678901234567890123456789012345678",
        "0.1",
        "-1234567.89",
        "0.000000001",
        "123456789012345678.12345678901234567891",
    ];
    let parsed: Vec<Value> = numbers.iter().filter_map(|text| text.parse::<Number>().ok()).map(Value::Number).collect();
    assert_eq!(parsed.len(), numbers.len());
    round_trip(f, "numbers", Map::from_iter([("numbers".to_owned(), Value::Array(parsed))])).await
}

async fn an_empty_body_stays_empty(f: &Fixture<'_>) -> Result<(), TableError> {
    round_trip(f, "empty", Map::new()).await
}

async fn round_trip(f: &Fixture<'_>, sk: &str, body: Map<String, Value>) -> Result<(), TableError> {
    let mut item = f.item("bodies", sk);
    item.body = body;
    f.create(std::slice::from_ref(&item)).await?;
    assert_eq!(f.table.get(&item.key).await?, Some(item));
    Ok(())
}

async fn times_are_kept_to_the_millisecond_and_expiry_to_the_second(f: &Fixture<'_>) -> Result<(), TableError> {
    let mut item = f.item("times", "A");
    let exact = |text: &str| text.parse().unwrap_or_default();
    item.created_at = exact("2026-11-23T06:00:00.123456789Z");
    item.updated_at = exact("2026-11-23T06:00:01.999999Z");
    item.expires_at = Some(exact("2026-11-24T06:00:00.999Z"));
    f.create(std::slice::from_ref(&item)).await?;
    item.created_at = instant(1_795_413_600_123);
    item.updated_at = instant(1_795_413_601_999);
    item.expires_at = Some(instant(1_795_500_000_000));
    assert_eq!(f.table.get(&item.key).await?, Some(item));
    Ok(())
}
