//! What the accounting systems say.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};

use crate::{
    contact::{Contact, ContactRef},
    credit::{Bill, Credit, Receipts},
    id::ConnectionId,
    invoice::Invoice,
    plan::decision::Unit,
    policy::audience::{Balances, balances},
};

/// What the accounting systems say, as last read.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// Customers by reference.
    pub contacts: BTreeMap<ContactRef, Contact>,
    /// Open sales invoices; others are ignored.
    pub invoices: Vec<OpenInvoice>,
    /// Money that no invoice took up.
    pub credits: Vec<Credit>,
    /// What we owe to contacts.
    pub bills: Vec<Bill>,
    /// What customers paid lately.
    pub receipts: BTreeMap<Unit, Receipts>,
    /// Whether each connected ledger can be believed.
    pub connections: BTreeMap<ConnectionId, LedgerState>,
    /// The latest day of any customer's payment in each ledger.
    pub payments_recorded: BTreeMap<ConnectionId, Option<Date>>,
}

impl Ledger {
    /// What is open of a customer per currency.
    pub fn balances_of(&self, contact: &ContactRef) -> Balances {
        let open = self.invoices.iter().filter(|open| open.invoice.is_open() && open.invoice.contact == *contact);
        balances(open.map(|open| &open.invoice))
    }
}

/// An open invoice with what Numo knows of it beside the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenInvoice {
    /// The invoice.
    pub invoice: Invoice,
    /// When Numo saw it first, or saw it open again after it was settled: it enters late if it was due by then.
    pub first_seen: Timestamp,
    /// Raised when it was settled and opened again, or when its due date moved later.
    pub cycle: u32,
}

/// Whether a ledger can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LedgerState {
    /// It was read.
    Readable,
    /// It was never read completely.
    Unreadable,
    /// The last read is too old.
    Stale,
    /// It has to be connected again.
    ReconnectNeeded,
    /// A vendor's sample company.
    DemoCompany,
}
