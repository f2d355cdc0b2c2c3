use serde_json::json;

use super::*;
use crate::samples;

/// The messages of a body, as they are written.
fn messages(raw_body: &[u8]) -> Result<Vec<(WabaId, String)>, Malformed> {
    let written = |(waba, changes)| (waba, serde_json::to_string(&changes).unwrap());
    Ok(split(raw_body)?.into_iter().map(written).collect())
}

fn body(entries: Value) -> Vec<u8> {
    json!({ "object": "whatsapp_business_account", "entry": entries }).to_string().into_bytes()
}

fn change(statuses: Value) -> Value {
    json!({ "field": "messages", "value": { "metadata": { "phone_number_id": "1" }, "statuses": statuses } })
}

fn status(number: usize, padding: usize) -> Value {
    json!({ "id": format!("wamid.{number}"), "padding": "x".repeat(padding) })
}

/// Every status id of every message, in order, with the account it goes to.
fn ids(messages: &[(WabaId, String)]) -> Vec<(String, String)> {
    let mut ids = Vec::new();
    for (waba, text) in messages {
        let changes: Vec<Value> = serde_json::from_str(text).unwrap();
        for change in changes {
            for row in change["value"]["statuses"].as_array().unwrap_or(&Vec::new()) {
                assert_eq!(change["value"]["metadata"]["phone_number_id"], "1");
                ids.push((waba.to_string(), row["id"].as_str().unwrap().to_owned()));
            }
        }
    }
    ids
}

