use std::{collections::BTreeMap, sync::Mutex};

use async_trait::async_trait;
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use numo_domain::id::WabaId;
use numo_providers::whatsapp::changes::Changes;
use numo_runtime::{
    env::Env,
    http::gateway::{Event, Invocation},
};
use numo_testkit::fixed_clock::FixedClock;
use serde_json::{Value, json, value::RawValue};

use super::*;
use crate::config::Config;

const BODY: &str = include_str!("../tests/fixtures/delivery.json");

/// A queue of deliveries that is kept, and takes so many.
struct Kept {
    taken: Mutex<Vec<(String, String, Timestamp)>>,
    room: usize,
}

#[async_trait]
impl Deliveries for Kept {
    async fn send(&self, waba: &WabaId, changes: &Changes<'_>, received_at: Timestamp) -> Result<(), QueueError> {
        let mut taken = self.taken.lock().unwrap();
        if taken.len() == self.room {
            return Err(QueueError("down".into()));
        }
        taken.push((waba.to_string(), serde_json::to_string(changes).unwrap(), received_at));
        Ok(())
    }
}

fn now() -> Timestamp {
    "2026-11-23T06:00:00Z".parse().unwrap()
}

fn keys() -> WebhookKeys {
    WebhookKeys { app_secrets: vec!["present".into(), "previous".into()], verify_token: "token".into() }
}

fn signature(secret: &str, body: &[u8]) -> String {
    let tag = sign(&Key::new(HMAC_SHA256, secret.as_bytes()), body);
    let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={hex}")
}

fn post(body: &str, signature: Option<&str>) -> Request {
    let mut event: Value = serde_json::from_str(include_str!("../tests/fixtures/post.json")).unwrap();
    event["body"] = json!(body);
    event["headers"]["x-hub-signature-256"] = json!(signature);
    if signature.is_none() {
        event["headers"].as_object_mut().unwrap().remove("x-hub-signature-256");
    }
    serde_json::from_value::<Event>(event).unwrap().request(Invocation::default()).unwrap()
}

fn post_base64(body: &[u8], signature: &str) -> Request {
    let mut event: Value = serde_json::from_str(include_str!("../tests/fixtures/post.json")).unwrap();
    event["body"] = json!(BASE64_STANDARD.encode(body));
    event["isBase64Encoded"] = json!(true);
    event["headers"]["x-hub-signature-256"] = json!(signature);
    serde_json::from_value::<Event>(event).unwrap().request(Invocation::default()).unwrap()
}

fn get(query: &str) -> Request {
    let event = include_str!("../tests/fixtures/get.json").replace("QUERY", query);
    serde_json::from_str::<Event>(&event).unwrap().request(Invocation::default()).unwrap()
}

/// The status and body of an answer, and what is on the queue after it.
async fn answered(request: Request, room: usize) -> (u16, String, Vec<(String, String, Timestamp)>) {
    let kept = Arc::new(Kept { taken: Mutex::default(), room });
    let ports = WebhookPorts { deliveries: kept.clone(), clock: Arc::new(FixedClock::at(now())) };
    let answer = route(&ports, &keys(), &request).await;
    let body = String::from_utf8(answer.body().to_vec()).unwrap();
    (answer.status().as_u16(), body, std::mem::take(&mut kept.taken.lock().unwrap()))
}

/// What the queue has to get: the changes of each account, in the words of the webhook.
fn split_up() -> Vec<(String, String, Timestamp)> {
    type Object = BTreeMap<String, Box<RawValue>>;
    let body: Object = serde_json::from_str(BODY).unwrap();
    let entries: Vec<Object> = serde_json::from_str(body["entry"].get()).unwrap();
    let part =
        |entry: &Object| (serde_json::from_str(entry["id"].get()).unwrap(), entry["changes"].get().to_owned(), now());
    entries.iter().map(part).collect()
}

#[tokio::test]
async fn a_signed_delivery_is_queued_account_by_account() {
    let request = post(BODY, Some(&signature("present", BODY.as_bytes())));
    assert_eq!(answered(request, 9).await, (200, String::new(), split_up()));
}

