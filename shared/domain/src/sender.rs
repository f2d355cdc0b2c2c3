//! A WhatsApp number of the business, from which reminders go out.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    id::{PhoneNumberId, WabaId},
    phone::PhoneNumber,
};

/// One sending number of an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sender {
    /// Meta's id of the number; it stands in the send address.
    pub phone_number_id: PhoneNumberId,
    /// The account that owns the number and the templates.
    pub waba: WabaId,
    /// The number that customers see.
    pub number: PhoneNumber,
    /// The name that WhatsApp verified.
    pub verified_name: String,
    /// How many people Meta lets it begin to write to in 24 hours; none where Meta sets no limit or told none.
    #[serde(default)]
    pub daily_limit: Option<u32>,
    /// Whether it may send.
    pub status: SenderStatus,
    /// The latest claim time of a message for which a status came back.
    ///
    /// While Meta's webhooks are silent this stands still, and nothing expires.
    pub heard_up_to: Option<Timestamp>,
}

/// Whether a sender works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SenderStatus {
    /// Meta accepts messages from it.
    Ready,
    /// Meta refused the number or the account; the owner has to look.
    Blocked,
    /// The access token is dead.
    ReauthRequired,
}
