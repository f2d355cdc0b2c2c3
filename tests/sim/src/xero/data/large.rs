use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;

use crate::random::Random;
use crate::xero::collection::Collection;
use crate::xero::data::contact::{Contact, Side};
use crate::xero::data::credit::Credit;
use crate::xero::data::document::{Document, Kind};
use crate::xero::data::organisation::{self, Demo, Facts};
use crate::xero::data::phones;
use crate::xero::dates;
use crate::xero::money::{UNIT, Units};
use crate::xero::state::{Books, Tenant};

/// How much a large organisation holds.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub(crate) struct Size {
    pub(crate) key: String,
    invoices: usize,
    contacts: usize,
    credit_notes: usize,
    prepayments: usize,
    overpayments: usize,
    bills: usize,
}

impl Default for Size {
    fn default() -> Self {
        Self {
            key: String::from("large"),
            invoices: 10_000,
            contacts: 2_000,
            credit_notes: 0,
            prepayments: 0,
            overpayments: 0,
            bills: 0,
        }
    }
}

const CENT: Units = UNIT / 100;

/// Where its phone numbers begin, so that no other tenant has them.
const FIRST_NUMBER: usize = 100_000;

/// An organisation of any size; two of the same key and seed are the same.
pub(crate) fn tenant(size: &Size, seed: u64, today: Date) -> Tenant {
    let seed = size.key.bytes().fold(seed, |mixed, byte| Random::new(mixed ^ u64::from(byte)).next());
    let mut random = Random::new(seed);
    let facts = Facts {
        id: random.id(),
        name: format!("Large Trading ({})", size.key),
        country: "AE",
        currency: "AED",
        zone: "ARABIANSTANDARDTIME",
        demo_company: Demo::No,
    };
    let contacts: Vec<Contact> = (0..size.contacts.max(1)).map(|index| contact(&mut random, index, today)).collect();
    let mobiles: BTreeMap<String, String> = contacts
        .iter()
        .map(|contact| (contact.id.clone(), phones::emirati(FIRST_NUMBER + contact.index).e164()))
        .collect();
    let mut shelf = Shelf { random, today, contacts: &contacts };
    let sales = shelf.documents(Kind::Sale, size.invoices);
    let bills = shelf.documents(Kind::Bill, size.bills);
    let books = Books {
        organisation: organisation::row(&facts),
        contacts: contacts.iter().map(Contact::row).collect(),
        invoices: sales.chain(bills).collect(),
        mobiles,
    };
    let mut tenant = Tenant::new(&size.key, books);
    for (collection, n) in [
        (Collection::CreditNotes, size.credit_notes),
        (Collection::Prepayments, size.prepayments),
        (Collection::Overpayments, size.overpayments),
    ] {
        let rows: Vec<_> = (0..n).filter_map(|at| shelf.credit(collection, at)).map(|credit| credit.row()).collect();
        tenant.rows_mut(collection).extend(rows);
    }
    tenant
}

fn contact(random: &mut Random, index: usize, today: Date) -> Contact {
    let number = phones::emirati(FIRST_NUMBER + index);
    Contact {
        id: random.id(),
        index,
        name: format!("Customer {index:05}"),
        status: "ACTIVE",
        phones: phones::written(&number, index),
        side: Side::Customer,
        updated_ms: updated_ms(random, today),
    }
}

struct Shelf<'a> {
    random: Random,
    today: Date,
    contacts: &'a [Contact],
}

impl Shelf<'_> {
    fn documents(&mut self, kind: Kind, n: usize) -> std::vec::IntoIter<serde_json::Value> {
        let rows: Vec<_> = (0..n).filter_map(|at| self.document(kind, at)).map(|held| held.row()).collect();
        rows.into_iter()
    }

    /// Three in ten are open, the rest is settled or was never valid.
    fn document(&mut self, kind: Kind, n: usize) -> Option<Document> {
        let contact = self.contacts.get(n % self.contacts.len())?;
        let (status, age) = match n % 10 {
            0..3 => ("AUTHORISED", self.random.between(-30, 60)),
            3..9 => ("PAID", self.random.between(30, 900)),
            _ => (if n.is_multiple_of(20) { "DRAFT" } else { "VOIDED" }, self.random.between(0, 90)),
        };
        let due = dates::plus_days(self.today, -age);
        let sub_total = self.random.between(5_000, 900_000) * CENT;
        let total = sub_total + sub_total / 20 / CENT * CENT;
        Some(Document {
            id: self.random.id(),
            number: format!("{}-{n:06}", if kind == Kind::Sale { "LG" } else { "LB" }),
            kind,
            status,
            contact_id: json!(contact.id),
            contact_name: json!(contact.name),
            date: dates::plus_days(due, -30),
            due: Some(due),
            currency: String::from("AED"),
            sub_total,
            total,
            paid: if status == "PAID" { total } else { 0 },
            credited: 0,
            paid_on: (status == "PAID").then(|| dates::plus_days(due, 3)),
            updated_ms: updated_ms(&mut self.random, self.today),
            reference: String::new(),
        })
    }

    fn credit(&mut self, collection: Collection, n: usize) -> Option<Credit> {
        let contact = self.contacts.get(n % self.contacts.len())?;
        let date = dates::plus_days(self.today, -self.random.between(1, 60));
        Some(Credit {
            collection,
            side: Kind::Sale,
            status: "AUTHORISED",
            id: self.random.id(),
            number: format!("LC-{n:06}"),
            contact_id: json!(contact.id),
            contact_name: json!(contact.name),
            date,
            currency: String::from("AED"),
            total: self.random.between(1_000, 90_000) * CENT,
            updated_ms: updated_ms(&mut self.random, self.today),
        })
    }
}

fn updated_ms(random: &mut Random, today: Date) -> i64 {
    dates::start_ms(dates::plus_days(today, -random.between(2, 300))) + random.between(0, 86_399_999)
}
