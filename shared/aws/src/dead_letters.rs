//! Dead letters in SQS; the queues of a stage are known by their names.

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_sqs::{
    Client,
    types::{Message, MessageSystemAttributeName as Attribute},
};
use aws_types::SdkConfig;
use jiff::Timestamp;
use numo_app::port::{
    dead_letters::{DeadLetter, DeadLetterQueue, DeadLetters},
    queue::QueueError,
};

use crate::failure::Failure;

/// The dead letters of a stage.
#[derive(Debug, Clone)]
pub struct SqsDeadLetters {
    client: Client,
    urls: BTreeMap<DeadLetterQueue, Urls>,
}

#[derive(Debug, Clone)]
struct Urls {
    dead: String,
    alive: String,
}

/// Nobody else sees a letter for so long that it was taken, in seconds.
const OUT_OF_SIGHT_S: i32 = 300;

/// An answer waits for this long, in seconds, so that every server of the queue is asked.
const WAIT_S: i32 = 1;

impl SqsDeadLetters {
    /// Looks up where the queues of a stage are.
    pub async fn open(config: &SdkConfig, stage: &str) -> Result<Self, QueueError> {
        let client = Client::new(config);
        let mut urls = BTreeMap::new();
        for queue in DeadLetterQueue::ALL {
            let name = format!("numo-{stage}-{}", queue.name());
            let dead = url(&client, &format!("{name}-dead")).await?;
            urls.insert(queue, Urls { dead, alive: url(&client, &name).await? });
        }
        Ok(Self { client, urls })
    }

    fn urls(&self, queue: DeadLetterQueue) -> Result<&Urls, QueueError> {
        let unknown = || QueueError(Failure::because("GetQueueUrl", "Unknown", queue.name()));
        self.urls.get(&queue).ok_or_else(unknown)
    }
}

async fn url(client: &Client, name: &str) -> Result<String, QueueError> {
    let found = client.get_queue_url().queue_name(name).send().await;
    let found = found.map_err(|error| QueueError(Failure::of("GetQueueUrl", &error)))?;
    found.queue_url.ok_or_else(|| QueueError(Failure::because("GetQueueUrl", "NoAddress", name)))
}

#[async_trait]
impl DeadLetters for SqsDeadLetters {
    async fn take(&self, queue: DeadLetterQueue) -> Result<Vec<DeadLetter>, QueueError> {
        let request = self.client.receive_message().queue_url(&self.urls(queue)?.dead);
        let request = request.max_number_of_messages(10).visibility_timeout(OUT_OF_SIGHT_S).wait_time_seconds(WAIT_S);
        let wanted = [Attribute::SentTimestamp, Attribute::ApproximateReceiveCount, Attribute::MessageGroupId];
        let answer = request.set_message_system_attribute_names(Some(wanted.into())).send().await;
        let answer = answer.map_err(|error| QueueError(Failure::of("ReceiveMessage", &error)))?;
        answer.messages.unwrap_or_default().into_iter().map(letter).collect()
    }

    async fn give_back(&self, queue: DeadLetterQueue, letter: &DeadLetter) -> Result<(), QueueError> {
        let request = self.client.change_message_visibility().queue_url(&self.urls(queue)?.dead);
        let answer = request.receipt_handle(&letter.handle).visibility_timeout(0).send().await;
        answer.map_err(|error| QueueError(Failure::of("ChangeMessageVisibility", &error)))?;
        Ok(())
    }

    async fn send_again(&self, queue: DeadLetterQueue, letter: &DeadLetter) -> Result<(), QueueError> {
        let request = self.client.send_message().queue_url(&self.urls(queue)?.alive);
        let request = request.set_message_group_id(letter.group.clone()).message_body(&letter.body);
        request.send().await.map_err(|error| QueueError(Failure::of("SendMessage", &error).without_message()))?;
        Ok(())
    }

    async fn remove(&self, queue: DeadLetterQueue, letter: &DeadLetter) -> Result<(), QueueError> {
        let request = self.client.delete_message().queue_url(&self.urls(queue)?.dead);
        let answer = request.receipt_handle(&letter.handle).send().await;
        answer.map_err(|error| QueueError(Failure::of("DeleteMessage", &error)))?;
        Ok(())
    }
}

