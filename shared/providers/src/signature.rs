//! The signature that both ledgers put on their webhooks.

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretString};

/// Whether a header is the base64 of an HMAC-SHA256 over the raw body under any of the keys.
///
/// The keys are taken as the texts they are, and an empty one proves nothing.
pub(crate) fn is_signed(header: &str, raw_body: &[u8], keys: &[SecretString]) -> bool {
    let Ok(tag) = STANDARD.decode(header.trim()) else { return false };
    keys.iter().map(ExposeSecret::expose_secret).filter(|key| !key.is_empty()).any(|key| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
        // Compares in constant time, length included.
        hmac::verify(&key, raw_body, &tag).is_ok()
    })
}
