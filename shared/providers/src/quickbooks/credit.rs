//! Credit memos, row by row.

use numo_app::port::ledger::record::LedgerCredit;
use numo_domain::credit::CreditKind;
use serde::Deserialize;
use serde_json::{Number, value::RawValue};

use crate::quickbooks::row::{self, Meta, Reference, Unreadable};

/// A credit memo with what no invoice took up of it (QuickBooks: accounting API, `CreditMemo`).
pub(crate) fn credit(row: &RawValue) -> Result<LedgerCredit, Unreadable> {
    let raw: RawCreditMemo = row::fields(row)?;
    let currency = row::currency(raw.currency.as_ref())?;
    let remaining = match &raw.remaining_credit {
        Some(remaining) => row::money("RemainingCredit", Some(remaining), currency)?,
        None => row::money("Balance", raw.balance.as_ref(), currency)?,
    };
    Ok(LedgerCredit {
        id: row::id(raw.id.as_deref())?,
        kind: CreditKind::CreditNote,
        contact: row::customer(raw.customer.as_ref())?,
        number: raw.number.unwrap_or_default(),
        date: row::calendar("TxnDate", raw.date.as_deref())?,
        remaining,
        updated_at: row::updated_at(raw.meta.as_ref())?,
    })
}

#[derive(Debug, Deserialize)]
struct RawCreditMemo {
    #[serde(rename = "Id")]
    id: Option<String>,
    #[serde(rename = "DocNumber")]
    number: Option<String>,
    #[serde(rename = "CustomerRef")]
    customer: Option<Reference>,
    #[serde(rename = "CurrencyRef")]
    currency: Option<Reference>,
    #[serde(rename = "RemainingCredit")]
    remaining_credit: Option<Number>,
    #[serde(rename = "Balance")]
    balance: Option<Number>,
    #[serde(rename = "TxnDate")]
    date: Option<String>,
    #[serde(rename = "MetaData")]
    meta: Option<Meta>,
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use numo_domain::money::Money;
    use serde_json::{Value, json};

    use super::*;

    fn row() -> Value {
        json!({
            "Id": "73", "DocNumber": "CM-1", "TxnDate": "2026-10-01", "TotalAmt": 900, "RemainingCredit": 800.5,
            "Balance": 800.5, "CurrencyRef": { "value": "USD" }, "CustomerRef": { "value": "1" },
            "MetaData": { "LastUpdatedTime": "2026-10-02T00:00:00-07:00" }, "Line": [],
        })
    }

    fn read(row: &Value) -> Result<LedgerCredit, Unreadable> {
        credit(&RawValue::from_string(row.to_string()).unwrap())
    }

    #[test]
    fn a_row_becomes_a_credit_of_what_is_left() {
        let expected = LedgerCredit {
            id: "73".parse().unwrap(),
            kind: CreditKind::CreditNote,
            contact: "1".parse().unwrap(),
            number: String::from("CM-1"),
            date: Some(date(2026, 10, 1)),
            remaining: Money::new(80_050, "USD".parse().unwrap()),
            updated_at: "2026-10-02T07:00:00Z".parse().unwrap(),
        };
        assert_eq!(read(&row()), Ok(expected));
    }

    #[test]
    fn the_balance_stands_in_for_a_remaining_credit_that_is_not_told() {
        let mut row = row();
        row["RemainingCredit"] = json!(null);
        row["Balance"] = json!(7);
        assert_eq!(read(&row).unwrap().remaining.minor, 700);
        row["Balance"] = json!(null);
        assert_eq!(read(&row), Err(Unreadable::field("Balance", "missing")));
    }
}