fn letter(message: Message) -> Result<DeadLetter, QueueError> {
    let attributes = message.attributes.unwrap_or_default();
    let lacks =
        |what| QueueError(Failure::because("ReceiveMessage", "Incomplete", format!("a message without {what}")));
    let sent_at = attributes.get(&Attribute::SentTimestamp).and_then(|text| text.parse().ok());
    let sent_at = sent_at.and_then(|milliseconds| Timestamp::from_millisecond(milliseconds).ok());
    let received = attributes.get(&Attribute::ApproximateReceiveCount).and_then(|text| text.parse().ok());
    Ok(DeadLetter {
        id: message.message_id.ok_or_else(|| lacks("an id"))?,
        body: message.body.ok_or_else(|| lacks("a body"))?,
        group: attributes.get(&Attribute::MessageGroupId).cloned(),
        sent_at: sent_at.ok_or_else(|| lacks("a time"))?,
        received: received.ok_or_else(|| lacks("a count"))?,
        handle: message.receipt_handle.ok_or_else(|| lacks("a handle"))?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::canned::{Answer, Canned};

    const TAKEN: &str = r#"{"Messages":[{"MessageId":"m-1","ReceiptHandle":"h-1","Body":"{}",
        "Attributes":{"SentTimestamp":"1795413600000","ApproximateReceiveCount":"6","MessageGroupId":"org_a"}}]}"#;

    /// A stage whose queues are all at one address, and what it answers then.
    async fn stage(then: &str) -> (Canned, SqsDeadLetters) {
        let url = Answer::ok(r#"{"QueueUrl":"https://sqs.example/queue"}"#);
        let answers = vec![url; 10].into_iter().chain([Answer::ok(then)]).collect();
        let server = Canned::start(answers);
        let letters = SqsDeadLetters::open(&server.config(), "prod").await.unwrap();
        (server, letters)
    }

    #[tokio::test]
    async fn every_queue_is_found_by_its_name_beside_that_of_its_dead_letters() {
        let (server, _) = stage("{}").await;
        let asked: Vec<Value> = server.bodies().iter().map(|body| serde_json::from_str(body).unwrap()).collect();
        let names = ["sync", "plan", "dispatch", "erasure", "meta"].into_iter();
        let names = names.flat_map(|name| [format!("numo-prod-{name}-dead"), format!("numo-prod-{name}")]);
        assert_eq!(asked, names.map(|name| json!({"QueueName": name})).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn a_letter_is_taken_for_five_minutes_with_its_age_its_count_and_its_group() {
        let (server, letters) = stage(TAKEN).await;
        let taken = letters.take(DeadLetterQueue::Plan).await.unwrap();
        let letter = DeadLetter {
            id: "m-1".to_owned(),
            body: "{}".to_owned(),
            group: Some("org_a".to_owned()),
            sent_at: "2026-11-23T06:00:00Z".parse().unwrap(),
            received: 6,
            handle: "h-1".to_owned(),
        };
        assert_eq!(taken, [letter]);
        let asked: Value = serde_json::from_str(server.bodies().last().unwrap()).unwrap();
        let expected = json!({
            "QueueUrl": "https://sqs.example/queue", "MaxNumberOfMessages": 10, "VisibilityTimeout": 300,
            "WaitTimeSeconds": 1,
            "MessageSystemAttributeNames": ["SentTimestamp", "ApproximateReceiveCount", "MessageGroupId"],
        });
        assert_eq!(asked, expected);
    }

    #[tokio::test]
    async fn a_letter_is_sent_again_as_it_was_and_a_message_that_lacks_something_is_an_error() {
        let (server, letters) = stage(TAKEN).await;
        let taken = letters.take(DeadLetterQueue::Meta).await.unwrap();
        letters.send_again(DeadLetterQueue::Meta, &taken[0]).await.unwrap();
        let sent: Value = serde_json::from_str(server.bodies().last().unwrap()).unwrap();
        let again = json!({"QueueUrl": "https://sqs.example/queue", "MessageGroupId": "org_a", "MessageBody": "{}"});
        assert_eq!(sent, again);
        let (_, broken) = stage(&TAKEN.replace("1795413600000", "soon")).await;
        let error = broken.take(DeadLetterQueue::Meta).await.unwrap_err();
        assert!(format!("{error:?}").contains("a message without a time"), "{error:?}");
    }
}
