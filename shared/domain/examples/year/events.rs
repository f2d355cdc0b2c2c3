//! What customers and the owner do, and what the ledger and the files then say.

use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan};
use numo_domain::{
    contact::ContactRef,
    credit::{Credit, CreditKind, Payment, Receipts},
    customer_file::{BacklogChoice, CustomerFile, Dispute, PaidClaim, Promise, PromisedBy, Start},
    id::ExternalId,
    invoice::InvoiceStatus,
    money::Money,
    plan::{OpenInvoice, decision::Unit},
};

use crate::{business::CONNECTION, habits::Event, replay::World};

/// So old is an invoice about which the owner is asked.
const OLD_DAYS: i32 = 30;

impl World {
    /// Something happens to an invoice, or to its customer because of it.
    pub(crate) fn event(&mut self, invoice: &ExternalId, event: Event) {
        let open = self.ledger.invoices.iter().find(|open| open.invoice.id == *invoice).unwrap().clone();
        let who = open.invoice.contact.clone();
        if event == Event::TakesBack {
            return self.takes_back(&open);
        }
        if !open.invoice.is_open() {
            return;
        }
        match event {
            Event::Pays(percent) => self.pays(&open, percent),
            Event::TakesBack => {}
            Event::Postpones(days) => self.postpones(&open, days),
            Event::Starts => self.starts(&open),
            Event::Promises(days) => self.promises(&who, days),
            Event::Disputes => {
                let (since, by) = (self.now, "user_owner".parse().unwrap());
                let dispute = Dispute { since, by, reason: "goods damaged".to_owned() };
                self.file(&who).disputes.insert(invoice.clone(), dispute);
                self.note(&who, format!("{} is disputed.", open.invoice.number));
            }
            Event::Resolves => {
                self.file(&who).disputes.remove(invoice);
                self.note(&who, "The dispute is over.".to_owned());
            }
            Event::OptsOut => {
                self.history.consents.opted_out_contacts.insert(who.clone());
                let key = self.ledger.contacts.get(&who).and_then(|contact| contact.number.key().cloned());
                self.history.consents.opted_out_numbers.extend(key);
                self.note(&who, "The customer says stop.".to_owned());
            }
            Event::Claims => {
                let claim = PaidClaim { at: self.now, invoices: self.open_of(&who) };
                self.file(&who).paid_claim = Some(claim);
                self.note(&who, "The customer says that it is paid.".to_owned());
            }
            Event::Handles => {
                self.file(&who).paid_claim = None;
                self.note(&who, "The claim was looked at; nothing had come.".to_owned());
            }
            Event::Writes => {
                self.file(&who).unread_since = Some(self.now);
                self.note(&who, "The customer writes.".to_owned());
            }
            Event::Reads => {
                self.file(&who).unread_since = None;
                self.note(&who, "The message was read and answered.".to_owned());
            }
            Event::Credits => self.credits(&open),
            Event::Allocates => {
                self.ledger.credits.retain(|credit| credit.contact != who);
                self.note(&who, "The credit note was used elsewhere.".to_owned());
            }
            Event::Snoozes(days) => {
                let until = self.today.saturating_add(days.days());
                self.file(&who).snoozed_until = Some(until);
                self.note(&who, format!("The owner puts reminders off until {until}."));
            }
        }
    }

    fn file(&mut self, who: &ContactRef) -> &mut CustomerFile {
        self.history.files.entry(who.clone()).or_default()
    }

    fn open_of(&self, who: &ContactRef) -> BTreeSet<ExternalId> {
        let open = self.ledger.invoices.iter().filter(|open| open.invoice.contact == *who && open.invoice.is_open());
        open.map(|open| open.invoice.id.clone()).collect()
    }

    fn change(&mut self, id: &ExternalId, change: impl FnOnce(&mut OpenInvoice, Timestamp)) {
        let open = self.ledger.invoices.iter_mut().find(|open| open.invoice.id == *id).unwrap();
        change(open, self.now);
    }

