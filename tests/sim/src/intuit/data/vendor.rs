use serde_json::{Value, json};

use crate::intuit::amounts;
use crate::intuit::data::customer::currency_ref;
use crate::intuit::data::facts::meta;

/// A supplier (Intuit: accounting API, Vendor); its ids are of one series with the customers'.
pub(crate) fn row(id: &str, name: &str, currency: &str, updated_ms: i64) -> Value {
    json!({
        "Id": id, "SyncToken": "0", "domain": "QBO", "sparse": false, "MetaData": meta(updated_ms),
        "DisplayName": name, "CompanyName": name, "PrintOnCheckName": name, "Active": true,
        "Vendor1099": false, "Balance": amounts::number(0), "CurrencyRef": currency_ref(currency),
        "PrimaryPhone": { "FreeFormNumber": "04 331 2200" },
    })
}
