//! The adapters against a local AWS of their own.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a step of a test fails by panicking")]

#[path = "ministack/resources.rs"]
mod resources;
#[path = "ministack/stack.rs"]
mod stack;

use std::sync::Arc;

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use jiff::{SignedDuration, Timestamp};
use numo_app::{
    job::Job,
    port::{
        bucket::{Bucket as _, BucketLinks as _},
        clock::Clock,
        events::{Event, Events},
        key_service::{Context, KeyError, KeyService},
        queue::Queue,
        table::{Key, Table, TableError},
    },
};
use numo_aws::{
    config::Account,
    dynamo::DynamoTable,
    eventbridge::EventBus,
    kms::KmsKeys,
    s3::{S3Bucket, S3Signer},
    secrets::{self, SecretsError},
    sqs::{DeliveryQueue, QueueUrls, SqsQueue},
};
use numo_testkit::conformance::table_conformance;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use resources::Resources;
use stack::Stack;

const JOB: &str = r#"{"id":"018f0000-0000-7000-8000-000000000001","org":"org_a","at":"2026-11-23T06:00:00Z","cause":"due","claim":null,"type":"plan_day.v1","data":{}}"#;

/// One test, so that one emulator serves all steps and ends with them.
#[tokio::test]
async fn the_adapters_keep_the_contracts_of_their_ports() {
    let stack = Stack::start();
    let made = Resources::create(stack.config()).await;
    table_conformance(&DynamoTable::new(&made.config, &made.table), "t#").await;
    a_table_that_is_not_there_is_an_outage(&made).await;
    a_data_key_opens_under_its_own_context_and_no_other(&made).await;
    a_job_arrives_on_the_queue_of_its_kind_in_its_organisations_group(&made).await;
    a_job_without_a_queue_is_an_error(&made).await;
    a_delivery_arrives_in_the_group_of_its_account(&made).await;
    an_event_arrives_on_the_bus(&made).await;
    a_bus_that_is_not_there_is_only_logged(&made).await;
    the_secrets_are_parsed(&made).await;
    an_archive_is_put_together_listed_fetched_by_its_link_and_deleted(&stack.account()).await;
}

async fn a_table_that_is_not_there_is_an_outage(made: &Resources) {
    let table = DynamoTable::new(&made.config, "numo-absent");
    let key = Key { pk: "ORG#org_a#".to_owned(), sk: "PROFILE".to_owned() };
    let Err(TableError::Unavailable(source)) = table.get(&key).await else { panic!("an item of no table") };
    assert!(source.to_string().starts_with("GetItem failed with ResourceNotFoundException: "), "{source}");
}

async fn a_data_key_opens_under_its_own_context_and_no_other(made: &Resources) {
    let keys = KmsKeys::new(&made.config, &made.key);
    let context = |org: &str| Context::from([("org", org.to_owned()), ("purpose", "grant".to_owned())]);
    let made_key = keys.generate(&context("org_a")).await.unwrap();
    assert_eq!(made_key.key_id, made.key);
    assert_eq!(*keys.open(&context("org_a"), &made_key.wrapped).await.unwrap(), *made_key.plain);
    assert!(matches!(keys.open(&context("org_b"), &made_key.wrapped).await, Err(KeyError::Refused)));
    assert!(matches!(keys.open(&Context::new(), &made_key.wrapped).await, Err(KeyError::Refused)));
    assert_ne!(*keys.generate(&context("org_a")).await.unwrap().plain, *made_key.plain);
}

async fn a_job_arrives_on_the_queue_of_its_kind_in_its_organisations_group(made: &Resources) {
    let queue = SqsQueue::new(&made.config, QueueUrls { plan: Some(made.plan.clone()), ..QueueUrls::default() });
    let job: Job = serde_json::from_str(JOB).unwrap();
    queue.send(&job).await.unwrap();
    assert_eq!(received(made, &made.plan).await, ("org_a".to_owned(), JOB.to_owned()));
}

async fn a_job_without_a_queue_is_an_error(made: &Resources) {
    let queue = SqsQueue::new(&made.config, QueueUrls { sync: Some(made.plan.clone()), ..QueueUrls::default() });
    assert!(queue.send(&serde_json::from_str(JOB).unwrap()).await.is_err());
}

async fn a_delivery_arrives_in_the_group_of_its_account(made: &Resources) {
    let queue = DeliveryQueue::new(&made.config, &made.meta);
    let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "102290129340398"}]});
    let at: Timestamp = "2026-11-23T06:00:00Z".parse().unwrap();
    queue.send_delivery(&"102290129340398".parse().unwrap(), &body, at).await.unwrap();
    let (group, text) = received(made, &made.meta).await;
    let expected = json!({"type": "meta_delivery.v1", "waba": "102290129340398", "body": body,
        "received_at": "2026-11-23T06:00:00Z"});
    assert_eq!(group, "102290129340398");
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), expected);
}

