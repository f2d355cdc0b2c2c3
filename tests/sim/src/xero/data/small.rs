use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Value, json};

use crate::random::Random;
use crate::xero::data::contact::{Contact, Side};
use crate::xero::data::document::{Document, Kind};
use crate::xero::data::organisation::{self, Demo, Facts};
use crate::xero::data::{names, phones};
use crate::xero::dates;
use crate::xero::money::UNIT;
use crate::xero::state::{Books, Tenant};

/// A small British organisation of another Xero user.
pub(crate) fn joinery(seed: u64, today: Date) -> Tenant {
    let facts = Facts {
        id: Random::new(seed ^ 0x6a6f_696e).id(),
        name: String::from("Edinburgh Joinery"),
        country: "GB",
        currency: "GBP",
        zone: "GMTSTANDARDTIME",
        demo_company: Demo::No,
    };
    let updated_ms = dates::start_ms(dates::plus_days(today, -3));
    Size { key: "other", n_contacts: 12, n_invoices: 25, updated_ms, first_number: 1000 }.tenant(&facts, seed, today)
}

/// The `n`-th organisation that a bookkeeper looks after.
pub(crate) fn client(n: usize, key: &str, seed: u64, today: Date) -> Tenant {
    let seed = Random::new(seed ^ 0x636c_6965 ^ u64::try_from(n).unwrap_or_default()).next();
    let facts = Facts {
        id: Random::new(seed).id(),
        name: format!("Client {n:02} Ltd"),
        country: "GB",
        currency: "GBP",
        zone: "GMTSTANDARDTIME",
        demo_company: Demo::No,
    };
    let updated_ms = dates::start_ms(dates::plus_days(today, -2));
    Size { key, n_contacts: 4, n_invoices: 8, updated_ms, first_number: 3000 + 4 * n }.tenant(&facts, seed, today)
}

/// Xero's demo company, whose rows were all last updated in December 2008.
pub(crate) fn demo_company(seed: u64, today: Date) -> Tenant {
    let facts = Facts {
        id: Random::new(seed ^ 0x6465_6d6f).id(),
        name: String::from("Demo Company (UK)"),
        country: "GB",
        currency: "GBP",
        zone: "GMTSTANDARDTIME",
        demo_company: Demo::Yes,
    };
    let updated_ms = dates::start_ms(Date::constant(2008, 12, 5));
    Size { key: "demo_company", n_contacts: 6, n_invoices: 10, updated_ms, first_number: 2000 }
        .tenant(&facts, seed, today)
}

struct Size<'a> {
    key: &'a str,
    n_contacts: usize,
    n_invoices: usize,
    updated_ms: i64,
    /// Where this tenant's phone numbers begin, so that no two tenants share one.
    first_number: usize,
}

impl Size<'_> {
    fn tenant(&self, facts: &Facts, seed: u64, today: Date) -> Tenant {
        let mut random = Random::new(seed ^ self.updated_ms.unsigned_abs());
        let mut mobiles = BTreeMap::new();
        let contacts: Vec<Contact> = (0..self.n_contacts)
            .map(|index| {
                let number = phones::british(self.first_number + index);
                let id = random.id();
                mobiles.insert(id.clone(), number.e164());
                Contact {
                    id,
                    index,
                    name: names::customer(index * 2 + 1),
                    status: "ACTIVE",
                    phones: phones::written(&number, index),
                    side: Side::Customer,
                    updated_ms: self.updated_ms,
                }
            })
            .collect();
        let invoices = contacts
            .iter()
            .cycle()
            .take(self.n_invoices)
            .enumerate()
            .map(|(n, contact)| self.invoice(&mut random, n, contact, today))
            .collect();
        let contacts = contacts.iter().map(Contact::row).collect();
        Tenant::new(self.key, Books { organisation: organisation::row(facts), contacts, invoices, mobiles })
    }

    fn invoice(&self, random: &mut Random, n: usize, contact: &Contact, today: Date) -> Value {
        let sub_total = random.between(80, 4_000) * UNIT;
        let total = sub_total + sub_total / 5;
        let paid = n % 5 == 4;
        let due = dates::plus_days(today, 6 - i64::try_from(n).unwrap_or_default() * 2);
        Document {
            id: random.id(),
            number: format!("EJ-{:03}", n + 1),
            kind: Kind::Sale,
            status: if paid { "PAID" } else { "AUTHORISED" },
            contact_id: json!(contact.id),
            contact_name: json!(contact.name),
            date: dates::plus_days(due, -30),
            due: Some(due),
            currency: String::from("GBP"),
            sub_total,
            total,
            paid: if paid { total } else { 0 },
            credited: 0,
            paid_on: paid.then(|| dates::plus_days(today, -4)),
            updated_ms: self.updated_ms,
            reference: String::new(),
        }
        .row()
    }
}
