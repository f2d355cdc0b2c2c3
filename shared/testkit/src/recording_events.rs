//! A bus that keeps what is published.

use std::sync::Mutex;

use async_trait::async_trait;
use jiff::Timestamp;
use numo_app::port::events::{Event, Events};
use numo_domain::id::OrgId;

use crate::lock::lock;

/// Keeps every fact in the order of publishing.
#[derive(Debug, Default)]
pub struct RecordingEvents(Mutex<Vec<Published>>);

/// One published fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Whose fact it is.
    pub org: OrgId,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
}

impl RecordingEvents {
    /// An empty bus.
    pub fn new() -> Self {
        Self::default()
    }

    /// Everything that was published.
    pub fn published(&self) -> Vec<Published> {
        lock(&self.0).clone()
    }
}

#[async_trait]
impl Events for RecordingEvents {
    async fn publish(&self, org: &OrgId, at: Timestamp, event: Event) {
        lock(&self.0).push(Published { org: org.clone(), at, event });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_published_fact_is_kept_with_its_organisation_and_time() {
        let (org, at): (OrgId, Timestamp) = ("org_a".parse().unwrap(), Timestamp::UNIX_EPOCH);
        let event = Event::ReminderSent { attempt: "018f0000-0000-7000-8000-000000000001".parse().unwrap() };
        let events = RecordingEvents::new();
        events.publish(&org, at, event.clone()).await;
        assert_eq!(events.published(), [Published { org, at, event }]);
    }
}
