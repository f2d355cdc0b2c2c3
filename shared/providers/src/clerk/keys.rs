//! The issuer's public keys, read when an unknown one is named.

use std::{collections::HashMap, time::Duration};

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::DecodingKey;
use numo_app::port::session::SessionError;
use reqwest::{Client, header};
use serde_json::Value;
use tokio::sync::Mutex;
use url::Url;

use crate::http::{
    CALL_TIMEOUT,
    base_url::BaseUrl,
    call::{Answer, Broken, Operation, call},
};

/// Anybody can name an unknown key; the issuer is asked about it no more often than this.
const READ_AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(60);

/// After a failure the wait is shorter, since nobody can sign in.
const RETRY_AFTER_FAILURE: SignedDuration = SignedDuration::from_secs(5);

/// Keys by their id.
#[derive(Debug)]
pub(crate) struct Keys {
    http: Client,
    address: Url,
    timeout: Duration,
    // Held while the keys are read, so that many requests at once read them once.
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    keys: HashMap<String, DecodingKey>,
    /// When the issuer is asked again at the earliest, and when that was decided.
    wait: Option<Wait>,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Known").field("n_keys", &self.keys.len()).finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy)]
struct Wait {
    since: Timestamp,
    pause: SignedDuration,
}

impl Wait {
    fn holds(self, now: Timestamp) -> bool {
        // A clock that went back must not hold the door shut.
        now.duration_since(self.since).abs() < self.pause
    }
}

impl Keys {
    /// Keys at `{issuer}/.well-known/jwks.json` (Clerk: manual verification).
    pub(crate) fn new(http: Client, issuer: &BaseUrl) -> Self {
        let address = issuer.join(&[".well-known", "jwks.json"]);
        Self { http, address, timeout: CALL_TIMEOUT, known: Mutex::default() }
    }

    pub(crate) fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// The key with an id.
    pub(crate) async fn get(&self, kid: &str, now: Timestamp) -> Result<DecodingKey, SessionError> {
        let mut known = self.known.lock().await;
        if let Some(key) = known.keys.get(kid) {
            return Ok(key.clone());
        }
        if known.wait.is_some_and(|wait| wait.holds(now)) {
            return Err(if known.keys.is_empty() {
                SessionError::Unavailable(Broken::Body("the keys could not be read a moment ago").boxed())
            } else {
                SessionError::Refused("unknown key")
            });
        }
        let read = self.read().await;
        let pause = if read.is_ok() { READ_AGAIN_AFTER } else { RETRY_AFTER_FAILURE };
        known.wait = Some(Wait { since: now, pause });
        // Keys that the issuer has withdrawn are forgotten.
        known.keys = read?;
        known.keys.get(kid).cloned().ok_or(SessionError::Refused("unknown key"))
    }

    async fn read(&self) -> Result<HashMap<String, DecodingKey>, SessionError> {
        let request =
            self.http.get(self.address.clone()).header(header::ACCEPT, "application/json").timeout(self.timeout);
        let answer = call(Operation { provider: "clerk", name: "jwks" }, request).await;
        let answer = answer.map_err(|error| SessionError::Unavailable(error.boxed()))?;
        keys(&answer).map_err(|broken| SessionError::Unavailable(broken.boxed()))
    }
}

/// The RSA signing keys of an answer; others are passed over.
fn keys(answer: &Answer) -> Result<HashMap<String, DecodingKey>, Broken> {
    if !answer.is_success() {
        return Err(Broken::Status(answer.status));
    }
    let body = answer.json().ok_or(Broken::Body("the keys are not JSON"))?;
    let rows = body.get("keys").and_then(Value::as_array).ok_or(Broken::Body("the keys are not a list"))?;
    let keys: HashMap<String, DecodingKey> = rows.iter().filter_map(key).collect();
    if keys.is_empty() { Err(Broken::Body("no key can be used")) } else { Ok(keys) }
}

fn key(row: &Value) -> Option<(String, DecodingKey)> {
    let text = |name: &str| row.get(name).and_then(Value::as_str);
    let signs = text("use").is_none_or(|purpose| purpose == "sig");
    let is_rs256 = text("kty") == Some("RSA") && text("alg").is_none_or(|alg| alg == "RS256");
    if !signs || !is_rs256 {
        return None;
    }
    let key = DecodingKey::from_rsa_components(text("n")?, text("e")?).ok()?;
    Some((text("kid")?.to_owned(), key))
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;
    use serde_json::json;

    use super::*;

    fn ids(status: u16, body: &Value) -> Result<Vec<String>, Broken> {
        let answer = Answer { status, headers: HeaderMap::new(), body: body.to_string().into_bytes() };
        let mut ids: Vec<String> = keys(&answer)?.into_keys().collect();
        ids.sort();
        Ok(ids)
    }

    #[test]
    fn only_rsa_signing_keys_count() {
        let rsa =
            |kid: &str| json!({ "kty": "RSA", "kid": kid, "n": "AQAB", "e": "AQAB", "use": "sig", "alg": "RS256" });
        let mut encrypts = rsa("enc");
        encrypts["use"] = json!("enc");
        let mut other = rsa("ps");
        other["alg"] = json!("PS256");
        let mut broken = rsa("broken");
        broken["n"] = json!("!");
        let body = json!({ "keys": [rsa("a"), { "kty": "EC", "kid": "ec" }, encrypts, other, broken, 1, rsa("b")] });
        assert_eq!(ids(200, &body), Ok(vec![String::from("a"), String::from("b")]));
    }

    #[test]
    fn an_answer_without_a_usable_key_is_none() {
        assert_eq!(ids(500, &json!({})), Err(Broken::Status(500)));
        assert_eq!(ids(200, &json!({ "keys": {} })), Err(Broken::Body("the keys are not a list")));
        assert_eq!(ids(200, &json!({ "keys": [] })), Err(Broken::Body("no key can be used")));
    }

    #[test]
    fn a_wait_ends_and_a_clock_that_went_back_does_not_prolong_it() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let wait = Wait { since: at(1_000), pause: READ_AGAIN_AFTER };
        assert_eq!(
            [1_000, 1_059, 1_060, 941, 940].map(|second| wait.holds(at(second))),
            [true, true, false, true, false]
        );
    }
}
