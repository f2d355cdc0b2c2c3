//! A connected ledger of an organisation.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::id::{ConnectionId, ExternalId, GrantHolder, LedgerTenantId, PhoneNumberId};

/// One ledger organisation that a business connected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Ours; it survives a reconnect.
    pub id: ConnectionId,
    /// Which accounting system.
    pub provider: LedgerProvider,
    /// The ledger organisation inside it.
    pub tenant: LedgerTenantId,
    /// The provider's id of this link; Xero's disconnect wants it, Intuit has none but the realm.
    pub provider_connection: ExternalId,
    /// Whose token set opens it.
    pub holder: GrantHolder,
    /// The ledger organisation's own name.
    pub name: String,
    /// Whether it works.
    pub status: ConnectionStatus,
    /// A vendor's sample company: it never sends to real numbers.
    pub is_demo_company: bool,
    /// When it was connected first.
    pub connected_at: Timestamp,
    /// When a sync last finished.
    pub last_synced_at: Option<Timestamp>,
    /// When the consent itself ends, however often tokens are renewed; Intuit ends it after five years.
    #[serde(default)]
    pub consent_ends_at: Option<Timestamp>,
    /// Whether the ledger sends reminders of its own; `None` where it does not say.
    #[serde(default)]
    pub own_reminders: Option<bool>,
    /// The organisation's number that writes to this ledger's customers, if it has one of its own.
    #[serde(default)]
    pub sender: Option<PhoneNumberId>,
    /// The date of the latest payment by a customer that the ledger has recorded.
    #[serde(default)]
    pub last_payment_on: Option<Date>,
}

/// Whether a connection can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConnectionStatus {
    /// Tokens work.
    Active,
    /// The owner has to connect again.
    ReauthRequired,
    /// The provider does not serve this ledger now: its subscription ended, say.
    Suspended,
    /// An admin ended it, or the owner did inside the ledger; its history stays for a reconnect.
    Disconnected,
}

/// An accounting system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum LedgerProvider {
    /// Xero.
    Xero,
    /// QuickBooks Online, by Intuit.
    Quickbooks,
}

impl LedgerProvider {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Xero, Self::Quickbooks];

    /// The name in keys, routes and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Xero => "xero",
            Self::Quickbooks => "quickbooks",
        }
    }

    /// The provider by its name in routes.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|provider| provider.as_str() == name)
    }
}

impl From<LedgerProvider> for Provider {
    fn from(provider: LedgerProvider) -> Self {
        match provider {
            LedgerProvider::Xero => Self::Xero,
            LedgerProvider::Quickbooks => Self::Quickbooks,
        }
    }
}

/// An accounting system, or Meta, that grants access by tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Xero.
    Xero,
    /// QuickBooks Online, by Intuit.
    Quickbooks,
    /// WhatsApp Cloud API.
    Whatsapp,
}

impl Provider {
    /// The name in keys, routes and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Xero => "xero",
            Self::Quickbooks => "quickbooks",
            Self::Whatsapp => "whatsapp",
        }
    }
}
