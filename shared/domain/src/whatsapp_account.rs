//! A WhatsApp Business Account that a business connected, with or without a number yet.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::WabaId;

/// One account of an organisation; its numbers are senders of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhatsappAccount {
    /// Meta's id of it.
    pub waba: WabaId,
    /// Whether its token works.
    pub status: AccountStatus,
    /// When it was connected first.
    pub connected_at: Timestamp,
}

/// Whether an account can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    /// Its token works.
    Connected,
    /// The owner has to go through Meta's sign-up again.
    ReauthRequired,
}

/// What at Meta keeps an account from sending, or from sending much (Meta: health status).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AccountTrouble {
    /// Meta has no working way to be paid (141006).
    Payment,
    /// The business has not passed Meta's verification (141010), which keeps its limit low.
    Verification,
    /// Meta banned the account (141014).
    Banned,
}

impl AccountTrouble {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Payment, Self::Verification, Self::Banned];

    /// Meta's code for it (Meta: health status).
    pub const fn code(self) -> u32 {
        match self {
            Self::Payment => 141_006,
            Self::Verification => 141_010,
            Self::Banned => 141_014,
        }
    }

    /// The name in keys.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Verification => "verification",
            Self::Banned => "banned",
        }
    }
}
