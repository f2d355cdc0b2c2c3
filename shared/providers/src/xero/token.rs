//! Answers of the token endpoint, and the claims of an access token.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use numo_app::port::ledger::LedgerError;
use numo_domain::{credential::TokenSet, id::GrantHolder};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    http::call::{Answer, Broken},
    xero::error,
};

/// How long an access token lasts when the answer does not say (Xero: OAuth 2.0 FAQ, 30 minutes).
const ACCESS_LIFE: SignedDuration = SignedDuration::from_mins(30);

/// The tokens of an answer; `asked_at` is our clock before the call, so that no token outlives its end.
///
/// Only `invalid_grant` proves that a grant is dead: after anything unclear the same refresh token
/// works again, since Xero takes the old one for another 30 minutes.
pub(crate) fn tokens(answer: &Answer, asked_at: Timestamp) -> Result<TokenSet, LedgerError> {
    let body = answer.json();
    let error = body.as_ref().and_then(|body| body.get("error"));
    let unclear = |reason| Err(LedgerError::Unavailable(Broken::Body(reason).boxed()));
    match (answer.status, error) {
        (200..=299, Some(_)) => unclear("an error in a token answer"),
        (200..=299, None) => match body.map(RawTokens::deserialize) {
            Some(Ok(raw)) if !raw.access_token.expose_secret().is_empty() => Ok(raw.into_tokens(asked_at)),
            Some(_) | None => unclear("a token answer without tokens"),
        },
        (400, Some(code)) if code.as_str() == Some("invalid_grant") => Err(LedgerError::ReauthRequired),
        (429, _) => Err(error::limited(answer)),
        (400..=499, Some(_)) => Err(LedgerError::Rejected(answer.status)),
        (status, _) => Err(LedgerError::Unavailable(Broken::Status(status).boxed())),
    }
}

#[derive(Debug, Deserialize)]
struct RawTokens {
    access_token: SecretString,
    expires_in: Option<Value>,
    refresh_token: Option<SecretString>,
    scope: Option<String>,
}

impl RawTokens {
    fn into_tokens(self, asked_at: Timestamp) -> TokenSet {
        let life = self.expires_in.as_ref().and_then(seconds).unwrap_or(ACCESS_LIFE);
        TokenSet {
            access: self.access_token,
            access_expires_at: Some(asked_at.checked_add(life).unwrap_or(asked_at)),
            refresh: self.refresh_token.filter(|token| !token.expose_secret().is_empty()),
            scope: self.scope.unwrap_or_default(),
            // Xero ends no consent by itself while it is used.
            consent_ends_at: None,
        }
    }
}

fn seconds(value: &Value) -> Option<SignedDuration> {
    let seconds = value.as_i64().or_else(|| value.as_str()?.parse().ok())?;
    (0..=86_400).contains(&seconds).then(|| SignedDuration::from_secs(seconds))
}

/// Who consented, and in which consent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Claims {
    /// The Xero user: a token set belongs to a user, not to an organisation.
    #[serde(rename = "xero_userid")]
    pub(crate) user: GrantHolder,
    /// This very consent; `/connections` lists those of all consents.
    #[serde(rename = "authentication_event_id")]
    pub(crate) consent: String,
}

/// The claims of an access token.
///
/// Its signature proves nothing more: the token came over TLS from the endpoint that makes it.
pub(crate) fn claims(access: &SecretString) -> Result<Claims, LedgerError> {
    let malformed = || LedgerError::Malformed(String::from("the claims of the access token"));
    let payload = access.expose_secret().split('.').nth(1).ok_or_else(malformed)?;
    let bytes = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).or(Err(malformed()))?;
    let claims: Claims = serde_json::from_slice(&bytes).or(Err(malformed()))?;
    if claims.consent.is_empty() { Err(malformed()) } else { Ok(claims) }
}

