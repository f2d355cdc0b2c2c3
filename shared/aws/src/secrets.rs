//! The stage's secrets, from Secrets Manager.

use aws_sdk_secretsmanager::Client;
use aws_types::SdkConfig;
use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::failure::Failure;

/// The secrets of one stage; whoever reads them keeps them, for at most 5 minutes.
#[derive(Debug)]
pub struct Secrets {
    /// Client id of the Xero app.
    pub xero_client_id: SecretString,
    /// Its secret.
    pub xero_client_secret: SecretString,
    /// Signing keys of Xero's webhook that count: none before it is set up, two while it is rotated.
    pub xero_webhook_keys: Vec<SecretString>,
    /// Client id of the Intuit app.
    pub intuit_client_id: SecretString,
    /// Its secret.
    pub intuit_client_secret: SecretString,
    /// Verifier tokens of Intuit's webhook that count: none before it is set up, two while it is rotated.
    pub intuit_webhook_tokens: Vec<SecretString>,
    /// Id of the Meta app.
    pub meta_app_id: SecretString,
    /// Its secret, which signs webhooks.
    pub meta_app_secret: SecretString,
    /// The secret before it, valid while it is rotated.
    pub meta_app_secret_previous: Option<SecretString>,
    /// What Meta repeats when it verifies the webhook's address.
    pub meta_verify_token: SecretString,
    /// Clerk's key for browsers.
    pub clerk_publishable_key: SecretString,
    /// Clerk's key for its Backend API; none where nobody is to be mailed.
    pub clerk_secret_key: Option<SecretString>,
    /// Signing secrets of Clerk's webhook that count: none before it is set up, two while it is rotated.
    pub clerk_webhook_secrets: Vec<SecretString>,
    /// Keys the hashes of recipients' numbers; never rotated.
    pub pepper: SecretBox<[u8; 32]>,
}

/// The secrets cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// Not reachable, not there or not allowed.
    #[error("the secrets cannot be fetched")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Not one JSON object of texts.
    #[error("the secrets are not a JSON object of texts (line {line}, column {column})")]
    NotJson {
        /// Line of the first fault.
        line: usize,
        /// Column of the first fault.
        column: usize,
    },
    /// Keys are missing, empty or of another form.
    #[error("the secrets lack {}", .0.join(", "))]
    Incomplete(Vec<&'static str>),
}

/// Fetches and parses the secrets of a stage.
pub async fn fetch(config: &SdkConfig, secrets_id: &str) -> Result<Secrets, SecretsError> {
    let answer = Client::new(config)
        .get_secret_value()
        .secret_id(secrets_id)
        .send()
        .await
        .map_err(|error| SecretsError::Unavailable(Failure::of("GetSecretValue", &error)))?;
    parse(&Zeroizing::new(answer.secret_string.unwrap_or_default()))
}

/// Parses the secret's JSON; all that is missing is told at once.
pub fn parse(json: &str) -> Result<Secrets, SecretsError> {
    // The parser's own message may quote a value.
    let raw: Raw = serde_json::from_str(json)
        .map_err(|error| SecretsError::NotJson { line: error.line(), column: error.column() })?;
    raw.complete()
}

#[derive(Deserialize)]
struct Raw {
    xero_client_id: Option<SecretString>,
    xero_client_secret: Option<SecretString>,
    #[serde(default)]
    xero_webhook_keys: Vec<SecretString>,
    intuit_client_id: Option<SecretString>,
    intuit_client_secret: Option<SecretString>,
    #[serde(default)]
    intuit_webhook_tokens: Vec<SecretString>,
    meta_app_id: Option<SecretString>,
    meta_app_secret: Option<SecretString>,
    meta_app_secret_previous: Option<SecretString>,
    meta_verify_token: Option<SecretString>,
    clerk_publishable_key: Option<SecretString>,
    clerk_secret_key: Option<SecretString>,
    #[serde(default)]
    clerk_webhook_secrets: Vec<SecretString>,
    pepper: Option<SecretString>,
}

impl Raw {
    fn complete(self) -> Result<Secrets, SecretsError> {
        let mut lacking = Vec::new();
        let mut text = |name, value| text(name, value, &mut lacking);
        let xero_client_id = text("xero_client_id", self.xero_client_id);
        let xero_client_secret = text("xero_client_secret", self.xero_client_secret);
        let intuit_client_id = text("intuit_client_id", self.intuit_client_id);
        let intuit_client_secret = text("intuit_client_secret", self.intuit_client_secret);
        let meta_app_id = text("meta_app_id", self.meta_app_id);
        let meta_app_secret = text("meta_app_secret", self.meta_app_secret);
        let meta_verify_token = text("meta_verify_token", self.meta_verify_token);
        let clerk_publishable_key = text("clerk_publishable_key", self.clerk_publishable_key);
        let mut webhook = |name, keys| webhook_keys(name, keys, &mut lacking);
        let xero_webhook_keys = webhook("xero_webhook_keys (at most two texts)", self.xero_webhook_keys);
        let intuit_webhook_tokens = webhook("intuit_webhook_tokens (at most two texts)", self.intuit_webhook_tokens);
        let clerk_webhook_secrets = webhook("clerk_webhook_secrets (at most two texts)", self.clerk_webhook_secrets);
        let pepper = pepper(self.pepper.as_ref()).unwrap_or_else(|| {
            lacking.push("pepper (base64 of 32 bytes)");
            SecretBox::new(Box::new([0; 32]))
        });
        if !lacking.is_empty() {
            return Err(SecretsError::Incomplete(lacking));
        }
        Ok(Secrets {
            xero_client_id,
            xero_client_secret,
            xero_webhook_keys,
            intuit_client_id,
            intuit_client_secret,
            intuit_webhook_tokens,
            meta_app_id,
            meta_app_secret,
            meta_app_secret_previous: self.meta_app_secret_previous.filter(given),
            meta_verify_token,
            clerk_publishable_key,
            clerk_secret_key: self.clerk_secret_key.filter(given),
            clerk_webhook_secrets,
            pepper,
        })
    }
}

