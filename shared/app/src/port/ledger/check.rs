//! The fresh read right before messages go out.

use async_trait::async_trait;
use jiff::Timestamp;
use numo_domain::id::ExternalId;

use crate::port::ledger::{
    LedgerAccess, LedgerError,
    record::{LedgerBill, LedgerContact, LedgerCredit, LedgerInvoice},
};

/// Most contacts of one question to a ledger.
pub const CONTACTS_PER_CHECK: usize = 40;

/// Re-reads everything that decides whether customers may be asked for money.
///
/// One failed call fails the check, and a failed check means that nothing is sent.
#[async_trait]
pub trait LedgerCheck: Send + Sync {
    /// How much may be asked.
    fn limits(&self) -> CheckLimits;

    /// What the ledger says right now of some contacts, at most as many as its limits allow.
    async fn check(&self, access: &LedgerAccess, contacts: &[ExternalId]) -> Result<Checked, LedgerError>;
}

/// How much a ledger may be asked in checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckLimits {
    /// Most contacts of one check; a ledger that takes several questions in one call has more of them.
    pub contacts: usize,
    /// Most calls a minute to one organisation, so that the sync has some left.
    pub calls_per_minute: usize,
}

/// What a check found.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The contacts themselves; one that is missing here is gone.
    pub contacts: Vec<LedgerContact>,
    /// Every open sales invoice of theirs.
    pub invoices: Vec<LedgerInvoice>,
    /// Every bit of their money that no invoice took up.
    pub credits: Vec<LedgerCredit>,
    /// Every open bill of theirs, where the ledger keeps customers and suppliers as one.
    pub bills: Vec<LedgerBill>,
    /// Of whom something could not be read.
    pub unreadable: Unreadable,
    /// The ledger's own clock at the first answer.
    pub read_at: Timestamp,
    /// The ledger's ids of the calls, one for each.
    pub request_ids: Vec<String>,
}

/// Of whom a row could not be read: nothing is known well enough about them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// Of these contacts, often none.
    Of(Vec<ExternalId>),
    /// Perhaps of anybody: a row did not even say whose it is.
    Anybody,
}

impl Unreadable {
    /// Adds the contact of an unreadable row, if the row names one.
    pub fn add(&mut self, contact: Option<ExternalId>) {
        match (self, contact) {
            (Self::Anybody, _) => {}
            (Self::Of(contacts), Some(contact)) => contacts.push(contact),
            (unreadable @ Self::Of(_), None) => *unreadable = Self::Anybody,
        }
    }

    /// Whether something of a contact could not be read.
    pub fn includes(&self, contact: &ExternalId) -> bool {
        match self {
            Self::Of(contacts) => contacts.contains(contact),
            Self::Anybody => true,
        }
    }
}
