//! Data keys from KMS.

use async_trait::async_trait;
use aws_sdk_kms::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::decrypt::DecryptError,
    primitives::Blob,
    types::DataKeySpec,
};
use aws_types::SdkConfig;
use numo_app::port::key_service::{Context, DataKey, KeyError, KeyService, PlainKey};
use zeroize::Zeroizing;

use crate::failure::Failure;

/// Makes and opens data keys under one KMS key.
#[derive(Debug, Clone)]
pub struct KmsKeys {
    client: Client,
    key_id: String,
}

impl KmsKeys {
    /// Wraps under the key of this id or ARN.
    pub fn new(config: &SdkConfig, key_id: impl Into<String>) -> Self {
        Self { client: Client::new(config), key_id: key_id.into() }
    }
}

#[async_trait]
impl KeyService for KmsKeys {
    async fn generate(&self, context: &Context) -> Result<DataKey, KeyError> {
        let made = self
            .client
            .generate_data_key()
            .key_id(&self.key_id)
            .key_spec(DataKeySpec::Aes256)
            .set_encryption_context(encryption_context(context))
            .send()
            .await
            .map_err(|error| unavailable("GenerateDataKey", &error))?;
        let plain = plain_key("GenerateDataKey", made.plaintext)?;
        let wrapped = made.ciphertext_blob.ok_or_else(|| incomplete("GenerateDataKey"))?.into_inner();
        Ok(DataKey { plain, wrapped, key_id: made.key_id.unwrap_or_else(|| self.key_id.clone()) })
    }

    async fn open(&self, context: &Context, wrapped: &[u8]) -> Result<PlainKey, KeyError> {
        let opened = self
            .client
            .decrypt()
            // Named, so that a blob wrapped under anybody else's key is refused.
            .key_id(&self.key_id)
            .ciphertext_blob(Blob::new(wrapped))
            .set_encryption_context(encryption_context(context))
            .send()
            .await
            .map_err(|error| decrypt_error(&error))?;
        plain_key("Decrypt", opened.plaintext)
    }
}

fn encryption_context(context: &Context) -> Option<std::collections::HashMap<String, String>> {
    Some(context.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
}

/// Which failures mean that key and context do not belong together (KMS API: Decrypt, errors).
fn decrypt_error(error: &SdkError<DecryptError>) -> KeyError {
    match error.code() {
        Some("InvalidCiphertextException" | "IncorrectKeyException" | "AccessDeniedException") => KeyError::Refused,
        _ => unavailable("Decrypt", error),
    }
}

/// Throttled or unreachable: KMS itself counts no refused call by key, so that this is what an alarm has to go by.
fn unavailable<E>(operation: &'static str, error: &SdkError<E>) -> KeyError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let failure = Failure::of(operation, error);
    tracing::warn!(metric = "key_service_unavailable", error = %failure, "the key service did not answer");
    KeyError::Unavailable(failure)
}

fn plain_key(operation: &'static str, plaintext: Option<Blob>) -> Result<PlainKey, KeyError> {
    let bytes = Zeroizing::new(plaintext.ok_or_else(|| incomplete(operation))?.into_inner());
    let mut key = Zeroizing::new([0; 32]);
    if bytes.len() != key.len() {
        return Err(incomplete(operation));
    }
    key.copy_from_slice(&bytes);
    Ok(key)
}

fn incomplete(operation: &'static str) -> KeyError {
    KeyError::Unavailable(Failure::because(operation, "IncompleteAnswer", "no data key of 256 bits"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canned::{Answer, Canned};

    async fn opened_after(code: &str) -> Result<PlainKey, KeyError> {
        let server = Canned::start(vec![Answer::error(400, code)]);
        let context = Context::from([("org", "org_a".to_owned())]);
        KmsKeys::new(&server.config(), "alias/vault").open(&context, b"wrapped").await
    }

    #[tokio::test]
    async fn a_key_that_does_not_belong_to_the_context_is_refused() {
        for code in ["InvalidCiphertextException", "IncorrectKeyException", "AccessDeniedException"] {
            assert!(matches!(opened_after(code).await, Err(KeyError::Refused)), "{code}");
        }
    }

    #[tokio::test]
    async fn any_other_failure_is_an_outage() {
        for code in ["DisabledException", "KMSInvalidStateException", "NotFoundException"] {
            assert!(matches!(opened_after(code).await, Err(KeyError::Unavailable(_))), "{code}");
        }
    }

    #[test]
    fn a_key_of_another_length_is_an_outage() {
        for plaintext in [None, Some(Blob::new([1; 16])), Some(Blob::new([1; 33]))] {
            assert!(matches!(plain_key("Decrypt", plaintext), Err(KeyError::Unavailable(_))));
        }
        assert_eq!(*plain_key("Decrypt", Some(Blob::new([7; 32]))).unwrap(), [7; 32]);
    }
}
