//! Schedules: one call, one answer.

use std::future::Future;

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use numo_aws::trace;
use serde_json::Value;
use tracing::Instrument;

/// Answers a schedule's calls until the process ends; jobs that they send are of their trace.
pub async fn serve<H, F>(handle: H) -> Result<(), Error>
where
    H: Fn(Value) -> F,
    F: Future<Output = Result<Value, Error>>,
{
    run(service_fn(|call: LambdaEvent<Value>| {
        let (event, context) = call.into_parts();
        let header = context.xray_trace_id;
        let span =
            tracing::info_span!("call", request_id = context.request_id, trace = header.as_deref().and_then(trace::id));
        trace::within(header, handle(event)).instrument(span)
    }))
    .await
}
