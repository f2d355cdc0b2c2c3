use jiff::civil::Date;
use serde::Deserialize;

use crate::intuit::company::Company;
use crate::intuit::data::book::{Book, Sale, Settled, open};
use crate::intuit::data::facts::{Currencies, Facts};
use crate::intuit::data::phones;
use crate::xero::money::UNIT;

/// How much a large company has of everything.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Size {
    pub(crate) key: String,
    invoices: usize,
    customers: usize,
    #[serde(default)]
    credit_memos: usize,
    #[serde(default)]
    payments: usize,
    #[serde(default)]
    bills: usize,
}

const N_VENDORS: usize = 50;
/// Where these companies' phone numbers begin, so that no two of a company are alike.
const FIRST_NUMBER: usize = 10_000;

/// A company of any size: the first invoices are paid, by as many payments as were asked for.
pub(crate) fn company(size: &Size, seed: u64, today: Date) -> Company {
    let mut book = Book::new(FACTS, &size.key, seed, today);
    let n_customers = size.customers.max(1);
    for n in 0..n_customers {
        let index = book.customer(&format!("Customer {n:05} Trading LLC"), "AED");
        let number = phones::emirati(FIRST_NUMBER + n);
        book.with_customer(index, |row| number.write(row, n));
        book.mobile(index, &number.e164());
    }
    for n in 0..size.invoices {
        let settled = if n < size.payments { Settled::Paid } else { Settled::Nothing };
        let due_in = 10 - i64::try_from(n % 60).unwrap_or_default();
        book.sale(Sale { settled, ..open(n % n_customers, due_in) });
    }
    for n in size.invoices..size.payments {
        book.payment(n % n_customers, 50 * UNIT, None);
    }
    for n in 0..size.credit_memos {
        book.credit_memo(n % n_customers, 50 * UNIT);
    }
    let n_vendors = size.bills.min(N_VENDORS);
    let vendors: Vec<_> = (0..n_vendors).map(|n| book.vendor(&format!("Supplier {n}"))).collect();
    for vendor in vendors.iter().cycle().take(size.bills) {
        book.bill(vendor, -5, Settled::Nothing);
    }
    book.close()
}

const FACTS: Facts = Facts {
    key: "large",
    name: "Large Trading",
    country: "AE",
    country_3: "ARE",
    zone: "Asia/Dubai",
    home: "AED",
    currencies: Currencies::Many,
};
