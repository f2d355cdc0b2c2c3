//! What a refused call means, in one table.

use numo_app::port::ledger::{LedgerError, Limit};
use reqwest::header::HeaderMap;

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
        Class::Limited => limited(answer),
        Class::Unavailable => LedgerError::Unavailable(Broken::Status(answer.status).boxed()),
        Class::TokenRefused => LedgerError::TokenRefused,
        Class::Reauth => LedgerError::ReauthRequired,
        Class::TenantRefused => LedgerError::TenantRefused,
        Class::NotFound => LedgerError::NotFound,
        Class::Rejected => LedgerError::Rejected(answer.status),
    }
}

/// An answer that says to stay away: which limit, and how long.
pub(crate) fn limited(answer: &Answer) -> LedgerError {
    LedgerError::RateLimited { limit: limit(&answer.headers), retry_after: retry_after(&answer.headers) }
}

/// The limit that Xero names; the names are documented nowhere, so their beginnings decide.
///
/// One that is not known is taken for the shortest, which `Retry-After` corrects if it lasts longer.
fn limit(headers: &HeaderMap) -> Limit {
    let problem = headers.get("x-rate-limit-problem").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let problem = problem.trim().to_ascii_lowercase();
    let begins_with = |word: &str| problem.starts_with(word);
    if begins_with("day") || begins_with("daily") {
        Limit::Day
    } else if begins_with("app") {
        Limit::App
    } else {
        Limit::Minute
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
    TokenRefused,
    Reauth,
    TenantRefused,
    NotFound,
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
    // The token lacks the scope: only a new consent helps.
    Rule { statuses: 401..=401, word: "authorizationunsuccessful", class: Class::Reauth },
    Rule { statuses: 403..=403, word: "authorizationunsuccessful", class: Class::Reauth },
    // The token ended on the way, or Xero has forgotten it: only a refused renewal ends a grant.
    Rule { statuses: 401..=401, word: "", class: Class::TokenRefused },
    // The token is good, but not for this organisation: its user may have disconnected it.
    Rule { statuses: 403..=403, word: "authenticationunsuccessful", class: Class::TenantRefused },
    Rule { statuses: 404..=404, word: "", class: Class::NotFound },
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
    use reqwest::header::{HeaderValue, RETRY_AFTER};

    use super::*;
    use crate::samples;

    fn class(status: u16, body: &str) -> String {
        match refused(&Answer { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec() }) {
            LedgerError::RateLimited { limit, .. } => format!("limited per {limit}"),
            LedgerError::Unavailable(_) => String::from("unavailable"),
            LedgerError::TokenRefused => String::from("token refused"),
            LedgerError::ReauthRequired => String::from("reauth"),
            LedgerError::TenantRefused => String::from("tenant refused"),
            LedgerError::Suspended => String::from("suspended"),
            LedgerError::NotFound => String::from("not found"),
            LedgerError::Rejected(status) => format!("rejected {status}"),
            LedgerError::Malformed(reason) => reason,
        }
    }

    #[test]
    fn every_documented_status_has_its_class() {
        let closed = r#"{"title":"Forbidden","status":403,"detail":"AuthenticationUnsuccessful"}"#;
        let closed_in_capitals = r#"{"Title":"Forbidden","Status":403,"Detail":"AUTHENTICATIONUNSUCCESSFUL"}"#;
        for (status, body, expected) in [
            (400, r#"{"ErrorNumber":10,"Type":"ValidationException"}"#, "rejected 400"),
            (400, r#"{"ErrorNumber":16,"Type":"QueryParseException"}"#, "rejected 400"),
            (401, r#"{"Title":"Unauthorized","Detail":"TokenExpired: token expired at ..."}"#, "token refused"),
            (401, r#"{"detail":"AuthenticationUnsuccessful"}"#, "token refused"),
            (401, r#"{"Detail":"AuthorizationUnsuccessful"}"#, "reauth"),
            (401, "<Detail>AuthorizationUnsuccessful</Detail>", "reauth"),
            (401, "", "token refused"),
            (403, closed, "tenant refused"),
            (403, closed_in_capitals, "tenant refused"),
            (403, "<Detail>AuthenticationUnsuccessful</Detail>", "tenant refused"),
            (403, r#"{"detail":"AuthorizationUnsuccessful"}"#, "reauth"),
            (403, "<html>blocked</html>", "rejected 403"),
            (404, "", "not found"),
            (408, "", "unavailable"),
            (412, "", "rejected 412"),
            (429, "", "limited per minute"),
            (500, "<ApiException/>", "unavailable"),
            (501, "", "unavailable"),
            (503, "The organisation is offline", "unavailable"),
            (503, "oauth_problem=rate%20limit%20exceeded", "limited per minute"),
            (503, "oauth_problem=Rate limit exceeded", "limited per minute"),
            (302, "", "rejected 302"),
        ] {
            assert_eq!(class(status, body), expected, "{status} {body}");
        }
    }

    #[test]
    fn the_recorded_answers_have_their_class() {
        for (name, status, expected) in [
            ("xeroizer_401_authentication_unsuccessful.json", 401, "token refused"),
            ("xeroizer_401_token_expired.json", 401, "token refused"),
            ("xeroizer_403_authentication_unsuccessful.json", 403, "tenant refused"),
            ("xeroizer_400_api_exception.xml", 400, "rejected 400"),
        ] {
            let Some(body) = samples::text(&format!("xero/{name}")) else { return };
            assert_eq!(class(status, &body), expected, "{name}");
        }
    }

    #[test]
    fn a_limit_is_known_by_the_beginning_of_its_name_and_says_how_long() {
        for (problem, expected) in [
            ("minute", Limit::Minute),
            ("Minute", Limit::Minute),
            ("day", Limit::Day),
            ("Daily", Limit::Day),
            ("DayLimit", Limit::Day),
            ("app", Limit::App),
            ("AppMinute", Limit::App),
            ("concurrent", Limit::Minute),
            ("unheard of", Limit::Minute),
            ("", Limit::Minute),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_static("66975"));
            headers.insert("X-Rate-Limit-Problem", HeaderValue::from_static(problem));
            let told = limited(&Answer { status: 429, headers, body: Vec::new() });
            let LedgerError::RateLimited { limit, retry_after } = told else { panic!("{told:?}") };
            assert_eq!((limit, retry_after), (expected, Some(SignedDuration::from_secs(66_975))), "{problem}");
        }
    }
}
