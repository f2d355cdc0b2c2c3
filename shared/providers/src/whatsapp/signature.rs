//! Proof that a webhook comes from Meta.

use aws_lc_rs::hmac;
use secrecy::{ExposeSecret, SecretString};

/// Whether `X-Hub-Signature-256` fits the raw body under any of the app's secrets.
///
/// Meta: webhooks, validating payloads. The bytes have to be those of the wire: Meta escapes what
/// a JSON library would not. Two secrets count while one is being replaced.
pub fn verify_signature(header: &str, raw_body: &[u8], secrets: &[SecretString]) -> bool {
    let Some(tag) = header.trim().strip_prefix("sha256=").and_then(bytes_of_hex) else { return false };
    secrets.iter().map(ExposeSecret::expose_secret).filter(|secret| !secret.is_empty()).any(|secret| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        // Compares in constant time, length included.
        hmac::verify(&key, raw_body, &tag).is_ok()
    })
}

fn bytes_of_hex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    /// Of the body `{}` under the secret `secret`.
    const OF_EMPTY_OBJECT: &str = "sha256=77325902caca812dc259733aacd046b73817372c777b8d95b402647474516e13";

    fn secrets(texts: &[&str]) -> Vec<SecretString> {
        texts.iter().map(|text| SecretString::from(*text)).collect()
    }

    #[test]
    fn a_body_is_accepted_under_any_of_the_secrets_and_under_no_other() {
        assert!(verify_signature(OF_EMPTY_OBJECT, b"{}", &secrets(&["secret"])));
        assert!(verify_signature(OF_EMPTY_OBJECT, b"{}", &secrets(&["new", "secret"])));
        assert!(!verify_signature(OF_EMPTY_OBJECT, b"{}", &secrets(&["new"])));
        assert!(!verify_signature(OF_EMPTY_OBJECT, b"{} ", &secrets(&["secret"])));
        assert!(!verify_signature(OF_EMPTY_OBJECT, b"{}", &[]));
        assert!(!verify_signature(OF_EMPTY_OBJECT, b"{}", &secrets(&[""])));
    }

    #[test]
    fn what_is_no_whole_signature_is_refused() {
        let hex = OF_EMPTY_OBJECT.strip_prefix("sha256=").unwrap();
        for header in ["", "sha256=", hex, &OF_EMPTY_OBJECT[..70], &format!("{OF_EMPTY_OBJECT}00"), "sha1=00"] {
            assert!(!verify_signature(header, b"{}", &secrets(&["secret"])), "{header}");
        }
        let plus = format!("sha256={}", "+1".repeat(32));
        assert!(!verify_signature(&plus, b"{}", &secrets(&["secret"])));
        let wide = format!("sha256={}", "é".repeat(32));
        assert!(!verify_signature(&wide, b"{}", &secrets(&["secret"])));
    }

    #[test]
    fn the_recorded_vectors_verify() {
        let Some(file) = samples::json("meta/signatures.json") else { return };
        let secret = secrets(&[file["app_secret"].as_str().unwrap()]);
        for case in file["cases"].as_array().unwrap() {
            let body = case["raw_body_utf8"].as_str().unwrap().as_bytes();
            let header = case["x_hub_signature_256"].as_str().unwrap();
            assert!(verify_signature(header, body, &secret), "{}", case["name"]);
            assert!(!verify_signature(header, &[body, b" "].concat(), &secret), "{}", case["name"]);
        }
    }
}
