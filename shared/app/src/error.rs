//! The error of every use case: its class decides what a caller and a queue do with it.

use std::error::Error;

use jiff::{SignedDuration, Timestamp};

use crate::port::{ledger::LedgerError, queue::QueueError, table::TableError};

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// What was asked makes no sense; the field says where.
    #[error("{field}: {message}")]
    Invalid {
        /// The field of the request.
        field: &'static str,
        /// What is wrong with it, in a sentence without personal data.
        message: String,
    },
    /// No valid signature or session.
    #[error("not signed in")]
    Unauthenticated,
    /// The role may not.
    #[error("the role does not allow this")]
    Forbidden,
    /// Not there, or not this organisation's.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// Somebody else was faster, or it exists already.
    #[error("{0}")]
    Conflict(&'static str),
    /// Somebody changed it since whoever asks has read it.
    #[error("changed since it was read")]
    Stale,
    /// A rule speaks against it at the moment.
    #[error("{why}")]
    NotNow {
        /// The most important reason, in a sentence.
        why: &'static str,
        /// From when on it may be asked for again, where nothing but time stands in the way.
        next_at: Option<Timestamp>,
    },
    /// A provider asks for patience.
    #[error("a provider limits the rate of calls")]
    RateLimited {
        /// How long it wants to be left alone.
        retry_after: Option<SignedDuration>,
    },
    /// A provider does not answer properly.
    #[error("a provider is unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// Our own table, key service or queue fails.
    #[error("the platform is unavailable")]
    AwsUnavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The owner has to connect again.
    #[error("the connection has to be renewed")]
    ReauthRequired,
    /// A provider refused for good.
    #[error("a provider refused: {0}")]
    Rejected(String),
    /// Nobody knows whether it happened.
    #[error("the outcome is unknown")]
    Ambiguous,
    /// A job or a stored item that cannot be read.
    #[error("malformed {0}")]
    Malformed(String),
    /// A case that cannot happen happened.
    #[error("internal: {0}")]
    Internal(String),
}

/// What a queue does with a job that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// It is settled, or its next time stands in the table.
    Done,
    /// Again, by the queue, until the dead-letter queue takes it.
    Retry,
    /// Straight to where a person looks.
    Quarantine,
}

impl AppError {
    /// What a queue does with it; a new class forces a decision here.
    pub const fn disposition(&self) -> Disposition {
        match self {
            Self::NotFound(_)
            | Self::Conflict(_)
            | Self::Stale
            | Self::NotNow { .. }
            | Self::RateLimited { .. }
            | Self::Unavailable(_)
            | Self::ReauthRequired
            | Self::Rejected(_)
            | Self::Ambiguous => Disposition::Done,
            Self::AwsUnavailable(_) | Self::Internal(_) => Disposition::Retry,
            Self::Invalid { .. } | Self::Unauthenticated | Self::Forbidden | Self::Malformed(_) => {
                Disposition::Quarantine
            }
        }
    }

    /// How long a failing provider wants to be left alone, where it says so; every other error comes back.
    pub(crate) fn patience(self) -> Result<Option<SignedDuration>, Self> {
        match self {
            Self::RateLimited { retry_after } => Ok(retry_after),
            Self::Unavailable(_) | Self::Rejected(_) => Ok(None),
            error @ (Self::Invalid { .. }
            | Self::Unauthenticated
            | Self::Forbidden
            | Self::NotFound(_)
            | Self::Conflict(_)
            | Self::Stale
            | Self::NotNow { .. }
            | Self::AwsUnavailable(_)
            | Self::ReauthRequired
            | Self::Ambiguous
            | Self::Malformed(_)
            | Self::Internal(_)) => Err(error),
        }
    }

    /// The class in logs and metrics.
    pub const fn class(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "invalid",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::NotFound(_) => "not_found",
            Self::Conflict(_) => "conflict",
            Self::Stale => "stale",
            Self::NotNow { .. } => "not_now",
            Self::RateLimited { .. } => "rate_limited",
            Self::Unavailable(_) => "unavailable",
            Self::AwsUnavailable(_) => "aws_unavailable",
            Self::ReauthRequired => "reauth_required",
            Self::Rejected(_) => "rejected",
            Self::Ambiguous => "ambiguous",
            Self::Malformed(_) => "malformed",
            Self::Internal(_) => "internal",
        }
    }

    /// An invalid field.
    pub fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid { field, message: message.into() }
    }
}

impl From<TableError> for AppError {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Unavailable(_) => Self::AwsUnavailable(Box::new(error)),
            TableError::Corrupt(what) => Self::Malformed(what),
        }
    }
}

impl From<QueueError> for AppError {
    fn from(error: QueueError) -> Self {
        Self::AwsUnavailable(Box::new(error))
    }
}

impl From<LedgerError> for AppError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::RateLimited { retry_after, .. } => Self::RateLimited { retry_after },
            // A token that is refused although it was just renewed proves nothing: only a refused renewal does.
            LedgerError::Unavailable(_)
            | LedgerError::Malformed(_)
            | LedgerError::TenantRefused
            | LedgerError::TokenRefused => Self::Unavailable(Box::new(error)),
            LedgerError::ReauthRequired => Self::ReauthRequired,
            LedgerError::Suspended => Self::Rejected("suspended".to_owned()),
            LedgerError::NotFound => Self::NotFound("record"),
            LedgerError::Rejected(status) => Self::Rejected(format!("status {status}")),
        }
    }
}
