//! Secrets of the stage, rotated: put, and taken back where it was wrong; those with two values count both meanwhile.

use jiff::Timestamp;
use numo_domain::id::{ActivityId, OperatorId};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use crate::{
    error::AppError,
    operator::{OperatorPorts, activity, checked},
    port::stage_secret::{StageSecret, StageSecretError},
};

/// A secret that can be rotated; the pepper is none, since hashes that are stored depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotatable {
    /// `meta_app_secret`, which signs Meta's webhooks.
    MetaAppSecret,
    /// `xero_webhook_keys`.
    XeroWebhookKeys,
    /// `intuit_webhook_tokens`.
    IntuitWebhookTokens,
    /// `clerk_webhook_secrets`.
    ClerkWebhookSecrets,
    /// `xero_client_secret`.
    XeroClientSecret,
    /// `intuit_client_secret`.
    IntuitClientSecret,
    /// `clerk_secret_key`.
    ClerkSecretKey,
    /// `meta_verify_token`.
    MetaVerifyToken,
}

/// Where the former value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Former {
    /// Second in the same list.
    SameList,
    /// Under a key of its own.
    Key(&'static str),
    /// Nowhere: it counts no more.
    Nowhere,
}

impl Rotatable {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::MetaAppSecret,
        Self::XeroWebhookKeys,
        Self::IntuitWebhookTokens,
        Self::ClerkWebhookSecrets,
        Self::XeroClientSecret,
        Self::IntuitClientSecret,
        Self::ClerkSecretKey,
        Self::MetaVerifyToken,
    ];

    /// Its key in the secret.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MetaAppSecret => "meta_app_secret",
            Self::XeroWebhookKeys => "xero_webhook_keys",
            Self::IntuitWebhookTokens => "intuit_webhook_tokens",
            Self::ClerkWebhookSecrets => "clerk_webhook_secrets",
            Self::XeroClientSecret => "xero_client_secret",
            Self::IntuitClientSecret => "intuit_client_secret",
            Self::ClerkSecretKey => "clerk_secret_key",
            Self::MetaVerifyToken => "meta_verify_token",
        }
    }

    /// The secret with a key.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|secret| secret.name() == name)
    }

    /// Whether the former value counts as well until its end is said.
    pub const fn has_two(self) -> bool {
        !matches!(self.former(), Former::Nowhere)
    }

    const fn former(self) -> Former {
        match self {
            Self::XeroWebhookKeys | Self::IntuitWebhookTokens | Self::ClerkWebhookSecrets => Former::SameList,
            Self::MetaAppSecret => Former::Key("meta_app_secret_previous"),
            Self::XeroClientSecret | Self::IntuitClientSecret | Self::ClerkSecretKey | Self::MetaVerifyToken => {
                Former::Nowhere
            }
        }
    }
}

/// What becomes of a secret.
#[derive(Debug)]
pub enum Rotation {
    /// A new value counts from now on, and where there is room for two the former one too.
    To(Rotatable, SecretString),
    /// The former value counts no more.
    Finished(Rotatable),
    /// The whole secret is what it was before its latest change.
    Back,
}

/// Carries a rotation out; the log of all organisations says it first, by the name of the secret alone.
///
/// What functions could not start with is refused, and nothing is put.
pub async fn rotate(
    (ports, secret): (&OperatorPorts, &dyn StageSecret),
    (by, reason): (&OperatorId, &str),
    rotation: &Rotation,
    now: Timestamp,
) -> Result<(), AppError> {
    let reason = checked(reason)?;
    let current = secret.current().await?;
    let (next, action, name) = match rotation {
        Rotation::To(which, value) => (rotated(&current, *which, value)?, "secret.rotated", which.name()),
        Rotation::Finished(which) => (finished(&current, *which)?, "secret.former_removed", which.name()),
        Rotation::Back => {
            let before = secret.previous().await?.ok_or(AppError::NotFound("version before"))?;
            if pepper(&read(&before)?) != pepper(&read(&current)?) {
                return Err(AppError::invalid("secret", "the version before has another pepper; nothing was changed"));
            }
            (before, "secret.put_back", "all")
        }
    };
    secret.check(&next)?;
    let line = activity(by, action, json!({"secret": name, "reason": reason}), now);
    ports.store.record_operation(ActivityId::new(ports.ids.uuid()), &line).await?;
    Ok(secret.put(&next).await?)
}

fn rotated(current: &str, which: Rotatable, value: &SecretString) -> Result<Zeroizing<String>, AppError> {
    let value = value.expose_secret();
    if value.is_empty() || value.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(AppError::invalid("value", "a text without spaces is needed; nothing was changed"));
    }
    let mut secret = read(current)?;
    let (new, before) = (Value::from(value), secret.get(which.name()).cloned());
    let is_known = |before: &Value| *before == new || before.as_array().is_some_and(|all| all.contains(&new));
    if before.as_ref().is_some_and(is_known) {
        return Err(AppError::invalid("value", "it is in use already; nothing was changed"));
    }
    match which.former() {
        Former::SameList => {
            let first = before.and_then(|before| before.as_array()?.first().cloned());
            let list: Vec<Value> = std::iter::once(new).chain(first).collect();
            secret.insert(which.name().to_owned(), Value::from(list));
        }
        Former::Key(key) => {
            secret.extend(before.map(|before| (key.to_owned(), before)));
            secret.insert(which.name().to_owned(), new);
        }
        Former::Nowhere => drop(secret.insert(which.name().to_owned(), new)),
    }
    written(secret)
}

fn finished(current: &str, which: Rotatable) -> Result<Zeroizing<String>, AppError> {
    let mut secret = read(current)?;
    let is_removed = match which.former() {
        Former::SameList => {
            let list = secret.get_mut(which.name()).and_then(Value::as_array_mut);
            list.is_some_and(|list| list.len() > 1 && list.drain(1..).count() > 0)
        }
        Former::Key(key) => secret.remove(key).is_some(),
        Former::Nowhere => false,
    };
    if !is_removed {
        return Err(AppError::invalid("secret", "there is no former value of it; nothing was changed"));
    }
    written(secret)
}

fn pepper(secret: &Map<String, Value>) -> Option<&Value> {
    secret.get("pepper")
}

/// The parser's own message may quote a value.
fn read(json: &str) -> Result<Map<String, Value>, AppError> {
    serde_json::from_str(json).or(Err(AppError::invalid("secret", "it is no JSON object; nothing was changed")))
}

fn written(secret: Map<String, Value>) -> Result<Zeroizing<String>, AppError> {
    let text = serde_json::to_string(&secret).map(Zeroizing::new);
    text.or(Err(AppError::Internal("a secret cannot be written".to_owned())))
}

impl From<StageSecretError> for AppError {
    fn from(error: StageSecretError) -> Self {
        match error {
            StageSecretError::Unavailable(_) => Self::AwsUnavailable(Box::new(error)),
            StageSecretError::Refused(lacks) => Self::invalid("secret", format!("{lacks}; nothing was changed")),
        }
    }
}
