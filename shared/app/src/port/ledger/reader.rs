//! Pulling a ledger, call by call.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp, civil::Date};
use numo_domain::id::ExternalId;
use serde::{Deserialize, Serialize};

use crate::port::ledger::{
    LedgerAccess, LedgerError,
    record::{
        DeletedRecord, LedgerBill, LedgerContact, LedgerCredit, LedgerInvoice, LedgerOrganisation, LedgerPayment,
        SkippedRow,
    },
};

/// Reads a ledger.
#[async_trait]
pub trait LedgerReader: Send + Sync {
    /// The ledger organisation itself.
    async fn organisation(&self, access: &LedgerAccess) -> Result<LedgerOrganisation, LedgerError>;

    /// Whether the ledger sends reminders of its own; `None` where it does not say.
    async fn own_reminders(&self, access: &LedgerAccess) -> Result<Option<bool>, LedgerError>;

    /// How far back the ledger tells changes; after a longer silence everything is read again.
    fn remembers_changes_for(&self) -> Option<SignedDuration>;

    /// Where a pull begins.
    fn begin(&self, pull: &Pull) -> Place;

    /// One call of a pull, and where it goes on.
    ///
    /// Contacts come before the records that name them. A row that changes while pages are read
    /// may be read twice, never missed.
    async fn batch(&self, access: &LedgerAccess, pull: &Pull, place: &Place) -> Result<Batch, LedgerError>;

    /// Some sales invoices by their ids, whatever their status; those that are gone are left out.
    async fn invoices_by_id(&self, access: &LedgerAccess, ids: &[ExternalId]) -> Result<Batch, LedgerError>;
}

/// What is pulled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pull {
    /// What matters at the beginning: contacts, sales invoices that are open or dated since a
    /// day, money that no invoice took up, open bills.
    Everything {
        /// The day.
        dated_since: Date,
    },
    /// What changed since an instant of the ledger's clock.
    Changes {
        /// The instant.
        since: Timestamp,
    },
    /// Everything that is open, whatever the ledger says of when it changed.
    Open,
}

/// The next call of a pull.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The list.
    pub list: LedgerList,
    /// Its page, from 1.
    pub page: u32,
    /// How many rows the list had at the page before, where the ledger counts them.
    ///
    /// A list that became shorter moved rows to pages that were read already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n_rows: Option<u64>,
}

impl Place {
    /// The first page of a list.
    pub const fn first(list: LedgerList) -> Self {
        Self { list, page: 1, n_rows: None }
    }
}

/// The lists of ledgers; which of them a pull goes through, and in which order, is the adapter's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LedgerList {
    /// Customers.
    Contacts,
    /// Sales invoices.
    Invoices,
    /// Sales invoices that are older than the others and still open.
    OldInvoices,
    /// Credit notes and credit memos.
    CreditNotes,
    /// Prepayments.
    Prepayments,
    /// Overpayments.
    Overpayments,
    /// Bills.
    Bills,
    /// Payments.
    Payments,
    /// Everything that changed, of every kind at once.
    AllChanges,
}

/// What one call brought.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Customers.
    pub contacts: Vec<LedgerContact>,
    /// Sales invoices.
    pub invoices: Vec<LedgerInvoice>,
    /// Money that no invoice took up, closed ones with nothing left.
    pub credits: Vec<LedgerCredit>,
    /// Bills, closed ones with nothing left.
    pub bills: Vec<LedgerBill>,
    /// Payments by customers.
    pub payments: Vec<LedgerPayment>,
    /// Records that are gone.
    pub deleted: Vec<DeletedRecord>,
    /// Rows that were left out, each with a reason; the rest of the page is kept.
    pub skipped: Vec<SkippedRow>,
    /// Whether deletions may be missing, so that everything open has to be gone through.
    pub may_miss_deletions: bool,
    /// The ledger's own clock when it answered.
    pub read_at: Timestamp,
    /// The ledger's id of the call, for its support.
    pub request_id: Option<String>,
    /// What is left of the ledger's limits.
    pub room: Room,
    /// The next call; nothing when the pull is complete.
    pub next: Option<Place>,
}

impl Batch {
    /// An answer without records.
    pub fn empty(read_at: Timestamp) -> Self {
        Self {
            contacts: Vec::new(),
            invoices: Vec::new(),
            credits: Vec::new(),
            bills: Vec::new(),
            payments: Vec::new(),
            deleted: Vec::new(),
            skipped: Vec::new(),
            may_miss_deletions: false,
            read_at,
            request_id: None,
            room: Room::default(),
            next: None,
        }
    }
}

/// Calls that a ledger still allows, where it says so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Room {
    /// In this minute, of this organisation.
    pub minute: Option<u32>,
    /// On this day, of this organisation.
    pub day: Option<u32>,
    /// In this minute, of all organisations of our app.
    pub app_minute: Option<u32>,
}
