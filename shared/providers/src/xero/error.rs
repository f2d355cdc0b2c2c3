//! What a refused call means, in one table.

use numo_app::port::ledger::LedgerError;

use crate::http::{
    call::{Answer, Broken, CallError},
    retry_after::retry_after,
};

/// The class of an answer of the accounting interface or of `/connections` that is no success.
pub(crate) fn refused(answer: &Answer) -> LedgerError {
    // The case of keys differs between bodies, and edges answer in XML or HTML: only words are looked for.
    let body = String::from_utf8_lossy(&answer.body).to_ascii_lowercase();
    let rule = RULES.iter().find(|rule| rule.statuses.contains(&answer.status) && body.contains(rule.word));
    match rule.map_or(Class::Rejected, |rule| rule.class) {
        Class::Limited => LedgerError::RateLimited { retry_after: retry_after(&answer.headers) },
        Class::Unavailable => LedgerError::Unavailable(Broken::Status(answer.status).boxed()),
        Class::Reauth => LedgerError::ReauthRequired,
        Class::Gone => LedgerError::TenantGone,
        Class::Rejected => LedgerError::Rejected(answer.status),
    }
}

/// The class of a call without a whole answer.
pub(crate) fn failed(error: CallError) -> LedgerError {
    match error {
        CallError::TooLarge => LedgerError::Malformed(error.to_string()),
        CallError::Unbuilt(_) | CallError::Unconnected(_) | CallError::Lost(_) => {
            LedgerError::Unavailable(error.boxed())
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Class {
    Limited,
    Unavailable,
    Reauth,
    Gone,
    Rejected,
}

struct Rule {
    statuses: std::ops::RangeInclusive<u16>,
    /// Lower case; the empty word is in every body.
    word: &'static str,
    class: Class,
}

/// The first rule that fits decides (Xero: HTTP response codes; OAuth 2.0 FAQ on limits).
const RULES: &[Rule] = &[
    // The token ended on the way: the next use renews it, and only a refused renewal ends a connection.
    Rule { statuses: 401..=401, word: "tokenexpired", class: Class::Unavailable },
    // The token is unknown or lacks the scope: only a new consent helps.
    Rule { statuses: 401..=401, word: "", class: Class::Reauth },
    // The token is good, but its user no longer connects this organisation.
    Rule { statuses: 403..=403, word: "authenticationunsuccessful", class: Class::Gone },
    Rule { statuses: 429..=429, word: "", class: Class::Limited },
    // How limits were told before 429 was.
    Rule { statuses: 503..=503, word: "rate limit exceeded", class: Class::Limited },
    Rule { statuses: 503..=503, word: "rate%20limit%20exceeded", class: Class::Limited },
    Rule { statuses: 408..=408, word: "", class: Class::Unavailable },
    Rule { statuses: 500..=599, word: "", class: Class::Unavailable },
];

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};

    use super::*;
    use crate::samples;

    fn class(status: u16, body: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_static("40"));
        match refused(&Answer { status, headers, body: body.as_bytes().to_vec() }) {
            LedgerError::RateLimited { retry_after } => {
                assert_eq!(retry_after, Some(SignedDuration::from_secs(40)));
                String::from("limited")
            }
            LedgerError::Unavailable(_) => String::from("unavailable"),
            LedgerError::ReauthRequired => String::from("reauth"),
            LedgerError::TenantGone => String::from("gone"),
            LedgerError::Rejected(status) => format!("rejected {status}"),
            LedgerError::Malformed(reason) => reason,
        }
    }

    #[test]
    fn every_documented_status_has_its_class() {
        let gone = r#"{"title":"Forbidden","status":403,"detail":"AuthenticationUnsuccessful"}"#;
        let gone_in_capitals = r#"{"Title":"Forbidden","Status":403,"Detail":"AUTHENTICATIONUNSUCCESSFUL"}"#;
        for (status, body, expected) in [
            (400, r#"{"ErrorNumber":10,"Type":"ValidationException"}"#, "rejected 400"),
            (401, r#"{"Title":"Unauthorized","Detail":"TokenExpired: token expired at ..."}"#, "unavailable"),
            (401, r#"{"detail":"AuthorizationUnsuccessful"}"#, "reauth"),
            (401, "", "reauth"),
            (403, gone, "gone"),
            (403, gone_in_capitals, "gone"),
            (403, "<Detail>AuthenticationUnsuccessful</Detail>", "gone"),
            (403, "<html>blocked</html>", "rejected 403"),
            (404, "", "rejected 404"),
            (408, "", "unavailable"),
            (412, "", "rejected 412"),
            (429, "", "limited"),
            (500, "<ApiException/>", "unavailable"),
            (501, "", "unavailable"),
            (503, "The organisation is offline", "unavailable"),
            (503, "oauth_problem=rate%20limit%20exceeded", "limited"),
            (503, "oauth_problem=Rate limit exceeded", "limited"),
            (302, "", "rejected 302"),
        ] {
            assert_eq!(class(status, body), expected, "{status} {body}");
        }
    }

    #[test]
    fn the_recorded_answers_have_their_class() {
        for (name, status, expected) in [
            ("xeroizer_401_authentication_unsuccessful.json", 401, "reauth"),
            ("xeroizer_401_token_expired.json", 401, "unavailable"),
            ("xeroizer_403_authentication_unsuccessful.json", 403, "gone"),
            ("xeroizer_400_api_exception.xml", 400, "rejected 400"),
        ] {
            let Some(body) = samples::text(&format!("xero/{name}")) else { return };
            assert_eq!(class(status, &body), expected, "{name}");
        }
    }
}
