//! What a message may ask for, by the ledger and the files alone.

use jiff::civil::Date;
use numo_domain::{
    customer_file::Start,
    plan::{OpenInvoice, decision::InvoiceLine},
};

use crate::rules::Message;

pub(crate) fn due(open: &OpenInvoice) -> Date {
    open.invoice.due.unwrap()
}

impl<'a> Message<'a> {
    /// The open invoices that a message may ask for.
    pub(crate) fn owed(&self) -> Vec<&'a OpenInvoice> {
        let file = self.world.history.files.get(&self.unit.contact).cloned().unwrap_or_default();
        let zone = &self.world.business.organisation.zone;
        let is_owed = |open: &&OpenInvoice| {
            let invoice = &open.invoice;
            let choice = file.backlog.get(&invoice.id).map(|choice| choice.start);
            let age = zone.date(open.first_seen).since(due(open)).unwrap().get_days();
            invoice.is_open()
                && invoice.contact == self.unit.contact
                && invoice.remaining.currency == self.unit.currency
                && !file.disputes.contains_key(&invoice.id)
                && choice != Some(Start::LeaveOut)
                && (age <= 30 || choice.is_some() || open.cycle > 1 || self.has_begun(open))
                && invoice.remaining.minor >= (invoice.total.minor / 100).max(2_000)
        };
        self.world.ledger.invoices.iter().filter(is_owed).collect()
    }

    /// Whether a message about an invoice was tried in its cycle: its owner was asked before.
    fn has_begun(&self, open: &OpenInvoice) -> bool {
        let past = self.world.history.reminders.get(&self.unit.contact).map_or(&[][..], Vec::as_slice);
        past.iter().any(|past| past.key.anchor == open.invoice.id && past.key.cycle == open.cycle)
    }

    pub(crate) fn anchor(&self) -> Option<&'a OpenInvoice> {
        self.owed().into_iter().find(|open| open.invoice.id == self.send.anchor)
    }

    pub(crate) fn is_about_something_open(&self) -> bool {
        self.anchor()
            .is_some_and(|anchor| anchor.cycle == self.send.cycle && self.send.overdue == (due(anchor) < self.today))
    }

    pub(crate) fn tells_what_is_owed(&self) -> bool {
        let anchor = self.anchor();
        let is_told = |open: &&OpenInvoice| match self.send.overdue {
            true => due(open) < self.today,
            false => anchor.is_some_and(|anchor| due(open) == due(anchor)),
        };
        let told: Vec<&OpenInvoice> = self.owed().into_iter().filter(is_told).collect();
        let sum: i64 = told.iter().map(|open| open.invoice.remaining.minor).sum();
        let lines = &self.send.lines;
        let is_true = |line: &InvoiceLine| {
            told.iter().any(|open| open.invoice.id == line.invoice && open.invoice.remaining == line.remaining)
        };
        lines.len() + self.send.more == told.len()
            && (1..=5).contains(&lines.len())
            && lines.iter().all(is_true)
            && lines.is_sorted_by(|a, b| a.due <= b.due)
            && self.send.total.minor == sum
            && self.send.total.currency == self.unit.currency
    }
}
