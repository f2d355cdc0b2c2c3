use jiff::civil::Date;
use serde_json::{Value, json};

use crate::field::Field as _;
use crate::intuit::amounts;
use crate::intuit::data::customer::currency_ref;
use crate::intuit::instants;
use crate::xero::dates;
use crate::xero::money::{UNIT, Units};

/// An invoice, credit memo or bill before it is put into QuickBooks' shape.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) id: String,
    /// Absent where custom numbers are on and none was typed.
    pub(crate) number: Option<String>,
    /// Id and name of the customer or vendor.
    pub(crate) party: Value,
    pub(crate) email: Option<String>,
    pub(crate) date: Date,
    pub(crate) due: Date,
    pub(crate) currency: &'static str,
    /// Units of the home currency for one of this one, where the company keeps several.
    pub(crate) rate: Option<Units>,
    pub(crate) total: Units,
    pub(crate) open: Units,
    pub(crate) updated_ms: i64,
    pub(crate) email_status: &'static str,
}

impl Document {
    /// The invoice object (Intuit: accounting API, Invoice); it has no status.
    pub(crate) fn invoice(&self) -> Value {
        let mut row = self.sale();
        row.put("DueDate", json!(self.due.to_string()));
        row.put("SalesTermRef", json!({ "value": "3", "name": "Net 30" }));
        row.put("Deposit", amounts::number(0));
        for flag in ["IPN", "Online", "OnlineCreditCard", "OnlineACH"] {
            let allowed = flag.starts_with("OnlineC") && self.email.is_some();
            row.put(&format!("Allow{flag}Payment"), json!(allowed));
        }
        row.put("LinkedTxn", json!([]));
        row
    }

    /// The credit memo object; what is not yet applied is its remaining credit.
    pub(crate) fn credit_memo(&self) -> Value {
        let mut row = self.sale();
        row.put("RemainingCredit", amounts::number(self.open));
        row
    }

    /// A supplier's bill.
    pub(crate) fn bill(&self) -> Value {
        let mut row = self.transaction();
        row.put("VendorRef", self.party.clone());
        row.put("APAccountRef", json!({ "value": "33", "name": "Accounts Payable (A/P)" }));
        row.put("DueDate", json!(self.due.to_string()));
        row.put("LinkedTxn", json!([]));
        row.put("Line", json!([{
            "Id": "1", "LineNum": 1, "Amount": amounts::number(self.total),
            "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": { "AccountRef": { "value": "11", "name": "Insurance" }, "BillableStatus": "NotBillable" },
        }]));
        row
    }

    fn sale(&self) -> Value {
        let mut row = self.transaction();
        let amount = amounts::number(self.total);
        row.put("CustomerRef", self.party.clone());
        row.put("CustomField", json!([]));
        row.put("FreeFormAddress", json!(true));
        row.put("ApplyTaxAfterDiscount", json!(false));
        row.put("PrintStatus", json!("NeedToPrint"));
        row.put("EmailStatus", json!(self.email_status));
        row.put("CustomerMemo", json!({ "value": "Thank you for your business." }));
        row.put("TxnTaxDetail", json!({ "TotalTax": 0 }));
        row.put("Line", json!([
            {
                "Id": "1", "LineNum": 1, "Description": "Goods and services", "Amount": amount,
                "DetailType": "SalesItemLineDetail",
                "SalesItemLineDetail": { "ItemRef": { "value": "1", "name": "Services" }, "UnitPrice": amount, "Qty": 1 },
            },
            { "Amount": amount, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {} },
        ]));
        if let Some(email) = &self.email {
            row.put("BillEmail", json!({ "Address": email }));
        }
        if self.email_status == "EmailSent" {
            row.put(
                "DeliveryInfo",
                json!({ "DeliveryType": "Email", "DeliveryTime": instants::pacific(self.updated_ms) }),
            );
        }
        row
    }

    fn transaction(&self) -> Value {
        let mut row = transaction(&self.id, self.date, self.currency, self.updated_ms);
        if let Some(number) = &self.number {
            row.put("DocNumber", json!(number));
        }
        row.put("TotalAmt", amounts::number(self.total));
        row.put("Balance", amounts::number(self.open));
        if let Some(rate) = self.rate {
            row.put("ExchangeRate", amounts::number(rate));
            row.put("HomeTotalAmt", amounts::number(amounts::home(self.total, rate)));
            row.put("HomeBalance", amounts::number(amounts::home(self.open, rate)));
        }
        row
    }
}

/// What all transactions have in common.
pub(crate) fn transaction(id: &str, date: Date, currency: &str, updated_ms: i64) -> Value {
    let created_ms = instants::morning_ms(date).min(updated_ms);
    json!({
        "Id": id, "SyncToken": "0", "domain": "QBO", "sparse": false, "TxnDate": date.to_string(),
        "CurrencyRef": currency_ref(currency),
        "MetaData": {
            "CreateTime": instants::pacific(created_ms), "LastUpdatedTime": instants::pacific(updated_ms),
        },
    })
}

/// A new open document of 100.00 for somebody, due today.
pub(crate) fn blank(id: &str, party: &Value, today: Date, now_ms: i64) -> Document {
    Document {
        id: id.to_owned(),
        number: Some(format!("N-{id}")),
        party: json!({ "value": party.at("Id"), "name": party.at("DisplayName") }),
        email: Some(String::from("accounts@customer.example")),
        date: dates::plus_days(today, -14),
        due: today,
        currency: "AED",
        rate: None,
        total: 100 * UNIT,
        open: 100 * UNIT,
        updated_ms: now_ms,
        email_status: "NotSet",
    }
}
