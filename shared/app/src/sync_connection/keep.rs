//! What a call brought is kept, and what it says besides is noted.

use std::collections::BTreeSet;

use numo_domain::{contact::ContactRef, credit::CreditKind, id::ExternalId};

use crate::{
    error::AppError,
    keep_records::Keeper,
    port::ledger::{
        reader::Batch,
        record::{RecordKind, SkippedRow},
    },
    store::sync::{SkippedRecord, SyncKind},
    sync_connection::pull::Sync,
};

/// What a run met in the ledger.
#[derive(Default)]
pub(super) struct Seen {
    pub invoices: BTreeSet<ExternalId>,
    pub credits: BTreeSet<(CreditKind, ExternalId)>,
    pub bills: BTreeSet<ExternalId>,
}

/// Skipped rows kept with a run; all are counted, and all stand in the list for the owner.
const SKIPPED_KEPT: usize = 20;

impl<'a> Sync<'a> {
    /// Keeps what a call brought, and notes what it says besides.
    pub(super) async fn keep(&mut self, mut batch: Batch) -> Result<(), AppError> {
        self.run.left_out += count(self.take_out_erased(&mut batch)?);
        let keeper = self.keeper();
        let contacts_written = keeper.contacts(&batch.contacts).await?;
        let invoices_written = keeper.invoices(&batch.invoices, batch.read_at).await?;
        let money_written = keeper.credits(&batch.credits).await?
            + keeper.bills(&batch.bills).await?
            + keeper.payments(&batch.payments).await?
            + keeper.deleted(&batch.deleted, batch.read_at).await?;
        self.run.contacts_read += count(batch.contacts.len());
        self.run.contacts_written += count(contacts_written);
        self.run.invoices_read += count(batch.invoices.len());
        self.run.invoices_written += count(invoices_written);
        self.run.money_read += count(batch.credits.len() + batch.bills.len() + batch.payments.len());
        self.run.money_written += count(money_written);
        self.note_payments(&batch).await?;
        self.note_readable(&batch).await?;
        self.note_seen(&batch);
        self.note_skipped(batch.skipped).await
    }

    /// What the ledger says of customers who were erased is not for us; how much that was.
    fn take_out_erased(&self, batch: &mut Batch) -> Result<usize, AppError> {
        let at = |contact: &ExternalId| ContactRef { connection: self.connection.id, contact: contact.clone() };
        let (kept_out, whose) = (&self.kept_out, |row: &SkippedRow| {
            let own = row.id.as_ref().filter(|_| row.kind == RecordKind::Contact);
            row.contact.as_ref().or(own).map(at)
        });
        let mut left_out = kept_out.take_out(&mut batch.contacts, |record| Some(at(&record.id)))?;
        left_out += kept_out.take_out(&mut batch.invoices, |record| Some(at(&record.contact)))?;
        left_out += kept_out.take_out(&mut batch.credits, |record| Some(at(&record.contact)))?;
        left_out += kept_out.take_out(&mut batch.bills, |record| Some(at(&record.contact)))?;
        left_out += kept_out.take_out(&mut batch.payments, |record| Some(at(&record.contact)))?;
        Ok(left_out + kept_out.take_out(&mut batch.skipped, whose)?)
    }