#[test]
fn the_entries_of_an_account_become_one_message() {
    let entries = json!([
        { "id": "b", "changes": [change(json!([status(1, 0)]))] },
        { "id": 7, "time": 1, "changes": [change(json!([status(2, 0)]))] },
        { "id": "b", "changes": [change(json!([status(3, 0)])), { "field": "security" }] },
    ]);
    let messages = messages(&body(entries)).unwrap();
    let expected = [("7", "wamid.2"), ("b", "wamid.1"), ("b", "wamid.3")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!((messages.len(), ids(&messages)), (2, expected.to_vec()));
    assert!(messages[1].1.ends_with(r#"{"field":"security"}]"#));
}

#[test]
fn case_49_of_three_entries_with_five_statuses_none_is_lost() {
    let entries = json!([
        { "id": "a", "changes": [change(json!([status(1, 0), status(2, 0)]))] },
        { "id": "b", "changes": [change(json!([status(3, 0)])), change(json!([status(4, 0)]))] },
        { "id": "c", "changes": [change(json!([status(5, 0)]))] },
    ]);
    let messages = messages(&body(entries)).unwrap();
    let expected =
        [("a", 1), ("a", 2), ("b", 3), ("b", 4), ("c", 5)].map(|(a, n)| (a.to_owned(), format!("wamid.{n}")));
    assert_eq!((messages.len(), ids(&messages)), (3, expected.to_vec()));
}

#[test]
fn many_updates_are_cut_to_size_and_none_is_lost_or_moved() {
    for (n_changes, n_statuses, padding) in [(1, 1000, 500), (1000, 1, 500), (3, 333, 3000), (2, 4, 199_000)] {
        let number = |change: usize, row: usize| change * 10_000 + row;
        let changes: Vec<Value> = (0..n_changes)
            .map(|at| change((0..n_statuses).map(|row| status(number(at, row), padding)).collect()))
            .collect();
        let messages = messages(&body(json!([{ "id": "w", "changes": changes }]))).unwrap();
        let expected: Vec<(String, String)> = (0..n_changes)
            .flat_map(|at| (0..n_statuses).map(move |row| (String::from("w"), format!("wamid.{}", number(at, row)))))
            .collect();
        assert_eq!(ids(&messages), expected);
        assert!(messages.iter().all(|(_, text)| text.len() <= MAX_BYTES));
        assert!(messages.len() > 1);
    }
}

#[test]
fn a_large_change_keeps_its_contacts_and_errors_too() {
    let rows = |key: &str| (0..300).map(|at| json!({ key: at, "padding": "x".repeat(500) })).collect::<Vec<Value>>();
    let value = json!({ "contacts": rows("c"), "messages": rows("m"), "errors": rows("e"), "other": 1 });
    let messages =
        messages(&body(json!([{ "id": "w", "changes": [{ "field": "messages", "value": value }] }]))).unwrap();
    let changes: Vec<Value> =
        messages.iter().flat_map(|(_, text)| serde_json::from_str::<Vec<Value>>(text).unwrap()).collect();
    for (list, key) in [("contacts", "c"), ("messages", "m"), ("errors", "e")] {
        let kept: Vec<u64> = changes
            .iter()
            .flat_map(|change| change["value"][list].as_array().cloned().unwrap_or_default())
            .map(|row| row[key].as_u64().unwrap())
            .collect();
        assert_eq!(kept, (0..300).collect::<Vec<u64>>(), "{list}");
    }
    assert!(changes.iter().all(|change| change["value"]["other"] == 1));
}

#[test]
fn what_cannot_be_cut_leaves_a_mark() {
    let huge = "x".repeat(MAX_BYTES);
    for change in [
        json!({ "field": "f", "value": huge }),
        json!({ "field": "f", "value": { "event": huge } }),
        json!({ "field": "f", "value": { "messages": [{ "id": huge }] } }),
    ] {
        let bytes = change.to_string().len();
        let messages = messages(&body(json!([{ "id": "w", "changes": [change] }]))).unwrap();
        let expected = format!(r#"[{{"field":"f","too_large_bytes":{bytes}}}]"#);
        assert_eq!(messages, [("w".parse().unwrap(), expected)]);
    }
}

#[test]
fn what_is_no_delivery_of_an_account_is_malformed() {
    let objects = [
        r#"{"object":"page","entry":[]}"#,
        r#"{"object":null,"entry":[]}"#,
        r#"{"object":"whatsapp_business_account"}"#,
    ];
    for bad in ["", "[]", "{}"].into_iter().chain(objects) {
        assert_eq!(messages(bad.as_bytes()), Err(Malformed), "{bad}");
    }
    for entries in [json!([{}]), json!([{ "id": "w" }]), json!([{ "id": "", "changes": [] }]), json!([1])] {
        assert_eq!(messages(&body(entries.clone())), Err(Malformed), "{entries}");
    }
    assert_eq!(messages(&body(json!([]))), Ok(Vec::new()));
}

#[test]
fn metas_documented_webhooks_split() {
    for file in ["docs_messages_inbound", "docs_messages_status", "docs_bsuid", "docs_account_update", "docs_templates"]
    {
        for (name, payload) in samples::cases(&format!("meta/webhooks/{file}.json")) {
            assert!(messages(payload.to_string().as_bytes()).is_ok(), "{file} {name}");
        }
    }
}

/// A status with all that a JSON library writes in another way than Meta.
fn wordy(number: usize) -> String {
    let text = r"Z\u00fcrich \ud83d\ude00 \u2028 https:\/\/x.example é ✓ \u0000";
    format!(r#"{{"z":"{text}","id" : "wamid.{number}","n":12345678901234567890.1234500e+0400,"a":[-0,1.50,{{}}]}}"#)
}

/// The texts of all rows of a list, in the order of the messages.
fn rows_of(list: &str, messages: &[(WabaId, String)]) -> Vec<String> {
    type Object<'a> = BTreeMap<String, &'a RawValue>;
    let mut rows = Vec::new();
    for (_, text) in messages {
        for change in serde_json::from_str::<Vec<Object<'_>>>(text).unwrap() {
            let value: Object<'_> = serde_json::from_str(change["value"].get()).unwrap();
            let list: Vec<&RawValue> = value.get(list).map_or(Vec::new(), |list| of(list).unwrap());
            rows.extend(list.iter().map(|row| row.get().to_owned()));
        }
    }
    rows
}

#[test]
fn a_thousand_updates_arrive_once_each_in_order_and_in_metas_words() {
    let statuses: Vec<String> = (0..1000).map(|n| wordy(n).replace("✓", &"✓".repeat(100))).collect();
    let body = format!(
        r#"{{"object":"whatsapp_business_account","entry":[{{"id":"w","changes":[
            {{"value":{{"new":{{"by_meta":1.0}},"statuses":[{}]}},"field":"messages"}}]}}]}}"#,
        statuses.join(" ,\n")
    );
    let messages = messages(body.as_bytes()).unwrap();
    assert_eq!(rows_of("statuses", &messages), statuses);
    assert_eq!(messages.len(), 3);
    for (_, text) in &messages {
        assert!(text.len() <= MAX_BYTES);
        assert!(text.starts_with(r#"[{"field":"messages","value":{"new":{"by_meta":1.0},"statuses":[{"z""#), "{text}");
    }
}

#[test]
fn changes_that_fit_are_passed_on_byte_for_byte() {
    let change = format!(r#"{{ "value":{},"unknown" :[ ],"field":"messages","unknown":2}}"#, wordy(1));
    let body = format!(r#"{{"entry":[{{"changes":[{change} , null, {change}],"id":7,"time":0}}]}}"#);
    let expected = ("7".parse().unwrap(), format!("[{change},null,{change}]"));
    assert_eq!(messages(body.as_bytes()).unwrap(), [expected]);
}

#[test]
fn a_change_is_whole_as_long_as_it_fits_with_its_brackets() {
    let body = |padding| body(json!([{ "id": "w", "changes": [change(json!([status(1, padding), status(2, 0)]))] }]));
    let around = messages(&body(0)).unwrap()[0].1.len();
    let whole = messages(&body(MAX_BYTES - around)).unwrap();
    let cut = messages(&body(MAX_BYTES - around + 1)).unwrap();
    assert_eq!((whole.len(), whole[0].1.len()), (1, MAX_BYTES));
    assert_eq!(cut.len(), 2);
    assert_eq!(ids(&cut), ids(&whole));
}

#[test]
fn changes_are_packed_up_to_the_last_byte() {
    let body = |padding| {
        let changes = [change(json!([status(1, padding)])), change(json!([status(2, 100_000)]))];
        body(json!([{ "id": "w", "changes": changes }]))
    };
    let around = messages(&body(0)).unwrap()[0].1.len();
    let lengths = |padding| messages(&body(padding)).unwrap().iter().map(|(_, text)| text.len()).collect::<Vec<_>>();
    assert_eq!(lengths(MAX_BYTES - around), [MAX_BYTES]);
    assert_eq!(lengths(MAX_BYTES - around + 1).len(), 2);
}

#[test]
fn one_broken_text_does_not_take_the_other_messages_with_it() {
    let half = r#"{"field":"messages","value":"\ud83d"}"#;
    let body = format!(r#"{{"entry":[{{"id":"a","changes":[{half}]}},{{"id":"b","changes":[{{}}]}}]}}"#);
    let expected = [("a", format!("[{half}]")), ("b", "[{}]".to_owned())];
    assert_eq!(messages(body.as_bytes()).unwrap(), expected.map(|(waba, text)| (waba.parse().unwrap(), text)));
}
