//! What the adapter makes of faults that no emulator shows.

use numo_app::port::table::{Item, Key, Refusal, Table, TableError, Write, Written};
use serde_json::{Map, Value, json};

use super::DynamoTable;
use crate::canned::{Answer, Canned};

fn key(sk: &str) -> Key {
    Key { pk: "ORG#org_a#".to_owned(), sk: sk.to_owned() }
}

fn item(sk: &str) -> Item {
    Item {
        key: key(sk),
        entity: "thing".to_owned(),
        schema: 1,
        rev: 1,
        created_at: "2026-11-23T06:00:00Z".parse().unwrap(),
        updated_at: "2026-11-23T06:00:00Z".parse().unwrap(),
        due: None,
        open: None,
        expires_at: None,
        body: Map::new(),
    }
}

fn stored(sk: &str) -> Value {
    json!({"pk": {"S": "ORG#org_a#"}, "sk": {"S": sk}, "et": {"S": "thing"}, "sv": {"N": "1"}, "rev": {"N": "1"},
        "ca": {"N": "1795413600000"}, "ua": {"N": "1795413600000"}})
}

fn cancelled(reasons: &Value) -> Answer {
    let code = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
    let body = json!({"__type": code, "Message": "cancelled", "CancellationReasons": reasons});
    Answer { status: 400, body: body.to_string() }
}

fn table(server: &Canned) -> DynamoTable {
    DynamoTable::new(&server.config(), "numo-test")
}

#[tokio::test]
async fn a_single_write_whose_answer_is_lost_is_not_sent_again() {
    for fault in [Answer::error(500, "InternalServerError"), Answer::error(503, "Unknown"), Answer::lost()] {
        let server = Canned::start(vec![fault]);
        for write in [Write::Create(item("A")), Write::Delete { key: key("A"), rev: 1 }] {
            assert!(matches!(table(&server).write(write).await, Err(TableError::Unavailable(_))));
        }
        assert_eq!(server.bodies().len(), 2);
    }
}

#[tokio::test]
async fn a_single_write_that_was_throttled_is_sent_again() {
    let throttled = Answer::error(400, "ProvisionedThroughputExceededException");
    for write in [Write::Create(item("A")), Write::Delete { key: key("A"), rev: 1 }] {
        let server = Canned::start(vec![throttled.clone(), Answer::ok("{}")]);
        assert_eq!(table(&server).write(write).await.unwrap(), Written::Done);
        assert_eq!(server.bodies().len(), 2);
    }
}

#[tokio::test]
async fn a_transaction_whose_answer_is_lost_is_sent_again_with_its_token() {
    let server = Canned::start(vec![Answer::lost(), Answer::ok("{}")]);
    let written = table(&server).transact("token-1", vec![Write::Create(item("A"))]).await.unwrap();
    assert_eq!(written, Written::Done);
    let tokens: Vec<Value> = server
        .bodies()
        .iter()
        .map(|body| serde_json::from_str::<Value>(body).unwrap()["ClientRequestToken"].clone())
        .collect();
    assert_eq!(tokens, ["token-1", "token-1"]);
}

#[tokio::test]
async fn conditions_and_conflicts_of_a_transaction_are_refusals_with_their_places() {
    let reasons = json!([{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Item": stored("B")},
        {"Code": "TransactionConflict"}]);
    let server = Canned::start(vec![cancelled(&reasons)]);
    let writes = ["A", "B", "C"].map(|sk| Write::Create(item(sk))).to_vec();
    let expected = vec![Refusal { index: 1, existing: Some(item("B")) }, Refusal { index: 2, existing: None }];
    assert_eq!(table(&server).transact("token-1", writes).await.unwrap(), Written::Refused(expected));
}

#[tokio::test]
async fn a_conflict_with_a_transaction_refuses_a_single_write() {
    let server = Canned::start(vec![Answer::error(400, "TransactionConflictException")]);
    let expected = Written::Refused(vec![Refusal { index: 0, existing: None }]);
    assert_eq!(table(&server).write(Write::Create(item("A"))).await.unwrap(), expected);
    assert_eq!(server.bodies().len(), 1);
}

#[tokio::test]
async fn a_transaction_cancelled_by_throttling_is_an_outage() {
    let server = Canned::start(vec![cancelled(&json!([{"Code": "ThrottlingError"}]))]);
    let written = table(&server).transact("token-1", vec![Write::Create(item("A"))]).await;
    assert!(matches!(written, Err(TableError::Unavailable(_))), "{written:?}");
}

#[tokio::test]
async fn keys_that_were_left_unprocessed_are_asked_for_again() {
    let first = json!({"Responses": {"numo-test": [stored("A")]}, "UnprocessedKeys": {"numo-test":
        {"Keys": [{"pk": {"S": "ORG#org_a#"}, "sk": {"S": "B"}}], "ConsistentRead": true}}});
    let second = json!({"Responses": {"numo-test": [stored("B")]}, "UnprocessedKeys": {}});
    let server = Canned::start(vec![Answer::ok(&first.to_string()), Answer::ok(&second.to_string())]);
    let found = table(&server).get_many(&[key("A"), key("B"), key("A")]).await.unwrap();
    assert_eq!(found, [item("A"), item("B")]);
    let again: Value = serde_json::from_str(&server.bodies()[1]).unwrap();
    assert_eq!(again["RequestItems"], first["UnprocessedKeys"]);
}

#[tokio::test]
async fn keys_that_stay_unprocessed_are_an_outage_after_a_bounded_number_of_calls() {
    let nothing = json!({"Responses": {"numo-test": []}, "UnprocessedKeys": {"numo-test":
        {"Keys": [{"pk": {"S": "ORG#org_a#"}, "sk": {"S": "A"}}], "ConsistentRead": true}}});
    let server = Canned::start(vec![Answer::ok(&nothing.to_string())]);
    assert!(matches!(table(&server).get_many(&[key("A")]).await, Err(TableError::Unavailable(_))));
    assert_eq!(server.bodies().len(), 8);
}

#[tokio::test]
async fn an_error_names_the_operation_and_the_code_but_not_the_item() {
    let server = Canned::start(vec![Answer::error(400, "ResourceNotFoundException")]);
    let TableError::Unavailable(source) = table(&server).get(&key("A")).await.unwrap_err() else { panic!() };
    assert_eq!(source.to_string(), "GetItem failed with ResourceNotFoundException: as told (request unknown)");
}
