use jiff::civil::Date;
use serde_json::{Value, json};

use crate::field::Field as _;
use crate::intuit::amounts;
use crate::intuit::data::document::transaction;
use crate::intuit::ledger::Moment;
use crate::xero::money::Units;

/// A customer's payment before it is put into QuickBooks' shape.
#[derive(Debug, Clone)]
pub(crate) struct Payment {
    pub(crate) id: String,
    pub(crate) customer: Value,
    pub(crate) date: Date,
    pub(crate) currency: String,
    pub(crate) total: Units,
    /// The invoice that all of it is applied to, or none.
    pub(crate) invoice_id: Option<String>,
    pub(crate) updated_ms: i64,
}

impl Payment {
    /// A payment received now for an invoice.
    pub(crate) fn of_invoice(id: &str, invoice: &Value, total: Units, at: Moment) -> Self {
        let text = |value: &Value| value.as_str().map(String::from);
        Self {
            id: id.to_owned(),
            customer: invoice.at("CustomerRef").clone(),
            date: at.today,
            currency: text(invoice.at("CurrencyRef").at("value")).unwrap_or_default(),
            total,
            invoice_id: text(invoice.at("Id")),
            updated_ms: at.now_ms,
        }
    }

    /// The payment object (Intuit: accounting API, Payment); applied amounts are on its lines alone.
    pub(crate) fn row(&self) -> Value {
        let mut row = transaction(&self.id, self.date, &self.currency, self.updated_ms);
        let lines: Vec<Value> = self.invoice_id.iter().map(|id| line("Invoice", id, self.total)).collect();
        let unapplied = if lines.is_empty() { self.total } else { 0 };
        row.put("CustomerRef", self.customer.clone());
        row.put("TotalAmt", amounts::number(self.total));
        row.put("UnappliedAmt", amounts::number(unapplied));
        row.put("ProcessPayment", json!(false));
        row.put("DepositToAccountRef", json!({ "value": "35" }));
        row.put("LinkedTxn", json!([]));
        row.put("Line", json!(lines));
        row
    }
}

/// A line that applies an amount to a transaction, or takes it from one.
pub(crate) fn line(kind: &str, id: &str, amount: Units) -> Value {
    json!({
        "Amount": amounts::number(amount), "LinkedTxn": [{ "TxnId": id, "TxnType": kind }],
        "LineEx": { "any": [] },
    })
}

/// The transactions of one kind that a payment is applied to, with the amounts.
pub(crate) fn linked(payment: &Value, kind: &str) -> Vec<(String, Units)> {
    let of = |line: &Value| {
        let link = line.list("LinkedTxn").iter().find(|link| link.at("TxnType") == kind)?;
        Some((link.at("TxnId").as_str()?.to_owned(), amounts::of(line.at("Amount"))))
    };
    payment.list("Line").iter().filter_map(of).collect()
}

/// Takes the lines of a transaction away and says what they amounted to.
pub(crate) fn take_lines(payment: &mut Value, id: &str) -> Units {
    let mut taken = 0;
    let is_other = |line: &Value| !line.list("LinkedTxn").iter().any(|link| link.at("TxnId") == id);
    if let Some(lines) = payment.get_mut("Line").and_then(Value::as_array_mut) {
        taken = lines.iter().filter(|line| !is_other(line)).map(|line| amounts::of(line.at("Amount"))).sum();
        lines.retain(is_other);
    }
    taken
}
