//! Which invoices of a unit are chased, and what a message says about them.

use jiff::civil::Date;

use crate::{
    invoice::Invoice,
    money::{Currency, Money},
    plan::{
        decision::InvoiceLine,
        reason::{Reason, SkipCode},
    },
    wording::MAX_LINES,
};

/// Remainders below this many whole units of the currency are not worth a message.
const SMALLEST_UNITS: i64 = 20;

/// The chaseable invoices of a unit, oldest due date first; of equally old ones the larger first.
#[derive(Debug)]
pub struct Chase<'a> {
    invoices: Vec<(Date, &'a Invoice)>,
    currency: Currency,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The invoices listed, oldest first.
    pub lines: Vec<InvoiceLine>,
    /// How many more are summed.
    pub more: usize,
    /// The sum of all remaining amounts.
    pub total: Money,
}

/// The chaseable invoices among the open ones, or why there are none.
pub fn chase<'a>(open: &[&'a Invoice], currency: Currency) -> Result<Chase<'a>, Vec<Reason>> {
    let mut reasons = Vec::new();
    let mut invoices: Vec<(Date, &Invoice)> = Vec::new();
    for invoice in open {
        match invoice.due {
            _ if invoice.remaining.minor < invoice_minimum(invoice) => reasons.push(SkipCode::BelowMinimum.into()),
            None => reasons.push(SkipCode::NoDueDate.into()),
            Some(due) => invoices.push((due, invoice)),
        }
    }
    invoices.sort_by_key(|(due, invoice)| (*due, std::cmp::Reverse(invoice.remaining.minor), invoice.id.clone()));
    if invoices.is_empty() { Err(reasons) } else { Ok(Chase { invoices, currency }) }
}

impl<'a> Chase<'a> {
    /// Invoices that may be the anchor, the first choice first, each with its due date.
    pub fn candidates(&self) -> impl Iterator<Item = (Date, &'a Invoice)> {
        self.invoices.iter().copied()
    }

    /// What a message about an anchor due on a date says today.
    ///
    /// An overdue text lists what is overdue; a text before the due date lists what that day brings.
    pub fn content(&self, anchor_due: Date, today: Date) -> Content {
        let overdue = anchor_due < today;
        let told: Vec<&(Date, &Invoice)> =
            self.invoices.iter().filter(|(due, _)| if overdue { *due < today } else { *due == anchor_due }).collect();
        let lines = told.iter().take(MAX_LINES).map(|(due, invoice)| line(*due, invoice)).collect();
        let total = told.iter().fold(0_i64, |sum, (_, invoice)| sum.saturating_add(invoice.remaining.minor));
        Content { lines, more: told.len().saturating_sub(MAX_LINES), total: Money::new(total, self.currency) }
    }
}

fn line(due: Date, invoice: &Invoice) -> InvoiceLine {
    InvoiceLine { invoice: invoice.id.clone(), number: invoice.number.clone(), remaining: invoice.remaining, due }
}

/// The larger of 1 % of the total and 20 units of the currency, in minor units.
fn invoice_minimum(invoice: &Invoice) -> i64 {
    let units = (0..invoice.total.currency.exponent()).fold(SMALLEST_UNITS, |minor, _| minor * 10);
    (invoice.total.minor / 100).max(units)
}
