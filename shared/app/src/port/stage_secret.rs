//! The secret of the stage, as operators change it: one JSON object.

use async_trait::async_trait;
use zeroize::Zeroizing;

/// Its versions.
#[async_trait]
pub trait StageSecret: Send + Sync {
    /// The version that functions read.
    async fn current(&self) -> Result<Zeroizing<String>, StageSecretError>;

    /// The version before it; none where there was none.
    async fn previous(&self) -> Result<Option<Zeroizing<String>>, StageSecretError>;

    /// Whether functions would start with a version; what it lacks is told, and nothing that is in it.
    fn check(&self, json: &str) -> Result<(), StageSecretError>;

    /// Puts a new version, which is the current one from now on.
    async fn put(&self, json: &str) -> Result<(), StageSecretError>;
}

/// The secret was not read, or not changed.
#[derive(Debug, thiserror::Error)]
pub enum StageSecretError {
    /// Not reachable, not there or not allowed.
    #[error("the secret is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// No function would start with it.
    #[error("{0}")]
    Refused(String),
}
