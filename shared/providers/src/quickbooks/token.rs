//! Answers of the token and revocation endpoints.

use jiff::{SignedDuration, Timestamp};
use numo_app::port::ledger::{LedgerError, Limit};
use numo_domain::credential::TokenSet;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

use crate::http::{
    call::{Answer, Broken},
    retry_after::retry_after,
};

/// How long an access token lasts when the answer does not say (Intuit: OAuth 2.0, one hour).
const ACCESS_LIFE: SignedDuration = SignedDuration::from_hours(1);

/// Longest life of an access token that is believed.
const LONGEST_ACCESS_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// Longest rest of a consent that is believed; Intuit ends one after five years.
const LONGEST_CONSENT: SignedDuration = SignedDuration::from_hours(10 * 366 * 24);

/// The tokens of an answer; `asked_at` is our clock before the call, so that no token outlives its end.
///
/// Only `invalid_grant` proves that a grant is dead. The value of a refresh token changes about once
/// a day, so an answer may bring the one that was sent: what it brings is what counts from now on.
pub(crate) fn tokens(answer: &Answer, asked_at: Timestamp) -> Result<TokenSet, LedgerError> {
    let body = answer.json();
    let error = body.as_ref().and_then(|body| body.get("error"));
    match (answer.status, error) {
        (200..=299, Some(_)) => Err(unclear("an error in a token answer")),
        (200..=299, None) => match body.map(RawTokens::deserialize) {
            Some(Ok(raw)) if !raw.access_token.expose_secret().is_empty() => Ok(raw.into_tokens(asked_at)),
            Some(_) | None => Err(unclear("a token answer without tokens")),
        },
        (400, Some(code)) if code.as_str() == Some("invalid_grant") => Err(LedgerError::ReauthRequired),
        _ => Err(refused(answer, error)),
    }
}

/// Whether a token is revoked now: by this call, or because it was dead before.
///
/// The call has one shape, so a 400 can only speak of the token in it.
pub(crate) fn revoked(answer: &Answer) -> Result<(), LedgerError> {
    let body = answer.json();
    let error = body.as_ref().and_then(|body| body.get("error"));
    match (answer.status, error) {
        (200..=299, None) => Ok(()),
        (400, Some(_)) => Ok(()),
        _ => Err(refused(answer, error)),
    }
}

/// What is no success: our own mistake if it says so in JSON, anything else comes right by itself.
fn refused(answer: &Answer, error: Option<&Value>) -> LedgerError {
    match (answer.status, error) {
        (429, _) => LedgerError::RateLimited { limit: Limit::App, retry_after: retry_after(&answer.headers) },
        (400..=499, Some(_)) => LedgerError::Rejected(answer.status),
        (status, _) => LedgerError::Unavailable(Broken::Status(status).boxed()),
    }
}

fn unclear(reason: &'static str) -> LedgerError {
    LedgerError::Unavailable(Broken::Body(reason).boxed())
}

#[derive(Debug, Deserialize)]
struct RawTokens {
    access_token: SecretString,
    expires_in: Option<Value>,
    refresh_token: Option<SecretString>,
    scope: Option<String>,
    /// What is left of the five years after which only a new consent helps.
    x_refresh_token_hard_expires_in: Option<Value>,
}

impl RawTokens {
    fn into_tokens(self, asked_at: Timestamp) -> TokenSet {
        let after = |life: SignedDuration| asked_at.checked_add(life).ok();
        let life = seconds(self.expires_in.as_ref(), LONGEST_ACCESS_LIFE).unwrap_or(ACCESS_LIFE);
        let consent = seconds(self.x_refresh_token_hard_expires_in.as_ref(), LONGEST_CONSENT);
        TokenSet {
            access: self.access_token,
            access_expires_at: Some(after(life).unwrap_or(asked_at)),
            refresh: self.refresh_token.filter(|token| !token.expose_secret().is_empty()),
            scope: self.scope.unwrap_or_default(),
            consent_ends_at: consent.and_then(after),
        }
    }
}

