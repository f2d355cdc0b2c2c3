//! The key service: data keys, wrapped under the vault's key and bound to a context.

use std::collections::BTreeMap;

use async_trait::async_trait;
use zeroize::Zeroizing;

/// Makes and opens data keys.
#[async_trait]
pub trait KeyService: Send + Sync {
    /// A new 256-bit data key, plain and wrapped, bound to the context.
    async fn generate(&self, context: &Context) -> Result<DataKey, KeyError>;

    /// The plain data key, if the context is the one it was bound to.
    async fn open(&self, context: &Context, wrapped: &[u8]) -> Result<PlainKey, KeyError>;
}

/// What a data key is bound to: ids only, since the key service logs it.
pub type Context = BTreeMap<&'static str, String>;

/// A plain 256-bit key, wiped when dropped.
pub type PlainKey = Zeroizing<[u8; 32]>;

/// A data key in both forms.
pub struct DataKey {
    /// For sealing, now.
    pub plain: PlainKey,
    /// For storing.
    pub wrapped: Vec<u8>,
    /// The key that wrapped it.
    pub key_id: String,
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DataKey").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

/// The key service failed.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The context or the wrapped key is not the one it was made with.
    #[error("the data key does not belong to this context")]
    Refused,
    /// Throttled, timed out or unreachable.
    #[error("the key service is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}
