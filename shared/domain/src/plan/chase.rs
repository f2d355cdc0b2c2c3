//! Which invoices of a unit are chased, and what a message says about them.

use jiff::civil::Date;

use crate::{
    invoice::Invoice,
    money::{Currency, Money},
    plan::{
        decision::InvoiceLine,
        reason::{Reason, SkipCode},
    },
    policy::Policy,
};

/// At most this many invoices are listed; the rest is "and N more".
const LISTED: usize = 5;

/// Remainders below this many whole units of the currency are not worth a message.
const SMALLEST_UNITS: i64 = 20;

/// The chaseable invoices of a unit, oldest due date first.
#[derive(Debug)]
pub struct Chase<'a> {
    /// The oldest by due date; of equally old ones the larger.
    pub anchor: &'a Invoice,
    /// The anchor's due date.
    pub anchor_due: Date,
    invoices: Vec<(Date, &'a Invoice)>,
    currency: Currency,
}

/// The chaseable invoices among the open ones, or why there are none.
pub fn chase<'a>(open: &[&'a Invoice], policy: &Policy, currency: Currency) -> Result<Chase<'a>, Vec<Reason>> {
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
    let Some((anchor_due, anchor)) = invoices.first().copied() else {
        return Err(reasons);
    };
    let total: i64 = invoices.iter().fold(0, |sum, (_, invoice)| sum.saturating_add(invoice.remaining.minor));
    if policy.minimum_total.get(&currency).is_some_and(|minimum| total < *minimum) {
        return Err(vec![SkipCode::BelowMinimum.into()]);
    }
    Ok(Chase { anchor, anchor_due, invoices, currency })
}

impl Chase<'_> {
    /// The lines, how many more there are, and the total.
    ///
    /// An overdue text lists what is overdue; a text before the due date lists what the anchor's day brings.
    pub fn content(&self, today: Date) -> (Vec<InvoiceLine>, usize, Money) {
        let overdue = self.anchor_due < today;
        let told: Vec<&(Date, &Invoice)> = self
            .invoices
            .iter()
            .filter(|(due, _)| if overdue { *due < today } else { *due == self.anchor_due })
            .collect();
        let lines = told.iter().take(LISTED).map(|(due, invoice)| line(*due, invoice)).collect();
        let total = told.iter().fold(0_i64, |sum, (_, invoice)| sum.saturating_add(invoice.remaining.minor));
        (lines, told.len().saturating_sub(LISTED), Money::new(total, self.currency))
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
