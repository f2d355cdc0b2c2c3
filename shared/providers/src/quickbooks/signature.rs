//! Proof that a webhook comes from Intuit.

use secrecy::SecretString;

use crate::signature::is_signed;

/// Whether `intuit-signature` fits the raw body under any of the verifier tokens.
///
/// Intuit: webhooks; the base64 of an HMAC-SHA256 over the bytes of the wire, whatever the format
/// of the body. Two tokens count while one is being replaced.
pub fn verify_signature(header: &str, raw_body: &[u8], tokens: &[SecretString]) -> bool {
    is_signed(header, raw_body, tokens)
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
