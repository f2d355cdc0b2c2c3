//! One call: sent once, read up to a limit, told in one debug event without content.

use std::{error::Error, time::Instant};

use reqwest::{RequestBuilder, header::HeaderMap};
use serde_json::Value;

/// Largest answer that is read; a page of 1,000 contacts has about 3 MB, one of credit notes with their lines more.
pub(crate) const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;

/// Where providers tell their own id of a call, which their support asks for.
const REQUEST_IDS: [&str; 2] = ["intuit_tid", "xero-correlation-id"];

/// What a call is, for the log.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operation {
    /// Whose interface it is.
    pub(crate) provider: &'static str,
    /// Which call of it.
    pub(crate) name: &'static str,
}

/// Sends a request once and reads the whole answer.
pub(crate) async fn call(operation: Operation, request: RequestBuilder) -> Result<Answer, CallError> {
    let started = Instant::now();
    let outcome = exchange(request).await;
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let Operation { provider, name } = operation;
    match &outcome {
        Ok(answer) => {
            let request_id = answer.request_id();
            tracing::debug!(provider, operation = name, status = answer.status, request_id, duration_ms);
        }
        Err(error) => tracing::debug!(provider, operation = name, failure = error.kind(), duration_ms),
    }
    outcome
}

async fn exchange(request: RequestBuilder) -> Result<Answer, CallError> {
    let mut response = request.send().await.map_err(CallError::of_send)?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(CallError::of_body)? {
        // Counted after decompression, so that a small answer cannot unfold without end.
        if body.len() + chunk.len() > MAX_BODY_BYTES {
            return Err(CallError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status: response.status().as_u16(), headers: std::mem::take(response.headers_mut()), body })
}

/// A whole answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// HTTP status.
    pub(crate) status: u16,
    /// Its headers.
    pub(crate) headers: HeaderMap,
    /// Its body, decompressed.
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Whether the status is 2xx.
    pub(crate) const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    /// The provider's own id of the call, where a header tells it.
    pub(crate) fn request_id(&self) -> Option<&str> {
        REQUEST_IDS.iter().find_map(|name| self.headers.get(*name)?.to_str().ok())
    }

    /// The body as JSON, if it is.
    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// A call that has no whole answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// The request makes no sense; nothing was sent.
    #[error("the request could not be built")]
    Unbuilt(#[source] reqwest::Error),
    /// There was never a connection; nothing was sent.
    #[error("no connection could be made")]
    Unconnected(#[source] reqwest::Error),
    /// It may have arrived; its answer did not.
    #[error("the answer was lost")]
    Lost(#[source] reqwest::Error),
    /// The answer exceeds what is read.
    #[error("the answer exceeds {MAX_BODY_BYTES} bytes")]
    TooLarge,
}

impl CallError {
    fn of_send(error: reqwest::Error) -> Self {
        // Addresses hold ids of customers; they stay out of error chains.
        let error = error.without_url();
        if error.is_builder() {
            Self::Unbuilt(error)
        } else if error.is_connect() {
            Self::Unconnected(error)
        } else {
            Self::Lost(error)
        }
    }

    fn of_body(error: reqwest::Error) -> Self {
        Self::Lost(error.without_url())
    }

    /// The kind in logs.
    const fn kind(&self) -> &'static str {
        match self {
            Self::Unbuilt(_) => "unbuilt",
            Self::Unconnected(_) => "unconnected",
            Self::Lost(_) => "lost",
            Self::TooLarge => "too_large",
        }
    }

    /// For the source of a port's error.
    pub(crate) fn boxed(self) -> Box<dyn Error + Send + Sync> {
        Box::new(self)
    }
}

/// An answer that is not what it should be, without its content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Broken {
    /// A status that says nothing more.
    #[error("status {0}")]
    Status(u16),
    /// A body that cannot be used.
    #[error("{0}")]
    Body(&'static str),
}

impl Broken {
    /// For the source of a port's error.
    pub(crate) fn boxed(self) -> Box<dyn Error + Send + Sync> {
        Box::new(self)
    }
}
