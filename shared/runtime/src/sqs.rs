//! Queues: a batch is worked record by record, and a record that fails alone comes back alone.

pub mod message;

#[cfg(test)]
mod tests;

use std::future::Future;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use futures_util::FutureExt;
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use numo_app::{
    error::{AppError, Disposition},
    port::clock::Clock,
};
use numo_aws::trace;
use tracing::{Instrument, Span, field::Empty};

use crate::{
    metric::TARGET,
    sqs::message::{Message, Unreadable},
    telemetry::chain,
};

/// How a job that did not fail ended, for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done(pub &'static str);

/// Works through batches until the process ends.
pub async fn serve<M, H, F>(clock: &dyn Clock, handle: H) -> Result<(), Error>
where
    M: Message,
    H: Fn(M, Timestamp) -> F,
    F: Future<Output = Result<Done, AppError>>,
{
    run(service_fn(|event: LambdaEvent<SqsEvent>| async {
        let (batch, context) = event.into_parts();
        let deadline = i64::try_from(context.deadline).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
        let span = tracing::info_span!("batch", request_id = context.request_id);
        let work = run_batch(clock, batch, deadline.unwrap_or(Timestamp::MAX), &handle).instrument(span);
        Ok::<_, Error>(trace::within(context.xray_trace_id, work).await)
    }))
    .await
}

/// Works through one batch; the answer names the records that the queue has to keep.
pub async fn run_batch<M, H, F>(clock: &dyn Clock, batch: SqsEvent, deadline: Timestamp, handle: &H) -> SqsBatchResponse
where
    M: Message,
    H: Fn(M, Timestamp) -> F,
    F: Future<Output = Result<Done, AppError>>,
{
    let mut answer = SqsBatchResponse::default();
    for record in batch.records {
        let id = record.message_id.clone().unwrap_or_default();
        let started = clock.now();
        // Of the call that sent it; one without a trace belongs to that of its batch.
        let header = record.attributes.get("AWSTraceHeader").cloned().or_else(trace::header);
        let span = record_span(&id, receive_count(&record), header.as_deref().and_then(trace::id));
        let work = run_record(&record, deadline, handle)
            .map(|outcome| settle(&outcome, clock.now().duration_since(started).as_millis()))
            .instrument(span);
        // On the heap: what the largest of the jobs needs would lie in every batch otherwise.
        let disposition = Box::pin(trace::within(header, work)).await;
        // SQS: a record without an id cannot be named; an empty name keeps the whole batch.
        if disposition != Disposition::Done {
            answer.add_failure(id);
        }
    }
    answer
}

/// Why a record was not worked to its end.
enum Unfinished {
    Unreadable(Unreadable),
    Failed(AppError),
}

async fn run_record<M, H, F>(record: &SqsMessage, deadline: Timestamp, handle: &H) -> Result<Done, Unfinished>
where
    M: Message,
    H: Fn(M, Timestamp) -> F,
    F: Future<Output = Result<Done, AppError>>,
{
    let message = M::read(record.body.as_deref().unwrap_or_default()).map_err(Unfinished::Unreadable)?;
    message.describe(&Span::current());
    handle(message, deadline).await.map_err(Unfinished::Failed)
}

/// What the queue does with a record, and the one line about it in the log, which counts it as well.
fn settle(outcome: &Result<Done, Unfinished>, duration_ms: i128) -> Disposition {
    let duration_ms = i64::try_from(duration_ms).ok();
    match outcome {
        Ok(Done(ended)) => {
            tracing::info!(target: TARGET, metric = "jobs", outcome = "done", ended, duration_ms, "job done");
            Disposition::Done
        }
        // A deployment that is under way may bring its consumer.
        Err(Unfinished::Unreadable(Unreadable::UnknownType)) => {
            tracing::warn!(target: TARGET, metric = "jobs", outcome = "retry", duration_ms, "job of an unknown type");
            Disposition::Retry
        }
        Err(Unfinished::Unreadable(Unreadable::Malformed(reason))) => {
            let outcome = "quarantine";
            tracing::error!(target: TARGET, metric = "jobs", outcome, reason, duration_ms, "job that cannot be read");
            Disposition::Quarantine
        }
        Err(Unfinished::Failed(error)) => {
            let (disposition, class, error) = (error.disposition(), error.class(), chain(error));
            match disposition {
                Disposition::Done => {
                    let outcome = "done";
                    tracing::info!(target: TARGET, metric = "jobs", outcome, class, error, duration_ms, "job ended early");
                }
                Disposition::Retry => {
                    let outcome = "retry";
                    tracing::warn!(target: TARGET, metric = "jobs", outcome, class, error, duration_ms, "job is retried");
                }
                Disposition::Quarantine => {
                    let outcome = "quarantine";
                    tracing::error!(target: TARGET, metric = "jobs", outcome, class, error, duration_ms, "job is quarantined");
                }
            }
            disposition
        }
    }
}

/// The span of a record; what is in the record fills in the rest.
fn record_span(message_id: &str, receive_count: Option<&str>, trace: Option<&str>) -> Span {
    tracing::info_span!(
        "record",
        message_id,
        receive_count,
        job_id = Empty,
        job_type = Empty,
        org = Empty,
        waba = Empty,
        claim = Empty,
        trace,
    )
}

/// How often SQS has handed the record out, this time included; none where it is the first time.
fn receive_count(record: &SqsMessage) -> Option<&str> {
    record.attributes.get("ApproximateReceiveCount").map(String::as_str).filter(|count| *count != "1")
}
