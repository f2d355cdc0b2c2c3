pub(crate) mod balances;
pub(crate) mod removal;

use jiff::civil::Date;
use serde_json::{Value, json};

use crate::field::Field as _;
use crate::intuit::amounts;
use crate::intuit::company::{Company, touch};
use crate::intuit::data::payment::{self, Payment};
use crate::intuit::entity::{Change, Entity, Operation};
use crate::xero::money::Units;

/// The moment at which somebody works in the company's books.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) now_ms: i64,
    pub(crate) today: Date,
}

/// Receives a payment for an invoice: its whole balance if no amount is said.
pub(crate) fn pay(company: &mut Company, invoice_id: &str, amount: Option<Units>, at: Moment) -> Option<Vec<Change>> {
    let id = company.new_id();
    let invoice = company.row(Entity::Invoice, invoice_id)?;
    let amount = amount.unwrap_or_else(|| amounts::of(invoice.at("Balance")));
    let row = Payment::of_invoice(&id, invoice, amount, at).row();
    company.rows_mut(Entity::Payment).push(row);
    Some(vec![Change::new(Entity::Payment, Operation::Create, &id), link(company, invoice_id, &id, amount, at)?])
}

/// Applies what is left of a payment to an invoice.
pub(crate) fn apply_payment(
    company: &mut Company,
    (payment_id, invoice_id): (&str, &str),
    amount: Option<Units>,
    at: Moment,
) -> Option<Vec<Change>> {
    let open = amounts::of(company.row(Entity::Invoice, invoice_id)?.at("Balance"));
    let row = company.row_mut(Entity::Payment, payment_id)?;
    let left = amounts::of(row.at("UnappliedAmt"));
    let amount = amount.unwrap_or(open).min(left);
    row.put("UnappliedAmt", amounts::number(left - amount));
    if let Some(lines) = row.get_mut("Line").and_then(Value::as_array_mut) {
        lines.push(payment::line("Invoice", invoice_id, amount));
    }
    touch(row, at.now_ms);
    Some(vec![
        Change::new(Entity::Payment, Operation::Update, payment_id),
        link(company, invoice_id, payment_id, amount, at)?,
    ])
}

/// Applies a credit memo to an invoice, which QuickBooks records as a payment of nothing with two lines.
pub(crate) fn apply_credit(
    company: &mut Company,
    (memo_id, invoice_id): (&str, &str),
    amount: Option<Units>,
    at: Moment,
) -> Option<Vec<Change>> {
    let id = company.new_id();
    let invoice = company.row(Entity::Invoice, invoice_id)?.clone();
    let open = amounts::of(invoice.at("Balance"));
    let memo = company.row_mut(Entity::CreditMemo, memo_id)?;
    let left = amounts::of(memo.at("RemainingCredit"));
    let amount = amount.unwrap_or(open).min(left);
    spend(memo, amount, at);
    let mut row = Payment::of_invoice(&id, &invoice, 0, at).row();
    let lines = [payment::line("Invoice", invoice_id, amount), payment::line("CreditMemo", memo_id, amount)];
    row.put("Line", json!(lines));
    company.rows_mut(Entity::Payment).push(row);
    Some(vec![
        Change::new(Entity::Payment, Operation::Create, &id),
        Change::new(Entity::CreditMemo, Operation::Update, memo_id),
        link(company, invoice_id, &id, amount, at)?,
    ])
}

/// Takes a payment off an invoice again; the money stays with the customer.
pub(crate) fn unapply(company: &mut Company, payment_id: &str, invoice_id: &str, at: Moment) -> Option<Vec<Change>> {
    let (amount, change) = give_back(company, payment_id, invoice_id, at)?;
    Some(vec![change, unlink(company, invoice_id, payment_id, amount, at)?])
}

/// What was applied to an invoice goes back to the payment, or to the credit memo that it came from.
fn give_back(company: &mut Company, payment_id: &str, invoice_id: &str, at: Moment) -> Option<(Units, Change)> {
    let row = company.row_mut(Entity::Payment, payment_id)?;
    let amount = payment::take_lines(row, invoice_id);
    touch(row, at.now_ms);
    let memo_id = payment::linked(row, "CreditMemo").into_iter().next().map(|(id, _)| id);
    let Some(memo_id) = memo_id else {
        row.put("UnappliedAmt", amounts::number(amounts::of(row.at("UnappliedAmt")) + amount));
        return Some((amount, Change::new(Entity::Payment, Operation::Update, payment_id)));
    };
    payment::take_lines(row, &memo_id);
    let memo = company.row_mut(Entity::CreditMemo, &memo_id)?;
    spend(memo, -amount, at);
    Some((amount, Change::new(Entity::Payment, Operation::Update, payment_id)))
}

/// Lowers what is left of a credit memo.
fn spend(memo: &mut Value, amount: Units, at: Moment) {
    let left = amounts::number(amounts::of(memo.at("RemainingCredit")) - amount);
    memo.put("RemainingCredit", left.clone());
    memo.put("Balance", left);
    touch(memo, at.now_ms);
}

/// Lowers an invoice's balance and names the transaction that did it.
fn link(company: &mut Company, invoice_id: &str, id: &str, amount: Units, at: Moment) -> Option<Change> {
    let row = company.row_mut(Entity::Invoice, invoice_id)?;
    lower(row, amount);
    if let Some(links) = row.get_mut("LinkedTxn").and_then(Value::as_array_mut) {
        links.push(json!({ "TxnId": id, "TxnType": "Payment" }));
    }
    touch(row, at.now_ms);
    Some(Change::new(Entity::Invoice, Operation::Update, invoice_id))
}

fn unlink(company: &mut Company, invoice_id: &str, id: &str, amount: Units, at: Moment) -> Option<Change> {
    let row = company.row_mut(Entity::Invoice, invoice_id)?;
    lower(row, -amount);
    if let Some(links) = row.get_mut("LinkedTxn").and_then(Value::as_array_mut) {
        links.retain(|link| link.at("TxnId") != id);
    }
    touch(row, at.now_ms);
    Some(Change::new(Entity::Invoice, Operation::Update, invoice_id))
}

fn lower(row: &mut Value, amount: Units) {
    row.put("Balance", amounts::number(amounts::of(row.at("Balance")) - amount));
    amounts::write_home(row, "Balance", "HomeBalance");
}
