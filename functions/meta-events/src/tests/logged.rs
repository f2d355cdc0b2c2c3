//! What a delivery leaves in the log: kinds and counts, and no word, name or number of anybody.

use std::{
    io,
    sync::{Mutex, PoisonError},
};

use numo_runtime::telemetry::json_lines::{JsonLines, Origin};
use serde_json::{Value, json};
use tracing_subscriber::layer::SubscriberExt;

use super::*;

/// A log that is kept.
#[derive(Clone, Default)]
pub(super) struct Kept(Arc<Mutex<Vec<u8>>>);

impl io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Kept {
    pub(super) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// The metrics, each with its value and the dimensions by which it is counted.
    fn metrics(&self) -> Vec<(String, Value, Value)> {
        let lines = self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>();
        let metrics = lines.into_iter().filter(|line| line.get("_aws").is_some()).map(|line| {
            let directive = &line["_aws"]["CloudWatchMetrics"][0];
            let name = directive["Metrics"][0]["Name"].as_str().unwrap().to_owned();
            let dimensions = directive["Dimensions"][0].as_array().unwrap().iter();
            let by = dimensions.map(|name| line[name.as_str().unwrap()].clone()).collect();
            (name.clone(), line[&name].clone(), Value::Array(by))
        });
        metrics.filter(|(name, ..)| name != "jobs").collect()
    }
}

/// Takes changes of the account in, through the batch runner, as the queue brings them; what it logged.
pub(super) async fn logged(fixture: &Fixture, changes: Value) -> Kept {
    let kept = Kept::default();
    let origin = Origin { service: "meta-events", stage: "test".to_owned() };
    let writer = kept.clone();
    let lines = JsonLines::new(origin, Arc::new(FixedClock::at(now())), move || writer.clone());
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(lines));
    let message = json!({
        "type": "meta_delivery.v1", "waba": "102290129340398", "body": changes, "received_at": "2026-11-23T06:00:00Z",
    });
    let record = json!({ "messageId": "1", "body": message.to_string(), "attributes": {}, "messageAttributes": {} });
    let batch: SqsEvent = serde_json::from_value(json!({ "Records": [record] })).unwrap();
    let handle = |message: MetaDelivery, _| handle(&fixture.ports, message);
    let answer = run_batch(&FixedClock::at(now()), batch, Timestamp::MAX, &handle).await;
    assert!(answer.batch_item_failures.is_empty());
    kept
}

pub(super) fn change(field: &str, phone: &str, rows: &str, row: Value) -> Value {
    json!({ "field": field, "value": { "metadata": { "phone_number_id": phone }, rows: [row] } })
}

#[tokio::test]
async fn updates_of_two_organisations_are_counted_and_told_by_kind_and_field_alone() {
    let fixture = fixture().await;
    let other = Route { org: "org_b".parse().unwrap(), connection: None };
    fixture.ports.store.claim_phone(&"555".parse().unwrap(), &other, now()).await.unwrap();
    let text = json!({ "from": "971507654321", "id": "wamid.1", "timestamp": "1795413540", "type": "text",
        "text": { "body": "planted words" } });
    let status =
        json!({ "id": "wamid.2", "status": "sent", "timestamp": "1795413540", "recipient_id": "971507654321" });
    let changes = json!([
        change("messages", "555", "messages", text.clone()),
        change("messages", "555", "messages", text.clone()),
        change("messages", "555", "statuses", status),
        change(
            "smb_message_echoes",
            "555",
            "message_echoes",
            json!({ "to": "971507654321", "timestamp": "1795413540" })
        ),
    ]);
    let kept = logged(&fixture, changes).await;
    let metric = |count: u64| ("webhook_mismatch".to_owned(), json!(count), json!(["test"]));
    assert_eq!(kept.metrics(), [metric(1), metric(2), metric(1)]);
    let lines: Vec<Value> = kept.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told = lines.iter().filter(|line| line["level"] == "ERROR").map(|line| {
        let mut line = line.as_object().unwrap().clone();
        line.retain(|name, _| ["kind", "field", "message"].contains(&name.as_str()));
        Value::Object(line)
    });
    let line = |kind: &str, field: &str| json!({ "kind": kind, "field": field, "message": "updates of two organisations change nothing" });
    let expected = [line("status", "messages"), line("message", "messages"), line("echo", "smb_message_echoes")];
    assert_eq!(told.collect::<Vec<_>>(), expected);
    for secret in ["planted", "971507654321", "wamid.", "org_a", "org_b"] {
        assert!(!kept.text().contains(secret), "{secret} in {}", kept.text());
    }
}

#[tokio::test]
async fn what_nobody_reads_is_counted_by_names_that_meta_documents() {
    let fixture = fixture().await;
    let row = |kind: &str| json!({ "from": "971507654321", "id": "m", "timestamp": "1795413540", "type": kind });
    let status = json!({ "id": "m", "status": "planted_status", "timestamp": "1795413540" });
    let changes = json!([
        { "field": "calls", "value": {} },
        { "field": "planted_field", "value": {} },
        change("messages", "106540352242922", "messages", row("planted_type")),
        change("messages", "106540352242922", "statuses", status),
        { "field": "account_update", "value": { "event": "PLANTED_EVENT" } },
        change("user_preferences", "106540352242922", "user_preferences", json!({ "value": "planted_value" })),
    ]);
    let metrics = logged(&fixture, changes).await.metrics();
    let expected = [
        ("webhook_unknown_field", "calls"),
        ("webhook_unknown_field", "other"),
        ("webhook_unknown_kind", "message_type"),
        ("webhook_unknown_kind", "status"),
        ("webhook_unknown_kind", "account_event"),
        ("webhook_unknown_kind", "preference"),
    ];
    assert_eq!(metrics, expected.map(|(name, by)| (name.to_owned(), json!(1), json!(["test", by]))));
}

#[tokio::test]
async fn a_number_that_is_blocked_is_counted_once_and_by_its_kind_alone() {
    let fixture = fixture().await;
    let disabled = json!({ "field": "account_update", "value": { "event": "ACCOUNT_DELETED" } });
    let kept = logged(&fixture, json!([disabled])).await;
    assert_eq!(kept.metrics(), [("task_opened".to_owned(), json!(1), json!(["test", "sender_blocked"]))]);
    assert!(!kept.text().contains("106540352242922"), "{}", kept.text());
    // The task is open: Meta says the same again.
    assert_eq!(logged(&fixture, json!([disabled])).await.metrics(), []);
}
