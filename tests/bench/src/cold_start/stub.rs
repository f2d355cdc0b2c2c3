//! The outside of a function: a Runtime API, AWS and providers, which answer at once and remember when they were asked.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{Notify, oneshot},
};

use super::events::XERO_KEY;
use crate::{Failure, webhook::APP_SECRET};

/// When a function did what, counted from the start of its process.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    pub(super) secrets: Duration,
    pub(super) polled: Duration,
    pub(super) queued: Duration,
    pub(super) answered: Duration,
}

/// A server for one function at a time.
pub(super) struct Stub {
    address: String,
    outside: Arc<Outside>,
}

struct Outside {
    turn: Mutex<Turn>,
    /// Whoever waits for an event is told of each that comes.
    events: Notify,
}

/// What one start is given, and what was seen of it.
struct Turn {
    /// A poll of a process that has ended gets no event of the next one.
    start: u64,
    began: Instant,
    /// Given once; whoever asks again waits for the next.
    event: Option<String>,
    seen: Seen,
    answer: Option<oneshot::Sender<Value>>,
}

impl Stub {
    pub(super) async fn start() -> Result<Self, Failure> {
        let turn = Turn { start: 0, began: Instant::now(), event: None, seen: Seen::default(), answer: None };
        let outside = Arc::new(Outside { turn: Mutex::new(turn), events: Notify::new() });
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/{ending}", post(ended))
            .route("/2018-06-01/runtime/init/error", post(ended))
            .fallback(aws)
            .with_state(Arc::clone(&outside));
        #[expect(clippy::disallowed_methods, reason = "the server runs beside the measurement, not in a use case")]
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, outside })
    }

    /// Begins a start, which is given this event; the answer comes back.
    pub(super) fn begin(&self, event: String) -> oneshot::Receiver<Value> {
        self.outside.turn().start += 1;
        self.again(event)
    }

    /// Gives the process that was started last another event; the answer comes back.
    pub(super) fn again(&self, event: String) -> oneshot::Receiver<Value> {
        let (answer, answered) = oneshot::channel();
        let mut turn = self.outside.turn();
        let (start, began) = (turn.start, Instant::now());
        *turn = Turn { start, began, event: Some(event), seen: Seen::default(), answer: Some(answer) };
        self.outside.events.notify_waiters();
        answered
    }

    /// What was seen of the start that has answered.
    pub(super) fn seen(&self) -> Seen {
        self.outside.turn().seen
    }

    /// What a function is told: every variable of the template, with all addresses here.
    pub(super) fn environment(&self, name: &str) -> Vec<(&'static str, String)> {
        let base = format!("http://{}", self.address);
        let here = |path: &str| format!("{base}/{path}");
        let given = |text: &str| text.to_owned();
        vec![
            ("AWS_LAMBDA_RUNTIME_API", self.address.clone()),
            ("AWS_ENDPOINT_URL", base.clone()),
            ("AWS_REGION", given("eu-west-1")),
            ("AWS_ACCESS_KEY_ID", given("id")),
            ("AWS_SECRET_ACCESS_KEY", given("secret")),
            ("AWS_LAMBDA_FUNCTION_NAME", given(name)),
            ("AWS_LAMBDA_FUNCTION_VERSION", given("1")),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", given("512")),
            ("NUMO_STAGE", given("bench")),
            ("NUMO_TABLE", given("bench")),
            ("NUMO_JOURNAL", given("bench-journal")),
            ("NUMO_EXPORTS", given("bench-exports")),
            ("NUMO_VAULT_KEY", given("key")),
            ("NUMO_SECRETS_ID", given("bench")),
            ("NUMO_QUEUE_SYNC", here("queue/sync")),
            ("NUMO_QUEUE_PLAN", here("queue/plan")),
            ("NUMO_QUEUE_DISPATCH", here("queue/dispatch")),
            ("NUMO_QUEUE_ERASURE", here("queue/erasure")),
            ("NUMO_QUEUE_META", here("queue/meta")),
            ("NUMO_BUS", given("bench")),
            ("NUMO_PUBLIC_URL", given("https://numo.example")),
            ("NUMO_CLERK_ISSUER", here("clerk")),
            ("NUMO_CLERK_AUTHORIZED_PARTIES", given("https://numo.example")),
            ("NUMO_CLERK_API_BASE", here("clerk-api")),
            ("NUMO_MAIL_FROM", given("numo@numo.example")),
            ("NUMO_LEGAL_NAME", given("Numo Example LLC")),
            ("NUMO_LEGAL_ADDRESS", given("1 Example Street, Dubai")),
            ("NUMO_CONTACT_MAIL", given("privacy@numo.example")),
            ("NUMO_XERO_LOGIN_BASE", here("xero-login")),
            ("NUMO_XERO_IDENTITY_BASE", here("xero-identity")),
            ("NUMO_XERO_API_BASE", here("xero-api")),
            ("NUMO_INTUIT_AUTHORIZE_BASE", here("intuit-authorize")),
            ("NUMO_INTUIT_TOKEN_BASE", here("intuit-token")),
            ("NUMO_INTUIT_REVOKE_BASE", here("intuit-revoke")),
            ("NUMO_QUICKBOOKS_API_BASE", here("quickbooks-api")),
            ("NUMO_META_GRAPH_BASE", here("meta")),
            ("NUMO_META_GRAPH_VERSION", given("v25.0")),
            ("NUMO_META_SDK_URL", here("meta/sdk.js")),
        ]
    }
}

