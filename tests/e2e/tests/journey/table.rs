//! The table, the queues and the secret, looked at from outside as an operator would.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, BillingMode};
use aws_types::SdkConfig;
use numo_aws::config::{Account, Keys};
use numo_e2e::stack::StackState;
use numo_e2e::wait::{Look, until};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The table.
pub(crate) struct Table {
    pub(crate) client: aws_sdk_dynamodb::Client,
    pub(crate) name: String,
}

impl Table {
    pub(crate) fn new(state: &StackState) -> Self {
        Self { client: aws_sdk_dynamodb::Client::new(&sdk_config(state)), name: state.table.clone() }
    }

    /// Every item of an organisation whose sort key begins so.
    pub(crate) async fn of_org<T: DeserializeOwned>(&self, org: &str, prefix: &str) -> Vec<T> {
        self.of_partition(&format!("ORG#{org}#"), prefix).await
    }

    /// Every item of a partition whose sort key begins so.
    pub(crate) async fn of_partition<T: DeserializeOwned>(&self, partition: &str, prefix: &str) -> Vec<T> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
            .expression_attribute_values(":pk", AttributeValue::S(partition.to_owned()))
            .expression_attribute_values(":sk", AttributeValue::S(prefix.to_owned()))
            .into_paginator()
            .items()
            .send();
        let mut found = Vec::new();
        while let Some(item) = pages.next().await {
            found.push(serde_json::from_value(json(&AttributeValue::M(item.unwrap()))).unwrap());
        }
        found
    }

    /// How many items there are, whosever they are.
    pub(crate) async fn count(&self) -> usize {
        let mut pages = self.client.scan().table_name(&self.name).into_paginator().items().send();
        let mut n = 0;
        while let Some(item) = pages.next().await {
            item.unwrap();
            n += 1;
        }
        n
    }

    /// Everything that is in it, as text.
    pub(crate) async fn text(&self) -> String {
        let mut pages = self.client.scan().table_name(&self.name).into_paginator().items().send();
        let mut text = String::new();
        while let Some(item) = pages.next().await {
            text.push_str(&format!("{:?}\n", item.unwrap()));
        }
        text
    }

    /// Restores it to the present moment under another name.
    pub(crate) async fn restore(&self, name: &str) {
        let request = self.client.restore_table_to_point_in_time().source_table_name(&self.name);
        let request = request.target_table_name(name).use_latest_restorable_time(true);
        request.billing_mode_override(BillingMode::PayPerRequest).send().await.unwrap();
    }

    /// Sets a text of an item that exists.
    pub(crate) async fn set(&self, pk: &str, sk: &str, name: &str, value: &str) {
        let key = HashMap::from([("pk", pk), ("sk", sk)].map(|(k, v)| (k.to_owned(), AttributeValue::S(v.to_owned()))));
        self.client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key))
            .update_expression("SET #name = :value")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#name", name)
            .expression_attribute_values(":value", AttributeValue::S(value.to_owned()))
            .send()
            .await
            .unwrap();
    }
}

/// An attribute as JSON; sets and bytes are not in use.
#[expect(clippy::wildcard_enum_match_arm, reason = "the enum of the SDK grows")]
fn json(attribute: &AttributeValue) -> Value {
    match attribute {
        AttributeValue::S(text) => Value::String(text.clone()),
        AttributeValue::N(number) => Value::Number(number.parse().unwrap()),
        AttributeValue::Bool(flag) => Value::Bool(*flag),
        AttributeValue::Null(_) => Value::Null,
        AttributeValue::L(list) => list.iter().map(json).collect(),
        AttributeValue::M(fields) => fields.iter().map(|(name, value)| (name.clone(), json(value))).collect(),
        other => panic!("an attribute of another kind: {other:?}"),
    }
}

/// The queues.
pub(crate) struct Queues {
    pub(crate) client: aws_sdk_sqs::Client,
    /// Their addresses, and those of what was given up, by name.
    pub(crate) urls: BTreeMap<String, String>,
    pub(crate) dead: BTreeMap<String, String>,
}

impl Queues {
    pub(crate) fn new(state: &StackState) -> Self {
        Self {
            client: aws_sdk_sqs::Client::new(&sdk_config(state)),
            urls: state.queues.clone(),
            dead: state.dead_letter_queues.clone(),
        }
    }

    pub(crate) async fn send(&self, queue: &str, org: &str, job: &Value) {
        self.put(&self.urls[queue], org, job).await;
    }

    /// Puts a message where a queue puts what it gives up.
    pub(crate) async fn give_up(&self, queue: &str, group: &str, message: &Value) {
        self.put(&self.dead[queue], group, message).await;
    }

    async fn put(&self, url: &str, group: &str, message: &Value) {
        let request = self.client.send_message().queue_url(url).message_group_id(group);
        request.message_body(message.to_string()).send().await.unwrap();
    }

    /// Waits until no message waits or is being worked on.
    pub(crate) async fn idle(&self) {
        until("an end of all jobs", Duration::from_secs(60), async || {
            let waiting = self.waiting().await;
            Ok(if waiting == 0 { Look::Done(()) } else { Look::NotYet(format!("{waiting} messages")) })
        })
        .await
        .unwrap();
    }

    /// Messages that wait or are being worked on.
    pub(crate) async fn waiting(&self) -> u64 {
        let mut waiting = 0;
        for url in self.urls.values() {
            waiting += self.messages(url).await;
        }
        waiting
    }

    /// Messages that were given up.
    pub(crate) async fn dead(&self) -> u64 {
        let mut n = 0;
        for url in self.dead.values() {
            n += self.messages(url).await;
        }
        n
    }

    /// What lies in all queues, those for dead letters included; it stays there.
    pub(crate) async fn text(&self) -> String {
        let mut text = String::new();
        for url in self.urls.values().chain(self.dead.values()) {
            let asked = self.client.receive_message().queue_url(url).max_number_of_messages(10).visibility_timeout(0);
            for message in asked.send().await.unwrap().messages.unwrap_or_default() {
                text.push_str(message.body.as_deref().unwrap_or_default());
            }
        }
        text
    }

    async fn messages(&self, url: &str) -> u64 {
        let asked = self.client.get_queue_attributes().queue_url(url);
        let answer = asked.attribute_names(aws_sdk_sqs::types::QueueAttributeName::All).send().await.unwrap();
        let attributes = answer.attributes.unwrap_or_default();
        let count = |name| attributes.get(&name).and_then(|text| text.parse::<u64>().ok()).unwrap_or_default();
        use aws_sdk_sqs::types::QueueAttributeName as Name;
        count(Name::ApproximateNumberOfMessages) + count(Name::ApproximateNumberOfMessagesNotVisible)
    }
}

/// The secret of the stage.
pub(crate) struct Secret {
    client: aws_sdk_secretsmanager::Client,
    id: String,
}

impl Secret {
    pub(crate) fn new(state: &StackState) -> Self {
        Self { client: aws_sdk_secretsmanager::Client::new(&sdk_config(state)), id: state.secrets_id.clone() }
    }

    /// What functions read that start now.
    pub(crate) async fn current(&self) -> Value {
        let read = self.client.get_secret_value().secret_id(&self.id).send().await.unwrap();
        serde_json::from_str(read.secret_string().unwrap()).unwrap()
    }
}

fn sdk_config(state: &StackState) -> SdkConfig {
    let keys = Keys { id: state.access_key.clone(), secret: state.secret_key.as_str().into(), session: None };
    let endpoint = Some(state.aws_endpoint.clone());
    numo_aws::config::sdk_config(&Account { region: state.region.clone(), endpoint, keys }).unwrap()
}
