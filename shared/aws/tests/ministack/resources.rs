//! What the adapters work on, as template.yaml makes it.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType,
};
use aws_types::SdkConfig;

const SECRETS: &str = r#"{"xero_client_id":"xero-id","xero_client_secret":"xero-secret",
    "intuit_client_id":"intuit-id","intuit_client_secret":"intuit-secret","meta_app_id":"meta-id","meta_app_secret":"meta-secret",
    "meta_verify_token":"verify","clerk_publishable_key":"pk_test_a",
    "pepper":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="}"#;

/// Names and addresses of everything that was made.
pub(crate) struct Resources {
    pub(crate) config: SdkConfig,
    pub(crate) table: String,
    pub(crate) key: String,
    pub(crate) plan: String,
    pub(crate) meta: String,
    pub(crate) bus: String,
    /// A queue that hears the bus.
    pub(crate) heard: String,
    pub(crate) secrets: String,
}

impl Resources {
    /// Makes everything.
    pub(crate) async fn create(config: SdkConfig) -> Self {
        let heard = queue(&config, "heard").await;
        Self {
            table: table(&config).await,
            key: key(&config).await,
            plan: queue(&config, "plan").await,
            meta: queue(&config, "meta").await,
            bus: bus(&config, &heard).await,
            secrets: secrets(&config).await,
            heard,
            config,
        }
    }
}

async fn table(config: &SdkConfig) -> String {
    let names = ["pk", "sk", "gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk"];
    let attributes = names.map(|name| {
        let attribute = AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
        attribute.build().unwrap()
    });
    aws_sdk_dynamodb::Client::new(config)
        .create_table()
        .table_name("numo-test")
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(attributes.to_vec()))
        .set_key_schema(Some(schema("pk", "sk")))
        .global_secondary_indexes(index("GSI1", schema("gsi1pk", "gsi1sk"), ProjectionType::KeysOnly))
        .global_secondary_indexes(index("GSI2", schema("gsi2pk", "gsi2sk"), ProjectionType::All))
        .send()
        .await
        .unwrap();
    "numo-test".to_owned()
}

fn index(name: &str, schema: Vec<KeySchemaElement>, projected: ProjectionType) -> GlobalSecondaryIndex {
    GlobalSecondaryIndex::builder()
        .index_name(name)
        .set_key_schema(Some(schema))
        .projection(Projection::builder().projection_type(projected).build())
        .build()
        .unwrap()
}

fn schema(pk: &str, sk: &str) -> Vec<KeySchemaElement> {
    let element = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap();
    vec![element(pk, KeyType::Hash), element(sk, KeyType::Range)]
}

async fn key(config: &SdkConfig) -> String {
    let made = aws_sdk_kms::Client::new(config).create_key().send().await.unwrap();
    made.key_metadata.unwrap().arn.unwrap()
}

async fn queue(config: &SdkConfig, name: &str) -> String {
    let made = aws_sdk_sqs::Client::new(config).create_queue().queue_name(name).send().await.unwrap();
    made.queue_url.unwrap()
}

async fn bus(config: &SdkConfig, heard: &str) -> String {
    let attributes = aws_sdk_sqs::Client::new(config)
        .get_queue_attributes()
        .queue_url(heard)
        .attribute_names(aws_sdk_sqs::types::QueueAttributeName::QueueArn)
        .send()
        .await
        .unwrap();
    let arn = attributes.attributes.unwrap()[&aws_sdk_sqs::types::QueueAttributeName::QueueArn].clone();
    let client = aws_sdk_eventbridge::Client::new(config);
    let target = aws_sdk_eventbridge::types::Target::builder().id("heard").arn(arn).build().unwrap();
    client.create_event_bus().name("numo-test").send().await.unwrap();
    let rule = client.put_rule().name("all").event_bus_name("numo-test").event_pattern(r#"{"source":["numo"]}"#);
    rule.send().await.unwrap();
    client.put_targets().rule("all").event_bus_name("numo-test").targets(target).send().await.unwrap();
    "numo-test".to_owned()
}

async fn secrets(config: &SdkConfig) -> String {
    let client = aws_sdk_secretsmanager::Client::new(config);
    client.create_secret().name("numo/test").secret_string(SECRETS).send().await.unwrap();
    "numo/test".to_owned()
}
