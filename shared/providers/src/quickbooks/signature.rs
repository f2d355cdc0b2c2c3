//! Proof that a webhook comes from Intuit.

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretString};

/// Whether `intuit-signature` fits the raw body under any of the verifier tokens.
///
/// Intuit: webhooks; the base64 of an HMAC-SHA256 over the bytes of the wire, whatever the format
/// of the body. Two tokens count while one is being replaced.
pub fn verify_signature(header: &str, raw_body: &[u8], tokens: &[SecretString]) -> bool {
    let Ok(tag) = STANDARD.decode(header.trim()) else { return false };
    tokens.iter().map(ExposeSecret::expose_secret).filter(|token| !token.is_empty()).any(|token| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, token.as_bytes());
        // Compares in constant time, length included.
        hmac::verify(&key, raw_body, &tag).is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the body `{}` under the token `secret`.
    const OF_EMPTY_OBJECT: &str = "dzJZAsrKgS3CWXM6rNBGtzgXNyx3e42VtAJkdHRRbhM=";

    fn tokens(texts: &[&str]) -> Vec<SecretString> {
        texts.iter().map(|text| SecretString::from(*text)).collect()
    }

    #[test]
    fn a_body_is_accepted_under_any_of_the_tokens_and_under_no_other() {
        assert!(verify_signature(OF_EMPTY_OBJECT, b"{}", &tokens(&["secret"])));
        assert!(verify_signature(&format!(" {OF_EMPTY_OBJECT} "), b"{}", &tokens(&["new", "secret"])));
        for (body, texts) in
            [("{}", ["new"].as_slice()), ("{} ", &["secret"]), ("{}", &[]), ("{}", &[""]), ("", &["secret"])]
        {
            assert!(!verify_signature(OF_EMPTY_OBJECT, body.as_bytes(), &tokens(texts)), "{body} {texts:?}");
        }
    }

    #[test]
    fn what_is_no_whole_signature_is_refused() {
        let cut = &OF_EMPTY_OBJECT[..40];
        let longer = format!("{OF_EMPTY_OBJECT}AAAA");
        for header in ["", "=", "not base64!", cut, &longer, OF_EMPTY_OBJECT.trim_end_matches('=')] {
            assert!(!verify_signature(header, b"{}", &tokens(&["secret"])), "{header}");
        }
    }
}
