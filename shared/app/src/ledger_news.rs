//! What a ledger's webhook says: that something changed, and in which organisations.

use std::collections::BTreeSet;

use numo_domain::{connection::LedgerProvider, id::LedgerTenantId};

/// One verified delivery of a ledger's webhook.
///
/// Its events only say where to look: what changed is read from the ledger, so repeats, disorder
/// and forged contents change nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerNews {
    /// Whose webhook.
    pub provider: LedgerProvider,
    /// The organisations with events that matter here.
    pub tenants: BTreeSet<LedgerTenantId>,
    /// Events of kinds that nobody here reads, or that could not be read.
    pub n_ignored: usize,
}
