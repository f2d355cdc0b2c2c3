//! Sales invoices, row by row.

use numo_app::port::ledger::{reader::Batch, record::LedgerInvoice};
use numo_domain::invoice::{InvoiceStatus, Marked};
use serde::Deserialize;
use serde_json::Number;

use crate::xero::{
    bill, date,
    field::{self, RawContact, Unreadable},
};

/// A row of the list that sales invoices and bills share; other kinds of documents leave none.
pub(crate) fn read(row: &str, batch: &mut Batch) -> Result<(), Unreadable> {
    match field::kind(row)?.as_str() {
        "ACCREC" => batch.invoices.push(invoice(row)?),
        "ACCPAY" => batch.bills.push(bill::bill(row)?),
        _ => {}
    }
    Ok(())
}

/// A sales invoice.
///
/// Xero: accounting API, Invoices, of type ACCREC.
fn invoice(row: &str) -> Result<LedgerInvoice, Unreadable> {
    let raw: RawInvoice = field::fields(row)?;
    let currency = field::currency("CurrencyCode", raw.currency.as_deref())?;
    let (expected, expected_string) = (raw.expected.as_deref(), raw.expected_string.as_deref());
    Ok(LedgerInvoice {
        id: field::id("InvoiceID", raw.id.as_deref())?,
        contact: field::contact("Contact.ContactID", raw.contact.as_ref())?,
        status: field::required("Status", raw.status.as_deref(), status)?,
        issued: field::calendar("Date", raw.date_string.as_deref(), raw.date.as_deref())?,
        due: field::calendar("DueDate", raw.due_date_string.as_deref(), raw.due_date.as_deref())?,
        total: field::money("Total", raw.total.as_ref(), currency)?,
        remaining: field::money("AmountDue", raw.amount_due.as_ref(), currency)?,
        marked: marked(raw.sent_to_contact),
        expected_payment: field::calendar("ExpectedPaymentDate", expected_string, expected)?,
        paid: raw.amount_paid.as_ref().map(|paid| field::money("AmountPaid", Some(paid), currency)).transpose()?,
        updated_at: field::required("UpdatedDateUTC", raw.updated.as_deref(), date::instant)?,
        number: raw.number.unwrap_or_default(),
    })
}

/// The fields that are used; all of them optional, since Xero leaves out what is not set.
#[derive(Debug, Deserialize)]
pub(crate) struct RawInvoice {
    #[serde(rename = "InvoiceID")]
    pub(crate) id: Option<String>,
    #[serde(rename = "InvoiceNumber")]
    number: Option<String>,
    #[serde(rename = "Status")]
    pub(crate) status: Option<String>,
    #[serde(rename = "Contact")]
    pub(crate) contact: Option<RawContact>,
    #[serde(rename = "CurrencyCode")]
    pub(crate) currency: Option<String>,
    #[serde(rename = "Total")]
    total: Option<Number>,
    #[serde(rename = "AmountDue")]
    pub(crate) amount_due: Option<Number>,
    #[serde(rename = "AmountPaid")]
    amount_paid: Option<Number>,
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
    #[serde(rename = "ExpectedPaymentDateString")]
    expected_string: Option<String>,
    #[serde(rename = "ExpectedPaymentDate")]
    expected: Option<String>,
    #[serde(rename = "UpdatedDateUTC")]
    pub(crate) updated: Option<String>,
}

/// Where an invoice or a bill stands.
pub(crate) fn status(text: &str) -> Option<InvoiceStatus> {
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

#[cfg(test)]
mod tests;
