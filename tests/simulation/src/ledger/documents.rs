//! Invoices as they are printed.

use std::sync::Arc;

use async_trait::async_trait;
use numo_app::port::ledger::{
    LedgerAccess, LedgerError, PerLedger,
    documents::{LedgerDocuments, PayLink},
};
use numo_domain::id::ExternalId;

use crate::ledger::SimLedger;

/// Happens once, while an invoice is printed; its answer is the printer's.
pub(super) type WhilePrinting = Box<dyn FnOnce() -> Result<(), LedgerError> + Send>;

impl SimLedger {
    /// Both providers' documents.
    pub fn documents(self: &Arc<Self>) -> PerLedger<dyn LedgerDocuments> {
        PerLedger { xero: self.clone(), quickbooks: self.clone() }
    }

    /// Lets something happen while the next invoice is printed.
    pub fn while_printing(&self, happens: Box<dyn FnOnce() -> Result<(), LedgerError> + Send>) {
        self.state.lock().unwrap().while_printing = Some(happens);
    }
}

#[async_trait]
impl LedgerDocuments for SimLedger {
    async fn pay_link(&self, access: &LedgerAccess, _: &ExternalId) -> Result<Option<PayLink>, LedgerError> {
        self.answer(access).map(|_| None)
    }

    async fn pdf(&self, access: &LedgerAccess, invoice: &ExternalId) -> Result<Vec<u8>, LedgerError> {
        tokio::task::yield_now().await;
        let happens = self.state.lock().unwrap().while_printing.take();
        happens.map_or(Ok(()), |happens| happens())?;
        let books = self.answer(access)?;
        let found = books.invoices.iter().find(|known| known.id == *invoice).ok_or(LedgerError::NotFound)?;
        Ok(format!("%PDF-1.4 {} {}", found.number, found.remaining).into_bytes())
    }
}
