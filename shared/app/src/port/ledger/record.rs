//! What a ledger says of customers, invoices and money, in words that hold for every ledger.

use jiff::{Timestamp, civil::Date};
use numo_domain::{
    calendar::Zone,
    contact::{ContactStatus, LedgerPhone},
    credit::CreditKind,
    id::ExternalId,
    invoice::{InvoiceStatus, Marked},
    money::{Currency, Money},
    phone::CountryCode,
};
use serde::{Deserialize, Serialize};

/// The ledger organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerOrganisation {
    /// Its name.
    pub name: String,
    /// Its time zone; `None` when the ledger names none that we know.
    pub zone: Option<Zone>,
    /// Its country.
    pub country: Option<CountryCode>,
    /// The currency of its books.
    pub base_currency: Option<Currency>,
    /// A vendor's sample company.
    pub is_demo_company: bool,
}

/// A contact as the ledger shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerContact {
    /// The ledger's id.
    pub id: ExternalId,
    /// Its name.
    pub name: String,
    /// Whether it is in use.
    pub status: ContactStatus,
    /// Its phone fields, as they stand there.
    pub phones: Vec<LedgerPhone>,
    /// The contact it was merged into, or the parent that is billed for it.
    pub payer: Option<ExternalId>,
    /// Names of the ledger's groups that it is in, sorted.
    pub groups: Vec<String>,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A sales invoice as the ledger shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerInvoice {
    /// The ledger's id.
    pub id: ExternalId,
    /// Who owes it.
    pub contact: ExternalId,
    /// The printed number.
    pub number: String,
    /// Where it stands.
    pub status: InvoiceStatus,
    /// The calendar date on it.
    pub issued: Option<Date>,
    /// The calendar due date.
    pub due: Option<Date>,
    /// What was invoiced.
    pub total: Money,
    /// What is left.
    pub remaining: Money,
    /// Whether the customer has it.
    pub marked: Marked,
    /// When the customer is expected to pay, if somebody noted it there.
    pub expected_payment: Option<Date>,
    /// What arrived as money; `None` where the ledger does not say.
    pub paid: Option<Money>,
    /// When it last changed, as far as the ledger tells.
    pub updated_at: Timestamp,
}

/// Money of a customer that no invoice has taken up, or not wholly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerCredit {
    /// The ledger's id.
    pub id: ExternalId,
    /// What it is.
    pub kind: CreditKind,
    /// Whose.
    pub contact: ExternalId,
    /// The printed number, often empty.
    pub number: String,
    /// The calendar date on it.
    pub date: Option<Date>,
    /// What is left of it; zero when it is void, a draft, or wholly allocated.
    pub remaining: Money,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A bill of a supplier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerBill {
    /// The ledger's id.
    pub id: ExternalId,
    /// Whose.
    pub contact: ExternalId,
    /// What is left to pay; zero when it is void, a draft, or settled.
    pub remaining: Money,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A payment by a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerPayment {
    /// The ledger's id.
    pub id: ExternalId,
    /// Who paid.
    pub contact: ExternalId,
    /// The calendar date on it.
    pub date: Option<Date>,
    /// How much.
    pub amount: Money,
    /// The invoices it went to.
    pub invoices: Vec<ExternalId>,
    /// Whether it was taken back.
    pub is_reversed: bool,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A record that is gone; its ledger says no more of it than that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletedRecord {
    /// What it was.
    pub kind: RecordKind,
    /// The ledger's id.
    pub id: ExternalId,
    /// When it was deleted, as far as the ledger tells.
    pub updated_at: Timestamp,
}

/// A row that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedRow {
    /// What it is.
    pub kind: RecordKind,
    /// The ledger's id, if the row has one.
    pub id: Option<ExternalId>,
    /// The printed number, if the row has one, so that the owner can find it.
    pub number: Option<String>,
    /// Whose row it is, if that can be read.
    pub contact: Option<ExternalId>,
    /// What is wrong: a field path and a reason, no value.
    pub reason: String,
}

/// The kinds of records that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    /// A customer.
    Contact,
    /// A sales invoice.
    Invoice,
    /// A credit note or credit memo.
    CreditNote,
    /// A prepayment.
    Prepayment,
    /// An overpayment.
    Overpayment,
    /// A bill.
    Bill,
    /// A payment.
    Payment,
}

impl RecordKind {
    /// The name in keys and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Invoice => "invoice",
            Self::CreditNote => "credit_note",
            Self::Prepayment => "prepayment",
            Self::Overpayment => "overpayment",
            Self::Bill => "bill",
            Self::Payment => "payment",
        }
    }
}
