//! What one delivery of Meta costs `meta-webhook`: its whole process in release form, between a Runtime API, a queue
//! and secrets that answer at once.

use std::{
    path::Path,
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use axum::{
    Router,
    body::Bytes,
    extract::{Path as Segments, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    process::{Child, Command},
    sync::{Notify, Semaphore},
};

use crate::{Failure, row::Row, usage};

/// The secret that Meta signs with.
pub(crate) const APP_SECRET: &str = "bench-secret";

/// Invocations before counting starts.
const WARM_UP: u64 = 200;

/// Single statuses that are counted; the kernel counts processor time in hundredths of a second.
const SINGLES: u64 = 5_000;

/// Deliveries of a thousand updates that are counted.
const THOUSANDS: u64 = 200;

pub(crate) async fn measure(binaries: &Path) -> Result<Vec<Row>, Failure> {
    let single = Function::start(binaries, &event(1)).await?;
    let single_us = single.cpu_us(SINGLES).await?;
    let thousand = Function::start(binaries, &event(1_000)).await?;
    let thousand_us = thousand.cpu_us(THOUSANDS).await?;
    Ok(vec![
        Row::new("webhook_cpu_us.single", single_us, "us", 800),
        Row::new("webhook_cpu_us.thousand", thousand_us, "us", 15_000),
        Row::new("webhook_memory.single", single.used()?.peak_kib, "KiB", 16 * 1024),
        Row::new("webhook_memory.thousand", thousand.used()?.peak_kib, "KiB", 16 * 1024),
    ])
}

/// A running function and what it is given.
struct Function {
    process: Child,
    invoker: Arc<Invoker>,
}

/// Gives one event as often as it is told, and counts what was answered with 200.
struct Invoker {
    event: String,
    to_give: Semaphore,
    given: AtomicU64,
    answered: AtomicU64,
    is_answered: Notify,
    queued: AtomicU64,
}

impl Function {
    async fn start(binaries: &Path, event: &Value) -> Result<Self, Failure> {
        let invoker = Arc::new(Invoker {
            event: event.to_string(),
            to_give: Semaphore::new(0),
            given: AtomicU64::new(0),
            answered: AtomicU64::new(0),
            is_answered: Notify::new(),
            queued: AtomicU64::new(0),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(answered))
            .fallback(aws)
            .with_state(invoker.clone());
        #[expect(clippy::disallowed_methods, reason = "the server runs beside the measurement, not in a use case")]
        tokio::spawn(async move { axum::serve(listener, router).await });
        let base = format!("http://{address}");
        let process = Command::new(binaries.join("meta-webhook"))
            .env_clear()
            .envs([
                ("AWS_LAMBDA_RUNTIME_API", address.to_string()),
                ("AWS_ENDPOINT_URL", base.clone()),
                ("AWS_REGION", "eu-west-1".to_owned()),
                ("AWS_ACCESS_KEY_ID", "id".to_owned()),
                ("AWS_SECRET_ACCESS_KEY", "secret".to_owned()),
                ("AWS_LAMBDA_FUNCTION_NAME", "meta-webhook".to_owned()),
                ("AWS_LAMBDA_FUNCTION_VERSION", "1".to_owned()),
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256".to_owned()),
                ("NUMO_STAGE", "bench".to_owned()),
                ("NUMO_SECRETS_ID", "bench".to_owned()),
                ("NUMO_QUEUE_META", format!("{base}/queue/meta")),
                ("NUMO_PUBLIC_URL", "https://numo.example".to_owned()),
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        Ok(Self { process, invoker })
    }

    /// Processor time of one invocation, in microseconds: the mean of many, after some that do not count.
    async fn cpu_us(&self, times: u64) -> Result<u64, Failure> {
        self.invoker.run(WARM_UP).await;
        let before = self.used()?.cpu_ms;
        self.invoker.run(times).await;
        let used = self.used()?.cpu_ms - before;
        if self.invoker.queued.load(Ordering::SeqCst) < WARM_UP + times {
            return Err("some deliveries were not queued".into());
        }
        Ok(used * 1_000 / times)
    }

    fn used(&self) -> Result<usage::Usage, Failure> {
        let id = self.process.id().ok_or("the function ended")?;
        usage::of_process(Path::new(&format!("/proc/{id}")))
    }
}

impl Invoker {
    async fn run(&self, times: u64) {
        let until = self.answered.load(Ordering::SeqCst) + times;
        self.to_give.add_permits(usize::try_from(times).unwrap_or_default());
        while self.answered.load(Ordering::SeqCst) < until {
            self.is_answered.notified().await;
        }
    }
}

async fn next(State(invoker): State<Arc<Invoker>>) -> Response {
    if let Ok(permit) = invoker.to_give.acquire().await {
        permit.forget();
    }
    let id = invoker.given.fetch_add(1, Ordering::SeqCst);
    let headers = [
        ("lambda-runtime-aws-request-id", format!("018f0000-0000-7000-8000-{id:012}")),
        ("lambda-runtime-deadline-ms", "4102444800000".to_owned()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-west-1:1:function:meta-webhook".to_owned()),
        ("content-type", "application/json".to_owned()),
    ];
    (headers, invoker.event.clone()).into_response()
}

async fn answered(State(invoker): State<Arc<Invoker>>, Segments(_): Segments<String>, body: Bytes) -> Response {
    let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
    if answer["statusCode"] == 200 {
        invoker.answered.fetch_add(1, Ordering::SeqCst);
        invoker.is_answered.notify_one();
    }
    axum::http::StatusCode::ACCEPTED.into_response()
}

/// Secrets Manager and the queue.
async fn aws(State(invoker): State<Arc<Invoker>>, headers: HeaderMap) -> Response {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let answer = if target.ends_with("GetSecretValue") {
        let secrets = json!({
            "xero_client_id": "x", "xero_client_secret": "x", "intuit_client_id": "i", "intuit_client_secret": "i",
            "meta_app_id": "m", "meta_app_secret": APP_SECRET, "meta_verify_token": "v",
            "clerk_publishable_key": "p", "pepper": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=",
        });
        json!({"ARN": "arn", "Name": "bench", "VersionId": "1", "SecretString": secrets.to_string()})
    } else {
        invoker.queued.fetch_add(1, Ordering::SeqCst);
        json!({"MessageId": "1", "MD5OfMessageBody": "0"})
    };
    ([("content-type", "application/x-amz-json-1.1")], answer.to_string()).into_response()
}

/// A signed delivery of so many statuses, as API Gateway hands it on.
pub(crate) fn event(updates: usize) -> Value {
    let status = |n: usize| {
        json!({
            "id": format!("wamid.HBgMOTcxNTA{n:08}"), "status": "delivered", "timestamp": "1795413600",
            "recipient_id": format!("97150{n:07}"), "biz_opaque_callback_data": format!("018f0000-0000-7000-8000-{n:012}"),
            "pricing": {"billable": true, "pricing_model": "PMP", "type": "regular", "category": "utility"},
        })
    };
    let statuses: Vec<Value> = (0..updates).map(status).collect();
    let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "102290129340398", "changes": [{
        "field": "messages", "value": {"messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "97145550100", "phone_number_id": "106540352242922"}, "statuses": statuses},
    }]}]})
    .to_string();
    let tag = sign(&Key::new(HMAC_SHA256, APP_SECRET.as_bytes()), body.as_bytes());
    let signature: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    json!({
        "version": "2.0", "routeKey": "POST /webhooks/meta", "rawPath": "/webhooks/meta", "rawQueryString": "",
        "headers": {"content-type": "application/json", "host": "api.numo.example",
            "x-hub-signature-256": format!("sha256={signature}")},
        "requestContext": {"accountId": "1", "apiId": "a", "domainName": "api.numo.example", "requestId": "r",
            "http": {"method": "POST", "path": "/webhooks/meta", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1",
                "userAgent": "facebookexternalua"},
            "routeKey": "POST /webhooks/meta", "stage": "$default", "time": "23/Nov/2026:06:00:00 +0000",
            "timeEpoch": 1_795_413_600_000_u64},
        "body": body, "isBase64Encoded": false,
    })
}
