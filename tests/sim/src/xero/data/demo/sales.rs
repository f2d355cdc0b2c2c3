use jiff::civil::Date;
use serde_json::{Value, json};

use crate::field::Field as _;
use crate::random::Random;
use crate::xero::accounting::MALFORMED;
use crate::xero::data::contact::Contact;
use crate::xero::data::demo::customers::{FIRST_SUPPLIER, N_CONTACTS, N_OVERDUE};
use crate::xero::data::document::{Document, Kind};
use crate::xero::money::{UNIT, Units};
use crate::xero::{dates, money};

/// All documents of the organisation, in no particular order.
pub(crate) fn all(random: &mut Random, today: Date, contacts: &[Contact]) -> Vec<Value> {
    let mut book = Book { random, today, contacts, rows: Vec::new(), n_documents: 0 };
    book.open_sales();
    book.settled_sales();
    book.unapproved_and_cancelled();
    book.bills();
    book.broken();
    let Book { random, mut rows, .. } = book;
    random.shuffle(&mut rows);
    rows
}

struct Book<'a> {
    random: &'a mut Random,
    today: Date,
    contacts: &'a [Contact],
    rows: Vec<Value>,
    n_documents: usize,
}

/// How far a document is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Settled {
    Nothing,
    Part,
    Paid,
    Credited,
}

/// A document to be added; the due date counts in days from today.
#[derive(Debug, Clone, Copy)]
struct Draft {
    contact: usize,
    kind: Kind,
    status: &'static str,
    due_in: Option<i64>,
    settled: Settled,
}

const CURRENCIES: &[&str] = &["AED", "AED", "AED", "USD", "AED", "EUR", "AED", "GBP", "AED", "KWD", "AED", "JPY"];

impl Book<'_> {
    fn open_sales(&mut self) {
        for contact in 0..N_OVERDUE {
            let days = i64::try_from(contact).unwrap_or_default();
            let age = match contact {
                0..110 => 5 + days % 21,
                110..130 => 31 + days % 90,
                _ => 1 + days % 4,
            };
            let settled = if contact % 6 == 5 { Settled::Part } else { Settled::Nothing };
            self.add(Draft { settled, ..sale(contact, "AUTHORISED", Some(-age)) });
            if contact % 5 < 2 {
                self.add(sale(contact, "AUTHORISED", Some(-(age + 11))));
            }
            if contact % 6 == 0 {
                self.add(sale(contact, "AUTHORISED", Some(3 + days % 40)));
            }
        }
        for contact in N_OVERDUE..FIRST_SUPPLIER {
            let days = i64::try_from(contact).unwrap_or_default();
            // The awkward contacts owe something overdue too, so that each needs its reason for a skip.
            let due_in = match contact {
                140..150 => 0,
                150..185 => -(6 + days % 15),
                _ => 1 + days % 30,
            };
            self.add(sale(contact, "AUTHORISED", Some(due_in)));
        }
        for contact in 20..25 {
            self.add(sale(contact, "AUTHORISED", None));
        }
    }

    fn settled_sales(&mut self) {
        for contact in 0..FIRST_SUPPLIER {
            if contact % 4 != 3 {
                let age = self.random.between(20, 300);
                self.add(Draft { settled: Settled::Paid, ..sale(contact, "PAID", Some(-age)) });
            }
        }
        for contact in 30..42 {
            self.add(Draft { settled: Settled::Credited, ..sale(contact, "PAID", Some(-40)) });
        }
    }

    fn unapproved_and_cancelled(&mut self) {
        for contact in 0..12 {
            self.add(sale(contact, "DRAFT", Some(20)));
            self.add(sale(contact + 60, "DRAFT", None));
        }
        for contact in 40..50 {
            self.add(sale(contact, "SUBMITTED", Some(-3)));
        }
        for contact in 50..63 {
            self.add(sale(contact, "VOIDED", Some(-25)));
        }
        for contact in 63..71 {
            self.add(sale(contact, "DELETED", Some(-25)));
        }
    }

    fn bills(&mut self) {
        for n in 0..80 {
            let contact = FIRST_SUPPLIER + n % (N_CONTACTS - FIRST_SUPPLIER);
            let days = i64::try_from(n).unwrap_or_default();
            let (status, settled) = match n % 4 {
                0 => ("AUTHORISED", Settled::Nothing),
                1 | 2 => ("PAID", Settled::Paid),
                _ => ("DRAFT", Settled::Nothing),
            };
            self.add(Draft { contact, kind: Kind::Bill, status, due_in: Some(20 - days), settled });
        }
    }

    /// Two rows that no importer can take.
    fn broken(&mut self) {
        self.add(sale(1, "AUTHORISED", Some(-9)));
        if let Some(row) = self.rows.last_mut() {
            row.put("AmountDue", json!("abc"));
            row.put(MALFORMED, json!("AmountDue is a string"));
        }
        self.add(sale(2, "AUTHORISED", Some(-9)));
        if let Some(row) = self.rows.last_mut().and_then(Value::as_object_mut) {
            row.remove("InvoiceID");
            row.insert(String::from(MALFORMED), json!("InvoiceID is missing"));
        }
    }

    fn add(&mut self, draft: Draft) {
        let Some(contact) = self.contacts.get(draft.contact) else { return };
        self.n_documents += 1;
        let n = self.n_documents;
        let currency = CURRENCIES.get(n % CURRENCIES.len()).copied().unwrap_or("AED");
        let (sub_total, total) = amounts(self.random, currency);
        let due = draft.due_in.map(|days| dates::plus_days(self.today, days));
        let date = dates::plus_days(due.unwrap_or(self.today), -self.random.between(14, 30));
        let (paid, credited) = match draft.settled {
            Settled::Nothing => (0, 0),
            Settled::Part => (sub_total / 3 / UNIT * UNIT, 0),
            Settled::Paid => (total, 0),
            Settled::Credited => (0, total),
        };
        let closed = matches!(draft.settled, Settled::Paid | Settled::Credited);
        let paid_on = closed.then(|| dates::plus_days(self.today, -self.random.between(2, 19)));
        let updated = paid_on.unwrap_or(dates::plus_days(self.today, -self.random.between(2, 80)));
        let document = Document {
            id: self.random.id(),
            number: number(draft.kind, n),
            kind: draft.kind,
            status: draft.status,
            contact_id: json!(contact.id),
            contact_name: json!(contact.name),
            date,
            due,
            currency: currency.to_owned(),
            sub_total,
            total,
            paid,
            credited,
            paid_on,
            updated_ms: dates::start_ms(updated) + self.random.between(0, 86_399_999),
            reference: if n.is_multiple_of(4) { format!("PO {n}") } else { String::new() },
        };
        self.rows.push(with_extras(document.row(), currency, n));
    }
}

