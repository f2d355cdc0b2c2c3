use std::ops::Range;

use serde_json::json;

use crate::field::Field as _;
use crate::intuit::data::book::Book;
use crate::intuit::data::customer::{self, BillsParent};
use crate::intuit::data::phones;
use crate::intuit::entity::Entity;
use crate::xero::data::names;
use crate::xero::dates;

/// Customers below this place owe something overdue and have a valid number of their own.
pub(crate) const N_OVERDUE: usize = 80;
/// Jobs of the first customers, with copies of their phones.
pub(crate) const JOBS: Range<usize> = 80..88;
pub(crate) const INACTIVE: Range<usize> = 88..92;
const NO_NUMBER: Range<usize> = 92..98;
const JUNK: Range<usize> = 98..104;
const LANDLINE: Range<usize> = 104..108;
const SHARED: Range<usize> = 108..112;
const FAX_ONLY: Range<usize> = 112..114;
/// How many customers the company has.
pub(crate) const N_CUSTOMERS: usize = 120;
/// Customers whose money is not applied to their invoices.
pub(crate) const IN_CREDIT: Range<usize> = 114..N_CUSTOMERS;
/// Customers that were merged into others, of whom only change data capture still knows.
const N_MERGED: usize = 2;

pub(crate) fn enter(book: &mut Book) {
    for index in 0..N_CUSTOMERS {
        let name = names::customer(index).replace([':', '\t'], " ");
        book.customer(name.trim(), currency(index));
        number(book, index);
        extras(book, index);
    }
    for job in JOBS {
        let parent = book.company.rows(Entity::Customer).get(job - JOBS.start).cloned().unwrap_or_default();
        let bills_parent = if job.is_multiple_of(2) { BillsParent::Yes } else { BillsParent::No };
        let name = format!("Vessel {job}");
        if let Some(customer) = book.customers.get_mut(job) {
            customer.name.clone_from(&name);
        }
        book.with_customer(job, |row| {
            row.put("DisplayName", json!(name));
            customer::into_job(row, &parent, bills_parent);
        });
        book.inherit(job, job - JOBS.start);
    }
    for index in INACTIVE {
        book.with_customer(index, customer::into_inactive);
    }
    let merged_ms = dates::start_ms(dates::plus_days(book.today, -4));
    for _ in 0..N_MERGED {
        let id = book.name_id();
        book.company.add_gone(Entity::Customer, &id, merged_ms);
    }
}

/// A customer has one currency for good.
fn currency(index: usize) -> &'static str {
    match index % 12 {
        3 => "KWD",
        5 => "USD",
        7 => "EUR",
        9 => "SAR",
        11 => "GBP",
        _ => "AED",
    }
}

fn number(book: &mut Book, index: usize) {
    let own = if index % 5 == 4 { phones::abroad(index) } else { phones::emirati(index) };
    let shared = phones::emirati(1000 + SHARED.start + index / 2 * 2);
    book.with_customer(index, |row| match index {
        at if JOBS.contains(&at) || NO_NUMBER.contains(&at) => {}
        at if JUNK.contains(&at) => {
            phones::put(row, "PrimaryPhone", phones::junk(at));
            phones::put(row, "Mobile", phones::junk(at + 1));
        }
        at if LANDLINE.contains(&at) => phones::put(row, "PrimaryPhone", &phones::landline(at)),
        at if SHARED.contains(&at) => shared.write(row, at),
        at if FAX_ONLY.contains(&at) => phones::put(row, "Fax", &own.e164()),
        at => own.write(row, at),
    });
    let has_own = index < N_OVERDUE || IN_CREDIT.contains(&index);
    if has_own {
        book.mobile(index, &own.e164());
    }
}

fn extras(book: &mut Book, index: usize) {
    book.with_customer(index, |row| {
        if index % 13 == 2 {
            row.put("PrimaryEmailAddr", json!({ "Address": "accounts@customer.example, boss@customer.example" }));
        }
        if index.is_multiple_of(7) {
            row.put("SimUnknownField", json!({ "added": "later", "levels": [1, { "deep": null }] }));
        }
        if index % 4 == 1 {
            row.put("PreferredDeliveryMethod", json!("None"));
        }
        if index % 10 == 3 {
            phones::put(row, "Fax", "04 331 2299");
        }
    });
}
