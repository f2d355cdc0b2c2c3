//! The one table from error classes to HTTP answers.

use http::{HeaderValue, StatusCode, header};
use jiff::SignedDuration;
use numo_app::error::AppError;
use serde_json::{Value, json};

use crate::http::{gateway::Response, response};

/// What a caller is told when a provider names no time.
const PATIENCE: SignedDuration = SignedDuration::from_secs(60);

/// What a caller is told while something is down.
const RECOVERY: SignedDuration = SignedDuration::from_secs(30);

/// What a caller is told whose ETag is of an earlier revision.
const STALE: &str = "it was changed since you read it; read it again, and decide again";

/// An error as a caller sees it; what happened inside stays in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicError {
    /// The status.
    pub status: StatusCode,
    /// The class, for programs.
    pub code: &'static str,
    /// A sentence, for people.
    pub message: String,
    /// Where in the request.
    pub field: Option<&'static str>,
    /// Seconds to wait before asking again.
    pub retry_after: Option<i64>,
}

impl From<&AppError> for PublicError {
    fn from(error: &AppError) -> Self {
        let (status, message) = status_and_message(error);
        let field = if let AppError::Invalid { field, .. } = error { Some(*field) } else { None };
        Self { status, code: error.class(), message, field, retry_after: retry_after(error) }
    }
}

impl PublicError {
    /// The body: `{"error":{"code","message","field"?,"request_id"}}`.
    pub fn body(&self, request_id: &str) -> Value {
        let mut error = json!({"code": self.code, "message": self.message, "request_id": request_id});
        if let (Some(field), Value::Object(error)) = (self.field, &mut error) {
            error.insert("field".to_owned(), Value::from(field));
        }
        json!({"error": error})
    }
}

/// The whole answer for an error.
pub fn error_response(error: &AppError, request_id: &str) -> Response {
    let public = PublicError::from(error);
    let mut answer = response::json(public.status, &public.body(request_id));
    if let Some(seconds) = public.retry_after {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    answer
}

/// Status and sentence of every class; a new class forces a decision here.
fn status_and_message(error: &AppError) -> (StatusCode, String) {
    let (status, message) = match error {
        AppError::Invalid { message, .. } => return (StatusCode::BAD_REQUEST, message.clone()),
        AppError::NotFound(what) => return (StatusCode::NOT_FOUND, format!("{what} not found")),
        AppError::Conflict(what) => (StatusCode::CONFLICT, *what),
        AppError::Stale => (StatusCode::PRECONDITION_FAILED, STALE),
        AppError::NotNow { why, next_at: None } => (StatusCode::CONFLICT, *why),
        AppError::NotNow { why, next_at: Some(next) } => {
            return (StatusCode::CONFLICT, format!("{why} The next allowed time is {next}."));
        }
        AppError::Unauthenticated => (StatusCode::UNAUTHORIZED, "not signed in"),
        AppError::Forbidden => (StatusCode::FORBIDDEN, "the role does not allow this"),
        AppError::RateLimited { .. } => (StatusCode::TOO_MANY_REQUESTS, "a provider limits the rate of calls"),
        AppError::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "a provider is unavailable"),
        AppError::AwsUnavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "the platform is unavailable"),
        AppError::ReauthRequired => (StatusCode::CONFLICT, "the connection has to be renewed"),
        AppError::Rejected(_) => (StatusCode::UNPROCESSABLE_ENTITY, "a provider refused"),
        AppError::Ambiguous => (StatusCode::BAD_GATEWAY, "the outcome is unknown"),
        AppError::Malformed(_) | AppError::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "something went wrong"),
    };
    (status, message.to_owned())
}

fn retry_after(error: &AppError) -> Option<i64> {
    let wait = match error {
        AppError::RateLimited { retry_after } => retry_after.unwrap_or(PATIENCE),
        AppError::Unavailable(_) | AppError::AwsUnavailable(_) => RECOVERY,
        AppError::Invalid { .. }
        | AppError::Unauthenticated
        | AppError::Forbidden
        | AppError::NotFound(_)
        | AppError::Conflict(_)
        | AppError::Stale
        | AppError::NotNow { .. }
        | AppError::ReauthRequired
        | AppError::Rejected(_)
        | AppError::Ambiguous
        | AppError::Malformed(_)
        | AppError::Internal(_) => return None,
    };
    // A started second counts as one, so that nobody comes back too early.
    Some((wait.as_secs() + i64::from(wait.subsec_nanos() > 0)).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything that could be told to a caller by mistake.
    fn secret() -> Box<dyn std::error::Error + Send + Sync> {
        "inside".into()
    }

    fn every_class() -> Vec<AppError> {
        vec![
            AppError::invalid("steps[0].offset", "must lie between -30 and 365"),
            AppError::Unauthenticated,
            AppError::Forbidden,
            AppError::NotFound("connection"),
            AppError::Conflict("the plan has changed"),
            AppError::Stale,
            AppError::RateLimited { retry_after: Some(SignedDuration::from_millis(1_500)) },
            AppError::RateLimited { retry_after: None },
            AppError::Unavailable(secret()),
            AppError::AwsUnavailable(secret()),
            AppError::ReauthRequired,
            AppError::Rejected("inside".to_owned()),
            AppError::Ambiguous,
            AppError::Malformed("inside".to_owned()),
            AppError::Internal("inside".to_owned()),
        ]
    }

    #[test]
    fn every_class_has_its_status_and_body() {
        let answers: Vec<String> = every_class()
            .iter()
            .map(|error| {
                let answer = error_response(error, "req-1");
                let retry = answer.headers().get(header::RETRY_AFTER).map_or("-", |value| value.to_str().unwrap());
                let body = String::from_utf8_lossy(answer.body());
                format!("{} {retry} {body}", answer.status().as_u16())
            })
            .collect();
        insta::assert_snapshot!(answers.join("\n"));
    }

    #[test]
    fn nothing_that_happened_inside_is_told() {
        for error in every_class() {
            assert!(!PublicError::from(&error).message.contains("inside"), "{error:?}");
        }
    }
}
