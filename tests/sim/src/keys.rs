use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::error::SimError;
use crate::field::Field as _;

/// The RSA key that signs Xero's and Clerk's tokens.
pub(crate) struct SigningKey {
    pair: KeyPair,
}

static KEY: Mutex<Option<Arc<SigningKey>>> = Mutex::new(None);

impl SigningKey {
    /// One key per process: making one costs more than everything else at start.
    pub(crate) fn of_this_process() -> Result<Arc<Self>, SimError> {
        let mut kept = KEY.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = kept.as_ref() {
            return Ok(Arc::clone(key));
        }
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_unspecified| SimError::Key)?;
        let key = Arc::new(Self { pair });
        *kept = Some(Arc::clone(&key));
        Ok(key)
    }

    /// The public half as a JSON Web Key.
    pub(crate) fn jwk(&self, kid: &str) -> Value {
        // RFC 8017 RSAPublicKey of a 2048 bit key: nine bytes of DER heads, then the modulus.
        let modulus = self.pair.public_key().as_ref().get(9..265).unwrap_or_default();
        json!({
            "use": "sig", "kty": "RSA", "kid": kid, "alg": "RS256",
            "n": URL_SAFE_NO_PAD.encode(modulus), "e": "AQAB",
        })
    }

    /// A compact JWT; a header with another `alg` gives a token that must be refused.
    pub(crate) fn token(&self, header: &Value, claims: &Value) -> String {
        let signed =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = match header.at("alg").as_str() {
            Some("none") => Vec::new(),
            Some("HS256") => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, self.pair.public_key().as_ref());
                hmac::sign(&key, signed.as_bytes()).as_ref().to_vec()
            }
            _ => self.rs256(signed.as_bytes()),
        };
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn rs256(&self, message: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        match self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature) {
            Ok(()) => signature,
            Err(_unspecified) => Vec::new(),
        }
    }
}

/// The PKCE S256 form of a verifier (RFC 7636, 4.2).
pub(crate) fn s256(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()))
}

/// The value of `intuit-signature` for a body (Intuit: webhooks).
pub(crate) fn intuit_signature(verifier_token: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, verifier_token.as_bytes());
    STANDARD.encode(hmac::sign(&key, body))
}

/// The value of `X-Hub-Signature-256` for a body (Meta: webhooks, create endpoint).
pub(crate) fn hub_signature(secret: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mut text = String::from("sha256=");
    for byte in hmac::sign(&key, body).as_ref() {
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// The value of `x-xero-signature` for a body; the key is taken as text, not decoded.
pub(crate) fn xero_signature(key: &str, body: &[u8]) -> String {
    STANDARD.encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()), body))
}

/// The signature of a signed request about a Facebook user, over its encoded payload (Meta: parsing the signed request).
pub(crate) fn signed_request(secret: &str, payload: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    URL_SAFE_NO_PAD.encode(hmac::sign(&key, payload))
}
