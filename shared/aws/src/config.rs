//! How every AWS client is set up.

use std::time::Duration;

use aws_config::{BehaviorVersion, ConfigLoader, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};

const ATTEMPTS: u32 = 3;
const CONNECT: Duration = Duration::from_secs(1);
const ATTEMPT: Duration = Duration::from_secs(3);
const OPERATION: Duration = Duration::from_secs(10);

/// Region, credentials and endpoint from the environment, with bounded calls.
///
/// `AWS_ENDPOINT_URL` points every client at another server than AWS.
pub async fn sdk_config() -> SdkConfig {
    // A pinned version, so that an update of the SDK cannot change how calls behave.
    bounded(aws_config::defaults(BehaviorVersion::v2026_01_12())).load().await
}

fn bounded(loader: ConfigLoader) -> ConfigLoader {
    loader.retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS)).timeout_config(timeouts())
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION)
        .build()
}

#[cfg(test)]
mod tests {
    use aws_config::Region;

    use super::*;

    #[tokio::test]
    async fn every_call_ends_after_10_seconds_and_every_attempt_after_3() {
        let loader = aws_config::defaults(BehaviorVersion::v2026_01_12()).region(Region::new("eu-west-1"));
        let config = bounded(loader.no_credentials()).load().await;
        assert_eq!(config.timeout_config(), Some(&timeouts()));
        assert_eq!(config.retry_config().map(RetryConfig::max_attempts), Some(3));
    }
}
