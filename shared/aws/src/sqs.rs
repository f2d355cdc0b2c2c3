//! The queues, in SQS.

use async_trait::async_trait;
use aws_sdk_sqs::{
    Client,
    error::BuildError,
    types::{MessageSystemAttributeNameForSends, MessageSystemAttributeValue},
};
use aws_types::SdkConfig;
use jiff::Timestamp;
use numo_app::{
    job::{Job, QueueName},
    port::queue::{Queue, QueueError},
};
use numo_domain::id::WabaId;
use serde::Serialize;

use crate::{failure::Failure, trace};

/// Puts jobs on the queue of their kind, fair between organisations.
#[derive(Debug, Clone)]
pub struct SqsQueue {
    client: Client,
    urls: QueueUrls,
}

/// Where the queue of each kind is.
///
/// A function that sends to fewer queues leaves the others out, and its permission too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueUrls {
    /// Ledger reads.
    pub sync: Option<String>,
    /// Planning.
    pub plan: Option<String>,
    /// Sending and settling.
    pub dispatch: Option<String>,
    /// Erasing organisations.
    pub erasure: Option<String>,
}

impl SqsQueue {
    /// Sends to these queues.
    pub fn new(config: &SdkConfig, urls: QueueUrls) -> Self {
        Self { client: Client::new(config), urls }
    }

    fn url(&self, name: QueueName) -> Result<&str, QueueError> {
        let url = match name {
            QueueName::Sync => &self.urls.sync,
            QueueName::Plan => &self.urls.plan,
            QueueName::Dispatch => &self.urls.dispatch,
            QueueName::Erasure => &self.urls.erasure,
        };
        url.as_deref().ok_or_else(|| not_sent(format!("no address for queue {name:?}")))
    }
}

#[async_trait]
impl Queue for SqsQueue {
    async fn send(&self, job: &Job) -> Result<(), QueueError> {
        let body = serde_json::to_string(job).map_err(|error| not_sent(error.to_string()))?;
        send(&self.client, self.url(job.work.queue())?, job.org.as_str(), body).await
    }
}

/// Puts verified webhook deliveries of Meta on their queue.
#[derive(Debug, Clone)]
pub struct DeliveryQueue {
    client: Client,
    url: String,
}

impl DeliveryQueue {
    /// Sends to the queue at this address.
    pub fn new(config: &SdkConfig, url: impl Into<String>) -> Self {
        Self { client: Client::new(config), url: url.into() }
    }

    /// Sends the updates of one account; `body` is the part of the webhook that is about it.
    pub async fn send_delivery(
        &self,
        waba: &WabaId,
        body: &(impl Serialize + Sync),
        received_at: Timestamp,
    ) -> Result<(), QueueError> {
        let message = serde_json::to_string(&MetaDelivery { kind: "meta_delivery.v1", waba, body, received_at });
        let message = message.map_err(|error| not_sent(error.to_string()))?;
        send(&self.client, &self.url, waba.as_str(), message).await
    }
}

#[derive(Serialize)]
struct MetaDelivery<'a, B> {
    #[serde(rename = "type")]
    kind: &'static str,
    waba: &'a WabaId,
    body: &'a B,
    received_at: Timestamp,
}

/// One message of the present trace; its group keeps a busy tenant from delaying the others (SQS: fair queues).
async fn send(client: &Client, url: &str, group: &str, body: String) -> Result<(), QueueError> {
    let header = trace::header().map(trace_header).transpose().map_err(|error| not_sent(error.to_string()))?;
    client
        .send_message()
        .queue_url(url)
        .message_group_id(group)
        .message_body(body)
        .set_message_system_attributes(
            header.map(|header| [(MessageSystemAttributeNameForSends::AwsTraceHeader, header)].into()),
        )
        .send()
        .await
        .map_err(|error| QueueError(Failure::of("SendMessage", &error)))?;
    Ok(())
}

/// A trace header as SQS carries it, for free (SQS: message system attributes).
fn trace_header(header: String) -> Result<MessageSystemAttributeValue, BuildError> {
    MessageSystemAttributeValue::builder().data_type("String").string_value(header).build()
}

fn not_sent(why: String) -> QueueError {
    QueueError(Failure::because("SendMessage", "NotSent", why))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json, value::RawValue};

    use super::*;
    use crate::canned::{Answer, Canned};

    #[tokio::test]
    async fn a_delivery_is_carried_in_its_envelope_as_it_was_written() {
        let server = Canned::start(vec![Answer::ok(r#"{"MessageId":"1"}"#)]);
        let queue = DeliveryQueue::new(&server.config(), "https://sqs.example/meta");
        let written =
            r#"[{ "field":"messages","value":"Z\u00fcrich \ud83d\ude00 https:\/\/x.example","n":1.50e+0400}]"#;
        let body: Box<RawValue> = serde_json::from_str(written).unwrap();
        let at = "2026-11-23T06:00:00Z".parse().unwrap();
        queue.send_delivery(&"102290129340398".parse().unwrap(), &body, at).await.unwrap();
        let sent: Vec<Value> = server.bodies().iter().map(|body| serde_json::from_str(body).unwrap()).collect();
        let message = [
            r#"{"type":"meta_delivery.v1","waba":"102290129340398","body":"#,
            written,
            r#","received_at":"2026-11-23T06:00:00Z"}"#,
        ];
        let expected = json!({
            "QueueUrl": "https://sqs.example/meta", "MessageGroupId": "102290129340398", "MessageBody": message.concat(),
        });
        assert_eq!(sent, [expected]);
    }

    #[tokio::test]
    async fn a_message_carries_the_trace_that_it_is_sent_in() {
        let server = Canned::start(vec![Answer::ok(r#"{"MessageId":"1"}"#)]);
        let queue = DeliveryQueue::new(&server.config(), "https://sqs.example/meta");
        let (waba, at) = ("102290129340398".parse().unwrap(), "2026-11-23T06:00:00Z".parse().unwrap());
        let body = json!([]);
        let sending = queue.send_delivery(&waba, &body, at);
        trace::within(Some("Root=1-5e1b4151-5ac6c58f;Sampled=1".to_owned()), sending).await.unwrap();
        let sent: Value = serde_json::from_str(&server.bodies()[0]).unwrap();
        let expected = json!({ "DataType": "String", "StringValue": "Root=1-5e1b4151-5ac6c58f;Sampled=1" });
        assert_eq!(sent["MessageSystemAttributes"], json!({ "AWSTraceHeader": expected }));
    }
}
