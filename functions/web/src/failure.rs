//! What a request gets that was not done.

use std::{borrow::Cow, sync::Arc};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use numo_app::error::AppError;
use numo_runtime::{http::error::PublicError, telemetry::chain};
use serde_json::{Value, json};

/// A failure on its way out; its body is written where the request id is known.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    code: Cow<'static, str>,
    message: String,
    field: Option<String>,
    retry_after_s: Option<i64>,
    /// What may be done instead.
    next: Option<Box<Value>>,
    cause: Option<Arc<AppError>>,
}

impl Failure {
    /// What is said of a body that is not read to its end.
    pub(crate) const CUT_OFF: &str = "the body is too large or was cut off";

    /// Something is wrong with one field of a request; an empty name means the whole of it.
    pub(crate) fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        let field = Some(field.into()).filter(|field| !field.is_empty());
        Self { field, ..Self::plain(StatusCode::BAD_REQUEST, "invalid", message) }
    }

    /// A body that cannot be read at all.
    pub(crate) fn unreadable(status: StatusCode, message: &str) -> Self {
        Self::plain(status, "invalid", message)
    }

    /// A body that is longer than any that is read.
    pub(crate) fn too_large() -> Self {
        Self::unreadable(StatusCode::PAYLOAD_TOO_LARGE, Self::CUT_OFF)
    }

    /// An address, or an id in it, that names nothing of this organisation.
    pub(crate) fn not_found(what: &'static str) -> Self {
        AppError::NotFound(what).into()
    }

    /// An address that exists, for other methods.
    pub(crate) fn wrong_method() -> Self {
        Self::plain(StatusCode::METHOD_NOT_ALLOWED, "invalid", "this address does not take this method")
    }

    /// A signed-in person without an active organisation.
    pub(crate) fn no_organisation() -> Self {
        Self::plain(StatusCode::FORBIDDEN, "forbidden", "choose an organisation first")
    }

    /// The organisation has made its calls of the minute.
    pub(crate) fn too_many_calls(retry_after_s: i64) -> Self {
        let message = "this organisation has made its calls of the minute";
        let plain = Self::plain(StatusCode::TOO_MANY_REQUESTS, "rate_limited", message);
        Self { retry_after_s: Some(retry_after_s), ..plain }
    }

    /// A request that was sent a second time while the first is being done.
    pub(crate) fn underway(retry_after_s: i64) -> Self {
        let plain =
            Self::plain(StatusCode::CONFLICT, "conflict", "the same request is being done; ask again for its answer");
        Self { retry_after_s: Some(retry_after_s), ..plain }
    }

    /// A request that was begun and has no answer.
    pub(crate) fn not_known_to_be_done() -> Self {
        let message = "the same request was begun, and nobody knows whether it was done; \
                       look, and ask under another key if it was not";
        Self::plain(StatusCode::CONFLICT, "conflict", message)
    }

    /// A key that was used for another request.
    pub(crate) fn other_request() -> Self {
        let message = "this key was used for another request in the last 24 hours; choose a new one";
        let field = Some("Idempotency-Key".to_owned());
        Self { field, ..Self::plain(StatusCode::UNPROCESSABLE_ENTITY, "invalid", message) }
    }

    /// The same failure again, by its status and public body.
    pub(crate) fn again(status: StatusCode, body: &str) -> Option<Self> {
        let mut body: Value = serde_json::from_str(body).ok()?;
        let error = body.get_mut("error")?.as_object_mut()?;
        let mut text = |name| error.remove(name)?.as_str().map(str::to_owned);
        let (code, message, field) = (text("code")?, text("message")?, text("field"));
        let next = error.remove("next").map(Box::new);
        Some(Self { status, code: code.into(), message, field, retry_after_s: None, next, cause: None })
    }

    /// Names the field more exactly, where a message about a part of the body starts with it.
    pub(crate) fn within(mut self, part: &str) -> Self {
        if let Some((inner, message)) = self.message.split_once(": ").filter(|_| self.field.as_deref() == Some(part)) {
            self.field = Some(format!("{part}.{inner}"));
            self.message = message.to_owned();
        }
        self
    }

    /// Says what may be done instead.
    pub(crate) fn with_next(self, next: Value) -> Self {
        Self { next: Some(Box::new(next)), ..self }
    }

    /// The public body: `{"error":{"code","message","field"?,"request_id","next"?}}`.
    pub(crate) fn body(&self, request_id: &str) -> Value {
        let mut error = json!({"code": self.code, "message": self.message, "request_id": request_id});
        if let (Some(field), Value::Object(error)) = (&self.field, &mut error) {
            error.insert("field".to_owned(), json!(field));
        }
        if let (Some(next), Value::Object(error)) = (&self.next, &mut error) {
            error.insert("next".to_owned(), Value::clone(next));
        }
        json!({ "error": error })
    }

    /// What is wrong, as it is told to whoever asked.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// The field that it is about.
    pub(crate) fn field(&self) -> Option<&str> {
        self.field.as_deref()
    }

    /// Logs it once; what a person entered stays out of the log.
    pub(crate) fn log(&self) {
        let (status, class) = (self.status.as_u16(), self.code.as_ref());
        match self.cause.as_deref().filter(|_| self.status.is_server_error()) {
            Some(cause) => tracing::error!(status, error.class = class, error.chain = chain(cause), "request failed"),
            None => tracing::info!(status, error.class = class, "request refused"),
        }
    }

    fn plain(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.into(),
            message: message.into(),
            field: None,
            retry_after_s: None,
            next: None,
            cause: None,
        }
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        let PublicError { status, code, message, field, retry_after } = PublicError::from(&error);
        let field = field.map(str::to_owned);
        Self {
            status,
            code: code.into(),
            message,
            field,
            retry_after_s: retry_after,
            next: None,
            cause: Some(Arc::new(error)),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_faults_tell_nothing_but_the_request_id() {
        let failure = Failure::from(AppError::Internal("bug in row 7".to_owned()));
        let expected = json!({"error": {"code": "internal", "message": "something went wrong", "request_id": "r1"}});
        assert_eq!((failure.status.as_u16(), failure.body("r1")), (500, expected));
    }

    #[test]
    fn a_wait_is_told_in_seconds() {
        let failure = Failure::from(AppError::Unavailable("down".into()));
        assert_eq!(failure.into_response().headers()["retry-after"], "30");
    }

    #[test]
    fn a_message_that_starts_with_its_field_gives_it_up() {
        let failure = Failure::from(AppError::invalid("policy", "steps: too many")).within("policy");
        assert_eq!((failure.field.as_deref(), failure.message.as_str()), (Some("policy.steps"), "too many"));
        let other = Failure::from(AppError::invalid("reason", "steps: too many")).within("policy");
        assert_eq!((other.field.as_deref(), other.message.as_str()), (Some("reason"), "steps: too many"));
    }
}
