//! Accounting systems: which there are, what opens them, and what they say.

pub mod auth;
pub mod check;
pub mod documents;
pub mod reader;
pub mod record;

use std::{fmt, sync::Arc};

use jiff::SignedDuration;
use numo_domain::{connection::LedgerProvider, id::LedgerTenantId};
use secrecy::SecretString;

/// One adapter per accounting system.
pub struct PerLedger<T: ?Sized> {
    /// Xero's.
    pub xero: Arc<T>,
    /// QuickBooks Online's.
    pub quickbooks: Arc<T>,
}

impl<T: ?Sized> PerLedger<T> {
    /// The adapter of a provider.
    pub fn of(&self, provider: LedgerProvider) -> &T {
        match provider {
            LedgerProvider::Xero => &self.xero,
            LedgerProvider::Quickbooks => &self.quickbooks,
        }
    }
}

impl<T: ?Sized> Clone for PerLedger<T> {
    fn clone(&self) -> Self {
        Self { xero: Arc::clone(&self.xero), quickbooks: Arc::clone(&self.quickbooks) }
    }
}

impl<T: ?Sized> fmt::Debug for PerLedger<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PerLedger")
    }
}

/// A ledger organisation and a token that opens it.
#[derive(Debug, Clone)]
pub struct LedgerAccess {
    /// The ledger organisation.
    pub tenant: LedgerTenantId,
    /// Bearer token.
    pub token: SecretString,
}

/// A ledger call failed.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// 429: come back later.
    #[error("the ledger limits the rate of calls: {limit}")]
    RateLimited {
        /// Which limit was reached.
        limit: Limit,
        /// How long it wants to be left alone, where it says so.
        retry_after: Option<SignedDuration>,
    },
    /// Timeouts, 5xx, broken connections.
    #[error("the ledger is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The access token is not taken; a renewed one may be.
    #[error("the ledger does not take the access token")]
    TokenRefused,
    /// The grant is dead, or lacks a scope: the owner has to consent again.
    #[error("the ledger's grant is dead")]
    ReauthRequired,
    /// The token works, but not for this organisation.
    #[error("the ledger organisation is not open to the token")]
    TenantRefused,
    /// The provider does not serve this organisation: its subscription ended, say.
    #[error("the provider has suspended the ledger organisation")]
    Suspended,
    /// The one record that was asked for does not exist, or not any more.
    #[error("the ledger has no such record")]
    NotFound,
    /// Refused for good.
    #[error("the ledger refused the call with status {0}")]
    Rejected(u16),
    /// The answer is not what it should be.
    #[error("the ledger's answer cannot be read: {0}")]
    Malformed(String),
}

/// The limits of accounting systems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// Calls of one organisation in a minute, or too many at once.
    Minute,
    /// Calls of one organisation in a day.
    Day,
    /// Calls of all organisations of our app in a minute.
    App,
    /// Calls of all organisations of our app in a month, as Intuit's free tier has it.
    Month,
}

impl Limit {
    /// The name in logs and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Day => "day",
            Self::App => "app",
            Self::Month => "month",
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
