use std::sync::Mutex;

use numo_app::job::Job;
use numo_testkit::fixed_clock::FixedClock;
use serde_json::{Value, json};

use super::*;
use crate::telemetry::json_lines::tests::Kept;

fn recorded() -> SqsEvent {
    serde_json::from_str(include_str!("../../tests/fixtures/sqs_batch.json")).unwrap()
}

fn only(name: &str) -> SqsEvent {
    let mut batch = recorded();
    batch.records.retain(|record| record.message_id.as_deref().unwrap().ends_with(name));
    batch
}

fn clock() -> FixedClock {
    FixedClock::at(Timestamp::UNIX_EPOCH)
}

fn failures(answer: &SqsBatchResponse) -> Vec<&str> {
    let ids = answer.batch_item_failures.iter().map(|failure| failure.item_identifier.as_str());
    ids.map(|id| id.rsplit_once('-').map_or(id, |(_, last)| last.trim_start_matches('0'))).collect()
}

fn failed() -> AppError {
    AppError::Internal("bug".to_owned())
}

async fn outcome_of(error: fn() -> AppError) -> (Vec<String>, Value) {
    let kept = Kept::default();
    let guard = kept.install();
    let answer = run_batch(&clock(), only("1"), Timestamp::MAX, &|_: Job, _| async { Err(error()) }).await;
    drop(guard);
    (failures(&answer).into_iter().map(str::to_owned).collect(), kept.lines()[0].clone())
}

#[tokio::test]
async fn one_record_that_fails_one_of_an_unknown_type_and_one_that_is_broken_come_back_alone() {
    let handled = Mutex::new(Vec::new());
    let answer = run_batch(&clock(), recorded(), Timestamp::MAX, &|job: Job, _| {
        handled.lock().unwrap().push(job.org.to_string());
        async move { if job.org.as_str() == "org_failing" { Err(failed()) } else { Ok(Done("planned")) } }
    })
    .await;
    assert_eq!(failures(&answer), ["2", "3", "4"]);
    assert_eq!(handled.into_inner().unwrap(), ["org_a", "org_failing", "org_last"]);
}

#[tokio::test]
async fn a_handler_gets_the_deadline_of_its_invocation() {
    let deadline = "2026-11-23T06:01:00Z".parse().unwrap();
    let answer = run_batch(&clock(), only("1"), deadline, &|_: Job, given| async move {
        assert_eq!(given, deadline);
        Ok(Done("planned"))
    })
    .await;
    assert_eq!(failures(&answer), [""; 0]);
}

#[tokio::test]
async fn a_class_that_is_settled_is_done_and_the_others_come_back() {
    let done = [
        || AppError::NotFound("connection"),
        || AppError::Conflict("lost"),
        || AppError::RateLimited { retry_after: None },
        || AppError::Unavailable("down".into()),
        || AppError::ReauthRequired,
        || AppError::Ambiguous,
    ];
    for error in done {
        assert_eq!(outcome_of(error).await.0, [""; 0], "{:?}", error());
    }
    let kept = [
        (|| AppError::AwsUnavailable("down".into())) as fn() -> AppError,
        || AppError::Internal("bug".to_owned()),
        || AppError::Malformed("item".to_owned()),
        || AppError::Unauthenticated,
    ];
    for error in kept {
        assert_eq!(outcome_of(error).await.0, ["1"], "{:?}", error());
    }
}

#[tokio::test]
async fn what_is_retried_is_a_warning_and_what_is_quarantined_an_error() {
    let (_, retried) = outcome_of(|| AppError::AwsUnavailable("GetItem failed".into())).await;
    let (_, quarantined) = outcome_of(|| AppError::Malformed("item".to_owned())).await;
    assert_eq!(
        [&retried["level"], &retried["message"], &retried["error"]],
        ["WARN", "job is retried", "the platform is unavailable: GetItem failed"]
    );
    assert_eq!(
        [&quarantined["level"], &quarantined["message"], &quarantined["error"]],
        ["ERROR", "job is quarantined", "malformed item"]
    );
}

#[tokio::test]
async fn a_job_is_one_line_that_names_and_counts_it() {
    let kept = Kept::default();
    let guard = kept.install();
    run_batch(&clock(), only("5"), Timestamp::MAX, &|_: Job, _| async { Ok(Done("finished")) }).await;
    drop(guard);
    let lines = kept.lines();
    let expected = json!({
        "timestamp": "2026-11-23T06:00:00Z", "level": "INFO", "service": "due-sweeper", "stage": "test",
        "version": env!("CARGO_PKG_VERSION"), "message_id": "00000000-0000-4000-8000-000000000005",
        "job_id": "018f0000-0000-7000-8000-000000000005", "job_type": "dispatch_run.v1",
        "org": "org_last", "claim": "2026-11-23T06:05:00Z", "trace": "1-5e1b4151-5ac6c58f",
        "ended": "finished", "duration_ms": 0, "message": "job done", "metric": "jobs", "outcome": "done", "jobs": 1,
        "_aws": {"Timestamp": 1_795_413_600_000_u64, "CloudWatchMetrics": [{
            "Namespace": "Numo", "Dimensions": [["stage", "outcome"]], "Metrics": [{"Name": "jobs", "Unit": "Count"}],
        }]},
    });
    assert_eq!(lines, [expected]);
}

#[tokio::test]
async fn work_is_of_the_trace_that_its_message_was_sent_in_or_of_that_of_its_batch() {
    let seen = Mutex::new(Vec::new());
    let handle = |_: Job, _| {
        seen.lock().unwrap().push(trace::header());
        async { Ok(Done("seen")) }
    };
    let batches = async {
        run_batch(&clock(), only("5"), Timestamp::MAX, &handle).await;
        run_batch(&clock(), only("1"), Timestamp::MAX, &handle).await;
    };
    trace::within(Some("Root=1-batch".to_owned()), batches).await;
    let expected = ["Root=1-5e1b4151-5ac6c58f;Parent=53995c3f42cd8ad8;Sampled=1", "Root=1-batch"];
    assert_eq!(seen.into_inner().unwrap(), expected.map(|header| Some(header.to_owned())));
}

#[tokio::test]
async fn a_broken_job_is_an_error_in_the_log_without_its_content() {
    let kept = Kept::default();
    let guard = kept.install();
    run_batch(&clock(), only("4"), Timestamp::MAX, &|_: Job, _| async { Ok(Done("never")) }).await;
    drop(guard);
    let line = &kept.lines()[0];
    assert_eq!([&line["level"], &line["message"]], ["ERROR", "job that cannot be read"]);
    assert!(!line.to_string().contains("hush"), "{line}");
}

#[tokio::test]
async fn a_record_without_an_id_keeps_the_whole_batch() {
    let mut batch = only("1");
    batch.records[0].message_id = None;
    let answer = run_batch(&clock(), batch, Timestamp::MAX, &|_: Job, _| async { Err(AppError::Ambiguous) }).await;
    assert_eq!(failures(&answer), [""; 0]);
    let mut batch = only("4");
    batch.records[0].message_id = None;
    let answer = run_batch(&clock(), batch, Timestamp::MAX, &|_: Job, _| async { Ok(Done("never")) }).await;
    assert_eq!(failures(&answer), [""]);
}
