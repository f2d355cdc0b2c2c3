use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use aws_lc_rs::hmac;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A webhook endpoint that keeps what it got.
pub(crate) struct Receiver {
    pub(crate) url: String,
    kept: Kept,
    task: JoinHandle<()>,
}

#[derive(Debug, Clone)]
pub(crate) struct Delivered {
    pub(crate) signature: String,
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
}

#[derive(Debug, Clone, Default)]
struct Kept {
    got: Arc<Mutex<Vec<Delivered>>>,
    refusals: Arc<Mutex<u32>>,
}

impl Receiver {
    /// Answers the first `n_refusals` deliveries with 500.
    pub(crate) async fn start(n_refusals: u32) -> Self {
        let kept = Kept { refusals: Arc::new(Mutex::new(n_refusals)), ..Kept::default() };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}/webhooks", listener.local_addr().unwrap());
        let router = Router::new().route("/webhooks", post(receive)).with_state(kept.clone());
        #[expect(clippy::disallowed_methods, reason = "the endpoint runs beside the test")]
        let task = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        Self { url, kept, task }
    }

    pub(crate) fn got(&self) -> Vec<Delivered> {
        self.kept.got.lock().unwrap().clone()
    }

    /// All statuses in order of arrival.
    pub(crate) fn statuses(&self) -> Vec<Value> {
        self.got().iter().flat_map(Delivered::changes).flat_map(|change| list(&change["value"]["statuses"])).collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Delivered {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn changes(&self) -> Vec<Value> {
        list(&self.json()["entry"]).iter().flat_map(|entry| list(&entry["changes"])).collect()
    }

    pub(crate) fn is_signed_with(&self, secret: &str) -> bool {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let hex: String = hmac::sign(&key, &self.body).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        self.signature == format!("sha256={hex}")
    }
}

pub(crate) fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

async fn receive(State(kept): State<Kept>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let mut refusals = kept.refusals.lock().unwrap();
    if *refusals > 0 {
        *refusals -= 1;
        return StatusCode::INTERNAL_SERVER_ERROR;
    }
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let signature = text("x-hub-signature-256").or_else(|| text("intuit-signature")).unwrap();
    let content_type = text("content-type").unwrap();
    kept.got.lock().unwrap().push(Delivered { signature, content_type, body: body.to_vec() });
    StatusCode::OK
}
