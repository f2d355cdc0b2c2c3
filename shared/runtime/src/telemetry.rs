//! The log: one JSON line per event on standard output, and nothing secret in it.

pub mod json_lines;

use std::{error::Error, io::stdout, sync::Arc};

use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::{
    clock::SystemClock,
    env::Env,
    metric,
    telemetry::json_lines::{JsonLines, Origin},
};

/// Starts the log of a function; before anything else, so that its configuration errors are in it.
pub fn init(service: &'static str) {
    let mut env = Env::process();
    let stage = env.optional("NUMO_STAGE").unwrap_or_else(|| "unknown".to_owned());
    let level = env.optional("RUST_LOG").unwrap_or(LevelFilter::INFO);
    let lines = JsonLines::new(Origin { service, stage }, Arc::new(SystemClock), stdout);
    // A second call, as from a test, keeps the first log.
    tracing_subscriber::registry().with(targets(service, level)).with(lines).try_init().ok();
    std::panic::set_hook(Box::new(|panic| {
        // The message of a panic may quote a value; where it happened is enough to find it.
        let location = panic.location().map(ToString::to_string);
        tracing::error!(location = location.as_deref(), "a panic");
    }));
}

/// Our own code at the level that is asked for, libraries from warnings on.
///
/// Below that some libraries log what they send.
fn targets(service: &str, level: LevelFilter) -> Targets {
    Targets::new()
        .with_default(LevelFilter::WARN.min(level))
        .with_target("numo_", level)
        .with_target(service.replace('-', "_"), level)
        .with_target(metric::TARGET, LevelFilter::INFO)
}

/// An error with everything behind it, in one text.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |cause| <dyn Error>::source(*cause));
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

#[cfg(test)]
mod tests {
    use numo_app::error::AppError;
    use tracing::Level;

    use super::*;

    #[test]
    fn libraries_stay_at_warnings_whatever_level_is_asked_for() {
        let targets = targets("due-sweeper", LevelFilter::TRACE);
        for ours in ["numo_app::vault", "numo_aws", "due_sweeper"] {
            assert!(targets.would_enable(ours, &Level::TRACE), "{ours}");
        }
        for theirs in ["aws_smithy_runtime::client", "lambda_runtime", "hyper", "reqwest"] {
            assert!(targets.would_enable(theirs, &Level::WARN), "{theirs}");
            assert!(!targets.would_enable(theirs, &Level::INFO), "{theirs}");
        }
    }

    #[test]
    fn a_quiet_log_still_has_the_metrics() {
        let targets = targets("due-sweeper", LevelFilter::ERROR);
        assert!(targets.would_enable(metric::TARGET, &Level::INFO));
        assert!(!targets.would_enable("numo_app", &Level::WARN));
    }

    #[test]
    fn the_chain_of_an_error_is_told_once_each() {
        let error = AppError::AwsUnavailable("GetItem failed".into());
        assert_eq!(chain(&error), "the platform is unavailable: GetItem failed");
    }
}