#[tokio::test]
async fn a_body_in_base64_is_checked_and_queued_as_the_bytes_that_were_sent() {
    let request = post_base64(BODY.as_bytes(), &signature("present", BODY.as_bytes()));
    assert_eq!(answered(request, 9).await, (200, String::new(), split_up()));
}

#[tokio::test]
async fn a_thousand_updates_of_one_account_are_queued_in_parts_that_hold_each_once_and_in_order() {
    let statuses: Vec<Value> = (0..1_000).map(|n| json!({"id": format!("wamid.{n}"), "x": "x".repeat(300)})).collect();
    let change = json!({"field": "messages", "value": {"statuses": statuses.clone()}});
    let body = json!({"entry": [{"id": "102290129340398", "changes": [change]}]}).to_string();
    let (status, _, taken) = answered(post(&body, Some(&signature("present", body.as_bytes()))), 9).await;
    let changes = taken.iter().flat_map(|(_, text, _)| serde_json::from_str::<Vec<Value>>(text).unwrap());
    let rows: Vec<Value> = changes.flat_map(|change| change["value"]["statuses"].as_array().unwrap().clone()).collect();
    assert_eq!((status, taken.len(), rows), (200, 2, statuses));
}

#[tokio::test]
async fn the_secret_before_a_rotation_still_counts() {
    let request = post(BODY, Some(&signature("previous", BODY.as_bytes())));
    assert_eq!(answered(request, 9).await.0, 200);
}

#[tokio::test]
async fn case_50_a_wrong_or_missing_signature_is_401_without_a_word_and_queues_nothing() {
    let reserialised = serde_json::from_str::<Value>(BODY).unwrap().to_string();
    let wrong = [
        None,
        Some(String::new()),
        Some("sha256=".to_owned()),
        Some("sha1=00".to_owned()),
        Some(signature("other", BODY.as_bytes())),
        Some(signature("", BODY.as_bytes())),
        Some(signature("present", reserialised.as_bytes())),
    ];
    for signature in wrong {
        let request = post(BODY, signature.as_deref());
        assert_eq!(answered(request, 9).await, (401, String::new(), Vec::new()), "{signature:?}");
    }
}

#[tokio::test]
async fn a_queue_that_fails_in_the_middle_has_meta_send_it_again() {
    let request = post(BODY, Some(&signature("present", BODY.as_bytes())));
    let (status, body, taken) = answered(request, 1).await;
    assert_eq!((status, body.as_str(), taken), (503, "", split_up()[..1].to_vec()));
}

#[tokio::test]
async fn a_signed_body_that_is_no_webhook_is_not_sent_again_for_days() {
    for body in ["", "{", "[]", r#"{"object":"page","entry":[]}"#] {
        let request = post(body, Some(&signature("present", body.as_bytes())));
        assert_eq!(answered(request, 9).await, (200, String::new(), Vec::new()), "{body}");
    }
}

#[tokio::test]
async fn the_address_is_verified_by_its_token_and_the_challenge_comes_back() {
    let request = get("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=token");
    assert_eq!(answered(request, 9).await, (200, "1158201444".to_owned(), Vec::new()));
}

#[tokio::test]
async fn any_other_verification_is_403_without_a_word() {
    for query in [
        "",
        "hub.mode=subscribe&hub.challenge=1&hub.verify_token=wrong",
        "hub.mode=subscribe&hub.challenge=1&hub.verify_token=",
        "hub.mode=subscribe&hub.challenge=1",
        "hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=token",
        "hub.mode=subscribe&hub.verify_token=token",
    ] {
        assert_eq!(answered(get(query), 9).await, (403, String::new(), Vec::new()), "{query}");
    }
}

#[tokio::test]
async fn other_methods_are_not_allowed() {
    let mut request = get("");
    *request.method_mut() = Method::DELETE;
    assert_eq!(answered(request, 9).await, (405, String::new(), Vec::new()));
}

#[test]
fn a_configuration_error_lists_every_key() {
    assert_eq!(
        Config::read(Env::given([("NUMO_PUBLIC_URL", "https://numo.example/")])).unwrap_err().to_string(),
        "configuration: NUMO_SECRETS_ID is missing; NUMO_QUEUE_META is missing; NUMO_PUBLIC_URL: a public address is \
         http://… or https://… without query, fragment or slash at the end"
    );
}
