use serde_json::{Value, json};

use crate::field::Field as _;
use crate::intuit::amounts;
use crate::intuit::data::facts::meta;

/// A customer before it is put into QuickBooks' shape.
#[derive(Debug, Clone)]
pub(crate) struct Customer {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) currency: &'static str,
    pub(crate) updated_ms: i64,
    pub(crate) email: Option<String>,
}

impl Customer {
    pub(crate) fn reference(&self) -> Value {
        json!({ "value": self.id, "name": self.name })
    }

    /// The customer object without any phone (Intuit: accounting API, Customer).
    pub(crate) fn row(&self) -> Value {
        let mut row = json!({
            "Id": self.id, "SyncToken": "0", "domain": "QBO", "sparse": false, "MetaData": meta(self.updated_ms),
            "DisplayName": self.name, "FullyQualifiedName": self.name, "PrintOnCheckName": self.name,
            "CompanyName": self.name, "Active": true, "Taxable": false, "Job": false, "BillWithParent": false,
            "Balance": amounts::number(0), "BalanceWithJobs": amounts::number(0), "IsProject": false,
            "CurrencyRef": currency_ref(self.currency), "PreferredDeliveryMethod": "Email",
            "BillAddr": { "Id": format!("{}1", self.id), "Line1": "P.O. Box 1", "Country": "ARE" },
            "ClientEntityId": "0", "V4IDPseudonym": format!("0020{:028}", self.id.len()),
        });
        if let Some(email) = &self.email {
            row.put("PrimaryEmailAddr", json!({ "Address": email }));
        }
        row
    }
}

/// Makes a customer the job of another one: named after it and with its phones.
pub(crate) fn into_job(row: &mut Value, parent: &Value, bills_parent: BillsParent) {
    let parent_name = parent.at("DisplayName").as_str().unwrap_or_default();
    let own_name = row.at("DisplayName").as_str().unwrap_or_default();
    row.put("FullyQualifiedName", json!(format!("{parent_name}:{own_name}")));
    row.put("Job", json!(true));
    row.put("Level", json!(1));
    row.put("BillWithParent", json!(bills_parent == BillsParent::Yes));
    row.put("ParentRef", json!({ "value": parent.at("Id"), "name": parent_name }));
    for field in ["PrimaryPhone", "AlternatePhone", "Mobile", "Fax", "CurrencyRef"] {
        if let Some(value) = parent.get(field) {
            row.put(field, value.clone());
        }
    }
}

/// Whether a job's invoices go to its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BillsParent {
    Yes,
    No,
}

/// Makes a customer inactive, which marks its name.
pub(crate) fn into_inactive(row: &mut Value) {
    row.put("Active", json!(false));
    for field in ["DisplayName", "FullyQualifiedName"] {
        let name = format!("{} (deleted)", row.at(field).as_str().unwrap_or_default());
        row.put(field, json!(name));
    }
}

/// A currency by its ISO code, which is the value, not an id.
pub(crate) fn currency_ref(code: &str) -> Value {
    let name = match code {
        "AED" => "United Arab Emirates Dirham",
        "EUR" => "Euro",
        "GBP" => "British Pound Sterling",
        "KWD" => "Kuwaiti Dinar",
        "SAR" => "Saudi Riyal",
        "USD" => "United States Dollar",
        other => other,
    };
    json!({ "value": code, "name": name })
}
