//! The stage's secrets over the life of a process: kept for five minutes, then read again.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use numo_app::{error::AppError, forget_meta_user::ForgetKeys, number_key::NumberKeys, port::clock::Clock};
use numo_aws::secrets::{Secrets, SecretsError};
use secrecy::ExposeSecret;
use tokio::sync::Mutex;

use crate::{platform::Platform, telemetry::chain};

/// A rotated secret is in use everywhere after this.
const KEPT_FOR: SignedDuration = SignedDuration::from_mins(5);

/// The keys of recipients' numbers.
pub fn number_keys(secrets: &Secrets) -> Result<NumberKeys, AppError> {
    NumberKeys::new(secrets.pepper.expose_secret().to_vec())
}

/// What proves that Meta asks us to forget a Facebook user: both secrets count while one is rotated.
pub fn forget_keys(secrets: &Secrets) -> Result<ForgetKeys, AppError> {
    let app_secrets = [Some(&secrets.meta_app_secret), secrets.meta_app_secret_previous.as_ref()];
    let app_secrets = app_secrets.into_iter().flatten().cloned().collect();
    Ok(ForgetKeys { app_secrets, number_keys: number_keys(secrets)? })
}

/// Where secrets are read.
#[async_trait]
pub trait SecretsSource: Send + Sync {
    /// Reads them now.
    async fn read(&self) -> Result<Secrets, SecretsError>;
}

/// The secrets of a stage.
#[derive(Debug)]
pub struct StageSecrets {
    /// The way to them.
    pub platform: Platform,
    /// `NUMO_SECRETS_ID`.
    pub id: String,
}

#[async_trait]
impl SecretsSource for StageSecrets {
    async fn read(&self) -> Result<Secrets, SecretsError> {
        self.platform.secrets(&self.id).await
    }
}

/// Secrets that are read when needed and kept for a while.
pub struct KeptSecrets {
    source: Box<dyn SecretsSource>,
    clock: Arc<dyn Clock>,
    kept: Mutex<Kept>,
}

struct Kept {
    secrets: Arc<Secrets>,
    read_at: Timestamp,
}

impl fmt::Debug for KeptSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeptSecrets")
    }
}

impl KeptSecrets {
    /// Reads the secrets for the first time; a function without them does not start.
    pub async fn read(source: Box<dyn SecretsSource>, clock: Arc<dyn Clock>) -> Result<Self, SecretsError> {
        let kept = Kept { secrets: Arc::new(source.read().await?), read_at: clock.now() };
        Ok(Self { source, clock, kept: Mutex::new(kept) })
    }

    /// The secrets; when they cannot be read again, the old ones are better than none.
    pub async fn get(&self) -> Arc<Secrets> {
        let now = self.clock.now();
        let mut kept = self.kept.lock().await;
        if now.duration_since(kept.read_at) >= KEPT_FOR {
            match self.source.read().await {
                Ok(secrets) => kept.secrets = Arc::new(secrets),
                Err(error) => tracing::warn!(error = chain(&error), "the secrets could not be read again"),
            }
            kept.read_at = now;
        }
        Arc::clone(&kept.secrets)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use numo_aws::secrets::parse;
    use numo_testkit::fixed_clock::FixedClock;

    use super::*;

    /// Secrets whose app secret is counted up at every read.
    #[derive(Default)]
    struct Rotating {
        reads: AtomicUsize,
        is_down: AtomicBool,
    }

    #[async_trait]
    impl SecretsSource for Arc<Rotating> {
        async fn read(&self) -> Result<Secrets, SecretsError> {
            let read = self.reads.fetch_add(1, Ordering::SeqCst);
            if self.is_down.load(Ordering::SeqCst) {
                return Err(SecretsError::Unavailable("down".into()));
            }
            parse(&format!(
                r#"{{"xero_client_id":"x","xero_client_secret":"x","intuit_client_id":"i","intuit_client_secret":"i",
                "meta_app_id":"m","meta_app_secret":"{read}","meta_verify_token":"v","clerk_publishable_key":"p",
                "pepper":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="}}"#
            ))
        }
    }

    #[tokio::test]
    async fn a_rotated_secret_is_in_use_after_five_minutes_and_an_outage_keeps_the_old_one() {
        let (source, clock) = (Arc::new(Rotating::default()), Arc::new(FixedClock::at(Timestamp::UNIX_EPOCH)));
        let secrets = KeptSecrets::read(Box::new(source.clone()), clock.clone()).await.unwrap();
        let mut seen = Vec::new();
        for (seconds, is_down) in [(0, false), (299, false), (1, false), (300, true), (299, false), (1, false)] {
            clock.advance(SignedDuration::from_secs(seconds));
            source.is_down.store(is_down, Ordering::SeqCst);
            seen.push(secrets.get().await.meta_app_secret.expose_secret().to_owned());
        }
        assert_eq!(seen, ["0", "0", "1", "1", "1", "3"]);
    }

    #[tokio::test]
    async fn without_secrets_nothing_starts() {
        let source = Arc::new(Rotating::default());
        source.is_down.store(true, Ordering::SeqCst);
        let clock = Arc::new(FixedClock::at(Timestamp::UNIX_EPOCH));
        assert!(KeptSecrets::read(Box::new(source), clock).await.is_err());
    }
}
