use jiff::civil::Date;
use serde_json::{Value, json};

use crate::field::Field as _;
use crate::intuit::amounts;
use crate::intuit::company::Company;
use crate::intuit::data::customer::Customer;
use crate::intuit::data::document::Document;
use crate::intuit::data::facts::{Currencies, Facts};
use crate::intuit::data::payment::Payment;
use crate::intuit::data::vendor;
use crate::intuit::entity::Entity;
use crate::intuit::instants;
use crate::intuit::ledger::balances;
use crate::random::Random;
use crate::xero::dates;
use crate::xero::money::{UNIT, Units};

/// A company whose books are being written.
pub(crate) struct Book {
    pub(crate) company: Company,
    pub(crate) random: Random,
    pub(crate) today: Date,
    pub(crate) customers: Vec<Customer>,
    facts: Facts,
    /// Customers and vendors are numbered in one series, transactions in another.
    n_names: u64,
    n_transactions: u64,
}

/// How far a document is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settled {
    Nothing,
    Part,
    Paid,
}

/// A sale to be entered; the due date counts in days from today.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sale {
    pub(crate) customer: usize,
    pub(crate) due_in: i64,
    pub(crate) settled: Settled,
    /// The amount, or a random one.
    pub(crate) total: Option<Units>,
}

/// A sale of which nothing is paid.
pub(crate) fn open(customer: usize, due_in: i64) -> Sale {
    Sale { customer, due_in, settled: Settled::Nothing, total: None }
}

impl Book {
    pub(crate) fn new(facts: Facts, key: &str, seed: u64, today: Date) -> Self {
        let company = facts.company(key, seed);
        let random = Random::new(seed ^ company.realm.parse().unwrap_or(0));
        Self { company, random, today, customers: Vec::new(), facts, n_names: 0, n_transactions: 0 }
    }

    /// Enters a customer and gives its place among the customers.
    pub(crate) fn customer(&mut self, name: &str, currency: &'static str) -> usize {
        let index = self.customers.len();
        let id = self.name_id();
        let updated_ms = self.some_day(2, 80);
        let email = (!index.is_multiple_of(9)).then(|| format!("accounts{index}@customer.example"));
        let customer = Customer { id, name: name.to_owned(), currency, updated_ms, email };
        self.company.rows_mut(Entity::Customer).push(customer.row());
        self.customers.push(customer);
        index
    }

    /// Works on the row of a customer, which stands where the customer does.
    pub(crate) fn with_customer(&mut self, index: usize, change: impl FnOnce(&mut Value)) {
        if let Some(row) = self.company.rows_mut(Entity::Customer).get_mut(index) {
            change(row);
        }
    }

    /// Gives a customer a number that is its own.
    pub(crate) fn mobile(&mut self, index: usize, e164: &str) {
        if let Some(customer) = self.customers.get(index) {
            self.company.mobiles.insert(customer.id.clone(), e164.to_owned());
        }
    }

    /// A job has its parent's number and currency, so neither is its own.
    pub(crate) fn inherit(&mut self, job: usize, parent: usize) {
        let currency = self.customers.get(parent).map_or("", |customer| customer.currency);
        if let Some(customer) = self.customers.get_mut(job) {
            customer.currency = currency;
            self.company.mobiles.remove(&customer.id);
        }
    }

    pub(crate) fn vendor(&mut self, name: &str) -> Value {
        let id = self.name_id();
        let row = vendor::row(&id, name, self.facts.home, self.some_day(2, 80));
        self.company.rows_mut(Entity::Vendor).push(row);
        json!({ "value": id, "name": name })
    }

    /// Enters an invoice, with the payment that settles it, and gives its id.
    pub(crate) fn sale(&mut self, sale: Sale) -> String {
        let document = self.sales_document(sale);
        let paid = document.total - document.open;
        let mut row = document.invoice();
        if paid > 0 {
            let payment_id = self.payment(sale.customer, paid, Some(&document.id));
            row.put("LinkedTxn", json!([{ "TxnId": payment_id, "TxnType": "Payment" }]));
        }
        self.company.rows_mut(Entity::Invoice).push(row);
        document.id
    }

