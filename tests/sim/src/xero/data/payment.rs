use serde_json::{Value, json};

use crate::field::Field as _;

/// All payments that invoices tell of.
pub(crate) fn all(invoices: &[Value]) -> Vec<Value> {
    invoices
        .iter()
        .flat_map(|invoice| invoice.list("Payments").iter().map(move |nested| row(invoice, nested)))
        .collect()
}

/// The payment object of one that is nested in an invoice (Xero: accounting API, Payments).
pub(crate) fn row(invoice: &Value, nested: &Value) -> Value {
    let kind = if invoice.at("Type") == "ACCREC" { "ACCRECPAYMENT" } else { "ACCPAYPAYMENT" };
    json!({
        "PaymentID": nested.at("PaymentID"), "Date": nested.at("Date"), "Amount": nested.at("Amount"),
        "BankAmount": nested.at("Amount"), "CurrencyRate": nested.at("CurrencyRate"), "Reference": "",
        "PaymentType": kind, "Status": "AUTHORISED", "IsReconciled": false, "HasAccount": true,
        "HasValidationErrors": false,
        "Account": { "AccountID": "5690f1e8-1d02-4893-90c2-ee1a69eff942", "Code": "970" },
        "UpdatedDateUTC": invoice.at("UpdatedDateUTC"), "UpdatedDateUTCString": invoice.at("UpdatedDateUTCString"),
        "Invoice": {
            "Type": invoice.at("Type"), "InvoiceID": invoice.at("InvoiceID"),
            "InvoiceNumber": invoice.at("InvoiceNumber"), "Payments": [], "CreditNotes": [], "Prepayments": [],
            "Overpayments": [], "HasErrors": false, "IsDiscounted": false, "Contact": invoice.at("Contact"),
            "LineItems": [], "CurrencyCode": invoice.at("CurrencyCode"),
        },
    })
}