    pub(super) fn keeper(&self) -> Keeper<'a> {
        Keeper {
            store: &self.ports.waker.store,
            number_keys: &self.ports.number_keys,
            events: self.ports.events.as_ref(),
            clock: self.ports.clock.as_ref(),
            org: self.org,
            connection: self.connection.id,
            country: self.organisation.country,
        }
    }

    /// Remembers when a customer last paid, as far as the ledger recorded it.
    async fn note_payments(&self, batch: &Batch) -> Result<(), AppError> {
        let paid_on = batch.payments.iter().filter(|payment| !payment.is_reversed).filter_map(|payment| payment.date);
        let Some(latest) = paid_on.max() else { return Ok(()) };
        let (store, now) = (&self.ports.waker.store, self.ports.clock.now());
        store
            .change_connection(self.org, self.connection.id, now, |connection| {
                connection.last_payment_on = connection.last_payment_on.max(Some(latest));
            })
            .await
    }

    /// A record that can be read again leaves the owner's list.
    async fn note_readable(&mut self, batch: &Batch) -> Result<(), AppError> {
        if self.unreadable.is_empty() {
            return Ok(());
        }
        let readable = readable(batch);
        let (again, still): (Vec<_>, Vec<_>) = std::mem::take(&mut self.unreadable)
            .into_iter()
            .partition(|record| readable.contains(&(record.kind, record.id.as_str())));
        self.unreadable = still;
        let store = &self.ports.waker.store;
        for record in again {
            store.forget_unreadable(self.org, self.connection.id, record.kind, &record.id).await?;
        }
        Ok(())
    }

    fn note_seen(&mut self, batch: &Batch) {
        if self.run.kind != SyncKind::Sweep {
            return;
        }
        self.seen.invoices.extend(batch.invoices.iter().map(|invoice| invoice.id.clone()));
        self.seen.credits.extend(batch.credits.iter().map(|credit| (credit.kind, credit.id.clone())));
        self.seen.bills.extend(batch.bills.iter().map(|bill| bill.id.clone()));
        // What cannot be read is there all the same.
        for row in &batch.skipped {
            let Some(id) = row.id.clone() else { continue };
            match row.kind {
                RecordKind::Invoice => drop(self.seen.invoices.insert(id)),
                RecordKind::Bill => drop(self.seen.bills.insert(id)),
                RecordKind::CreditNote => drop(self.seen.credits.insert((CreditKind::CreditNote, id))),
                RecordKind::Prepayment => drop(self.seen.credits.insert((CreditKind::Prepayment, id))),
                RecordKind::Overpayment => drop(self.seen.credits.insert((CreditKind::Overpayment, id))),
                RecordKind::Payment => drop(self.seen.credits.insert((CreditKind::Payment, id))),
                RecordKind::Contact => {}
            }
        }
    }

    async fn note_skipped(&mut self, rows: Vec<SkippedRow>) -> Result<(), AppError> {
        let (store, now) = (&self.ports.waker.store, self.ports.clock.now());
        for row in &rows {
            store.keep_unreadable(self.org, self.connection.id, row, now).await?;
        }
        self.run.skipped += count(rows.len());
        let room = SKIPPED_KEPT.saturating_sub(self.run.skipped_rows.len());
        self.run.skipped_rows.extend(rows.into_iter().take(room).map(|row| SkippedRecord {
            kind: row.kind,
            id: row.id.map(String::from),
            number: row.number,
            reason: row.reason,
        }));
        Ok(())
    }
}

/// What a batch could read, by kind and id.
fn readable(batch: &Batch) -> BTreeSet<(RecordKind, &str)> {
    let credit_kind = |kind| match kind {
        CreditKind::CreditNote => RecordKind::CreditNote,
        CreditKind::Prepayment => RecordKind::Prepayment,
        CreditKind::Overpayment => RecordKind::Overpayment,
        CreditKind::Payment => RecordKind::Payment,
    };
    let contacts = batch.contacts.iter().map(|record| (RecordKind::Contact, record.id.as_str()));
    let invoices = batch.invoices.iter().map(|record| (RecordKind::Invoice, record.id.as_str()));
    let credits = batch.credits.iter().map(|record| (credit_kind(record.kind), record.id.as_str()));
    let bills = batch.bills.iter().map(|record| (RecordKind::Bill, record.id.as_str()));
    let payments = batch.payments.iter().map(|record| (RecordKind::Payment, record.id.as_str()));
    let deleted = batch.deleted.iter().map(|record| (record.kind, record.id.as_str()));
    contacts.chain(invoices).chain(credits).chain(bills).chain(payments).chain(deleted).collect()
}

pub(super) fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
