//! Accounting systems: consent, tokens, and what they say about customers and invoices.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp, civil::Date};
use numo_domain::{
    calendar::Zone,
    contact::{ContactStatus, LedgerPhone},
    credential::TokenSet,
    id::{ExternalId, GrantHolder, LedgerTenantId},
    invoice::{InvoiceStatus, Marked},
    money::{Currency, Money},
    phone::CountryCode,
};
use secrecy::SecretString;

/// Gets and renews access by OAuth 2.0.
#[async_trait]
pub trait LedgerAuth: Send + Sync {
    /// Where the owner's browser goes to consent; `challenge` is the PKCE S256 challenge.
    fn authorise_url(&self, redirect_uri: &str, state: &str, challenge: &str) -> String;

    /// Exchanges a single-use code; never repeated.
    async fn exchange(&self, code: &SecretString, verifier: &str, redirect_uri: &str) -> Result<Granted, LedgerError>;

    /// Renews a token set. A timeout or 5xx is `Unavailable`, a dead token `ReauthRequired`.
    async fn refresh(&self, tokens: &TokenSet) -> Result<TokenSet, LedgerError>;
}

/// What a consent gave.
#[derive(Debug)]
pub struct Granted {
    /// Whose token set it is: the Xero user.
    pub holder: GrantHolder,
    /// The tokens.
    pub tokens: TokenSet,
    /// The organisations of this very consent, never all that the user ever connected.
    pub tenants: Vec<GrantedTenant>,
}

/// One organisation of a consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantedTenant {
    /// The ledger organisation.
    pub tenant: LedgerTenantId,
    /// The provider's id of the link.
    pub provider_connection: ExternalId,
    /// Its name.
    pub name: String,
}

/// Reads a ledger.
#[async_trait]
pub trait LedgerReader: Send + Sync {
    /// The ledger organisation itself.
    async fn organisation(&self, access: &LedgerAccess) -> Result<LedgerOrganisation, LedgerError>;

    /// A page of contacts, archived ones included.
    async fn contacts(
        &self,
        access: &LedgerAccess,
        page: &PageRequest,
    ) -> Result<LedgerPage<LedgerContact>, LedgerError>;

    /// A page of sales invoices of every status; bills are left out.
    async fn invoices(
        &self,
        access: &LedgerAccess,
        page: &PageRequest,
    ) -> Result<LedgerPage<LedgerInvoice>, LedgerError>;

    /// Every open sales invoice of up to 40 contacts, right now.
    async fn open_invoices_of(
        &self,
        access: &LedgerAccess,
        contacts: &[ExternalId],
    ) -> Result<LedgerPage<LedgerInvoice>, LedgerError>;
}

/// A tenant and a token that opens it.
#[derive(Debug, Clone)]
pub struct LedgerAccess {
    /// The ledger organisation.
    pub tenant: LedgerTenantId,
    /// Bearer token.
    pub token: SecretString,
}

/// Which page, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// From 1.
    pub page: u32,
    /// Only what changed since, to the second; everything when absent.
    pub modified_since: Option<Timestamp>,
}

/// A page of records, with what could not be read.
#[derive(Debug, Clone)]
pub struct LedgerPage<T> {
    /// Records in the ledger's order.
    pub records: Vec<T>,
    /// Rows that were left out, each with a reason; the rest of the page is kept.
    pub skipped: Vec<SkippedRow>,
    /// Whether a further page exists.
    pub has_more: bool,
    /// The ledger's own clock when it answered.
    pub read_at: Timestamp,
}

/// A row that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedRow {
    /// The ledger's id, if the row has one.
    pub id: Option<ExternalId>,
    /// Whose row it is, if that can be read.
    pub contact: Option<ExternalId>,
    /// What is wrong: a field path and a reason, no value.
    pub reason: String,
}

/// The ledger organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerOrganisation {
    /// Its name.
    pub name: String,
    /// Its time zone; `None` when the ledger names one we do not know.
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
    /// When it last changed, as far as the ledger tells.
    pub updated_at: Timestamp,
}

/// A ledger call failed.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// 429: come back later.
    #[error("the ledger limits the rate of calls")]
    RateLimited {
        /// How long it wants to be left alone.
        retry_after: Option<SignedDuration>,
    },
    /// Timeouts, 5xx, broken connections.
    #[error("the ledger is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The token is dead.
    #[error("the ledger's token is dead")]
    ReauthRequired,
    /// The token works, but no longer for this organisation.
    #[error("the ledger organisation is no longer connected")]
    TenantGone,
    /// Refused for good.
    #[error("the ledger refused the call with status {0}")]
    Rejected(u16),
    /// The answer is not what it should be.
    #[error("the ledger's answer cannot be read: {0}")]
    Malformed(String),
}
