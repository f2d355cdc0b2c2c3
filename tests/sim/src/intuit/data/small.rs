use jiff::civil::Date;
use serde_json::json;

use crate::field::Field as _;
use crate::intuit::company::Company;
use crate::intuit::data::book::{Book, Sale, Settled, open};
use crate::intuit::data::customer::{self, BillsParent};
use crate::intuit::data::facts::{Currencies, Facts};
use crate::intuit::data::phones;
use crate::intuit::entity::Entity;
use crate::xero::data::names;
use crate::xero::money::UNIT;

/// A small American company of another QuickBooks user.
pub(crate) fn joinery(seed: u64, today: Date) -> Company {
    let facts = american("other", "Brooklyn Joinery", "America/New_York");
    let mut book = Book::new(facts, facts.key, seed, today);
    for index in 0..12 {
        customer(&mut book, &names::customer(index * 2 + 1), index);
    }
    for n in 0..25 {
        let settled = if n % 5 == 4 { Settled::Paid } else { Settled::Nothing };
        let due_in = 6 - i64::try_from(n).unwrap_or_default() * 2;
        book.sale(Sale { settled, ..open(n % 12, due_in) });
    }
    book.close()
}

/// The sample company of a developer's account; its first customers are in credit on balance.
pub(crate) fn sandbox(seed: u64, today: Date) -> Company {
    let facts = american("sandbox", "Sandbox Company_US_1", "America/Los_Angeles");
    let mut book = Book::new(facts, facts.key, seed, today);
    for (index, name) in SAMPLES.iter().enumerate() {
        customer(&mut book, name, 50 + index);
    }
    let parent = book.company.rows(Entity::Customer).get(PARENT).cloned().unwrap_or_default();
    book.with_customer(PARENT + 1, |row| customer::into_job(row, &parent, BillsParent::Yes));
    book.inherit(PARENT + 1, PARENT);
    book.with_customer(2, |row| phones::put(row, "AlternatePhone", "OtherWhat"));
    for (index, total) in [(0, 600), (0, 239), (1, 85), (2, 2194), (3, 477), (4, 375), (5, 160)] {
        book.sale(Sale { total: Some(total * UNIT), ..open(index, -7) });
    }
    book.payment(0, 300 * UNIT, None);
    book.credit_memo(0, 800 * UNIT);
    book.payment(1, 100 * UNIT, None);
    book.close()
}

const SAMPLES: &[&str] = &[
    "Amy's Bird Sanctuary",
    "Bill's Windsurf Shop",
    "Cool Cars",
    "Diego Rodriguez",
    "Freeman Sporting Goods",
    "0969 Ocean View Road",
];
const PARENT: usize = 4;

fn american(key: &'static str, name: &'static str, zone: &'static str) -> Facts {
    Facts { key, name, country: "US", country_3: "USA", zone, home: "USD", currencies: Currencies::One }
}

fn customer(book: &mut Book, name: &str, n: usize) {
    let index = book.customer(name, "USD");
    let (e164, text) = phones::american(n);
    book.mobile(index, &e164);
    book.with_customer(index, |row| {
        row.put("BillAddr", json!({ "Id": "95", "Line1": "4581 Finch St.", "City": "Bayshore", "Country": "USA" }));
        phones::put(row, "PrimaryPhone", &text);
    });
}
