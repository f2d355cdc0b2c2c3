//! Sales invoices, row by row.

use jiff::civil::Date;
use numo_app::port::ledger::LedgerInvoice;
use numo_domain::{
    invoice::{InvoiceStatus, Marked},
    money::{Currency, Money},
};
use serde::Deserialize;
use serde_json::{Number, Value};

use crate::xero::{
    date,
    parse::{self, Unreadable},
};

/// A sales invoice; `None` for bills and everything else that shares the list.
///
/// Xero: accounting API, Invoices.
pub(crate) fn invoice(row: &Value) -> Result<Option<LedgerInvoice>, Unreadable> {
    if row.get("Type").and_then(Value::as_str).is_some_and(|kind| kind != "ACCREC") {
        return Ok(None);
    }
    let raw: RawInvoice = parse::fields(row)?;
    parse::required("Type", raw.kind.as_deref(), |_| Some(()))?;
    let currency: Currency = parse::required("CurrencyCode", raw.currency.as_deref(), |text| text.parse().ok())?;
    let contact = raw.contact.as_ref().and_then(|contact| contact.id.as_deref());
    Ok(Some(LedgerInvoice {
        id: parse::required("InvoiceID", raw.id.as_deref(), |text| text.parse().ok())?,
        contact: parse::required("Contact.ContactID", contact, |text| text.parse().ok())?,
        status: parse::required("Status", raw.status.as_deref(), status)?,
        issued: calendar("Date", raw.date_string.as_deref(), raw.date.as_deref())?,
        due: calendar("DueDate", raw.due_date_string.as_deref(), raw.due_date.as_deref())?,
        total: money("Total", raw.total.as_ref(), currency)?,
        remaining: money("AmountDue", raw.amount_due.as_ref(), currency)?,
        marked: marked(raw.sent_to_contact),
        updated_at: parse::required("UpdatedDateUTC", raw.updated.as_deref(), date::instant)?,
        number: raw.number.unwrap_or_default(),
    }))
}

/// The fields that are used; all of them optional, since Xero leaves out what is not set.
#[derive(Debug, Deserialize)]
struct RawInvoice {
    #[serde(rename = "Type")]
    kind: Option<String>,
    #[serde(rename = "InvoiceID")]
    id: Option<String>,
    #[serde(rename = "InvoiceNumber")]
    number: Option<String>,
    #[serde(rename = "Status")]
    status: Option<String>,
    #[serde(rename = "Contact")]
    contact: Option<RawContact>,
    #[serde(rename = "CurrencyCode")]
    currency: Option<String>,
    #[serde(rename = "Total")]
    total: Option<Number>,
    #[serde(rename = "AmountDue")]
    amount_due: Option<Number>,
    #[serde(rename = "SentToContact")]
    sent_to_contact: Option<bool>,
    #[serde(rename = "DateString")]
    date_string: Option<String>,
    #[serde(rename = "Date")]
    date: Option<String>,
    #[serde(rename = "DueDateString")]
    due_date_string: Option<String>,
    #[serde(rename = "DueDate")]
    due_date: Option<String>,
    #[serde(rename = "UpdatedDateUTC")]
    updated: Option<String>,
}

#[derive(Debug, Deserialize)]
struct RawContact {
    #[serde(rename = "ContactID")]
    id: Option<String>,
}

fn status(text: &str) -> Option<InvoiceStatus> {
    match text {
        "DRAFT" => Some(InvoiceStatus::Draft),
        "SUBMITTED" => Some(InvoiceStatus::Submitted),
        "AUTHORISED" => Some(InvoiceStatus::Open),
        "PAID" => Some(InvoiceStatus::Paid),
        "VOIDED" => Some(InvoiceStatus::Voided),
        "DELETED" => Some(InvoiceStatus::Deleted),
        _ => None,
    }
}

/// Lists leave the mark out when it is false, so its absence says nothing.
const fn marked(sent: Option<bool>) -> Marked {
    match sent {
        Some(true) => Marked::Sent,
        Some(false) => Marked::NotSent,
        None => Marked::Unknown,
    }
}

fn calendar(path: &str, zoneless: Option<&str>, midnight: Option<&str>) -> Result<Option<Date>, Unreadable> {
    date::calendar(zoneless, midnight).map_err(|date::Unreadable| Unreadable::field(path, "unreadable"))
}

/// The number's own text is read, so that no amount ever passes through a float.
fn money(path: &str, number: Option<&Number>, currency: Currency) -> Result<Money, Unreadable> {
    let number = number.ok_or_else(|| Unreadable::field(path, "missing"))?;
    Money::parse_decimal(number.as_str(), currency).map_err(|error| Unreadable::field(path, &error.to_string()))
}

#[cfg(test)]
mod tests;
