//! Facts on the EventBridge bus.

use async_trait::async_trait;
use aws_sdk_eventbridge::{Client, primitives::DateTime, types::PutEventsRequestEntry};
use aws_types::SdkConfig;
use jiff::Timestamp;
use numo_app::port::events::{Event, Events};
use numo_domain::id::OrgId;

use crate::failure::Failure;

const SOURCE: &str = "numo";

/// Publishes facts on one bus.
#[derive(Debug, Clone)]
pub struct EventBus {
    client: Client,
    name: String,
}

impl EventBus {
    /// Publishes on the bus of this name.
    pub fn new(config: &SdkConfig, name: impl Into<String>) -> Self {
        Self { client: Client::new(config), name: name.into() }
    }

    /// `PutEvents` answers 200 for entries that it did not take; only the count tells.
    async fn put(&self, entry: PutEventsRequestEntry) -> Result<(), Box<Failure>> {
        let answer =
            self.client.put_events().entries(entry).send().await.map_err(|error| Failure::of("PutEvents", &error))?;
        if answer.failed_entry_count() == 0 {
            return Ok(());
        }
        let codes: Vec<&str> = answer.entries().iter().filter_map(|entry| entry.error_code()).collect();
        Err(Failure::because("PutEvents", "FailedEntry", codes.join(", ")))
    }
}

#[async_trait]
impl Events for EventBus {
    async fn publish(&self, org: &OrgId, at: Timestamp, event: Event) {
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.name)
            .source(SOURCE)
            .detail_type(event.detail_type())
            .detail(event.detail(org).to_string())
            .time(DateTime::from_millis(at.as_millisecond()))
            .build();
        if let Err(error) = self.put(entry).await {
            tracing::warn!(org = %org, event = event.detail_type(), %error, "event not published");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canned::{Answer, Canned};

    async fn put(answer: Answer) -> Result<(), String> {
        let server = Canned::start(vec![answer]);
        let bus = EventBus::new(&server.config(), "numo-test");
        bus.put(PutEventsRequestEntry::builder().source(SOURCE).build()).await.map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn an_entry_that_was_not_taken_is_noticed_although_the_call_succeeded() {
        let taken = put(Answer::ok(r#"{"FailedEntryCount":0,"Entries":[{"EventId":"1"}]}"#)).await;
        let refused = put(Answer::ok(r#"{"FailedEntryCount":1,"Entries":[{"ErrorCode":"InternalFailure"}]}"#)).await;
        assert_eq!(taken, Ok(()));
        assert_eq!(refused, Err("PutEvents failed with FailedEntry: InternalFailure (request none)".to_owned()));
    }

    #[tokio::test]
    async fn a_bus_that_refuses_does_not_stop_whoever_publishes() {
        let server = Canned::start(vec![Answer::error(400, "ResourceNotFoundException")]);
        let bus = EventBus::new(&server.config(), "numo-test");
        let event = Event::ReminderSent { attempt: "018f0000-0000-7000-8000-000000000001".parse().unwrap() };
        bus.publish(&"org_a".parse().unwrap(), "2026-11-23T06:00:00Z".parse().unwrap(), event).await;
        let sent: serde_json::Value = serde_json::from_str(&server.bodies()[0]).unwrap();
        let expected = serde_json::json!({"Entries": [{
            "EventBusName": "numo-test",
            "Source": "numo",
            "DetailType": "reminder.sent.v1",
            "Detail": r#"{"attempt":"018f0000-0000-7000-8000-000000000001","org":"org_a"}"#,
            "Time": 1_795_413_600,
        }]});
        assert_eq!(sent, expected);
    }
}
