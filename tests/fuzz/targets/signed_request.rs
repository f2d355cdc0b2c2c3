//! A signed request about a Facebook user, as it came, and with a signature that fits whatever it holds.

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use numo_providers::whatsapp::signed_request::verify;
use secrecy::SecretString;

/// Verifies it: nothing panics, nothing counts that was not signed, and nothing that is from the future.
pub(crate) fn run(bytes: &[u8]) {
    let (now, secrets) = (Timestamp::UNIX_EPOCH, [SecretString::from("secret")]);
    if let Ok(text) = std::str::from_utf8(bytes) {
        assert_eq!(verify(text, &[], now), None);
        let _any = verify(text, &secrets, now);
    }
    let payload = BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let tag = sign(&Key::new(HMAC_SHA256, b"secret"), payload.as_bytes());
    let text = format!("{}.{payload}", BASE64_URL_SAFE_NO_PAD.encode(tag));
    if let Some(told) = verify(&text, &secrets, now) {
        assert!(told.issued_at.as_second() <= 60, "{}", told.issued_at);
        assert!(!told.user.as_str().is_empty());
    }
}
