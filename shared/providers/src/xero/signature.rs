//! Proof that a webhook comes from Xero.

use secrecy::SecretString;

use crate::signature::is_signed;

/// Whether `x-xero-signature` fits the raw body under any of the webhook's keys.
///
/// Xero: webhooks, configuring your server. The key is taken as the text it is, not decoded; the
/// bytes of the body have to be those of the wire. Some deliveries are signed wrongly on purpose.
pub fn verify_signature(header: &str, raw_body: &[u8], keys: &[SecretString]) -> bool {
    is_signed(header, raw_body, keys)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    /// Of the body `{}` under the key `key`.
    const OF_EMPTY_OBJECT: &str = "p3dyTZQ+tI3Gm8qKSm1XoE2z+ex+HeTlgehgJlvfMDI=";

    fn keys(texts: &[&str]) -> Vec<SecretString> {
        texts.iter().map(|text| SecretString::from(*text)).collect()
    }

    #[test]
    fn a_body_is_accepted_under_any_of_the_keys_and_under_no_other() {
        assert!(verify_signature(OF_EMPTY_OBJECT, b"{}", &keys(&["key"])));
        assert!(verify_signature(OF_EMPTY_OBJECT, b"{}", &keys(&["new", "key"])));
        assert!(!verify_signature(OF_EMPTY_OBJECT, b"{}", &keys(&["new"])));
        assert!(!verify_signature(OF_EMPTY_OBJECT, b"{ }", &keys(&["key"])));
        assert!(!verify_signature(OF_EMPTY_OBJECT, b"{}", &[]));
        assert!(!verify_signature(OF_EMPTY_OBJECT, b"{}", &keys(&[""])));
    }

    #[test]
    fn what_is_no_whole_signature_is_refused() {
        for header in ["", "AAAA", &OF_EMPTY_OBJECT[..40], &format!("{OF_EMPTY_OBJECT}AAAA"), "no base64!"] {
            assert!(!verify_signature(header, b"{}", &keys(&["key"])), "{header}");
        }
    }

    #[test]
    fn the_published_vector_verifies_and_its_spoiled_twin_does_not() {
        let Some(vector) = samples::json("xero/webhook_itr_signature_vector.json") else { return };
        let text = |name: &str| vector[name].as_str().unwrap().to_owned();
        let key = keys(&[&text("key")]);
        let body = text("body");
        assert!(verify_signature(&text("valid_signature"), body.as_bytes(), &key));
        assert!(!verify_signature(&text("corrupted_signature_sent_by_xero"), body.as_bytes(), &key));
        assert!(!verify_signature(&text("valid_signature"), body.replace(": ", ":").as_bytes(), &key));
    }
}
