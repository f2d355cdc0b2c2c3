mod customers;
mod sales;

use jiff::civil::Date;

use crate::intuit::company::Company;
use crate::intuit::data::book::Book;
use crate::intuit::data::facts::{Currencies, Facts};

/// "Gulf Marine Supplies": an Emirati company that trades in several currencies.
pub(crate) fn company(seed: u64, today: Date) -> Company {
    let mut book = Book::new(FACTS, FACTS.key, seed, today);
    customers::enter(&mut book);
    sales::enter(&mut book);
    book.close()
}

const FACTS: Facts = Facts {
    key: "demo",
    name: "Gulf Marine Supplies",
    country: "AE",
    country_3: "ARE",
    zone: "Asia/Dubai",
    home: "AED",
    currencies: Currencies::Many,
};
