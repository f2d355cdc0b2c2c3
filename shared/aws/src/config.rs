//! How every AWS client is set up.

use std::{error::Error, fmt, time::Duration};

use aws_sdk_dynamodb::config::{
    BehaviorVersion, Credentials, Region, SharedCredentialsProvider, retry::RetryConfig, timeout::TimeoutConfig,
};
use aws_types::SdkConfig;
use secrecy::{ExposeSecret, SecretString};

use crate::http;

const ATTEMPTS: u32 = 3;
const ATTEMPT: Duration = Duration::from_secs(3);
const OPERATION: Duration = Duration::from_secs(10);

/// Where AWS is, and as whom it is called.
#[derive(Debug, Clone)]
pub struct Account {
    /// The region, as `eu-west-1`.
    pub region: String,
    /// Another server than AWS, which all clients call.
    pub endpoint: Option<String>,
    /// Who calls.
    pub keys: Keys,
}

/// Credentials; those of a function are as old as its process and outlive it.
#[derive(Clone)]
pub struct Keys {
    /// The access key id.
    pub id: String,
    /// The secret access key.
    pub secret: SecretString,
    /// The session that temporary credentials belong to.
    pub session: Option<SecretString>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys")
    }
}

/// What clients of all services share, with bounded calls; to be made once per process.
pub fn sdk_config(account: &Account) -> Result<SdkConfig, Box<dyn Error + Send + Sync>> {
    let Keys { id, secret, session } = &account.keys;
    let session = session.as_ref().map(|session| session.expose_secret().to_owned());
    let credentials = Credentials::new(id, secret.expose_secret(), session, None, "environment");
    let mut config = SdkConfig::builder()
        // A pinned version, so that an update of the SDK cannot change how calls behave.
        .behavior_version(BehaviorVersion::v2026_01_12())
        .http_client(http::client()?)
        .region(Region::new(account.region.clone()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(timeouts());
    config.set_endpoint_url(account.endpoint.clone());
    Ok(config.build())
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT).operation_timeout(OPERATION).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> Account {
        Account {
            region: "eu-west-1".to_owned(),
            endpoint: None,
            keys: Keys { id: "id".to_owned(), secret: "secret".into(), session: Some("session".into()) },
        }
    }

    #[test]
    fn every_call_ends_after_10_seconds_and_every_attempt_after_3() {
        let config = sdk_config(&account()).unwrap();
        assert_eq!(config.timeout_config(), Some(&timeouts()));
        assert_eq!(config.retry_config().map(RetryConfig::max_attempts), Some(3));
    }

    #[test]
    fn keys_do_not_show_when_an_account_is_printed() {
        assert_eq!(format!("{:?}", account()), r#"Account { region: "eu-west-1", endpoint: None, keys: Keys }"#);
    }
}