async fn an_event_arrives_on_the_bus(made: &Resources) {
    let event = Event::ReminderSent { attempt: "018f0000-0000-7000-8000-000000000001".parse().unwrap() };
    let at: Timestamp = "2026-11-23T06:00:00Z".parse().unwrap();
    EventBus::new(&made.config, &made.bus).publish(&"org_a".parse().unwrap(), at, event).await;
    let message = next_message(made, &made.heard).await;
    let heard: Value = serde_json::from_str(message.body().unwrap()).unwrap();
    let parts = ["source", "detail-type", "detail"].map(|name| heard[name].clone());
    let detail = json!({"org": "org_a", "attempt": "018f0000-0000-7000-8000-000000000001"});
    assert_eq!(parts, [json!("numo"), json!("reminder.sent.v1"), detail]);
}

async fn a_bus_that_is_not_there_is_only_logged(made: &Resources) {
    let event = Event::ReminderSent { attempt: "018f0000-0000-7000-8000-000000000001".parse().unwrap() };
    let bus = EventBus::new(&made.config, "numo-absent");
    bus.publish(&"org_a".parse().unwrap(), Timestamp::UNIX_EPOCH, event).await;
}

async fn the_secrets_are_parsed(made: &Resources) {
    let secrets = secrets::fetch(&made.config, &made.secrets).await.unwrap();
    assert_eq!(secrets.xero_client_id.expose_secret(), "xero-id");
    assert_eq!(secrets.pepper.expose_secret(), &[7; 32]);
    let absent = secrets::fetch(&made.config, "numo/absent").await;
    assert!(matches!(absent, Err(SecretsError::Unavailable(_))));
}

struct Real;

impl Clock for Real {
    #[expect(clippy::disallowed_methods, reason = "signatures are compared with the emulator's own time")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

async fn an_archive_is_put_together_listed_fetched_by_its_link_and_deleted(account: &Account) {
    let (http, clock) = (reqwest::Client::builder().no_proxy().build().unwrap(), Arc::new(Real));
    let made = http.put(format!("{}/numo-exports", account.endpoint.as_ref().unwrap())).send().await.unwrap();
    assert!(made.status().is_success(), "{}", made.text().await.unwrap());
    let bucket = S3Bucket::new(account, "numo-exports", clock.clone()).unwrap();
    let (key, other) = ("exports/org_a/1/1.zip", "exports/org_ab/1/1.zip");
    let pieces = [vec![1; 5 << 20], vec![2; 7]];
    for key in [key, other] {
        let upload = bucket.begin(key).await.unwrap();
        let mut tags = Vec::new();
        for (piece, number) in pieces.iter().zip(1..) {
            tags.push(bucket.put(key, &upload, number, piece.clone()).await.unwrap());
        }
        assert_eq!(bucket.keys(key).await.unwrap(), [""; 0], "nobody sees what is not completed");
        bucket.complete(key, &upload, &tags).await.unwrap();
    }
    assert_eq!(bucket.keys("exports/org_a/").await.unwrap(), [key]);
    let signer = S3Signer::new(account, "numo-exports").unwrap();
    let link = signer.link(key, "numo 1.zip", SignedDuration::from_mins(15), clock.now()).unwrap();
    let fetched = http.get(&link).send().await.unwrap();
    assert_eq!(fetched.headers()["content-disposition"], "attachment; filename=\"numo 1.zip\"");
    assert!(fetched.bytes().await.unwrap() == pieces.concat());
    bucket.delete(key).await.unwrap();
    bucket.delete(key).await.unwrap();
    assert_eq!(bucket.keys("exports/").await.unwrap(), [other]);
    assert_eq!(http.get(&link).send().await.unwrap().status().as_u16(), 404);
}

/// The next message's group and body.
async fn received(made: &Resources, url: &str) -> (String, String) {
    let message = next_message(made, url).await;
    let group = message.attributes().and_then(|found| found.get(&MessageSystemAttributeName::MessageGroupId));
    (group.cloned().unwrap(), message.body().unwrap().to_owned())
}

async fn next_message(made: &Resources, url: &str) -> Message {
    let received = aws_sdk_sqs::Client::new(&made.config)
        .receive_message()
        .queue_url(url)
        .wait_time_seconds(10)
        .message_system_attribute_names(MessageSystemAttributeName::All)
        .send()
        .await
        .unwrap();
    received.messages.unwrap_or_default().remove(0)
}
