//! Verifies session tokens against the issuer's keys and our own rules.

use std::time::Duration;

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, crypto};
use numo_app::port::session::{Session, SessionError, Sessions};
use reqwest::Client;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    clerk::{
        claims::{self, Claims},
        keys::Keys,
    },
    http::base_url::BaseUrl,
};

/// Clerk keeps tokens below 4 KB, since they have to fit into a cookie.
const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// Verifies the session tokens of one Clerk instance.
#[derive(Debug)]
pub struct ClerkSessions {
    issuer: String,
    authorized_parties: Vec<String>,
    keys: Keys,
}

impl ClerkSessions {
    /// Accepts tokens of an issuer whose `azp` is one of the origins given.
    pub fn new(http: Client, issuer: &str, authorized_parties: Vec<String>) -> Result<Self, InvalidIssuer> {
        let issuer = issuer.trim_end_matches('/').to_owned();
        let base: BaseUrl = issuer.parse().or(Err(InvalidIssuer))?;
        Ok(Self { keys: Keys::new(http, &base), issuer, authorized_parties })
    }

    /// The same with another timeout for reading keys, for callers whose time is short.
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { keys: self.keys.with_timeout(timeout), ..self }
    }
}

/// The issuer is no address that keys can be read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the issuer of sessions is no https address")]
pub struct InvalidIssuer;

#[async_trait]
impl Sessions for ClerkSessions {
    async fn verify(&self, token: &str, now: Timestamp) -> Result<Session, SessionError> {
        let parts = Parts::of(token)?;
        let header: Header = decoded(parts.header, "header")?;
        let kid = header.kid_of_acceptable()?;
        let key = self.keys.get(&kid, now).await?;
        let signed = crypto::verify(parts.signature, parts.signed.as_bytes(), &key, Algorithm::RS256);
        if !signed.unwrap_or(false) {
            return Err(SessionError::Refused("signature"));
        }
        let claims: Claims = decoded(parts.payload, "claims")?;
        claims::session(claims, &self.issuer, &self.authorized_parties, now)
    }
}

/// The three parts of a token.
struct Parts<'a> {
    header: &'a str,
    payload: &'a str,
    signature: &'a str,
    /// Header and payload with the dot between them.
    signed: &'a str,
}

impl<'a> Parts<'a> {
    fn of(token: &'a str) -> Result<Self, SessionError> {
        let refused = SessionError::Refused("not a token");
        if token.len() > MAX_TOKEN_BYTES {
            return Err(refused);
        }
        let parts = token.rsplit_once('.').and_then(|(signed, signature)| {
            let (header, payload) = signed.split_once('.')?;
            (!payload.contains('.')).then_some(Self { header, payload, signature, signed })
        });
        parts.ok_or(refused)
    }
}

/// The parameters that decide; all others are ignored (Clerk: session tokens).
#[derive(Debug, Deserialize)]
struct Header {
    alg: Option<Value>,
    kid: Option<Value>,
    typ: Option<Value>,
    crit: Option<Value>,
}

impl Header {
    /// The key id, if the rest of the header is acceptable.
    fn kid_of_acceptable(self) -> Result<String, SessionError> {
        // Fixed, not taken from the token: otherwise a public key could pass for an HMAC secret.
        if self.alg.as_ref().and_then(Value::as_str) != Some("RS256") {
            return Err(SessionError::Refused("alg"));
        }
        if self.typ.is_some_and(|typ| typ.as_str() != Some("JWT")) {
            return Err(SessionError::Refused("typ"));
        }
        // RFC 7515, 4.1.11: what is critical has to be understood, and nothing is.
        if self.crit.is_some() {
            return Err(SessionError::Refused("crit"));
        }
        match self.kid {
            Some(Value::String(kid)) if !kid.is_empty() => Ok(kid),
            Some(_) | None => Err(SessionError::Refused("kid")),
        }
    }
}

fn decoded<T: DeserializeOwned>(part: &str, name: &'static str) -> Result<T, SessionError> {
    let bytes = URL_SAFE_NO_PAD.decode(part).or(Err(SessionError::Refused(name)))?;
    serde_json::from_slice(&bytes).or(Err(SessionError::Refused(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kid(header: &str) -> Result<String, String> {
        let header: Header = serde_json::from_str(header).unwrap();
        header.kid_of_acceptable().map_err(|error| error.to_string())
    }

    #[test]
    fn only_rs256_with_a_key_id_is_acceptable_and_the_rest_is_ignored() {
        assert_eq!(kid(r#"{"alg":"RS256","kid":"ins_1","typ":"JWT","oiat":1,"jku":7}"#).as_deref(), Ok("ins_1"));
        assert_eq!(kid(r#"{"alg":"RS256","kid":"ins_1"}"#).as_deref(), Ok("ins_1"));
        for (header, part) in [
            (r#"{"alg":"none","kid":"k"}"#, "alg"),
            (r#"{"alg":"HS256","kid":"k"}"#, "alg"),
            (r#"{"alg":"rs256","kid":"k"}"#, "alg"),
            (r#"{"kid":"k"}"#, "alg"),
            (r#"{"alg":"RS256"}"#, "kid"),
            (r#"{"alg":"RS256","kid":""}"#, "kid"),
            (r#"{"alg":"RS256","kid":1}"#, "kid"),
            (r#"{"alg":"RS256","kid":"k","typ":"JOSE"}"#, "typ"),
            (r#"{"alg":"RS256","kid":"k","crit":["exp"]}"#, "crit"),
        ] {
            assert_eq!(kid(header), Err(format!("session token refused: {part}")), "{header}");
        }
    }

    #[test]
    fn a_token_has_three_parts_and_a_sane_length() {
        let long = format!("a.b.{}", "c".repeat(MAX_TOKEN_BYTES));
        for text in ["", "a", "a.b", "a.b.c.d", &long] {
            assert!(Parts::of(text).is_err(), "{text}");
        }
        let parts = Parts::of("a.b.c").map(|parts| (parts.header, parts.payload, parts.signature, parts.signed));
        assert_eq!(parts.unwrap(), ("a", "b", "c", "a.b"));
    }

    #[test]
    fn an_issuer_has_to_be_an_address() {
        let http = || crate::http::client("test").unwrap();
        assert!(ClerkSessions::new(http(), "https://clerk.numo.example/", Vec::new()).is_ok());
        assert!(ClerkSessions::new(http(), "http://clerk.numo.example", Vec::new()).is_err());
    }
}