fn sale(contact: usize, status: &'static str, due_in: Option<i64>) -> Draft {
    Draft { contact, kind: Kind::Sale, status, due_in, settled: Settled::Nothing }
}

/// Sales are numbered; bills carry the supplier's number, or none.
fn number(kind: Kind, n: usize) -> String {
    match kind {
        Kind::Sale => format!("INV-{:04}", 1000 + n),
        Kind::Bill if n.is_multiple_of(5) => String::from("AP"),
        Kind::Bill if n.is_multiple_of(7) => String::new(),
        Kind::Bill => format!("RB{:06}", 300_000 + n),
    }
}

fn amounts(random: &mut Random, currency: &str) -> (Units, Units) {
    let (low, high, step) = match currency {
        "JPY" => (9_000, 900_000, UNIT),
        "KWD" => (12_000, 900_000, UNIT / 1000),
        _ => (15_000, 2_400_000, UNIT / 100),
    };
    let sub_total = random.between(low, high) * step;
    (sub_total, sub_total + sub_total / 20 / step * step)
}

fn with_extras(mut row: Value, currency: &str, n: usize) -> Value {
    let rate = match currency {
        "USD" => 2_723,
        "EUR" => 2_345,
        "GBP" => 2_071,
        "KWD" => 834,
        "JPY" => 40 * UNIT,
        _ => UNIT,
    };
    row.put("CurrencyRate", money::number(rate));
    if n.is_multiple_of(9) {
        row.put("SimUnknownField", json!({ "added": "later", "levels": [1, { "deep": null }] }));
    }
    if n.is_multiple_of(2) {
        row.put("BrandingThemeID", json!("3b148f3f-5b9b-4e4d-9f6e-111111111111"));
    }
    row
}
