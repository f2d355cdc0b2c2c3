//! What a message may carry of one invoice: its pay page and its PDF.

use async_trait::async_trait;
use jiff::Timestamp;
use numo_domain::id::ExternalId;

use crate::port::ledger::{LedgerAccess, LedgerError};

/// Reads pay pages and PDFs; one call each, so only when a message needs them.
#[async_trait]
pub trait LedgerDocuments: Send + Sync {
    /// The page on which the customer can see and pay an open invoice, if the business has one.
    async fn pay_link(&self, access: &LedgerAccess, invoice: &ExternalId) -> Result<Option<PayLink>, LedgerError>;

    /// The invoice as PDF.
    async fn pdf(&self, access: &LedgerAccess, invoice: &ExternalId) -> Result<Vec<u8>, LedgerError>;
}

/// A pay page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayLink {
    /// Its https address.
    pub url: String,
    /// When it stops working, where the ledger says so.
    pub expires_at: Option<Timestamp>,
}