fn text(name: &'static str, value: Option<SecretString>, lacking: &mut Vec<&'static str>) -> SecretString {
    value.filter(given).unwrap_or_else(|| {
        lacking.push(name);
        SecretString::default()
    })
}

/// An empty key would be one that everybody knows.
fn webhook_keys(name: &'static str, keys: Vec<SecretString>, lacking: &mut Vec<&'static str>) -> Vec<SecretString> {
    if keys.len() > 2 || !keys.iter().all(given) {
        lacking.push(name);
    }
    keys
}

fn given(value: &SecretString) -> bool {
    !value.expose_secret().is_empty()
}

fn pepper(text: Option<&SecretString>) -> Option<SecretBox<[u8; 32]>> {
    let bytes = Zeroizing::new(STANDARD.decode(text?.expose_secret()).ok()?);
    let mut pepper = Box::new([0; 32]);
    if bytes.len() != pepper.len() {
        return None;
    }
    pepper.copy_from_slice(&bytes);
    Some(SecretBox::new(pepper))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &str = r#"{"xero_client_id":"x","xero_client_secret":"xs","xero_webhook_keys":["xk","xk-old"],
        "intuit_client_id":"i","intuit_client_secret":"is","intuit_webhook_tokens":["it"],
        "meta_app_id":"m","meta_app_secret":"ms",
        "meta_app_secret_previous":"old","meta_verify_token":"v","clerk_publishable_key":"pk_test_a",
        "pepper":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=","added_later":true}"#;

    #[test]
    fn a_complete_secret_is_parsed_and_unknown_keys_are_ignored() {
        let secrets = parse(ALL).unwrap();
        let texts = [
            &secrets.xero_client_id,
            &secrets.xero_client_secret,
            &secrets.xero_webhook_keys[0],
            &secrets.xero_webhook_keys[1],
            &secrets.intuit_client_id,
            &secrets.intuit_client_secret,
            &secrets.intuit_webhook_tokens[0],
            &secrets.meta_app_id,
            &secrets.meta_app_secret,
            secrets.meta_app_secret_previous.as_ref().unwrap(),
            &secrets.meta_verify_token,
            &secrets.clerk_publishable_key,
        ];
        let expected = ["x", "xs", "xk", "xk-old", "i", "is", "it", "m", "ms", "old", "v", "pk_test_a"];
        assert_eq!(texts.map(|text| text.expose_secret()), expected);
        assert_eq!(secrets.pepper.expose_secret(), &[7; 32]);
    }

    #[test]
    fn everything_that_is_missing_empty_or_malformed_is_told_at_once() {
        let error = parse(r#"{"xero_client_id":"x","meta_app_id":"","meta_verify_token":"v","pepper":"c2hvcnQ="}"#);
        assert_eq!(
            error.unwrap_err().to_string(),
            "the secrets lack xero_client_secret, intuit_client_id, intuit_client_secret, meta_app_id, \
             meta_app_secret, clerk_publishable_key, pepper (base64 of 32 bytes)"
        );
    }

    #[test]
    fn neither_an_error_nor_debug_output_quotes_a_secret() {
        let error = parse(r#"{"xero_client_id":12345678}"#).unwrap_err();
        assert_eq!(error.to_string(), "the secrets are not a JSON object of texts (line 1, column 26)");
        assert!(!format!("{error:?} {:?}", parse(ALL).unwrap()).contains("12345678"));
        assert!(!format!("{:?}", parse(ALL).unwrap()).contains("pk_test_a"));
    }

    #[test]
    fn a_previous_secret_is_needed_only_while_rotating() {
        let without = ALL.replace("\"meta_app_secret_previous\":\"old\",", "");
        let emptied = ALL.replace("\"old\"", "\"\"");
        assert!(parse(&without).unwrap().meta_app_secret_previous.is_none());
        assert!(parse(&emptied).unwrap().meta_app_secret_previous.is_none());
    }

    #[test]
    fn without_a_key_of_clerks_backend_nobody_is_mailed_and_everything_else_works() {
        let with = |key: &str| parse(&ALL.replace("\"pepper\"", &format!("\"clerk_secret_key\":\"{key}\",\"pepper\"")));
        assert!(parse(ALL).unwrap().clerk_secret_key.is_none());
        assert!(with("").unwrap().clerk_secret_key.is_none());
        assert_eq!(with("sk_test_a").unwrap().clerk_secret_key.unwrap().expose_secret(), "sk_test_a");
    }

    #[test]
    fn a_webhook_has_no_key_before_it_is_set_up_and_never_more_than_two_or_an_empty_one() {
        let with = |keys: &str| parse(&ALL.replace(r#"["xk","xk-old"]"#, keys));
        assert_eq!(with("[]").unwrap().xero_webhook_keys.len(), 0);
        assert_eq!(parse(&ALL.replace("xero_webhook_keys", "other")).unwrap().xero_webhook_keys.len(), 0);
        for wrong in [r#"["a","b","c"]"#, r#"["a",""]"#] {
            let error = with(wrong).unwrap_err().to_string();
            assert_eq!(error, "the secrets lack xero_webhook_keys (at most two texts)", "{wrong}");
        }
    }
}