    fn pays(&mut self, open: &OpenInvoice, percent: i64) {
        let invoice = &open.invoice;
        let paid = Money::new(invoice.remaining.minor * percent / 100, invoice.remaining.currency);
        self.change(&invoice.id, |open, _| {
            open.invoice.remaining.minor -= paid.minor;
            if open.invoice.remaining.minor == 0 {
                open.invoice.status = InvoiceStatus::Paid;
            }
        });
        let unit = Unit { contact: invoice.contact.clone(), currency: paid.currency };
        self.receives(unit, invoice.id.clone(), paid);
        self.ledger.payments_recorded.insert(CONNECTION, Some(self.today));
        self.note(&invoice.contact, format!("{paid} is paid for {}.", invoice.number));
    }

    fn receives(&mut self, unit: Unit, invoice: ExternalId, amount: Money) {
        let payment = Payment {
            id: format!("{invoice}-{}", self.today).parse().unwrap(),
            contact: unit.contact.clone(),
            date: Some(self.today),
            amount,
            invoices: vec![invoice],
            is_reversed: false,
            updated_at: self.now,
        };
        let after = Receipts::after(self.ledger.receipts.remove(&unit), &payment, self.now);
        self.ledger.receipts.extend(after.map(|receipts| (unit, receipts)));
    }

    fn takes_back(&mut self, open: &OpenInvoice) {
        if open.invoice.status != InvoiceStatus::Paid {
            return;
        }
        self.change(&open.invoice.id, |open, now| {
            (open.invoice.status, open.invoice.remaining) = (InvoiceStatus::Open, open.invoice.total);
            (open.cycle, open.first_seen) = (open.cycle + 1, now);
        });
        self.note(&open.invoice.contact, format!("The payment for {} is taken back.", open.invoice.number));
    }

    fn postpones(&mut self, open: &OpenInvoice, days: i64) {
        let due = open.invoice.due.unwrap().saturating_add(days.days());
        self.change(&open.invoice.id, |open, _| (open.invoice.due, open.cycle) = (Some(due), open.cycle + 1));
        self.note(&open.invoice.contact, format!("{} is now due {due}.", open.invoice.number));
    }

    fn starts(&mut self, open: &OpenInvoice) {
        let seen = self.business.organisation.zone.date(open.first_seen);
        let overdue = seen.since(open.invoice.due.unwrap()).unwrap().get_days();
        if overdue > OLD_DAYS {
            let start = self.dice.one_of(&[Start::Gently, Start::ByAge, Start::LeaveOut]);
            let choice = BacklogChoice { start, on: self.today };
            self.file(&open.invoice.contact).backlog.insert(open.invoice.id.clone(), choice);
            self.note(&open.invoice.contact, format!("The owner chooses for {}: {start:?}.", open.invoice.number));
        }
    }

    fn promises(&mut self, who: &ContactRef, days: i64) {
        let overdue = self.ledger.invoices.iter().filter(|open| {
            let invoice = &open.invoice;
            invoice.contact == *who && invoice.is_open() && invoice.due.is_some_and(|due| due < self.today)
        });
        let invoices: BTreeSet<ExternalId> = overdue.map(|open| open.invoice.id.clone()).collect();
        if invoices.is_empty() {
            return;
        }
        let promise = Promise {
            number: self.file(who).next_promise(),
            date: self.today.saturating_add(days.days()),
            invoices,
            made_at: self.now,
            by: PromisedBy::Customer,
            is_withdrawn: false,
        };
        self.note(who, format!("The customer promises to pay on {}.", promise.date));
        self.file(who).promises.push(promise);
    }

    fn credits(&mut self, open: &OpenInvoice) {
        self.ledger.credits.push(Credit {
            id: format!("k{}", open.invoice.id).parse().unwrap(),
            kind: CreditKind::CreditNote,
            contact: open.invoice.contact.clone(),
            number: String::new(),
            date: Some(self.today),
            remaining: Money::new(open.invoice.total.minor / 2 + 2_000, open.invoice.total.currency),
            updated_at: self.now,
        });
        self.note(&open.invoice.contact, "A credit note is written.".to_owned());
    }
}
