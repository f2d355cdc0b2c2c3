use jiff::civil::Date;
use serde_json::{Value, json};

use crate::field::Field as _;
use crate::xero::collection::Collection;
use crate::xero::data::{credit, document, payment};
use crate::xero::money::Units;
use crate::xero::{dates, money};

/// Pays an invoice; gives the row of the payment.
pub(crate) fn pay(invoice: &mut Value, payment_id: &str, amount: Units, on: Date) -> Value {
    let nested = document::payment(payment_id, on, amount);
    push(invoice, "Payments", nested.clone());
    move_due(invoice, "AmountPaid", amount, on);
    payment::row(invoice, &nested)
}

/// Takes a payment back: a settled invoice is open again.
pub(crate) fn take_back(invoice: &mut Value, payment: &mut Value) {
    let amount = money::units(payment.at("Amount")).unwrap_or_default();
    payment.put("Status", json!("DELETED"));
    remove(invoice, "Payments", |held| held.at("PaymentID") == payment.at("PaymentID"));
    move_due(invoice, "AmountPaid", -amount, Date::default());
}

/// Applies money that is held for a contact to an invoice; both rows tell of it.
pub(crate) fn apply(held: &mut Value, invoice: &mut Value, collection: Collection, amount: Units, on: Date) {
    let remaining = money::units(held.at("RemainingCredit")).unwrap_or_default() - amount;
    held.put("RemainingCredit", money::number(remaining));
    held.put("Status", json!(if remaining == 0 { "PAID" } else { "AUTHORISED" }));
    push(invoice, collection.name(), credit::nested(held, collection, amount));
    push(held, "Allocations", credit::allocation(held, invoice, amount, on));
    move_due(invoice, "AmountCredited", amount, on);
}

/// Undoes all that was applied of one credit to one invoice.
pub(crate) fn unapply(held: &mut Value, invoice: &mut Value, collection: Collection) {
    let here = |allocation: &Value| allocation.at("Invoice").at("InvoiceID") == invoice.at("InvoiceID");
    let undone = held.list("Allocations").iter().filter(|allocation| here(allocation));
    let amount: Units = undone.filter_map(|allocation| money::units(allocation.at("Amount"))).sum();
    let remaining = money::units(held.at("RemainingCredit")).unwrap_or_default() + amount;
    remove(held, "Allocations", here);
    held.put("RemainingCredit", money::number(remaining));
    held.put("Status", json!("AUTHORISED"));
    let id = collection.id_field();
    remove(invoice, collection.name(), |nested| nested.at(id) == held.at(id));
    move_due(invoice, "AmountCredited", -amount, Date::default());
}

/// Ends an invoice: nothing is due, the total stays.
pub(crate) fn cancel(invoice: &mut Value, status: &str) {
    invoice.put("Status", json!(status));
    invoice.put("AmountDue", money::number(0));
}

/// Keeps `Total = AmountDue + AmountPaid + AmountCredited`, and the status that follows from it.
fn move_due(invoice: &mut Value, settled: &str, amount: Units, on: Date) {
    let due = money::units(invoice.at("AmountDue")).unwrap_or_default() - amount;
    let settled_before = money::units(invoice.at(settled)).unwrap_or_default();
    invoice.put("AmountDue", money::number(due));
    invoice.put(settled, money::number(settled_before + amount));
    invoice.put("Status", json!(if due == 0 { "PAID" } else { "AUTHORISED" }));
    let Some(fields) = invoice.as_object_mut() else { return };
    fields.remove("FullyPaidOnDate");
    if due == 0 {
        fields.insert(String::from("FullyPaidOnDate"), json!(dates::calendar(on)));
    }
}

fn push(row: &mut Value, list: &str, item: Value) {
    match row.get_mut(list).and_then(Value::as_array_mut) {
        Some(items) => items.push(item),
        None => row.put(list, json!([item])),
    }
}

fn remove(row: &mut Value, list: &str, is_meant: impl Fn(&Value) -> bool) {
    if let Some(items) = row.get_mut(list).and_then(Value::as_array_mut) {
        items.retain(|item| !is_meant(item));
    }
}
