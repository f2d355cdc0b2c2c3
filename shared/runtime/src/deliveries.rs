//! The queue between the webhook and whoever takes in what it says.

use async_trait::async_trait;
use jiff::Timestamp;
use numo_app::port::queue::QueueError;
use numo_aws::sqs::DeliveryQueue;
use numo_domain::id::WabaId;
use serde_json::Value;

/// Puts verified webhook deliveries on their queue.
#[async_trait]
pub trait Deliveries: Send + Sync {
    /// Sends the updates of one account; `body` is the part of the webhook that is about it.
    async fn send(&self, waba: &WabaId, body: &Value, received_at: Timestamp) -> Result<(), QueueError>;
}

#[async_trait]
impl Deliveries for DeliveryQueue {
    async fn send(&self, waba: &WabaId, body: &Value, received_at: Timestamp) -> Result<(), QueueError> {
        self.send_delivery(waba, body, received_at).await
    }
}
