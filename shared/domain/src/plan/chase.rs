//! Which invoices of a unit are chased, and what a message says about them.

use jiff::civil::Date;

use crate::{
    customer_file::{CustomerFile, Start},
    invoice::{Invoice, Marked},
    money::{Currency, Money},
    plan::{
        OpenInvoice,
        decision::InvoiceLine,
        entry::is_backlog,
        reason::{Reason, SkipCode},
        scene::UnitScene,
    },
    wording::MAX_LINES,
};

/// Remainders below this many whole units of the currency are not worth a message.
const SMALLEST_UNITS: i64 = 20;

/// The chaseable invoices of a unit, oldest due date first; of equally old ones the larger first.
#[derive(Debug)]
pub struct Chase<'a> {
    invoices: Vec<Candidate<'a>>,
    currency: Currency,
}

/// An invoice that may be the anchor.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// Its due date.
    pub due: Date,
    /// The invoice and what is known of it.
    pub open: &'a OpenInvoice,
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
pub(super) fn chase<'a>(unit: &UnitScene<'a>, currency: Currency) -> Result<Chase<'a>, Vec<Reason>> {
    let mut reasons = Vec::new();
    let mut invoices = Vec::new();
    for open in unit.open {
        match chaseable(unit, open) {
            Ok(due) => invoices.push(Candidate { due, open }),
            Err(code) => reasons.push(code.into()),
        }
    }
    invoices.sort_unstable_by(|one, other| {
        let (invoice, than) = (&one.open.invoice, &other.open.invoice);
        let larger_first = || than.remaining.minor.cmp(&invoice.remaining.minor);
        one.due.cmp(&other.due).then_with(larger_first).then_with(|| invoice.id.cmp(&than.id))
    });
    if invoices.is_empty() { Err(reasons) } else { Ok(Chase { invoices, currency }) }
}

/// The due date of an invoice that is chased, or why it is not.
fn chaseable(unit: &UnitScene<'_>, open: &OpenInvoice) -> Result<Date, SkipCode> {
    let (invoice, file) = (&open.invoice, unit.file);
    if file.disputes.contains_key(&invoice.id) {
        return Err(SkipCode::DisputeOpen);
    }
    if is_left_out(file, invoice) {
        return Err(SkipCode::LeftOut);
    }
    if invoice.remaining.minor < minimum_of(invoice.total) {
        return Err(SkipCode::BelowMinimum);
    }
    if unit.policy.only_marked_sent && invoice.marked == Marked::NotSent {
        return Err(SkipCode::NotMarkedSent);
    }
    let due = invoice.due.ok_or(SkipCode::NoDueDate)?;
    if is_backlog(unit, open, due) && !file.backlog.contains_key(&invoice.id) {
        return Err(SkipCode::BacklogUnconfirmed);
    }
    Ok(due)
}

fn is_left_out(file: &CustomerFile, invoice: &Invoice) -> bool {
    file.backlog.get(&invoice.id).is_some_and(|choice| choice.start == Start::LeaveOut)
}

impl<'a> Chase<'a> {
    /// Invoices that may be the anchor, the first choice first.
    pub fn candidates(&self) -> impl Iterator<Item = Candidate<'a>> {
        self.invoices.iter().copied()
    }

    /// The sum of everything that is chased.
    pub fn total(&self) -> i64 {
        self.invoices.iter().fold(0, |sum, candidate| sum.saturating_add(candidate.open.invoice.remaining.minor))
    }

    /// What a message about an anchor due on a date says today.
    ///
    /// An overdue text lists what is overdue; a text before the due date lists what that day brings.
    pub fn content(&self, anchor_due: Date, today: Date) -> Content {
        let overdue = anchor_due < today;
        let is_told = |due: Date| if overdue { due < today } else { due == anchor_due };
        let told: Vec<&Candidate<'_>> = self.invoices.iter().filter(|candidate| is_told(candidate.due)).collect();
        let lines = told.iter().take(MAX_LINES).map(|candidate| line(candidate)).collect();
        let total = told.iter().fold(0_i64, |sum, c| sum.saturating_add(c.open.invoice.remaining.minor));
        Content { lines, more: told.len().saturating_sub(MAX_LINES), total: Money::new(total, self.currency) }
    }
}

impl Content {
    /// What a message about one invoice says that has no room for others.
    pub(super) fn alone(candidate: &Candidate<'_>) -> Self {
        Self { lines: vec![line(candidate)], more: 0, total: candidate.open.invoice.remaining }
    }
}

fn line(candidate: &Candidate<'_>) -> InvoiceLine {
    let Invoice { id, number, remaining, .. } = &candidate.open.invoice;
    InvoiceLine { invoice: id.clone(), number: number.clone(), remaining: *remaining, due: candidate.due }
}

/// The smallest remainder of a total that is worth a message: 1 % of it, and at least 20 units of its currency.
pub(super) fn minimum_of(total: Money) -> i64 {
    (total.minor / 100).max(smallest(total.currency))
}

/// 20 units of a currency, in minor units.
pub(super) fn smallest(currency: Currency) -> i64 {
    (0..currency.exponent()).fold(SMALLEST_UNITS, |minor, _| minor * 10)
}
