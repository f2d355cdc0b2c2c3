//! What is kept of a failed call: enough to find it, nothing of what was sent or answered.

use std::error::Error;

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    operation::RequestId,
};

/// A call to AWS that failed.
///
/// The SDK's own error carries the whole answer, which may hold a tenant's data.
#[derive(Debug, thiserror::Error)]
#[error("{operation} failed with {code}: {message} (request {request_id})")]
pub(crate) struct Failure {
    operation: &'static str,
    code: String,
    message: String,
    request_id: String,
}

impl Failure {
    /// Keeps code, message and request id of a failed call.
    pub(crate) fn of<E>(operation: &'static str, error: &SdkError<E>) -> Box<Self>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let kind = kind(error);
        Box::new(Self {
            operation,
            code: error.code().unwrap_or(kind).to_owned(),
            message: error.message().map_or_else(|| reason(error), str::to_owned),
            request_id: error.request_id().unwrap_or("unknown").to_owned(),
        })
    }

    /// The same without the message, which may quote what was sent.
    pub(crate) fn without_message(mut self: Box<Self>) -> Box<Self> {
        "not kept".clone_into(&mut self.message);
        self
    }

    /// A call that was not made, or an answer that makes no sense.
    pub(crate) fn because(operation: &'static str, code: &'static str, message: impl Into<String>) -> Box<Self> {
        Box::new(Self { operation, code: code.to_owned(), message: message.into(), request_id: "none".to_owned() })
    }
}

fn kind<E>(error: &SdkError<E>) -> &'static str {
    match error {
        SdkError::ConstructionFailure(_) => "ConstructionFailure",
        SdkError::TimeoutError(_) => "Timeout",
        SdkError::DispatchFailure(_) => "DispatchFailure",
        SdkError::ResponseError(_) => "UnreadableResponse",
        SdkError::ServiceError(_) | _ => "UnknownError",
    }
}

/// The innermost cause of a call that never got an answer; a half-read answer is not quoted.
fn reason<E: Error + 'static>(error: &SdkError<E>) -> String {
    if !matches!(error, SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_)) {
        return "no message".to_owned();
    }
    let mut cause: &dyn Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::operation::get_item::GetItemError;

    use super::*;

    #[test]
    fn a_timeout_is_named_without_quoting_anything() {
        let error: SdkError<GetItemError> = SdkError::timeout_error("after 3 s");
        assert_eq!(
            Failure::of("GetItem", &error).to_string(),
            "GetItem failed with Timeout: no message (request unknown)"
        );
    }
}
