use std::fmt;

use reqwest::StatusCode;

/// Why a journey did not reach its end; every text is one sentence for a person.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JourneyError {
    /// The local stack could not be started, asked or stopped.
    #[error("the local stack: {0}")]
    Stack(String),
    /// A request got no answer.
    #[error("{method} {path} got no answer")]
    NoAnswer {
        /// HTTP method.
        method: String,
        /// Path without the host.
        path: String,
        /// What the client said.
        source: reqwest::Error,
    },
    /// A request got another answer than the journey needs.
    #[error("{method} {path} answered {status}: {body}")]
    Refused {
        /// HTTP method.
        method: String,
        /// Path without the host.
        path: String,
        /// The status.
        status: StatusCode,
        /// The first part of the body.
        body: String,
    },
    /// An answer is not what the contract says.
    #[error("the answer of {path} cannot be read")]
    Unreadable {
        /// Path without the host.
        path: String,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// Something did not happen in time.
    #[error("{what} did not happen within {seconds} s; last seen: {last}")]
    TooLate {
        /// What was waited for.
        what: String,
        /// How long.
        seconds: u64,
        /// What was there instead.
        last: String,
    },
    /// The product did something that it must not do.
    #[error("{0}")]
    Broken(String),
    /// The person at the terminal ended it.
    #[error("interrupted")]
    Interrupted,
}

impl JourneyError {
    /// A finding about the product, in one sentence.
    pub fn broken(what: impl fmt::Display) -> Self {
        Self::Broken(what.to_string())
    }
}
