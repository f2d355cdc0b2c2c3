use std::sync::Mutex;

use async_trait::async_trait;
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use numo_domain::id::WabaId;
use numo_runtime::env::Env;
use numo_testkit::fixed_clock::FixedClock;
use serde_json::json;

use super::*;
use crate::config::Config;

const BODY: &str = include_str!("../tests/fixtures/delivery.json");

/// A queue of deliveries that is kept, and takes so many.
struct Kept {
    taken: Mutex<Vec<(String, Value, Timestamp)>>,
    room: usize,
}

#[async_trait]
impl Deliveries for Kept {
    async fn send(&self, waba: &WabaId, body: &Value, received_at: Timestamp) -> Result<(), QueueError> {
        let mut taken = self.taken.lock().unwrap();
        if taken.len() == self.room {
            return Err(QueueError("down".into()));
        }
        taken.push((waba.to_string(), body.clone(), received_at));
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
    lambda_http::request::from_str(&event.to_string()).unwrap()
}

fn post_base64(body: &[u8], signature: &str) -> Request {
    let mut event: Value = serde_json::from_str(include_str!("../tests/fixtures/post.json")).unwrap();
    event["body"] = json!(BASE64_STANDARD.encode(body));
    event["isBase64Encoded"] = json!(true);
    event["headers"]["x-hub-signature-256"] = json!(signature);
    lambda_http::request::from_str(&event.to_string()).unwrap()
}

fn get(query: &str) -> Request {
    let event = include_str!("../tests/fixtures/get.json").replace("QUERY", query);
    lambda_http::request::from_str(&event).unwrap()
}

/// The status and body of an answer, and what is on the queue after it.
async fn answered(request: Request, room: usize) -> (u16, String, Vec<(String, Value, Timestamp)>) {
    let kept = Arc::new(Kept { taken: Mutex::default(), room });
    let ports = WebhookPorts { deliveries: kept.clone(), clock: Arc::new(FixedClock::at(now())) };
    let answer = route(&ports, &keys(), &request).await;
    let body = String::from_utf8(answer.body().to_vec()).unwrap();
    (answer.status().as_u16(), body, std::mem::take(&mut kept.taken.lock().unwrap()))
}

/// What the queue has to get: the changes of each account, as they were sent.
fn split_up() -> Vec<(String, Value, Timestamp)> {
    let body: Value = serde_json::from_str(BODY).unwrap();
    let entry = |at: usize| body["entry"][at].clone();
    [entry(0), entry(1)]
        .map(|entry| (entry["id"].as_str().unwrap().to_owned(), entry["changes"].clone(), now()))
        .to_vec()
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
