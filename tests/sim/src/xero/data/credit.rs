use jiff::civil::Date;
use serde_json::{Value, json};

use crate::field::Field as _;
use crate::xero::collection::Collection;
use crate::xero::data::document::{self, Kind};
use crate::xero::money::Units;
use crate::xero::{dates, money};

/// A credit note, prepayment or overpayment before it is put into Xero's shape.
#[derive(Debug, Clone)]
pub(crate) struct Credit {
    pub(crate) collection: Collection,
    /// Money received of a customer, or spent on a supplier.
    pub(crate) side: Kind,
    pub(crate) status: &'static str,
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) contact_id: Value,
    pub(crate) contact_name: Value,
    pub(crate) date: Date,
    pub(crate) currency: String,
    pub(crate) total: Units,
    pub(crate) updated_ms: i64,
}

impl Credit {
    /// The row with nothing applied (Xero: accounting API, credit notes, prepayments, overpayments).
    pub(crate) fn row(&self) -> Value {
        let (total, is_over) = (self.total, matches!(self.status, "VOIDED" | "DELETED"));
        let mut row = json!({
            "ID": self.id, "Type": self.kind(), "Status": self.status, "Reference": self.number,
            "Contact": document::contact(&self.contact_id, &self.contact_name),
            "DateString": dates::calendar_string(self.date), "Date": dates::calendar(self.date),
            "LineAmountTypes": "NoTax", "LineItems": [document::line(&self.id, total, 0)],
            "SubTotal": money::number(total), "TotalTax": money::number(0), "Total": money::number(total),
            "RemainingCredit": money::number(if is_over { 0 } else { total }),
            "Allocations": [], "Payments": [], "HasAttachments": false,
            "CurrencyCode": self.currency, "CurrencyRate": money::number(money::UNIT),
            "UpdatedDateUTC": dates::instant(self.updated_ms),
            "UpdatedDateUTCString": dates::instant_string(self.updated_ms),
        });
        row.put(self.collection.id_field(), json!(self.id));
        if self.collection == Collection::CreditNotes {
            row.put("CreditNoteNumber", json!(self.number));
            row.put("HasErrors", json!(false));
        }
        row
    }

    fn kind(&self) -> &'static str {
        let (received, spent) = match self.collection {
            Collection::Prepayments => ("RECEIVE-PREPAYMENT", "SPEND-PREPAYMENT"),
            Collection::Overpayments => ("RECEIVE-OVERPAYMENT", "SPEND-OVERPAYMENT"),
            Collection::CreditNotes | Collection::Contacts | Collection::Invoices | Collection::Payments => {
                ("ACCRECCREDIT", "ACCPAYCREDIT")
            }
        };
        match self.side {
            Kind::Sale => received,
            Kind::Bill => spent,
        }
    }
}

/// The short form in which an invoice tells of a credit that was applied to it.
pub(crate) fn nested(row: &Value, collection: Collection, amount: Units) -> Value {
    let mut nested = json!({
        "ID": row.at("ID"), "AppliedAmount": money::number(amount), "DateString": row.at("DateString"),
        "Date": row.at("Date"), "LineItems": [], "Total": row.at("Total"),
    });
    nested.put(collection.id_field(), row.at(collection.id_field()).clone());
    if collection == Collection::CreditNotes {
        nested.put("CreditNoteNumber", row.at("CreditNoteNumber").clone());
        nested.put("HasErrors", json!(false));
    }
    nested
}

/// What a credit tells of its use for an invoice.
pub(crate) fn allocation(held: &Value, invoice: &Value, amount: Units, on: Date) -> Value {
    let n_earlier = held.list("Allocations").len();
    json!({
        "AllocationID": document::joint(held.at("ID"), invoice.at("InvoiceID"), n_earlier),
        "Amount": money::number(amount), "Date": dates::calendar(on), "IsDeleted": false,
        "Invoice": { "InvoiceID": invoice.at("InvoiceID"), "InvoiceNumber": invoice.at("InvoiceNumber") },
    })
}

/// The credits that invoices tell of, each used up by its invoice.
pub(crate) fn applied(invoices: &[Value], collection: Collection) -> Vec<Value> {
    invoices
        .iter()
        .flat_map(|invoice| {
            invoice.list(collection.name()).iter().map(move |nested| used_up(invoice, nested, collection))
        })
        .collect()
}

fn used_up(invoice: &Value, nested: &Value, collection: Collection) -> Value {
    let amount = money::units(nested.at("AppliedAmount")).unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut row = Credit {
        collection,
        side: if invoice.at("Type") == "ACCREC" { Kind::Sale } else { Kind::Bill },
        status: "PAID",
        id: text(nested.at(collection.id_field())),
        number: text(nested.at("CreditNoteNumber")),
        contact_id: invoice.at("Contact").at("ContactID").clone(),
        contact_name: invoice.at("Contact").at("Name").clone(),
        date: dates::date_of(nested.at("Date")),
        currency: text(invoice.at("CurrencyCode")),
        total: amount,
        updated_ms: dates::parse(invoice.at("UpdatedDateUTC")).unwrap_or_default(),
    }
    .row();
    let on = invoice.get("FullyPaidOnDate").map_or_else(|| dates::date_of(nested.at("Date")), dates::date_of);
    let allocation = allocation(&row, invoice, amount, on);
    row.put("RemainingCredit", money::number(0));
    row.put("Allocations", json!([allocation]));
    row
}
