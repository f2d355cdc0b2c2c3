//! Payments by customers, row by row: each is also money that no invoice may have taken up.

use numo_app::port::ledger::record::{LedgerCredit, LedgerPayment};
use numo_domain::{credit::CreditKind, id::ExternalId, money::Money};
use serde::Deserialize;
use serde_json::{Number, value::RawValue};

use crate::quickbooks::row::{self, Meta, Reference, Unreadable};

/// A payment, and what of it is not applied (QuickBooks: accounting API, Payment).
///
/// Amounts stand on the payment's lines; an invoice's own links name other things too.
pub(crate) fn payment(row: &RawValue) -> Result<(LedgerPayment, LedgerCredit), Unreadable> {
    let raw: RawPayment = row::fields(row)?;
    let currency = row::currency(raw.currency.as_ref())?;
    let amount = row::money("TotalAmt", raw.total.as_ref(), currency)?;
    let remaining = match &raw.unapplied {
        Some(unapplied) => row::money("UnappliedAmt", Some(unapplied), currency)?,
        None => Money::zero(currency),
    };
    let payment = LedgerPayment {
        id: row::id(raw.id.as_deref())?,
        contact: row::customer(raw.customer.as_ref())?,
        date: row::calendar("TxnDate", raw.date.as_deref())?,
        amount,
        invoices: raw.invoices(),
        is_reversed: row::is_voided(&[amount], raw.note.as_deref()),
        updated_at: row::updated_at(raw.meta.as_ref())?,
    };
    let credit = LedgerCredit {
        id: payment.id.clone(),
        kind: CreditKind::Payment,
        contact: payment.contact.clone(),
        number: raw.number.unwrap_or_default(),
        date: payment.date,
        remaining,
        updated_at: payment.updated_at,
    };
    Ok((payment, credit))
}

#[derive(Debug, Deserialize)]
struct RawPayment {
    #[serde(rename = "Id")]
    id: Option<String>,
    #[serde(rename = "PaymentRefNum")]
    number: Option<String>,
    #[serde(rename = "CustomerRef")]
    customer: Option<Reference>,
    #[serde(rename = "CurrencyRef")]
    currency: Option<Reference>,
    #[serde(rename = "TotalAmt")]
    total: Option<Number>,
    #[serde(rename = "UnappliedAmt")]
    unapplied: Option<Number>,
    #[serde(rename = "TxnDate")]
    date: Option<String>,
    #[serde(rename = "PrivateNote")]
    note: Option<String>,
    #[serde(rename = "Line")]
    lines: Option<Vec<RawLine>>,
    #[serde(rename = "MetaData")]
    meta: Option<Meta>,
}

#[derive(Debug, Deserialize)]
struct RawLine {
    #[serde(rename = "LinkedTxn")]
    linked: Option<Vec<RawLink>>,
}

#[derive(Debug, Deserialize)]
struct RawLink {
    #[serde(rename = "TxnId")]
    id: Option<String>,
    #[serde(rename = "TxnType")]
    kind: Option<String>,
}

impl RawPayment {
    /// The invoices among what its lines were applied to, each once.
    fn invoices(&self) -> Vec<ExternalId> {
        let links = self.lines.iter().flatten().flat_map(|line| line.linked.iter().flatten());
        let mut invoices: Vec<ExternalId> = links
            .filter(|link| link.kind.as_deref() == Some("Invoice"))
            .filter_map(|link| link.id.as_deref()?.parse().ok())
            .collect();
        invoices.sort();
        invoices.dedup();
        invoices
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::{Value, json};

    use super::*;

    fn row() -> Value {
        let link = |kind: &str, id: &str| json!({ "Amount": 1, "LinkedTxn": [{ "TxnId": id, "TxnType": kind }] });
        json!({
            "Id": "147", "PaymentRefNum": "chq 7", "TxnDate": "2016-04-13", "TotalAmt": 629.10, "UnappliedAmt": 29.1,
            "Line": [link("Invoice", "103"), link("CreditMemo", "73"), link("Invoice", "103"), link("Invoice", "102")],
            "CurrencyRef": { "value": "USD" }, "CustomerRef": { "value": "10" }, "ProcessPayment": false,
            "MetaData": { "LastUpdatedTime": "2016-04-13T07:34:40-07:00" },
        })
    }

    fn read(row: &Value) -> Result<(LedgerPayment, LedgerCredit), Unreadable> {
        payment(&RawValue::from_string(row.to_string()).unwrap())
    }

    #[test]
    fn a_row_becomes_a_payment_with_its_invoices_and_what_is_not_applied() {
        let usd = "USD".parse().unwrap();
        let updated_at = "2016-04-13T14:34:40Z".parse().unwrap();
        let payment = LedgerPayment {
            id: "147".parse().unwrap(),
            contact: "10".parse().unwrap(),
            date: Some(date(2016, 4, 13)),
            amount: Money::new(62_910, usd),
            invoices: vec!["102".parse().unwrap(), "103".parse().unwrap()],
            is_reversed: false,
            updated_at,
        };
        let credit = LedgerCredit {
            id: "147".parse().unwrap(),
            kind: CreditKind::Payment,
            contact: "10".parse().unwrap(),
            number: String::from("chq 7"),
            date: Some(date(2016, 4, 13)),
            remaining: Money::new(2_910, usd),
            updated_at,
        };
        assert_eq!(read(&row()), Ok((payment, credit)));
    }

    #[test]
    fn a_void_payment_was_taken_back_and_an_empty_one_was_not() {
        let mut row = row();
        row["TotalAmt"] = json!(0);
        row["UnappliedAmt"] = json!(null);
        row["Line"] = json!(null);
        let facts = |row: &Value| {
            let (payment, credit) = read(row).unwrap();
            (payment.is_reversed, payment.invoices.len(), credit.remaining.minor)
        };
        assert_eq!(facts(&row), (false, 0, 0));
        row["PrivateNote"] = json!("Voided");
        assert_eq!(facts(&row), (true, 0, 0));
    }
}
