//! The queue between the webhook and whoever takes in what it says.

use async_trait::async_trait;
use jiff::Timestamp;
use numo_app::port::queue::QueueError;
use numo_aws::sqs::DeliveryQueue;
use numo_domain::id::WabaId;
use numo_providers::whatsapp::changes::Changes;

/// Puts verified webhook deliveries on their queue.
#[async_trait]
pub trait Deliveries: Send + Sync {
    /// Sends the updates of one account: the part of the webhook that is about it.
    async fn send(&self, waba: &WabaId, changes: &Changes<'_>, received_at: Timestamp) -> Result<(), QueueError>;
}

#[async_trait]
impl Deliveries for DeliveryQueue {
    async fn send(&self, waba: &WabaId, changes: &Changes<'_>, received_at: Timestamp) -> Result<(), QueueError> {
        self.send_delivery(waba, changes, received_at).await
    }
}
