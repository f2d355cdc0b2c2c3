//! What Meta signs about a Facebook user: that they removed the app, or want their data deleted.
//!
//! Meta: data deletion request callback, and deauthorise callback. One text of two base64url parts: the tag, and a JSON
//! object of which the encoded form is signed.

use aws_lc_rs::hmac;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use numo_domain::id::MetaUserId;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::whatsapp::parse::of;

/// A few hundred bytes are usual.
pub const MAX_BYTES: usize = 4 * 1024;

/// How far Meta's clock may be ahead of ours.
const SKEW: SignedDuration = SignedDuration::from_mins(1);

/// The one algorithm that Meta names.
const ALGORITHM: &str = "HMAC-SHA256";

/// What a signed request says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedRequest {
    /// The Facebook user, as our app knows them.
    pub user: MetaUserId,
    /// When Meta signed it.
    pub issued_at: Timestamp,
}

/// Reads a request that Meta signed with any of the app's secrets; nothing of any other is believed.
///
/// Two secrets count while one is being replaced.
pub fn verify(text: &str, secrets: &[SecretString], now: Timestamp) -> Option<SignedRequest> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let (tag, payload) = text.split_once('.')?;
    let tag = BASE64_URL_SAFE_NO_PAD.decode(tag).ok()?;
    let is_metas = secrets.iter().map(ExposeSecret::expose_secret).filter(|secret| !secret.is_empty()).any(|secret| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        // Compares in constant time, length included.
        hmac::verify(&key, payload.as_bytes(), &tag).is_ok()
    });
    if !is_metas {
        return None;
    }
    let told: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    let text = |name: &str| of(Some(&told), name);
    let issued_at = Timestamp::from_second(text("issued_at")?.parse().ok()?).ok()?;
    let is_from_the_past = issued_at <= now.checked_add(SKEW).ok()?;
    if text("algorithm")? != ALGORITHM || !is_from_the_past {
        return None;
    }
    Some(SignedRequest { user: text("user_id")?.parse().ok()?, issued_at })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(texts: &[&str]) -> Vec<SecretString> {
        texts.iter().map(|text| SecretString::from(*text)).collect()
    }

    fn now() -> Timestamp {
        Timestamp::from_second(1_764_000_000).unwrap()
    }

    fn signed(secret: &str, payload: &str) -> String {
        let payload = BASE64_URL_SAFE_NO_PAD.encode(payload);
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), payload.as_bytes());
        format!("{}.{payload}", BASE64_URL_SAFE_NO_PAD.encode(tag))
    }

    const TOLD: &str = r#"{"algorithm":"HMAC-SHA256","issued_at":1763999000,"user_id":"218471"}"#;

    #[test]
    fn a_request_is_read_under_any_of_the_secrets_and_under_no_other() {
        let expected = SignedRequest {
            user: "218471".parse().unwrap(),
            issued_at: Timestamp::from_second(1_763_999_000).unwrap(),
        };
        let text = signed("secret", TOLD);
        assert_eq!(verify(&text, &secrets(&["secret"]), now()), Some(expected.clone()));
        assert_eq!(verify(&text, &secrets(&["new", "secret"]), now()), Some(expected.clone()));
        // Meta writes ids as text or as numbers.
        let numeric = signed("secret", &TOLD.replace("\"218471\"", "218471"));
        assert_eq!(verify(&numeric, &secrets(&["secret"]), now()), Some(expected));
        for wrong in [&["new"][..], &[""], &[]] {
            assert_eq!(verify(&text, &secrets(wrong), now()), None);
        }
        assert_eq!(verify(&signed("", TOLD), &secrets(&[""]), now()), None);
    }

    #[test]
    fn metas_own_example_is_read() {
        // The example of Meta's documentation of the deauthorise callback, whose secret is "secret".
        let text = signed(
            "secret",
            r#"{"algorithm":"HMAC-SHA256","expires":1291840400,"issued_at":1291836800,"user_id":"218471"}"#,
        );
        assert!(verify(&text, &secrets(&["secret"]), now()).is_some());
    }

    #[test]
    fn what_was_changed_cut_or_signed_for_another_purpose_is_nothing() {
        let good = signed("secret", TOLD);
        for at in 0..good.len() {
            assert_eq!(verify(&good[..at], &secrets(&["secret"]), now()), None, "cut at {at}");
            let mut changed = good.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(verify(&changed, &secrets(&["secret"]), now()), None, "changed at {at}");
        }
        for payload in [
            TOLD.replace("HMAC-SHA256", "none"),
            TOLD.replace("HMAC-SHA256", "HMAC-SHA1"),
            TOLD.replace("algorithm", "alg"),
            TOLD.replace("1763999000", "1764000061"),
            TOLD.replace("1763999000", "\"soon\""),
            TOLD.replace("issued_at", "issued"),
            TOLD.replace("\"218471\"", "\"\""),
            TOLD.replace("user_id", "user"),
            "[]".to_owned(),
            "not JSON".to_owned(),
            String::new(),
        ] {
            assert_eq!(verify(&signed("secret", &payload), &secrets(&["secret"]), now()), None, "{payload}");
        }
        let skewed = signed("secret", &TOLD.replace("1763999000", "1764000060"));
        assert!(verify(&skewed, &secrets(&["secret"]), now()).is_some());
        for text in ["", ".", "a.b", "..", &format!("{good}.x"), &format!("{good}=")] {
            assert_eq!(verify(text, &secrets(&["secret"]), now()), None, "{text}");
        }
        let long = signed("secret", &format!("{TOLD}{}", " ".repeat(MAX_BYTES)));
        assert_eq!(verify(&long, &secrets(&["secret"]), now()), None);
    }
}
