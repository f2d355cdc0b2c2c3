//! Somebody whom no ledger knows writes to the business, and is written to from the phone app.

use numo_e2e::journey::HARBOUR_SENDER;
use serde_json::{Value, json};

use crate::{talk, webhooks::tell, world::World};

/// In everything that is written; no item, queue or log may hold it.
pub(crate) const PLANTED: &str = "Quagga";

/// Whose words they are; no log may hold it.
pub(crate) const NUMBER: &str = "971509990000";

pub(crate) async fn what_a_stranger_writes_rests_in_no_item_and_no_queue(world: &mut World) {
    let before = world.table.count().await;
    let named = json!([{"profile": {"name": "Quagga Name"}, "wa_id": NUMBER}]);
    let changes = [
        ("messages", "messages", json!(written())),
        ("messages", "contacts", named),
        ("smb_message_echoes", "message_echoes", json!(echoed())),
    ];
    tell(world, HARBOUR_SENDER, &changes).await;
    world.queues.idle().await;
    assert_eq!(world.table.count().await, before);
    // Their STOP is heeded, and is kept as a hash.
    let stop = json!({"from": NUMBER, "id": "wamid.stranger.stop", "timestamp": "1795413600", "type": "image",
        "image": {"id": "Quagga", "caption": "STOP"}});
    for _ in 0..2 {
        tell(world, HARBOUR_SENDER, &[("messages", "messages", json!([stop]))]).await;
        world.queues.idle().await;
        // That it came, and the consent.
        assert_eq!(world.table.count().await, before + 2);
    }
    let table = world.table.text().await;
    // A customer's words are found by the same search.
    assert!(table.contains(talk::QUESTION));
    for secret in [PLANTED, NUMBER] {
        assert!(!table.contains(secret), "{secret} in the table");
        assert!(!world.queues.text().await.contains(secret), "{secret} in a queue");
    }
}

fn row(kind: &str, inside: Value) -> Value {
    json!({"id": format!("wamid.stranger.{kind}"), "timestamp": "1795413600", "type": kind, kind: inside})
}

/// A text, media, a card, a reaction, and what was written anew and taken back.
fn written() -> Vec<Value> {
    let edited = json!({"original_message_id": "wamid.stranger.text",
        "message": {"type": "text", "text": {"body": "Quagga edited"}}});
    let rows = [
        row("text", json!({"body": "Quagga who is this?"})),
        row("image", json!({"id": "1", "mime_type": "image/jpeg", "caption": "Quagga caption"})),
        row("document", json!({"id": "2", "caption": "Quagga", "filename": "Quagga.pdf"})),
        row("contacts", json!([{"name": {"formatted_name": "Quagga Card"}}])),
        row("reaction", json!({"message_id": "wamid.0", "emoji": "Quagga"})),
        row("edit", edited),
        row("revoke", json!({"original_message_id": "wamid.stranger.text"})),
    ];
    let from = |mut row: Value| {
        row["from"] = json!(NUMBER);
        row
    };
    rows.map(from).to_vec()
}

/// What the business writes to them from the phone app, writes anew and takes back.
fn echoed() -> Vec<Value> {
    let edited = json!({"original_message_id": "wamid.stranger.text",
        "message": {"type": "text", "text": {"body": "Quagga echo"}}});
    let rows = [
        row("text", json!({"body": "Quagga echo"})),
        row("document", json!({"id": "3", "caption": "Quagga echo", "filename": "Quagga.pdf"})),
        row("edit", edited),
        row("revoke", json!({"original_message_id": "wamid.stranger.text"})),
    ];
    let to = |mut row: Value| {
        row["to"] = json!(NUMBER);
        row
    };
    rows.map(to).to_vec()
}
