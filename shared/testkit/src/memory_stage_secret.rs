//! The secret of a stage in memory, with every version that it had.

use std::sync::Mutex;

use async_trait::async_trait;
use numo_app::port::stage_secret::{StageSecret, StageSecretError};
use zeroize::Zeroizing;

use crate::lock::lock;

/// Versions, the oldest first.
#[derive(Debug, Default)]
pub struct MemoryStageSecret {
    versions: Mutex<Vec<String>>,
}

impl MemoryStageSecret {
    /// With a first version.
    pub fn new(json: &str) -> Self {
        Self { versions: Mutex::new(vec![json.to_owned()]) }
    }

    /// All versions.
    pub fn versions(&self) -> Vec<String> {
        lock(&self.versions).clone()
    }
}

#[async_trait]
impl StageSecret for MemoryStageSecret {
    async fn current(&self) -> Result<Zeroizing<String>, StageSecretError> {
        Ok(Zeroizing::new(lock(&self.versions).last().cloned().unwrap_or_default()))
    }

    async fn previous(&self) -> Result<Option<Zeroizing<String>>, StageSecretError> {
        Ok(lock(&self.versions).iter().rev().nth(1).cloned().map(Zeroizing::new))
    }

    /// Functions start with everything but what says that it is broken.
    fn check(&self, json: &str) -> Result<(), StageSecretError> {
        if json.contains("broken") {
            return Err(StageSecretError::Refused("the secrets lack something".to_owned()));
        }
        Ok(())
    }

    async fn put(&self, json: &str) -> Result<(), StageSecretError> {
        lock(&self.versions).push(json.to_owned());
        Ok(())
    }
}
