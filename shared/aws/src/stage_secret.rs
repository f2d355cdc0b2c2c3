//! The secret of a stage in Secrets Manager, as operators change it.

use async_trait::async_trait;
use aws_sdk_secretsmanager::{Client, error::SdkError, operation::get_secret_value::GetSecretValueError};
use aws_types::SdkConfig;
use numo_app::port::stage_secret::{StageSecret, StageSecretError};
use zeroize::Zeroizing;

use crate::{failure::Failure, secrets::parse};

/// One secret.
#[derive(Debug, Clone)]
pub struct ManagedSecret {
    client: Client,
    id: String,
}

/// The version that functions read, and the one that was it before (Secrets Manager: staging labels).
const CURRENT: &str = "AWSCURRENT";
const PREVIOUS: &str = "AWSPREVIOUS";

impl ManagedSecret {
    /// The secret with an id.
    pub fn new(config: &SdkConfig, id: impl Into<String>) -> Self {
        Self { client: Client::new(config), id: id.into() }
    }

    async fn version(&self, stage: &str) -> Result<Zeroizing<String>, SdkError<GetSecretValueError>> {
        let answer = self.client.get_secret_value().secret_id(&self.id).version_stage(stage).send().await?;
        Ok(Zeroizing::new(answer.secret_string.unwrap_or_default()))
    }
}

#[async_trait]
impl StageSecret for ManagedSecret {
    async fn current(&self) -> Result<Zeroizing<String>, StageSecretError> {
        let found = self.version(CURRENT).await;
        found.map_err(|error| StageSecretError::Unavailable(Failure::of("GetSecretValue", &error)))
    }

    async fn previous(&self) -> Result<Option<Zeroizing<String>>, StageSecretError> {
        match self.version(PREVIOUS).await {
            Ok(found) => Ok(Some(found)),
            Err(SdkError::ServiceError(error)) if error.err().is_resource_not_found_exception() => Ok(None),
            Err(error) => Err(StageSecretError::Unavailable(Failure::of("GetSecretValue", &error))),
        }
    }

    fn check(&self, json: &str) -> Result<(), StageSecretError> {
        parse(json).map(drop).map_err(|error| StageSecretError::Refused(error.to_string()))
    }

    async fn put(&self, json: &str) -> Result<(), StageSecretError> {
        let answer = self.client.put_secret_value().secret_id(&self.id).secret_string(json).send().await;
        let kept = |error| Failure::of("PutSecretValue", &error).without_message();
        answer.map_err(|error| StageSecretError::Unavailable(kept(error)))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::canned::{Answer, Canned};

    fn secret(answer: Answer) -> (Canned, ManagedSecret) {
        let server = Canned::start(vec![answer]);
        let secret = ManagedSecret::new(&server.config(), "numo/prod");
        (server, secret)
    }

    fn asked(server: &Canned) -> Value {
        serde_json::from_str(server.bodies().last().unwrap()).unwrap()
    }

    #[tokio::test]
    async fn the_current_version_and_the_one_before_are_read_by_their_labels() {
        let (server, secret) = secret(Answer::ok(r#"{"SecretString":"{}"}"#));
        assert_eq!(secret.current().await.unwrap().as_str(), "{}");
        assert_eq!(asked(&server), json!({"SecretId": "numo/prod", "VersionStage": "AWSCURRENT"}));
        assert_eq!(secret.previous().await.unwrap().unwrap().as_str(), "{}");
        assert_eq!(asked(&server), json!({"SecretId": "numo/prod", "VersionStage": "AWSPREVIOUS"}));
    }

    #[tokio::test]
    async fn a_secret_without_a_version_before_has_none_and_any_other_failure_is_one() {
        let (_server, missing) = secret(Answer::error(400, "ResourceNotFoundException"));
        assert!(missing.previous().await.unwrap().is_none());
        assert!(missing.current().await.is_err());
        let (_server, denied) = secret(Answer::error(400, "AccessDeniedException"));
        assert!(denied.previous().await.is_err());
    }

    #[tokio::test]
    async fn what_functions_would_not_start_with_is_told_without_its_values_and_a_put_is_a_new_version() {
        let (server, secret) = secret(Answer::ok("{}"));
        let refused = secret.check(r#"{"xero_client_id":"top-secret"}"#).unwrap_err().to_string();
        assert!(refused.starts_with("the secrets lack xero_client_secret") && !refused.contains("top-secret"));
        secret.put(r#"{"a":"b"}"#).await.unwrap();
        let Value::Object(mut put) = asked(&server) else { panic!("no object") };
        put.remove("ClientRequestToken");
        assert_eq!(Value::from(put), json!({"SecretId": "numo/prod", "SecretString": "{\"a\":\"b\"}"}));
    }
}
