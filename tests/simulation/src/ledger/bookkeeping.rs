//! What bookkeepers and customers do to the books, and what stands in them in truth.

use std::sync::Arc;

use jiff::ToSpan;
use numo_app::port::ledger::record::{DeletedRecord, LedgerContact, LedgerInvoice, LedgerPayment, RecordKind};
use numo_domain::{
    calendar::Zone,
    connection::LedgerProvider,
    id::{ExternalId, LedgerTenantId},
    invoice::InvoiceStatus,
    money::Money,
};

use crate::ledger::SimLedger;

impl SimLedger {
    /// The number of a customer, as it stands in the books.
    pub fn number_of(&self, tenant: &LedgerTenantId, contact: &ExternalId) -> Option<String> {
        let state = self.state.lock().unwrap();
        let known = state.tenants[tenant].contacts.iter().find(|known| known.id == *contact)?;
        known.phones.first().map(|phone| phone.text.clone())
    }

    /// Changes one invoice; the ledger notes the time.
    pub fn change(&self, tenant: &LedgerTenantId, invoice: &ExternalId, change: impl FnOnce(&mut LedgerInvoice)) {
        let now = self.clock.now();
        let mut state = self.state.lock().unwrap();
        let books = Arc::make_mut(state.tenants.get_mut(tenant).unwrap());
        let invoice = books.invoices.iter_mut().find(|known| known.id == *invoice).unwrap();
        change(invoice);
        invoice.updated_at = now;
    }

    /// Writes an invoice, in the place of one with its id.
    pub fn bill(&self, tenant: &LedgerTenantId, invoice: LedgerInvoice) {
        let mut state = self.state.lock().unwrap();
        let books = Arc::make_mut(state.tenants.get_mut(tenant).unwrap());
        books.invoices.retain(|known| known.id != invoice.id);
        books.invoices.push(invoice);
    }

    /// Pays an invoice in full.
    pub fn pay(&self, tenant: &LedgerTenantId, invoice: &ExternalId) {
        self.receive(tenant, invoice, 100);
    }

    /// Pays a part of what is left of an invoice.
    pub fn pay_part(&self, tenant: &LedgerTenantId, invoice: &ExternalId, percent: i64) {
        self.receive(tenant, invoice, percent);
    }

    fn receive(&self, tenant: &LedgerTenantId, invoice: &ExternalId, percent: i64) {
        let mut received = None;
        self.change(tenant, invoice, |invoice| {
            let amount = Money::new(invoice.remaining.minor * percent / 100, invoice.remaining.currency);
            invoice.remaining.minor -= amount.minor;
            if invoice.remaining.minor == 0 {
                invoice.status = InvoiceStatus::Paid;
            }
            received = Some((invoice.contact.clone(), amount));
        });
        let (now, (contact, amount)) = (self.clock.now(), received.unwrap());
        let mut state = self.state.lock().unwrap();
        let payments = &mut Arc::make_mut(state.tenants.get_mut(tenant).unwrap()).payments;
        payments.push(LedgerPayment {
            id: format!("p{}", payments.len()).parse().unwrap(),
            contact,
            date: Some("Asia/Dubai".parse::<Zone>().unwrap().date(now)),
            amount,
            invoices: vec![invoice.clone()],
            is_reversed: false,
            updated_at: now,
        });
    }

    /// Takes back every payment for an invoice, which is owed again.
    pub fn take_back(&self, tenant: &LedgerTenantId, invoice: &ExternalId) {
        self.change(tenant, invoice, |invoice| {
            (invoice.status, invoice.remaining) = (InvoiceStatus::Open, invoice.total);
        });
        let now = self.clock.now();
        let mut state = self.state.lock().unwrap();
        let payments = &mut Arc::make_mut(state.tenants.get_mut(tenant).unwrap()).payments;
        for payment in payments.iter_mut().filter(|payment| payment.invoices.contains(invoice)) {
            (payment.is_reversed, payment.updated_at) = (true, now);
        }
    }

    /// What arrived from a customer and stayed, in truth.
    pub fn received(&self, tenant: &LedgerTenantId, contact: &ExternalId) -> Vec<Money> {
        let state = self.state.lock().unwrap();
        let payments = state.tenants.get(tenant).unwrap().payments.iter();
        payments.filter(|paid| paid.contact == *contact && !paid.is_reversed).map(|paid| paid.amount).collect()
    }

    /// Deletes an invoice: Xero lists it as deleted, from QuickBooks it vanishes.
    pub fn delete(&self, provider: LedgerProvider, tenant: &LedgerTenantId, invoice: &ExternalId) {
        match provider {
            LedgerProvider::Xero => self.change(tenant, invoice, |invoice| {
                invoice.status = InvoiceStatus::Deleted;
                invoice.remaining.minor = 0;
            }),
            LedgerProvider::Quickbooks => {
                let gone =
                    DeletedRecord { kind: RecordKind::Invoice, id: invoice.clone(), updated_at: self.clock.now() };
                let mut state = self.state.lock().unwrap();
                let books = Arc::make_mut(state.tenants.get_mut(tenant).unwrap());
                books.invoices.retain(|known| known.id != *invoice);
                books.deleted.push(gone);
            }
        }
    }

    /// Postpones an invoice without a trace in its time of change, as Xero does with some edits.
    pub fn postpone_silently(&self, tenant: &LedgerTenantId, invoice: &ExternalId, days: i64) {
        let mut state = self.state.lock().unwrap();
        let books = Arc::make_mut(state.tenants.get_mut(tenant).unwrap());
        let invoice = books.invoices.iter_mut().find(|known| known.id == *invoice).unwrap();
        invoice.due = invoice.due.map(|due| due.saturating_add(days.days()));
    }

    /// Changes one customer; the ledger notes the time.
    pub fn change_contact(
        &self,
        tenant: &LedgerTenantId,
        contact: &ExternalId,
        change: impl FnOnce(&mut LedgerContact),
    ) {
        let now = self.clock.now();
        let mut state = self.state.lock().unwrap();
        let books = Arc::make_mut(state.tenants.get_mut(tenant).unwrap());
        let contact = books.contacts.iter_mut().find(|known| known.id == *contact).unwrap();
        change(contact);
        contact.updated_at = now;
    }

    /// Takes a customer out of the books without a trace.
    pub fn forget_contact(&self, tenant: &LedgerTenantId, contact: &ExternalId) {
        let mut state = self.state.lock().unwrap();
        Arc::make_mut(state.tenants.get_mut(tenant).unwrap()).contacts.retain(|known| known.id != *contact);
    }

    /// What is left of an invoice, in truth.
    pub fn remaining(&self, tenant: &LedgerTenantId, invoice: &ExternalId) -> Option<Money> {
        let state = self.state.lock().unwrap();
        let invoice = state.tenants.get(tenant)?.invoices.iter().find(|known| known.id == *invoice)?;
        (invoice.status == InvoiceStatus::Open).then_some(invoice.remaining)
    }

    /// Open invoices, in truth.
    pub fn open_invoices(&self, tenant: &LedgerTenantId) -> Vec<ExternalId> {
        let state = self.state.lock().unwrap();
        let books = state.tenants.get(tenant).unwrap();
        books.invoices.iter().filter(|i| i.status == InvoiceStatus::Open).map(|i| i.id.clone()).collect()
    }
}