#[cfg(test)]
mod tests {
    use numo_app::port::ledger::Limit;
    use reqwest::header::HeaderMap;

    use super::*;
    use crate::samples;

    fn read(status: u16, body: &str) -> Result<TokenSet, LedgerError> {
        let answer = Answer { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec() };
        tokens(&answer, Timestamp::from_second(1_000).unwrap())
    }

    #[test]
    fn a_good_answer_gives_tokens_that_end_counted_from_the_question() {
        let body = r#"{"access_token":"a","expires_in":1800,"refresh_token":"r","scope":"openid","id_token":"i"}"#;
        let tokens = read(200, body).unwrap();
        assert_eq!(tokens.access.expose_secret(), "a");
        assert_eq!(tokens.refresh.unwrap().expose_secret(), "r");
        assert_eq!(tokens.access_expires_at, Timestamp::from_second(2_800).ok());
        assert_eq!((tokens.scope.as_str(), tokens.consent_ends_at), ("openid", None));
    }

    #[test]
    fn what_a_good_answer_leaves_out_is_absent() {
        for body in [r#"{"access_token":"a"}"#, r#"{"access_token":"a","refresh_token":"","expires_in":"soon"}"#] {
            let tokens = read(200, body).unwrap();
            assert_eq!((tokens.refresh.is_none(), tokens.scope.as_str()), (true, ""), "{body}");
            assert_eq!(tokens.access_expires_at, Timestamp::from_second(2_800).ok(), "{body}");
        }
    }

    #[test]
    fn only_invalid_grant_ends_a_grant() {
        assert!(matches!(read(400, r#"{"error":"invalid_grant"}"#), Err(LedgerError::ReauthRequired)));
        for (status, body) in [
            (200, "<html>"),
            (200, ""),
            (200, "[]"),
            (200, "{}"),
            (200, r#"{"access_token":""}"#),
            (200, r#"{"access_token":7}"#),
            (200, r#"{"error":"invalid_grant"}"#),
            (200, r#"{"error":"server_error","access_token":"a"}"#),
            (302, ""),
            (400, "<html>"),
            (403, "<html>"),
            (500, r#"{"error":"invalid_grant"}"#),
            (503, ""),
        ] {
            assert!(matches!(read(status, body), Err(LedgerError::Unavailable(_))), "{status} {body}");
        }
        for (status, body) in [(401, r#"{"error":"invalid_client"}"#), (400, r#"{"error":"unauthorized_client"}"#)] {
            assert!(matches!(read(status, body), Err(LedgerError::Rejected(refused)) if refused == status), "{body}");
        }
        assert!(matches!(read(429, ""), Err(LedgerError::RateLimited { limit: Limit::Minute, retry_after: None })));
    }

    #[test]
    fn the_claims_name_the_user_and_the_consent() {
        let token = |claims: &str| SecretString::from(format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims)));
        let good = token(r#"{"xero_userid":"u-1","authentication_event_id":"e-1","exp":1.5,"scope":["openid"]}"#);
        let expected = Claims { user: "u-1".parse().unwrap(), consent: String::from("e-1") };
        assert_eq!(claims(&good).unwrap(), expected);
        for bad in [r#"{"xero_userid":"u-1"}"#, r#"{"xero_userid":"","authentication_event_id":"e"}"#, "x"] {
            assert!(matches!(claims(&token(bad)), Err(LedgerError::Malformed(_))), "{bad}");
        }
        for bad in ["", "a.b", "a.!.c"] {
            assert!(matches!(claims(&SecretString::from(bad)), Err(LedgerError::Malformed(_))), "{bad}");
        }
    }

    #[test]
    fn the_official_token_sample_reads_whole() {
        let Some(text) = samples::text("xero/xeronode_token_set.json") else { return };
        let tokens = read(200, &text).unwrap();
        assert_eq!(tokens.refresh.unwrap().expose_secret(), "xxxyyyyzzz");
    }
}
