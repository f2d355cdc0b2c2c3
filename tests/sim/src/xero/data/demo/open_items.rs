use jiff::civil::Date;
use serde_json::{Value, json};

use crate::field::Field as _;
use crate::random::Random;
use crate::xero::collection::Collection::{self, CreditNotes, Overpayments, Prepayments};
use crate::xero::data::contact::Contact;
use crate::xero::data::credit::Credit;
use crate::xero::data::demo::customers::BOTH_SIDES;
use crate::xero::data::document::{self, Document, Kind};
use crate::xero::data::payment;
use crate::xero::money::{UNIT, Units};
use crate::xero::state::Tenant;
use crate::xero::{dates, money, settle};

/// Adds money held for contacts, bills of customers and payments that were taken back.
///
/// It draws from a sequence of its own, and touches no contact that can be reminded today.
pub(crate) fn add(tenant: &mut Tenant, seed: u64, today: Date, contacts: &[Contact]) {
    let mut desk = Desk { tenant, random: Random::new(seed ^ 0x6f70_656e), today, contacts };
    desk.open_credits();
    desk.ended_credits();
    desk.used_credits();
    desk.bills();
    desk.promises();
    desk.taken_back();
}

struct Desk<'a> {
    tenant: &'a mut Tenant,
    random: Random,
    today: Date,
    contacts: &'a [Contact],
}

/// The first open sale of a contact.
struct Owed {
    invoice_id: String,
    currency: String,
    due: Units,
}

