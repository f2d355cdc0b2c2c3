//! What somebody writes whom no ledger knows: it is acted on where it says STOP, and rests nowhere.

use serde_json::{Value, json};

use super::{
    logged::{change, logged},
    *,
};

/// Whoever has it is no customer of anybody.
const STRANGER: &str = "971509990000";

/// Stands in everything that is written, said or named here.
const PLANTED: &str = "Quagga";

/// Everything that a person can send, each with planted words wherever Meta hands words on.
fn written(from: &str) -> Vec<Value> {
    let row = |kind: &str, inside: Value| {
        json!({ "from": from, "from_user_id": "AE.1234567890", "id": format!("wamid.{kind}"), "timestamp": "1795413540",
            "type": kind, kind: inside })
    };
    let media = |extra: Value| {
        let mut media =
            json!({ "id": "Quagga-media", "mime_type": "image/jpeg", "sha256": "Quagga-sha", "url": "https://Quagga" });
        media.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        media
    };
    let card = json!([{ "name": { "formatted_name": "Quagga Card" }, "phones": [{ "phone": "+971509991111" }] }]);
    let order = json!({ "catalog_id": "1", "text": "Quagga order", "product_items": [] });
    let edited = json!({ "original_message_id": "wamid.text",
        "message": { "type": "text", "text": { "body": "Quagga edited" }, "context": { "id": "wamid.0" } } });
    vec![
        row("text", json!({ "body": "Quagga who is this?" })),
        row("image", media(json!({ "caption": "Quagga caption" }))),
        row("document", media(json!({ "caption": "Quagga proof", "filename": "Quagga.pdf" }))),
        row("video", media(json!({ "caption": "Quagga video" }))),
        row("audio", media(json!({}))),
        row("sticker", media(json!({}))),
        row(
            "location",
            json!({ "latitude": 1.5, "longitude": 2.5, "name": "Quagga place", "address": "Quagga street" }),
        ),
        row("contacts", card),
        row("order", order),
        row("button", json!({ "text": "Quagga button", "payload": "Quagga payload" })),
        row("interactive", json!({ "type": "list_reply", "list_reply": { "id": "Quagga", "title": "Quagga row" } })),
        row("reaction", json!({ "message_id": "wamid.0", "emoji": "Quagga" })),
        row("edit", edited),
        row("revoke", json!({ "original_message_id": "wamid.text" })),
        row("unsupported", json!({ "title": "Quagga" })),
        row("Quagga", json!({ "body": "Quagga of a type that is new" })),
    ]
}

/// What the business writes from the phone app to somebody, takes back and writes anew.
fn echoed(to: &str) -> Vec<Value> {
    let row = |kind: &str, inside: Value| {
        json!({ "from": "971501234567", "to": to, "id": format!("wamid.echo.{kind}"), "timestamp": "1795413540",
            "type": kind, kind: inside })
    };
    let edited = json!({ "original_message_id": "wamid.echo.text",
        "message": { "type": "text", "text": { "body": "Quagga echo edited" } } });
    vec![
        row("text", json!({ "body": "Quagga echo" })),
        row("document", json!({ "id": "Quagga", "caption": "Quagga echo", "filename": "Quagga echo.pdf" })),
        row("edit", edited),
        row("revoke", json!({ "original_message_id": "wamid.echo.text" })),
    ]
}

fn messages(row: Value) -> Value {
    let mut change = change("messages", "106540352242922", "messages", row.clone());
    let profile = json!({ "name": "Quagga Name", "username": "@Quagga" });
    change["value"]["contacts"] = json!([{ "profile": profile, "wa_id": row["from"], "user_id": row["from_user_id"] }]);
    change
}

fn echoes(row: Value) -> Value {
    change("smb_message_echoes", "106540352242922", "message_echoes", row)
}

/// Everything that rests somewhere: items with their keys, and facts for outsiders.
fn kept(fixture: &Fixture) -> String {
    format!("{:?} {:?}", fixture.memory.items(), fixture.events.published())
}

#[tokio::test]
async fn of_what_a_stranger_writes_and_is_written_nothing_rests_in_the_table_the_facts_or_the_log() {
    let fixture = fixture().await;
    let before = kept(&fixture);
    let rows = written(STRANGER).into_iter().map(messages).chain(echoed(STRANGER).into_iter().map(echoes));
    for row in rows {
        let log = logged(&fixture, json!([row])).await.text();
        assert!(log.contains("delivery taken in"), "{log}");
        assert_eq!(kept(&fixture), before, "{row}");
        for secret in [PLANTED, STRANGER, "971509991111", "1234567890", "1.5", "wamid."] {
            assert!(!log.contains(secret), "{secret} in {log}");
        }
    }
}

#[tokio::test]
async fn a_strangers_stop_is_kept_under_a_key_of_the_number_and_without_a_word_of_it() {
    let fixture = fixture().await;
    let stop = |kind: &str, inside: Value| {
        messages(json!({ "from": STRANGER, "id": format!("wamid.{kind}"), "timestamp": "1795413540", "type": kind,
            kind: inside }))
    };
    // Below a picture and on a button, too: the file's name says nothing.
    for row in [
        stop("image", json!({ "id": "Quagga", "caption": "STOP" })),
        stop("document", json!({ "id": "Quagga", "caption": "stop!", "filename": "Quagga.pdf" })),
        stop("button", json!({ "text": "Stop", "payload": "Quagga" })),
        stop("text", json!({ "body": "STOP" })),
    ] {
        let log = logged(&fixture, json!([row])).await.text();
        let consents = fixture.ports.store.consents(&org()).await.unwrap();
        assert_eq!(consents.opted_out_numbers.len(), 1, "{row}");
        for secret in [PLANTED, STRANGER, "STOP", "stop!"] {
            assert!(!kept(&fixture).contains(secret) && !log.contains(secret), "{secret} of {row}");
        }
    }
}

/// The control: the same words of a customer are found by the same search, so it would find a stranger's.
#[tokio::test]
async fn what_a_customer_writes_is_in_the_table_and_still_not_in_the_log() {
    for row in written("971507654321") {
        let (fixture, kind) = (fixture().await, row["type"].clone());
        let log = logged(&fixture, json!([messages(row)])).await.text();
        // Words are kept of what was typed or chosen and of what stands below media; names of files and cards never.
        let is_kept =
            ["text", "image", "document", "video", "button", "interactive", "edit"].contains(&kind.as_str().unwrap());
        assert_eq!(kept(&fixture).contains(PLANTED), is_kept, "{kind}");
        assert!(!kept(&fixture).contains("Quagga.pdf") && !kept(&fixture).contains("Quagga Card"), "{kind}");
        assert!(!log.contains(PLANTED) && !log.contains("971507654321"), "{log}");
    }
}
