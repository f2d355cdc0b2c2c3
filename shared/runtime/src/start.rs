//! Starting a function: the log first, then its work; what stops it is the last line of the log.

use std::{future::Future, process::ExitCode};

use lambda_runtime::Error;

use crate::telemetry;

/// Runs the work of a function until it ends, which it does only by failing.
pub async fn start(service: &'static str, work: impl Future<Output = Result<(), Error>>) -> ExitCode {
    telemetry::init(service);
    match work.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = telemetry::chain(error.as_ref()), "stopped");
            ExitCode::FAILURE
        }
    }
}
