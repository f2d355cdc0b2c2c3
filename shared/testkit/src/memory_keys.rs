//! A key service in memory.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use async_trait::async_trait;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use numo_app::port::key_service::{Context, DataKey, KeyError, KeyService, PlainKey};
use zeroize::Zeroizing;

use crate::{lock::lock, outage::Outage, seed::Seed};

const KEY_ID: &str = "memory-key";

/// Wraps data keys under a key of its own, bound to their context.
#[derive(Debug)]
pub struct MemoryKeys {
    master: [u8; 32],
    seed: Mutex<Seed>,
    failing: AtomicBool,
    calls: AtomicU64,
}

impl MemoryKeys {
    /// The same master key and the same data keys for the same seed.
    pub fn new(seed: u64) -> Self {
        let mut seed = Seed::new(seed);
        let master = seed.bytes();
        Self { master, seed: Mutex::new(seed), failing: AtomicBool::new(false), calls: AtomicU64::new(0) }
    }

    /// Every later call fails.
    pub fn fail(&self) {
        self.failing.store(true, Ordering::SeqCst);
    }

    /// Calls work again.
    pub fn recover(&self) {
        self.failing.store(false, Ordering::SeqCst);
    }

    /// How often a key was made or opened, failures included.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }

    fn call(&self) -> Result<(), KeyError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        if self.failing.load(Ordering::SeqCst) {
            return Err(unavailable("the key service was told to fail"));
        }
        Ok(())
    }

    fn master(&self) -> Result<LessSafeKey, KeyError> {
        let key = UnboundKey::new(&AES_256_GCM, &self.master).map_err(|error| unavailable(error.to_string()))?;
        Ok(LessSafeKey::new(key))
    }
}

#[async_trait]
impl KeyService for MemoryKeys {
    async fn generate(&self, context: &Context) -> Result<DataKey, KeyError> {
        self.call()?;
        let (plain, random) = {
            let mut seed = lock(&self.seed);
            (Zeroizing::new(seed.bytes()), seed.bytes())
        };
        let nonce = *random.first_chunk::<NONCE_LEN>().ok_or(KeyError::Refused)?;
        let mut sealed = plain.to_vec();
        self.master()?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad(context), &mut sealed)
            .map_err(|error| unavailable(error.to_string()))?;
        Ok(DataKey { plain, wrapped: [&nonce[..], &sealed].concat(), key_id: KEY_ID.to_owned() })
    }

    async fn open(&self, context: &Context, wrapped: &[u8]) -> Result<PlainKey, KeyError> {
        self.call()?;
        let (nonce, sealed) = wrapped.split_first_chunk::<NONCE_LEN>().ok_or(KeyError::Refused)?;
        let mut sealed = Zeroizing::new(sealed.to_vec());
        let Ok(opened) = self.master()?.open_in_place(Nonce::assume_unique_for_key(*nonce), aad(context), &mut sealed)
        else {
            return Err(KeyError::Refused);
        };
        let plain = opened.first_chunk::<32>().ok_or(KeyError::Refused)?;
        Ok(Zeroizing::new(*plain))
    }
}

/// The context as it is bound: unambiguous and in the order of its names.
fn aad(context: &Context) -> Aad<Vec<u8>> {
    Aad::from(format!("{context:?}").into_bytes())
}

fn unavailable(reason: impl Into<String>) -> KeyError {
    KeyError::Unavailable(Outage::because(reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(org: &str) -> Context {
        Context::from([("org", org.to_owned()), ("purpose", "grant".to_owned())])
    }

    #[tokio::test]
    async fn a_key_opens_under_its_own_context_and_no_other() {
        let keys = MemoryKeys::new(1);
        let made = keys.generate(&context("org_a")).await.unwrap();
        assert_eq!(*keys.open(&context("org_a"), &made.wrapped).await.unwrap(), *made.plain);
        assert!(matches!(keys.open(&context("org_b"), &made.wrapped).await, Err(KeyError::Refused)));
        assert!(!made.wrapped.windows(32).any(|bytes| bytes == *made.plain));
    }

    #[tokio::test]
    async fn a_changed_or_cut_key_is_refused() {
        let keys = MemoryKeys::new(1);
        let mut wrapped = keys.generate(&context("org_a")).await.unwrap().wrapped;
        assert!(matches!(keys.open(&context("org_a"), &wrapped[..11]).await, Err(KeyError::Refused)));
        wrapped[20] ^= 1;
        assert!(matches!(keys.open(&context("org_a"), &wrapped).await, Err(KeyError::Refused)));
    }

    #[tokio::test]
    async fn a_failing_service_neither_makes_nor_opens_keys_and_counts_the_calls() {
        let keys = MemoryKeys::new(1);
        keys.fail();
        assert!(matches!(keys.generate(&context("org_a")).await, Err(KeyError::Unavailable(_))));
        assert!(matches!(keys.open(&context("org_a"), b"").await, Err(KeyError::Unavailable(_))));
        keys.recover();
        keys.generate(&context("org_a")).await.unwrap();
        assert_eq!(keys.calls(), 3);
    }
}