impl Outside {
    fn turn(&self) -> MutexGuard<'_, Turn> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next event of a start, if it still lasts then.
    async fn event(&self) -> String {
        let start = self.turn().start;
        loop {
            let told = self.events.notified();
            {
                let mut turn = self.turn();
                if turn.start == start
                    && let Some(event) = turn.event.take()
                {
                    turn.seen.polled = turn.began.elapsed();
                    return event;
                }
            }
            told.await;
        }
    }
}

async fn next(State(outside): State<Arc<Outside>>) -> Response {
    let event = outside.event().await;
    let headers = [
        ("lambda-runtime-aws-request-id", "018f0000-0000-7000-8000-000000000000"),
        ("lambda-runtime-deadline-ms", "4102444800000"),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-west-1:1:function:bench"),
        ("content-type", "application/json"),
    ];
    (headers, event).into_response()
}

/// An answer, or the error that a function has in its place.
async fn ended(State(outside): State<Arc<Outside>>, body: Bytes) -> StatusCode {
    let mut turn = outside.turn();
    turn.seen.answered = turn.began.elapsed();
    if let Some(answer) = turn.answer.take() {
        // Whoever waited too long has left.
        answer.send(serde_json::from_slice(&body).unwrap_or_default()).ok();
    }
    StatusCode::ACCEPTED
}

/// Secrets Manager, DynamoDB with an empty table, and the queues.
async fn aws(State(outside): State<Arc<Outside>>, headers: HeaderMap) -> Response {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let mut turn = outside.turn();
    let answer = match target.rsplit('.').next().unwrap_or_default() {
        "GetSecretValue" => {
            turn.seen.secrets = turn.began.elapsed();
            json!({"ARN": "arn", "Name": "bench", "VersionId": "1", "SecretString": secrets().to_string()})
        }
        "SendMessage" => {
            turn.seen.queued = turn.began.elapsed();
            json!({"MessageId": "1", "MD5OfMessageBody": "0"})
        }
        "Query" => json!({"Items": [], "Count": 0, "ScannedCount": 0}),
        "BatchGetItem" => json!({"Responses": {}, "UnprocessedKeys": {}}),
        "TransactGetItems" => json!({"Responses": []}),
        _ => json!({}),
    };
    ([("content-type", "application/x-amz-json-1.1")], answer.to_string()).into_response()
}

fn secrets() -> Value {
    json!({
        "xero_client_id": "x", "xero_client_secret": "x", "xero_webhook_keys": [XERO_KEY],
        "intuit_client_id": "i", "intuit_client_secret": "i",
        "meta_app_id": "m", "meta_app_secret": APP_SECRET, "meta_verify_token": "v",
        "clerk_publishable_key": "p", "clerk_secret_key": "s", "pepper": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=",
    })
}