    /// Enters a credit memo of which nothing is applied yet.
    pub(crate) fn credit_memo(&mut self, customer: usize, total: Units) {
        let document = self.sales_document(Sale { total: Some(total), ..open(customer, -3) });
        self.company.rows_mut(Entity::CreditMemo).push(document.credit_memo());
    }

    /// Enters a payment, applied to one invoice or to none, and gives its id.
    pub(crate) fn payment(&mut self, customer: usize, total: Units, invoice_id: Option<&str>) -> String {
        let id = self.transaction_id();
        let updated_ms = self.some_day(2, 19);
        if let Some(customer) = self.customers.get(customer) {
            let payment = Payment {
                id: id.clone(),
                customer: customer.reference(),
                date: self.today,
                currency: customer.currency.to_owned(),
                total,
                invoice_id: invoice_id.map(String::from),
                updated_ms,
            };
            self.company.rows_mut(Entity::Payment).push(payment.row());
        }
        id
    }

    /// Enters a supplier's bill.
    pub(crate) fn bill(&mut self, vendor: &Value, due_in: i64, settled: Settled) {
        let total = self.amount();
        let document = Document {
            party: vendor.clone(),
            currency: self.facts.home,
            rate: self.rate(self.facts.home),
            total,
            open: left(total, settled),
            ..self.document(due_in)
        };
        self.company.rows_mut(Entity::Bill).push(document.bill());
    }

    /// Works on the last row that was entered.
    pub(crate) fn with_last(&mut self, entity: Entity, change: impl FnOnce(&mut Value)) {
        if let Some(row) = self.company.rows_mut(entity).last_mut() {
            change(row);
        }
    }

    /// An id that is taken by nothing that can be read.
    pub(crate) fn name_id(&mut self) -> String {
        self.n_names += 1;
        self.n_names.to_string()
    }

    pub(crate) fn transaction_id(&mut self) -> String {
        self.n_transactions += 1;
        self.n_transactions.to_string()
    }

    /// The finished company: balances written, invoices in no order.
    pub(crate) fn close(mut self) -> Company {
        balances::write(&mut self.company);
        self.random.shuffle(self.company.rows_mut(Entity::Invoice));
        self.company
    }

    fn sales_document(&mut self, sale: Sale) -> Document {
        let total = sale.total.unwrap_or_else(|| self.amount());
        let document = self.document(sale.due_in);
        let Some(customer) = self.customers.get(sale.customer) else { return document };
        Document {
            party: customer.reference(),
            email: customer.email.clone(),
            currency: customer.currency,
            rate: self.rate(customer.currency),
            total,
            open: left(total, sale.settled),
            ..document
        }
    }

    fn document(&mut self, due_in: i64) -> Document {
        let id = self.transaction_id();
        let n = self.n_transactions;
        let due = dates::plus_days(self.today, due_in);
        let email_status = match n % 8 {
            0 | 1 => "EmailSent",
            2 => "NeedToSend",
            _ => "NotSet",
        };
        Document {
            number: (!n.is_multiple_of(23)).then(|| (1000 + n).to_string()),
            party: Value::Null,
            email: None,
            date: dates::plus_days(due, -self.random.between(14, 30)),
            due,
            currency: self.facts.home,
            rate: None,
            total: 0,
            open: 0,
            updated_ms: self.some_day(2, 80),
            email_status,
            id,
        }
    }

    fn some_day(&mut self, from: i64, to: i64) -> i64 {
        let day = dates::plus_days(self.today, -self.random.between(from, to));
        instants::morning_ms(day) + self.random.between(0, 28_799) * 1000
    }

    fn amount(&mut self) -> Units {
        self.random.between(15_000, 2_400_000) * UNIT / 100
    }

    fn rate(&self, currency: &str) -> Option<Units> {
        let rate = match currency {
            "USD" => 36_725,
            "EUR" => 39_980,
            "GBP" => 46_510,
            "SAR" => 9_793,
            "KWD" => 119_400,
            _ => UNIT,
        };
        (self.facts.currencies == Currencies::Many).then_some(rate)
    }
}

fn left(total: Units, settled: Settled) -> Units {
    match settled {
        Settled::Nothing => total,
        Settled::Part => total - amounts::whole(total / 3),
        Settled::Paid => 0,
    }
}
