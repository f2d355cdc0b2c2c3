//! Queues and claims on a bad day.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName};

use crate::table::{Queues, Table};

/// Long past, and later than every claim.
const PAST: &str = "2020-01-01T00:00:00Z";
const PAST_MS: &str = "001577836800000";

impl Queues {
    /// How long a message stays with a function that was killed.
    pub(crate) async fn try_again_after(&self, seconds: u32) {
        for url in self.urls.values() {
            let asked = self.client.set_queue_attributes().queue_url(url);
            asked.attributes(QueueAttributeName::VisibilityTimeout, seconds.to_string()).send().await.unwrap();
        }
    }

    /// Puts what was given up back into the queue that it came from.
    pub(crate) async fn redrive(&self) {
        for (queue, dead) in &self.dead {
            for message in self.take(dead).await {
                self.send_again(&self.urls[queue], &message).await;
                self.delete(dead, &message).await;
            }
        }
    }

    async fn take(&self, url: &str) -> Vec<Message> {
        let asked = self.client.receive_message().queue_url(url).visibility_timeout(2);
        let asked =
            asked.message_system_attribute_names(MessageSystemAttributeName::All).message_attribute_names("All");
        asked.send().await.unwrap().messages.unwrap_or_default()
    }

    async fn send_again(&self, url: &str, message: &Message) {
        let attributes = message.attributes.clone().unwrap_or_default();
        let request = self
            .client
            .send_message()
            .queue_url(url)
            .set_message_body(message.body.clone())
            .set_message_attributes(message.message_attributes.clone())
            .set_message_group_id(attributes.get(&MessageSystemAttributeName::MessageGroupId).cloned());
        request.send().await.unwrap();
    }

    async fn delete(&self, url: &str, message: &Message) {
        let handle = message.receipt_handle.clone();
        self.client.delete_message().queue_url(url).set_receipt_handle(handle).send().await.unwrap();
    }
}

impl Table {
    /// Makes work due whose claim still holds; false if it is gone meanwhile.
    pub(crate) async fn is_due_now(&self, pk: &str, sk: &str) -> bool {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let key = HashMap::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))]);
        let asked = self.client.update_item().table_name(&self.name).set_key(Some(key));
        let asked = asked
            .update_expression("SET #at = :at, gsi1sk = :place ADD rev :one")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#at", "at")
            .expression_attribute_values(":at", text(PAST))
            .expression_attribute_values(":place", text(PAST_MS))
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()));
        asked.send().await.is_ok()
    }
}