fn seconds(value: Option<&Value>, longest: SignedDuration) -> Option<SignedDuration> {
    let value = value?;
    let seconds = SignedDuration::from_secs(value.as_i64().or_else(|| value.as_str()?.parse().ok())?);
    (SignedDuration::ZERO..=longest).contains(&seconds).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::*;
    use crate::samples;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec() }
    }

    fn read(status: u16, body: &str) -> Result<TokenSet, LedgerError> {
        tokens(&answer(status, body), Timestamp::from_second(1_000).unwrap())
    }

    #[test]
    fn what_a_good_answer_leaves_out_is_absent() {
        for body in [r#"{"access_token":"a"}"#, r#"{"access_token":"a","refresh_token":"","expires_in":"soon"}"#] {
            let tokens = read(200, body).unwrap();
            assert_eq!((tokens.refresh.is_none(), tokens.consent_ends_at), (true, None), "{body}");
            assert_eq!(tokens.access_expires_at, Timestamp::from_second(4_600).ok(), "{body}");
        }
    }

    #[test]
    fn only_invalid_grant_ends_a_grant() {
        assert!(matches!(read(400, r#"{"error":"invalid_grant"}"#), Err(LedgerError::ReauthRequired)));
        for (status, body) in [
            (200, "<html>"),
            (200, ""),
            (200, "{}"),
            (200, r#"{"access_token":""}"#),
            (200, r#"{"access_token":7}"#),
            (200, r#"{"error":"invalid_grant"}"#),
            (302, ""),
            (400, "<html>"),
            (400, "{}"),
            (403, "<html>"),
            (500, r#"{"error":"invalid_grant"}"#),
            (503, ""),
        ] {
            assert!(matches!(read(status, body), Err(LedgerError::Unavailable(_))), "{status} {body}");
        }
        for (status, body) in [(401, r#"{"error":"invalid_client"}"#), (400, r#"{"error":"invalid_request"}"#)] {
            assert!(matches!(read(status, body), Err(LedgerError::Rejected(refused)) if refused == status), "{body}");
        }
        assert!(matches!(read(429, ""), Err(LedgerError::RateLimited { limit: Limit::App, retry_after: None })));
    }

    #[test]
    fn a_token_that_was_dead_before_is_revoked_as_well() {
        for (status, body) in
            [(200, ""), (200, "{}"), (400, r#"{"error":"invalid_grant"}"#), (400, r#"{"error":"invalid_request"}"#)]
        {
            assert!(revoked(&answer(status, body)).is_ok(), "{status} {body}");
        }
        for (status, body) in [(400, ""), (500, ""), (503, "<html>")] {
            assert!(matches!(revoked(&answer(status, body)), Err(LedgerError::Unavailable(_))), "{status} {body}");
        }
        let refused = revoked(&answer(401, r#"{"error":"invalid_client"}"#));
        assert!(matches!(refused, Err(LedgerError::Rejected(401))));
    }

    #[test]
    fn the_official_sample_says_when_the_consent_ends() {
        let Some(text) = samples::text("quickbooks/intuit_oauth_token_with_hard_expiry.json") else { return };
        let tokens = read(200, &text).unwrap();
        assert_eq!(tokens.refresh.unwrap().expose_secret(), "RT1-39-H3-1785429816rcysb9dns1ofreknypnm");
        assert_eq!(tokens.access_expires_at, Timestamp::from_second(4_600).ok());
        assert_eq!(tokens.consent_ends_at, Timestamp::from_second(156_033_154).ok());
    }

    #[test]
    fn the_recorded_refusal_of_a_refresh_token_ends_the_grant() {
        let Some(file) = samples::json("quickbooks/intuit_oauth_error_invalid_grant.json") else { return };
        let status = u16::try_from(file["status"].as_u64().unwrap()).unwrap();
        assert!(matches!(read(status, &file["body"].to_string()), Err(LedgerError::ReauthRequired)));
    }
}
