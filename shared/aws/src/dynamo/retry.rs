//! When a single conditional write is sent again.

use aws_sdk_dynamodb::{
    config::{
        Builder,
        interceptors::InterceptorContext,
        retry::{ClassifyRetry, RetryAction},
    },
    error::ProvideErrorMetadata,
    operation::{delete_item::DeleteItemError, put_item::PutItemError},
};

/// Codes by which DynamoDB says that it did nothing (DynamoDB developer guide: error handling).
const NOT_DONE: [&str; 3] = ["ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"];

/// Has a single write sent again only when the first one certainly had no effect.
///
/// After a lost answer the SDK would write again, find its own item and report a condition that
/// did not hold: a claim that was won would look lost. Transactions need no such care, since
/// they carry a token.
pub(super) fn never_after_an_effect() -> Builder {
    Builder::new().retry_classifier(OnlyIfNotDone)
}

#[derive(Debug)]
struct OnlyIfNotDone;

impl ClassifyRetry for OnlyIfNotDone {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(Err(error)) = context.output_or_error() else { return RetryAction::NoActionIndicated };
        let code = error.as_operation_error().and_then(|error| {
            let put = error.downcast_ref::<PutItemError>().and_then(ProvideErrorMetadata::code);
            put.or_else(|| error.downcast_ref::<DeleteItemError>().and_then(ProvideErrorMetadata::code))
        });
        match code {
            Some(code) if NOT_DONE.contains(&code) => RetryAction::NoActionIndicated,
            _ => RetryAction::RetryForbidden,
        }
    }

    fn name(&self) -> &'static str {
        "only if nothing was done"
    }
}
