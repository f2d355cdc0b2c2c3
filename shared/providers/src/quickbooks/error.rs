//! What a refused call means, in one table.

use jiff::SignedDuration;
use numo_app::port::ledger::{LedgerError, Limit};
use serde::de::IgnoredAny;

use crate::{
    http::{
        call::{Answer, Broken, CallError},
        retry_after::retry_after,
    },
    quickbooks::fault::Fault,
};

/// How long to stay away after a throttle that does not say (QuickBooks: limits and throttles).
const AFTER_THROTTLE: SignedDuration = SignedDuration::from_secs(60);

/// The class of an answer that is no success, or that carries a fault all the same.
pub(crate) fn refused(answer: &Answer, fault: Option<&Fault>) -> LedgerError {
    let rule = RULES.iter().find(|(sign, _)| sign.is_on(answer, fault));
    match rule.map_or(Class::Rejected, |(_, class)| *class) {
        Class::Limited => limited(answer),
        Class::Unavailable => LedgerError::Unavailable(Broken::Status(answer.status).boxed()),
        Class::Token => LedgerError::TokenRefused,
        Class::Reauth => LedgerError::ReauthRequired,
        Class::Tenant => LedgerError::TenantRefused,
        Class::Suspended => LedgerError::Suspended,
        Class::NotFound => LedgerError::NotFound,
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
    Token,
    Reauth,
    Tenant,
    Suspended,
    NotFound,
    Rejected,
}

/// What tells one refusal from another.
#[derive(Debug, Clone, Copy)]
enum Sign {
    /// The code of the fault, without leading zeros.
    Code(&'static str),
    /// The type of the fault begins so, in lower case.
    Kind(&'static str),
    /// 401 or 403 whose fault speaks of a scope.
    Scope,
    /// A body that is neither JSON nor a fault: something on the way answered, not QuickBooks.
    Edge,
    /// The status.
    Status(u16),
    /// Any 5xx.
    ServerError,
}

/// The first rule that fits decides; whatever none fits is refused for good.
///
/// QuickBooks: error codes, handling common errors. The code says more than the status: a throttle
/// used to come with 403, and faults come with 200.
const RULES: &[(Sign, Class)] = &[
    (Sign::Scope, Class::Reauth),
    // AuthenticationFailed: the token ended or was revoked.
    (Sign::Code("3200"), Class::Token),
    // ApplicationAuthorizationFailed: another environment, or the company ended the connection.
    (Sign::Code("3100"), Class::Tenant),
    // ThrottleExceeded.
    (Sign::Code("3001"), Class::Limited),
    (Sign::Status(429), Class::Limited),
    // The user who connected the company lost his rights there.
    (Sign::Code("120"), Class::Reauth),
    (Sign::Code("-11014"), Class::Reauth),
    // Not there, or made inactive.
    (Sign::Code("610"), Class::NotFound),
    // The subscription ended, or a bill was not paid.
    (Sign::Code("6190"), Class::Suspended),
    // An application error of theirs.
    (Sign::Code("10000"), Class::Unavailable),
    // Our own mistakes: query, arguments, stale token, rules of the business, doubles.
    (Sign::Code("4001"), Class::Rejected),
    (Sign::Code("2010"), Class::Rejected),
    (Sign::Code("2020"), Class::Rejected),
    (Sign::Code("5010"), Class::Rejected),
    (Sign::Code("6000"), Class::Rejected),
    (Sign::Code("6210"), Class::Rejected),
    (Sign::Code("6240"), Class::Rejected),
    (Sign::Kind("validation"), Class::Rejected),
    (Sign::Kind("authentication"), Class::Token),
    (Sign::Kind("authorization"), Class::Tenant),
    (Sign::Kind("system"), Class::Unavailable),
    (Sign::Kind("service"), Class::Unavailable),
    // Unsupported operation or encoding.
    (Sign::Code("500"), Class::Rejected),
    (Sign::Edge, Class::Unavailable),
    (Sign::Status(401), Class::Token),
    (Sign::Status(403), Class::Tenant),
    (Sign::Status(404), Class::NotFound),
    (Sign::Status(408), Class::Unavailable),
    (Sign::ServerError, Class::Unavailable),
];

impl Sign {
    fn is_on(self, answer: &Answer, fault: Option<&Fault>) -> bool {
        match self {
            Self::Code(code) => fault.is_some_and(|fault| fault.code == code),
            Self::Kind(kind) => fault.is_some_and(|fault| fault.kind.starts_with(kind)),
            Self::Scope => {
                matches!(answer.status, 401 | 403) && fault.is_some_and(|fault| fault.text.contains("scope"))
            }
            Self::Edge => {
                fault.is_none()
                    && !answer.body.is_empty()
                    && serde_json::from_slice::<IgnoredAny>(&answer.body).is_err()
            }
            Self::Status(status) => answer.status == status,
            Self::ServerError => (500..=599).contains(&answer.status),
        }
    }
}

/// A throttle of the minute, or the block that lasts until the next month.
///
/// Intuit: App Partner Program; the free tier's reads are used up, and asking again after a minute
/// helps nothing.
fn limited(answer: &Answer) -> LedgerError {
    let is_of_month = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
        ["month", "quota"].iter().any(|word| text.contains(word))
    };
    let mut headers = answer.headers.iter();
    let month = is_of_month(&answer.body)
        || headers.any(|(name, value)| is_of_month(name.as_str().as_bytes()) || is_of_month(value.as_bytes()));
    let asked = retry_after(&answer.headers);
    if month {
        LedgerError::RateLimited { limit: Limit::Month, retry_after: asked }
    } else {
        LedgerError::RateLimited { limit: Limit::Minute, retry_after: asked.or(Some(AFTER_THROTTLE)) }
    }
}

#[cfg(test)]
mod tests;
