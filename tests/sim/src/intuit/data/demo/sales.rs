use serde_json::json;

use crate::field::Field as _;
use crate::intuit::company::MALFORMED;
use crate::intuit::data::book::{Book, Sale, Settled, open};
use crate::intuit::data::demo::customers::{IN_CREDIT, INACTIVE, JOBS, N_CUSTOMERS, N_OVERDUE};
use crate::intuit::entity::Entity;
use crate::intuit::instants;
use crate::intuit::ledger::removal;
use crate::xero::data::names;
use crate::xero::dates;
use crate::xero::money::UNIT;

/// All transactions of the company.
pub(crate) fn enter(book: &mut Book) {
    overdue(book);
    awkward(book);
    paid(book);
    in_credit(book);
    void_and_deleted(book);
    purchases(book);
    broken(book);
}

fn overdue(book: &mut Book) {
    for customer in 0..N_OVERDUE {
        let days = i64::try_from(customer).unwrap_or_default();
        let age = match customer {
            0..60 => 5 + days % 21,
            60..72 => 31 + days % 90,
            _ => 1 + days % 4,
        };
        let settled = if customer % 6 == 5 { Settled::Part } else { Settled::Nothing };
        book.sale(Sale { settled, ..open(customer, -age) });
        if customer % 5 < 2 {
            book.sale(open(customer, -(age + 11)));
        }
        if customer % 6 == 0 {
            book.sale(open(customer, 3 + days % 40));
        }
    }
}

/// Jobs, inactive customers and those without a usable number owe something too.
fn awkward(book: &mut Book) {
    for customer in JOBS.start..N_CUSTOMERS {
        let days = i64::try_from(customer).unwrap_or_default();
        book.sale(open(customer, -(6 + days % 15)));
    }
    for customer in INACTIVE {
        book.sale(open(customer, 9));
    }
    for customer in 20..26 {
        book.sale(open(customer, 0));
    }
}

fn paid(book: &mut Book) {
    for customer in 0..N_CUSTOMERS {
        if customer % 6 != 3 {
            let age = book.random.between(20, 300);
            book.sale(Sale { settled: Settled::Paid, ..open(customer, -age) });
        }
    }
}

/// Money and credit that are applied to nothing: some of these customers owe nothing on balance.
fn in_credit(book: &mut Book) {
    for customer in IN_CREDIT {
        book.sale(Sale { total: Some(839 * UNIT), ..open(customer, -8) });
        match customer % 3 {
            0 => drop(book.payment(customer, 30_000 * UNIT, None)),
            1 => book.credit_memo(customer, 30_000 * UNIT),
            _ => {
                book.payment(customer, 300 * UNIT, None);
                book.credit_memo(customer, 80 * UNIT);
            }
        }
    }
}

fn void_and_deleted(book: &mut Book) {
    for customer in 30..40 {
        book.sale(open(customer, -25));
        book.with_last(Entity::Invoice, removal::voided);
    }
    for n in 0..6 {
        let id = book.transaction_id();
        let at_ms = instants::morning_ms(dates::plus_days(book.today, -1 - n * 4));
        book.company.add_gone(Entity::Invoice, &id, at_ms);
    }
}

/// Suppliers with open and paid bills; one of them has the name of a customer.
fn purchases(book: &mut Book) {
    for n in 0..12 {
        let name = if n == 0 { names::customer(1) } else { format!("Supplier {n} Trading LLC") };
        let vendor = book.vendor(&name);
        for (due_in, settled) in [(-20, Settled::Nothing), (10, Settled::Part), (-40, Settled::Paid)] {
            book.bill(&vendor, due_in - n, settled);
        }
    }
}

/// Two rows that no importer can take.
fn broken(book: &mut Book) {
    book.sale(open(1, -9));
    book.with_last(Entity::Invoice, |row| {
        row.put("Balance", json!("abc"));
        row.put(MALFORMED, json!("Balance is a string"));
    });
    book.sale(open(2, -9));
    book.with_last(Entity::Invoice, |row| {
        row.put(MALFORMED, json!("Id is missing"));
        if let Some(fields) = row.as_object_mut() {
            fields.remove("Id");
        }
    });
}