impl Desk<'_> {
    /// Less than is owed, more than is owed, and on the side of the suppliers.
    fn open_credits(&mut self) {
        for (collection, contact, percent) in [
            (CreditNotes, 156, 25),
            (CreditNotes, 157, 25),
            (CreditNotes, 158, 50),
            (Prepayments, 159, 25),
            (Overpayments, 160, 25),
            (CreditNotes, 185, 200),
            (CreditNotes, 186, 100),
            (Prepayments, 191, 150),
            (Overpayments, 192, 200),
        ] {
            let Some(owed) = self.owed(contact) else { continue };
            let credit = self.credit(collection, contact, &owed.currency, owed.due * percent / 100 / UNIT * UNIT);
            self.keep(&credit);
        }
        for (collection, contact) in [(CreditNotes, 201), (Prepayments, 202), (Overpayments, 203)] {
            let credit = self.credit(collection, contact, "AED", 400 * UNIT);
            self.keep(&Credit { side: Kind::Bill, ..credit });
        }
        // Held in another currency than what is owed.
        let foreign = self.credit(CreditNotes, 198, "OMR", 90 * UNIT);
        self.keep(&foreign);
    }

    fn ended_credits(&mut self) {
        for (collection, contact, status) in [
            (CreditNotes, 166, "VOIDED"),
            (CreditNotes, 167, "DELETED"),
            (CreditNotes, 168, "DRAFT"),
            (CreditNotes, 171, "SUBMITTED"),
            (Prepayments, 169, "VOIDED"),
            (Overpayments, 170, "VOIDED"),
        ] {
            let credit = self.credit(collection, contact, "AED", 300 * UNIT);
            self.keep(&Credit { status, ..credit });
        }
    }

    /// Sales that were settled by credits, two of which have something left.
    fn used_credits(&mut self) {
        for (collection, contact, left) in
            [(CreditNotes, 187, 100), (Overpayments, 188, 50), (Prepayments, 189, 0), (Overpayments, 190, 0)]
        {
            let total = self.random.between(200, 900) * UNIT;
            let mut sale = self.document(contact, Kind::Sale, "AED", total);
            sale.put("IsDiscounted", json!(true));
            sale.put("TotalDiscount", money::number(total / 10));
            let mut held = self.credit(collection, contact, "AED", total + left * UNIT).row();
            settle::apply(&mut held, &mut sale, collection, total, dates::plus_days(self.today, -5));
            self.tenant.invoices.push(sale);
            self.tenant.rows_mut(collection).push(held);
        }
    }

    /// Half of these customers are owed more than they owe.
    fn bills(&mut self) {
        for contact in BOTH_SIDES.iter().copied() {
            let Some(owed) = self.owed(contact) else { continue };
            let amount = if contact < 185 { owed.due / 4 / UNIT * UNIT } else { owed.due * 3 };
            let mut bill = self.document(contact, Kind::Bill, &owed.currency, amount);
            bill.put("PlannedPaymentDate", json!(dates::calendar(dates::plus_days(self.today, 9))));
            self.tenant.invoices.push(bill);
        }
    }

    /// Customers who named a day on which they will pay.
    fn promises(&mut self) {
        for contact in 195..200 {
            let Some(owed) = self.owed(contact) else { continue };
            let on = dates::calendar(dates::plus_days(self.today, 12));
            if let Some(row) = self.tenant.row_mut(Collection::Invoices, &owed.invoice_id) {
                row.put("ExpectedPaymentDate", json!(on));
            }
        }
    }

    /// Payments that bounced: the invoice is open, the payment is still listed.
    fn taken_back(&mut self) {
        for contact in 172..178 {
            let Some(owed) = self.owed(contact) else { continue };
            let nested = document::payment(&self.random.id(), dates::plus_days(self.today, -6), owed.due);
            let Some(invoice) = self.tenant.row(Collection::Invoices, &owed.invoice_id) else { continue };
            let mut row = payment::row(invoice, &nested);
            row.put("Status", json!("DELETED"));
            self.tenant.payments.push(row);
        }
    }

    fn owed(&self, contact: usize) -> Option<Owed> {
        let id = &self.contacts.get(contact)?.id;
        let is_open = |row: &&Value| {
            row.at("Contact").at("ContactID") == id.as_str()
                && row.at("Type") == "ACCREC"
                && row.at("Status") == "AUTHORISED"
        };
        let row = self.tenant.invoices.iter().find(is_open)?;
        Some(Owed {
            invoice_id: row.at("InvoiceID").as_str()?.to_owned(),
            currency: row.at("CurrencyCode").as_str()?.to_owned(),
            due: money::units(row.at("AmountDue"))?,
        })
    }

    fn credit(&mut self, collection: Collection, contact: usize, currency: &str, total: Units) -> Credit {
        let held = self.contacts.get(contact);
        let date = dates::plus_days(self.today, -self.random.between(8, 30));
        Credit {
            collection,
            side: Kind::Sale,
            status: "AUTHORISED",
            id: self.random.id(),
            number: format!("CR-{contact:04}"),
            contact_id: json!(held.map(|contact| &contact.id)),
            contact_name: json!(held.map(|contact| &contact.name)),
            date,
            currency: currency.to_owned(),
            total,
            updated_ms: dates::start_ms(date) + self.random.between(0, 86_399_999),
        }
    }

    fn keep(&mut self, credit: &Credit) {
        self.tenant.rows_mut(credit.collection).push(credit.row());
    }

    fn document(&mut self, contact: usize, kind: Kind, currency: &str, total: Units) -> Value {
        let held = self.contacts.get(contact);
        let date = dates::plus_days(self.today, -self.random.between(20, 40));
        Document {
            id: self.random.id(),
            number: format!("{}-{contact:04}", if kind == Kind::Sale { "SET" } else { "OWN" }),
            kind,
            status: "AUTHORISED",
            contact_id: json!(held.map(|contact| &contact.id)),
            contact_name: json!(held.map(|contact| &contact.name)),
            date,
            due: Some(dates::plus_days(date, 14)),
            currency: currency.to_owned(),
            sub_total: total,
            total,
            paid: 0,
            credited: 0,
            paid_on: None,
            updated_ms: dates::start_ms(date) + self.random.between(0, 86_399_999),
            reference: String::new(),
        }
        .row()
    }
}
