//! The entities of the accounting interface that are read.

use numo_app::port::ledger::{reader::LedgerList, record::RecordKind};

/// An entity with pages of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Entity {
    /// A customer, or a job of one.
    Customer,
    /// A sales invoice.
    Invoice,
    /// A credit memo.
    CreditMemo,
    /// A payment by a customer.
    Payment,
}

impl Entity {
    /// All of them; customers come before the records that name them.
    pub(crate) const ALL: [Self; 4] = [Self::Customer, Self::Invoice, Self::CreditMemo, Self::Payment];

    /// The name in queries and answers.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "Customer",
            Self::Invoice => "Invoice",
            Self::CreditMemo => "CreditMemo",
            Self::Payment => "Payment",
        }
    }

    /// What it is for every ledger.
    pub(crate) const fn kind(self) -> RecordKind {
        match self {
            Self::Customer => RecordKind::Contact,
            Self::Invoice => RecordKind::Invoice,
            Self::CreditMemo => RecordKind::CreditNote,
            Self::Payment => RecordKind::Payment,
        }
    }

    /// The list that it fills.
    pub(crate) const fn list(self) -> LedgerList {
        match self {
            Self::Customer => LedgerList::Contacts,
            Self::Invoice => LedgerList::Invoices,
            Self::CreditMemo => LedgerList::CreditNotes,
            Self::Payment => LedgerList::Payments,
        }
    }

    /// The entity of a list; `None` for those that QuickBooks does not have or nobody reads.
    pub(crate) const fn of(list: LedgerList) -> Option<Self> {
        match list {
            LedgerList::Contacts => Some(Self::Customer),
            LedgerList::Invoices | LedgerList::OldInvoices => Some(Self::Invoice),
            LedgerList::CreditNotes => Some(Self::CreditMemo),
            LedgerList::Payments => Some(Self::Payment),
            LedgerList::Prepayments | LedgerList::Overpayments | LedgerList::Bills | LedgerList::AllChanges => None,
        }
    }
}
