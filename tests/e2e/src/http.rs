//! One HTTP client for all journeys: no redirects of its own, no proxy, bounded in time.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::JourneyError;

/// Longer than any answer of the product or the simulator may take.
const TIMEOUT: Duration = Duration::from_secs(35);

/// Characters of a refused answer that are worth showing.
const SHOWN: usize = 300;

/// The client.
pub fn client() -> Result<Client, JourneyError> {
    let built = Client::builder().no_proxy().redirect(Policy::none()).timeout(TIMEOUT).build();
    built.map_err(|error| JourneyError::Stack(format!("no HTTP client can be made: {error}")))
}

/// A read answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP method of the request.
    pub method: Method,
    /// Path of the request.
    pub path: String,
    /// Status.
    pub status: StatusCode,
    /// `Location`, if any.
    pub location: Option<String>,
    /// Every `Set-Cookie`.
    pub cookies: Vec<String>,
    /// The whole body as text.
    pub body: String,
}

/// Sends a request and reads its whole answer.
pub async fn send(method: Method, path: &str, request: RequestBuilder) -> Result<Answer, JourneyError> {
    let failed = |source| JourneyError::NoAnswer { method: method.to_string(), path: path.to_owned(), source };
    let response = request.send().await.map_err(failed)?;
    let status = response.status();
    let text = |value: &reqwest::header::HeaderValue| value.to_str().map(str::to_owned).ok();
    let location = response.headers().get(reqwest::header::LOCATION).and_then(text);
    let cookies = response.headers().get_all(reqwest::header::SET_COOKIE).iter().filter_map(text).collect();
    let body = response.text().await.map_err(failed)?;
    Ok(Answer { method, path: path.to_owned(), status, location, cookies, body })
}

impl Answer {
    /// The body as JSON of a type, if the status is a success.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, JourneyError> {
        self.succeeded()?;
        serde_json::from_str(&self.body).map_err(|source| JourneyError::Unreadable { path: self.path.clone(), source })
    }

    /// An error unless the status is a success.
    pub fn succeeded(&self) -> Result<(), JourneyError> {
        if self.status.is_success() { Ok(()) } else { Err(self.refused()) }
    }

    /// The class in the body of an error answer, empty if there is none.
    pub fn error_code(&self) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        body.pointer("/error/code").and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// This answer as an error.
    pub fn refused(&self) -> JourneyError {
        JourneyError::Refused {
            method: self.method.to_string(),
            path: self.path.clone(),
            status: self.status,
            body: self.body.chars().take(SHOWN).collect(),
        }
    }
}
