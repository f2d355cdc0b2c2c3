//! The end of a sweep: what was thought open and was not met is asked for, or is gone.

use std::collections::BTreeSet;

use numo_domain::{
    credit::{Bill, Credit},
    id::ExternalId,
    invoice::Invoice,
};

use crate::{
    store::keys,
    sync_connection::{
        keep::count,
        pull::{Stop, Sync},
    },
};

/// Invoices asked for in one call.
const IDS_PER_CALL: usize = 40;

impl Sync<'_> {
    /// Brings up to date what the table holds as open and the ledger did not list.
    pub(super) async fn settle_unseen(&mut self) -> Result<(), Stop> {
        let store = &self.ports.waker.store;
        let read_at = self.read_at.unwrap_or(self.run.started_at);
        let (org, connection) = (self.org, self.connection.id);
        let known = store.open_invoices_of_connection(org, connection).await?;
        let unseen: Vec<Invoice> =
            known.into_iter().filter(|invoice| !self.seen.invoices.contains(&invoice.id)).collect();
        for some in unseen.chunks(IDS_PER_CALL) {
            self.settle_invoices(some).await?;
        }
        let credits = store.open_of_connection::<Credit>(keys::open_credits_partition(org), connection).await?;
        let spent: Vec<Credit> = credits
            .into_iter()
            .filter(|credit| !self.seen.credits.contains(&(credit.kind, credit.id.clone())))
            .collect();
        let bills = store.open_of_connection::<Bill>(keys::open_bills_partition(org), connection).await?;
        let settled: Vec<Bill> = bills.into_iter().filter(|bill| !self.seen.bills.contains(&bill.id)).collect();
        let keeper = self.keeper();
        let n_written = keeper.spent_credits(&spent, read_at).await? + keeper.settled_bills(&settled, read_at).await?;
        self.run.money_written += count(n_written);
        Ok(())
    }

    async fn settle_invoices(&mut self, unseen: &[Invoice]) -> Result<(), Stop> {
        let ids: Vec<ExternalId> = unseen.iter().map(|invoice| invoice.id.clone()).collect();
        let reader = self.ports.readers.of(self.connection.provider);
        self.run.calls += 1;
        let batch = self.taken(reader.invoices_by_id(self.session.access(), &ids).await).await?;
        let skipped = batch.skipped.iter().filter_map(|row| row.id.as_ref());
        let there: BTreeSet<&ExternalId> = batch.invoices.iter().map(|invoice| &invoice.id).chain(skipped).collect();
        let missing: Vec<Invoice> = unseen.iter().filter(|invoice| !there.contains(&invoice.id)).cloned().collect();
        let keeper = self.keeper();
        let n_written = keeper.invoices(&batch.invoices, batch.read_at).await?
            + keeper.missing_invoices(&missing, batch.read_at).await?;
        self.run.invoices_written += count(n_written);
        Ok(())
    }
}
