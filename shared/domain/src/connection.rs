//! A connected ledger of an organisation.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{ConnectionId, ExternalId, GrantHolder, LedgerTenantId};

/// One ledger organisation that a business connected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Ours; it survives a reconnect.
    pub id: ConnectionId,
    /// Which accounting system.
    pub provider: Provider,
    /// The ledger organisation inside it.
    pub tenant: LedgerTenantId,
    /// The provider's id of this link; Xero's disconnect wants it.
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
}

/// Whether a connection can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionStatus {
    /// Tokens work.
    Active,
    /// The owner has to connect again.
    ReauthRequired,
}

/// An accounting system, or Meta, that grants access by tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Xero.
    Xero,
    /// WhatsApp Cloud API.
    Whatsapp,
}

impl Provider {
    /// The name in keys, routes and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Xero => "xero",
            Self::Whatsapp => "whatsapp",
        }
    }
}
