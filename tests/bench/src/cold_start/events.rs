//! What each function is given at its cold start: one event of its kind.

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::webhook;

/// The key that Xero signs its webhook with.
pub(super) const XERO_KEY: &str = "bench-key";

/// A function and its event.
pub(super) struct Start {
    pub(super) name: &'static str,
    pub(super) event: Value,
    pub(super) expected: Expected,
}

/// What an answer has to show.
#[derive(Debug, Clone, Copy)]
pub(super) enum Expected {
    /// A status of HTTP.
    Status(u16),
    /// A batch of which no message comes back.
    NoFailures,
    /// A sweep in which nothing failed.
    Swept,
    /// That there is one.
    Anything,
}

/// An empty function and an event that it does not look at.
pub(super) fn empty() -> Start {
    Start { name: super::EMPTY, event: json!({}), expected: Expected::Anything }
}

/// Every function.
///
/// Jobs are those that meanwhile were done by somebody else, as their due items are gone: each is read, and its claim
/// looked up in the table, which every job begins with.
pub(super) fn functions() -> Vec<Start> {
    let http = |name, event, status| Start { name, event, expected: Expected::Status(status) };
    let queue = |name, body: &Value| Start { name, event: batch(body), expected: Expected::NoFailures };
    vec![
        http("api", request("GET", "/v1/organisation", &json!({}), ""), 401),
        Start { name: "due-sweeper", event: schedule(), expected: Expected::Swept },
        queue("erasure-worker", &job("export.v1", &json!({"id": "018f0000-0000-7000-8000-000000000006"}))),
        queue("meta-events", &delivery()),
        http("meta-webhook", webhook::event(1), 200),
        http("oauth-callback", request("GET", "/oauth/xero/callback", &json!({}), ""), 400),
        http("partner-webhook", xero_webhook(), 200),
        queue("reminder-dispatch", &job("dispatch_run.v1", &json!({"date": "2026-11-23"}))),
        queue("reminder-planner", &job("plan_day.v1", &json!({}))),
        queue(
            "scheduled-sync",
            &job("sync_connection.v1", &json!({"connection": "018f0000-0000-7000-8000-000000000002"})),
        ),
        http("web", request("GET", "/", &json!({}), ""), 200),
    ]
}

/// A minute of EventBridge Scheduler.
fn schedule() -> Value {
    json!({
        "version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.scheduler", "account": "1",
        "time": "2026-11-23T06:00:00Z", "region": "eu-west-1", "resources": [], "detail": "{}",
    })
}

fn job(name: &str, data: &Value) -> Value {
    json!({
        "id": "018f0000-0000-7000-8000-000000000001", "org": "org_a", "at": "2026-11-23T06:00:00Z", "cause": "due",
        "claim": "2026-11-23T06:05:00Z", "type": name, "data": data,
    })
}

/// A status of a message, as `meta-webhook` queues it.
fn delivery() -> Value {
    let status = json!({
        "id": "wamid.HBgMOTcxNTA", "status": "delivered", "timestamp": "1795413600", "recipient_id": "971500000000",
        "biz_opaque_callback_data": "018f0000-0000-7000-8000-000000000000",
    });
    let change = json!({"field": "messages", "value": {"messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "97145550100", "phone_number_id": "106540352242922"}, "statuses": [status]}});
    json!({"type": "meta_delivery.v1", "waba": "102290129340398", "received_at": "2026-11-23T06:00:00Z", "body": [change]})
}

/// A batch of one message.
fn batch(body: &Value) -> Value {
    json!({"Records": [{
        "messageId": "1", "receiptHandle": "r", "body": body.to_string(), "md5OfBody": "0",
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1795413600000", "SenderId": "s",
            "ApproximateFirstReceiveTimestamp": "1795413600001"},
        "messageAttributes": {}, "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu-west-1:1:numo-bench",
        "awsRegion": "eu-west-1",
    }]})
}

/// Xero's question whether its signature is looked at.
fn xero_webhook() -> Value {
    let body = r#"{"events":[],"firstEventSequence":0,"lastEventSequence":0,"entropy":"S0m3r4Nd0mt3xt"}"#;
    let tag = sign(&Key::new(HMAC_SHA256, XERO_KEY.as_bytes()), body.as_bytes());
    request("POST", "/webhooks/xero", &json!({"x-xero-signature": STANDARD.encode(tag)}), body)
}

/// A request as API Gateway hands it on.
fn request(method: &str, path: &str, headers: &Value, body: &str) -> Value {
    let mut headers = headers.clone();
    headers["host"] = json!("numo.example");
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "", "headers": headers,
        "requestContext": {"accountId": "1", "apiId": "a", "domainName": "numo.example", "requestId": "r",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "bench"},
            "routeKey": "$default", "stage": "$default", "time": "23/Nov/2026:06:00:00 +0000",
            "timeEpoch": 1_795_413_600_000_u64},
        "body": body, "isBase64Encoded": false,
    })
}
