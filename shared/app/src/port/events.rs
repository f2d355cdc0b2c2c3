//! Events for outsiders; nothing inside waits for one.

use async_trait::async_trait;
use jiff::Timestamp;
use numo_domain::{
    connection::Provider,
    id::{ConnectionId, OrgId},
};

/// Publishes facts on the bus.
#[async_trait]
pub trait Events: Send + Sync {
    /// Publishes one fact; failure is logged by the adapter, never passed on.
    async fn publish(&self, org: &OrgId, at: Timestamp, event: Event);
}

/// A fact that others may care about; ids only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// `connection.reauth_required.v1`.
    ConnectionReauthRequired {
        /// Which.
        connection: ConnectionId,
        /// Of which provider.
        provider: Provider,
    },
    /// `reminder.sent.v1`.
    ReminderSent {
        /// The attempt that Meta accepted.
        attempt: numo_domain::id::AttemptId,
    },
    /// `invoice.settled.v1`.
    InvoiceSettled {
        /// The ledger it is in.
        connection: ConnectionId,
        /// The ledger's id.
        invoice: numo_domain::id::ExternalId,
    },
    /// `contact.opted_out.v1`.
    ContactOptedOut {
        /// The ledger it is in.
        connection: ConnectionId,
        /// The ledger's id.
        contact: numo_domain::id::ExternalId,
    },
}

impl Event {
    /// The detail type on the bus.
    pub const fn detail_type(&self) -> &'static str {
        match self {
            Self::ConnectionReauthRequired { .. } => "connection.reauth_required.v1",
            Self::ReminderSent { .. } => "reminder.sent.v1",
            Self::InvoiceSettled { .. } => "invoice.settled.v1",
            Self::ContactOptedOut { .. } => "contact.opted_out.v1",
        }
    }

    /// The detail on the bus.
    pub fn detail(&self, org: &OrgId) -> serde_json::Value {
        match self {
            Self::ConnectionReauthRequired { connection, provider } => {
                serde_json::json!({"org": org, "connection": connection, "provider": provider})
            }
            Self::ReminderSent { attempt } => serde_json::json!({"org": org, "attempt": attempt}),
            Self::InvoiceSettled { connection, invoice } => {
                serde_json::json!({"org": org, "connection": connection, "invoice": invoice})
            }
            Self::ContactOptedOut { connection, contact } => {
                serde_json::json!({"org": org, "connection": connection, "contact": contact})
            }
        }
    }
}
