//! Data keys that were opened in a piece of work, so that the next page does not have them opened again.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;

use crate::port::key_service::{Context, DataKey, KeyError, KeyService, PlainKey};

/// A key service that remembers what it opened until it is dropped; keys are wiped then.
///
/// It lives as long as one job: whoever loses the right to a key loses it with the next job.
pub(super) struct OpenedKeys {
    keys: Arc<dyn KeyService>,
    opened: Mutex<BTreeMap<(Context, Vec<u8>), PlainKey>>,
}

impl OpenedKeys {
    /// Remembers what is opened from here on.
    pub(super) fn of(keys: Arc<dyn KeyService>) -> Self {
        Self { keys, opened: Mutex::new(BTreeMap::new()) }
    }
}

impl fmt::Debug for OpenedKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenedKeys")
    }
}

#[async_trait]
impl KeyService for OpenedKeys {
    async fn generate(&self, context: &Context) -> Result<DataKey, KeyError> {
        self.keys.generate(context).await
    }

    async fn open(&self, context: &Context, wrapped: &[u8]) -> Result<PlainKey, KeyError> {
        let which = (context.clone(), wrapped.to_vec());
        let known = self.opened.lock().unwrap_or_else(PoisonError::into_inner).get(&which).cloned();
        if let Some(key) = known {
            return Ok(key);
        }
        let key = self.keys.open(context, wrapped).await?;
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).insert(which, key.clone());
        Ok(key)
    }
}
