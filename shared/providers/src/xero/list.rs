//! The lists of the accounting interface, and what becomes of their rows.

use numo_app::port::ledger::{
    reader::{Batch, LedgerList},
    record::RecordKind,
};

use crate::xero::{contact, credit, field::Unreadable, invoice, payment};

/// One list of the accounting interface.
#[derive(Debug)]
pub(crate) struct List {
    /// The list in the words of the port.
    pub(crate) place: LedgerList,
    /// Its name in the path and in the answer, `Invoices`.
    pub(crate) name: &'static str,
    /// Its calls in the log.
    pub(crate) operation: &'static str,
    /// What its rows are, as a rule.
    pub(crate) kind: RecordKind,
    /// The key of a row's id, `InvoiceID`.
    pub(crate) id: &'static str,
    /// The key of a row's printed number, if its rows have one.
    pub(crate) number: Option<&'static str>,
    /// Puts the record of a row into a batch; rows that are none of ours leave none.
    pub(crate) read: fn(&str, &mut Batch) -> Result<(), Unreadable>,
}

/// Contacts.
pub(crate) const CONTACTS: List = List {
    place: LedgerList::Contacts,
    name: "Contacts",
    operation: "contacts",
    kind: RecordKind::Contact,
    id: "ContactID",
    number: None,
    read: |row, batch| {
        batch.contacts.push(contact::contact(row)?);
        Ok(())
    },
};

/// Sales invoices and bills, which share a list.
pub(crate) const INVOICES: List = List {
    place: LedgerList::Invoices,
    name: "Invoices",
    operation: "invoices",
    kind: RecordKind::Invoice,
    id: "InvoiceID",
    number: Some("InvoiceNumber"),
    read: invoice::read,
};

/// Credit notes.
pub(crate) const CREDIT_NOTES: List = List {
    place: LedgerList::CreditNotes,
    name: "CreditNotes",
    operation: "credit_notes",
    kind: RecordKind::CreditNote,
    id: "CreditNoteID",
    number: Some("CreditNoteNumber"),
    read: |row, batch| {
        batch.credits.extend(credit::credit_note(row)?);
        Ok(())
    },
};

/// Prepayments.
pub(crate) const PREPAYMENTS: List = List {
    place: LedgerList::Prepayments,
    name: "Prepayments",
    operation: "prepayments",
    kind: RecordKind::Prepayment,
    id: "PrepaymentID",
    number: Some("InvoiceNumber"),
    read: |row, batch| {
        batch.credits.extend(credit::prepayment(row)?);
        Ok(())
    },
};

/// Overpayments.
pub(crate) const OVERPAYMENTS: List = List {
    place: LedgerList::Overpayments,
    name: "Overpayments",
    operation: "overpayments",
    kind: RecordKind::Overpayment,
    id: "OverpaymentID",
    number: None,
    read: |row, batch| {
        batch.credits.extend(credit::overpayment(row)?);
        Ok(())
    },
};

/// Payments.
pub(crate) const PAYMENTS: List = List {
    place: LedgerList::Payments,
    name: "Payments",
    operation: "payments",
    kind: RecordKind::Payment,
    id: "PaymentID",
    number: None,
    read: |row, batch| {
        batch.payments.extend(payment::payment(row)?);
        Ok(())
    },
};
