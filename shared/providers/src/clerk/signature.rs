//! Proof that a webhook comes from Clerk, which has Svix deliver it.

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

/// What a delivery says about itself: `svix-id`, `svix-timestamp` (seconds) and `svix-signature`.
#[derive(Debug, Clone, Copy)]
pub struct SignedHeaders<'a> {
    /// The message; the same at every try.
    pub id: &'a str,
    /// When this try was made.
    pub timestamp: &'a str,
    /// Signatures with their versions, separated by spaces: several while a secret is rotated.
    pub signature: &'a str,
}

/// A try that was made longer ago, or is to be made later, proves nothing (Svix: 5 minutes).
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// Begins a secret as Clerk shows it.
const SECRET_PREFIX: &str = "whsec_";

/// Whether one of the signatures is made over the raw body under any of the secrets, and lately.
///
/// Standard Webhooks, specification: HMAC-SHA256 over `{id}.{timestamp}.{body}`, in versions of which `v1` is this one.
pub fn verify_signature(headers: SignedHeaders<'_>, raw_body: &[u8], secrets: &[SecretString], now: Timestamp) -> bool {
    is_recent(headers.timestamp, now) && secrets.iter().any(|secret| is_signed(headers, raw_body, secret))
}

fn is_recent(timestamp: &str, now: Timestamp) -> bool {
    let sent = timestamp.parse().ok().filter(|seconds| *seconds >= 0).map(Timestamp::from_second);
    matches!(sent, Some(Ok(sent)) if now.duration_since(sent).abs() <= TOLERANCE)
}

fn is_signed(
    SignedHeaders { id, timestamp, signature }: SignedHeaders<'_>,
    raw_body: &[u8],
    secret: &SecretString,
) -> bool {
    let secret = secret.expose_secret();
    let secret = STANDARD.decode(secret.strip_prefix(SECRET_PREFIX).unwrap_or(secret)).map(Zeroizing::new);
    // An empty secret is one that everybody knows.
    let Some(secret) = secret.ok().filter(|secret| !secret.is_empty()) else { return false };
    let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
    let signed = [id.as_bytes(), b".", timestamp.as_bytes(), b".", raw_body].concat();
    let tags = signature.split(' ').filter_map(|signature| STANDARD.decode(signature.strip_prefix("v1,")?).ok());
    // Compares in constant time, length included.
    tags.into_iter().any(|tag| hmac::verify(&key, &signed, &tag).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A vector of svix-webhooks and of standard-webhooks.
    const FIRST: Vector = Vector {
        secret: "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
        id: "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
        seconds: 1_649_367_553,
        body: r#"{"email":"test@example.com","username":"test_user"}"#,
        signature: "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
    };

    /// A vector of standard-webhooks.
    const SECOND: Vector = Vector {
        secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
        seconds: 1_614_265_330,
        body: r#"{"test": 2432232314}"#,
        signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    };

    const WRONG: &str = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=";

    #[derive(Debug, Clone, Copy)]
    struct Vector {
        secret: &'static str,
        id: &'static str,
        seconds: i64,
        body: &'static str,
        signature: &'static str,
    }

    impl Vector {
        /// Whether it verifies with other secrets, timestamp and signature, so many seconds after it was sent.
        fn verifies(self, secrets: &[&str], (timestamp, signature): (&str, &str), later: i64) -> bool {
            let headers = SignedHeaders { id: self.id, timestamp, signature };
            let secrets: Vec<SecretString> = secrets.iter().map(|secret| SecretString::from(*secret)).collect();
            let now = Timestamp::from_second(self.seconds + later).unwrap();
            verify_signature(headers, self.body.as_bytes(), &secrets, now)
        }

        fn at(self, later: i64) -> bool {
            self.verifies(&[self.secret], (&self.seconds.to_string(), self.signature), later)
        }

        fn with(self, secrets: &[&str], signature: &str) -> bool {
            self.verifies(secrets, (&self.seconds.to_string(), signature), 0)
        }
    }

    #[test]
    fn the_published_vectors_verify_within_five_minutes_of_their_time() {
        for vector in [FIRST, SECOND] {
            let held: Vec<bool> = [-301, -300, 0, 300, 301].into_iter().map(|later| vector.at(later)).collect();
            assert_eq!(held, [false, true, true, true, false], "{vector:?}");
        }
    }

    #[test]
    fn one_right_signature_of_several_under_one_right_secret_of_two_is_enough() {
        let several = format!("v1a,AAAA {WRONG} {WRONG} {}", FIRST.signature);
        assert!(FIRST.with(&[FIRST.secret], &several));
        assert!(FIRST.with(&[SECOND.secret, FIRST.secret], FIRST.signature));
        let bare = FIRST.secret.trim_start_matches("whsec_");
        assert!(FIRST.with(&[bare], FIRST.signature));
    }

    #[test]
    fn what_is_no_whole_right_signature_is_refused() {
        let cut = FIRST.signature.chars().take(11).collect::<String>();
        let other_version = FIRST.signature.replace("v1,", "v2,");
        let no_version = FIRST.signature.replace("v1,", "");
        for signature in ["", "v1,", &cut, WRONG, &other_version, &no_version, "v1,no base64!", SECOND.signature] {
            assert!(!FIRST.with(&[FIRST.secret], signature), "{signature}");
        }
    }

    #[test]
    fn a_secret_that_is_none_and_another_time_than_was_signed_prove_nothing() {
        for secrets in [&[][..], &[""], &["whsec_"], &["no base64!"], &[SECOND.secret]] {
            assert!(!FIRST.with(secrets, FIRST.signature), "{secrets:?}");
        }
        let other = (FIRST.seconds + 1).to_string();
        for timestamp in [other.as_str(), "", "-1", "soon", "99999999999999999999", " 1649367553"] {
            assert!(!FIRST.verifies(&[FIRST.secret], (timestamp, FIRST.signature), 0), "{timestamp}");
        }
        assert!(!Vector { id: "msg_other", ..FIRST }.at(0));
        assert!(!Vector { body: "{}", ..FIRST }.at(0));
    }
}
