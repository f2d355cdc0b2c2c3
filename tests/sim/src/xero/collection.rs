use serde_json::Value;

use crate::field::Field as _;

/// A kind of row that an organisation holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Collection {
    Contacts,
    Invoices,
    CreditNotes,
    Prepayments,
    Overpayments,
    Payments,
}

impl Collection {
    /// The name of the list in an answer, and of the resource in a path.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Contacts => "Contacts",
            Self::Invoices => "Invoices",
            Self::CreditNotes => "CreditNotes",
            Self::Prepayments => "Prepayments",
            Self::Overpayments => "Overpayments",
            Self::Payments => "Payments",
        }
    }

    pub(crate) fn id_field(self) -> &'static str {
        match self {
            Self::Contacts => "ContactID",
            Self::Invoices => "InvoiceID",
            Self::CreditNotes => "CreditNoteID",
            Self::Prepayments => "PrepaymentID",
            Self::Overpayments => "OverpaymentID",
            Self::Payments => "PaymentID",
        }
    }

    /// The field that names a row as well as its id does, where there is one.
    fn number_field(self) -> Option<&'static str> {
        match self {
            Self::Invoices => Some("InvoiceNumber"),
            Self::CreditNotes => Some("CreditNoteNumber"),
            Self::Contacts | Self::Prepayments | Self::Overpayments | Self::Payments => None,
        }
    }

    /// Whether a row is the one meant by an id or a number.
    pub(crate) fn is_named(self, row: &Value, name: &str) -> bool {
        row.at(self.id_field()).as_str().is_some_and(|held| held.eq_ignore_ascii_case(name))
            || self.number_field().is_some_and(|field| *row.at(field) == *name)
    }

    /// The three kinds of money that is held for a contact and can be applied to an invoice.
    pub(crate) fn credit(kind: &str) -> Option<Self> {
        match kind {
            "credit_note" => Some(Self::CreditNotes),
            "prepayment" => Some(Self::Prepayments),
            "overpayment" => Some(Self::Overpayments),
            _ => None,
        }
    }
}
