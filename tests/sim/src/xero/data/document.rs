use jiff::civil::Date;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::field::Field as _;
use crate::xero::dates;
use crate::xero::money::{self, Units};

/// An invoice or bill before it is put into Xero's shape.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) kind: Kind,
    pub(crate) status: &'static str,
    pub(crate) contact_id: Value,
    pub(crate) contact_name: Value,
    pub(crate) date: Date,
    pub(crate) due: Option<Date>,
    pub(crate) currency: String,
    pub(crate) sub_total: Units,
    pub(crate) total: Units,
    pub(crate) paid: Units,
    pub(crate) credited: Units,
    pub(crate) paid_on: Option<Date>,
    pub(crate) updated_ms: i64,
    pub(crate) reference: String,
}

/// Sales invoice or bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sale,
    Bill,
}

impl Document {
    pub(crate) fn due_amount(&self) -> Units {
        match self.status {
            "VOIDED" | "DELETED" => 0,
            _ => self.total - self.paid - self.credited,
        }
    }

    /// The invoice object (Xero: accounting API, Invoices); the contact is id and name only.
    pub(crate) fn row(&self) -> Value {
        let mut row = json!({
            "Type": match self.kind { Kind::Sale => "ACCREC", Kind::Bill => "ACCPAY" },
            "InvoiceID": self.id, "InvoiceNumber": self.number, "Reference": self.reference,
            "Payments": [], "CreditNotes": [], "Prepayments": [], "Overpayments": [],
            "AmountDue": money::number(self.due_amount()), "AmountPaid": money::number(self.paid),
            "AmountCredited": money::number(self.credited), "CurrencyRate": money::number(money::UNIT),
            "HasErrors": false, "IsDiscounted": false, "HasAttachments": false,
            "Contact": contact(&self.contact_id, &self.contact_name),
            "DateString": dates::calendar_string(self.date), "Date": dates::calendar(self.date),
            "Status": self.status, "LineAmountTypes": "Exclusive",
            "LineItems": [line(&self.id, self.sub_total, self.total - self.sub_total)],
            "SubTotal": money::number(self.sub_total),
            "TotalTax": money::number(self.total - self.sub_total), "Total": money::number(self.total),
            "UpdatedDateUTC": dates::instant(self.updated_ms),
            "UpdatedDateUTCString": dates::instant_string(self.updated_ms),
            "CurrencyCode": self.currency,
        });
        if let Some(due) = self.due {
            row.put("DueDate", json!(dates::calendar(due)));
            row.put("DueDateString", json!(dates::calendar_string(due)));
        }
        self.add_settlements(&mut row);
        row
    }

    fn add_settlements(&self, row: &mut Value) {
        let on = self.paid_on.unwrap_or(self.date);
        if self.paid > 0 {
            row.put("Payments", json!([payment(&sibling(&self.id, 1), on, self.paid)]));
        }
        if self.credited > 0 {
            let (id, issued) = (sibling(&self.id, 2), dates::plus_days(on, -3));
            row.put(
                "CreditNotes",
                json!([{
                    "CreditNoteID": id, "CreditNoteNumber": format!("CN-{}", self.number), "ID": id,
                    "HasErrors": false, "AppliedAmount": money::number(self.credited),
                    "DateString": dates::calendar_string(issued), "Date": dates::calendar(issued),
                    "LineItems": [], "Total": money::number(self.credited),
                }]),
            );
        }
        if let Some(paid_on) = self.paid_on {
            row.put("FullyPaidOnDate", json!(dates::calendar(paid_on)));
        }
        if self.kind == Kind::Sale && self.status == "AUTHORISED" && self.updated_ms % 3 == 0 {
            row.put("SentToContact", json!(true));
        }
    }
}

/// A contact as it is nested in a list: id and name, the rest empty.
pub(crate) fn contact(id: &Value, name: &Value) -> Value {
    json!({
        "ContactID": id, "Name": name, "Addresses": [], "Phones": [],
        "ContactGroups": [], "ContactPersons": [], "HasValidationErrors": false,
    })
}

/// The one line of a document.
pub(crate) fn line(id: &str, amount: Units, tax: Units) -> Value {
    json!({
        "Description": "Goods and services", "Quantity": money::number(money::UNIT),
        "UnitAmount": money::number(amount), "LineAmount": money::number(amount),
        "TaxType": "OUTPUT", "TaxAmount": money::number(tax),
        "AccountCode": "200", "Tracking": [], "LineItemID": sibling(id, 3),
    })
}

/// Another id that belongs to the same document and needs no randomness.
pub(crate) fn sibling(id: &str, n: usize) -> String {
    let shifted = |held: Uuid| Uuid::from_u128(held.as_u128() ^ u128::try_from(n).unwrap_or_default());
    Uuid::parse_str(id).map_or_else(|_other| id.to_owned(), |held| shifted(held).to_string())
}

/// An id of its own for the `n`-th tie between two rows.
pub(crate) fn joint(one: &Value, other: &Value, n: usize) -> String {
    let number = |id: &Value| id.as_str().and_then(|id| Uuid::parse_str(id).ok()).map_or(0, |id| id.as_u128());
    sibling(&Uuid::from_u128(number(one) ^ number(other)).to_string(), n)
}

/// A payment as it is nested in an invoice.
pub(crate) fn payment(id: &str, on: Date, amount: Units) -> Value {
    json!({
        "PaymentID": id, "Date": dates::calendar(on), "Amount": money::number(amount),
        "CurrencyRate": money::number(money::UNIT), "HasAccount": false, "HasValidationErrors": false,
    })
}

/// A new open invoice or bill of 100.00, due today.
pub(crate) fn blank(id: &str, kind: Kind, contact: &Value, today: Date) -> Value {
    let amount = 100 * money::UNIT;
    Document {
        id: id.to_owned(),
        number: format!("NEW-{}", id.get(..8).unwrap_or(id)),
        kind,
        status: "AUTHORISED",
        contact_id: contact.at("ContactID").clone(),
        contact_name: contact.at("Name").clone(),
        date: dates::plus_days(today, -14),
        due: Some(today),
        currency: String::from("AED"),
        sub_total: amount,
        total: amount,
        paid: 0,
        credited: 0,
        paid_on: None,
        updated_ms: dates::start_ms(today),
        reference: String::new(),
    }
    .row()
}
