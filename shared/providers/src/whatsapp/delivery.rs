//! A webhook of Meta: split per account, then read update by update.

use numo_app::delivery::Delivery;
use numo_domain::id::WabaId;

use crate::whatsapp::{changes::Changes, parse, split};

/// A webhook body that is not what Meta sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the webhook is not a list of entries of WhatsApp accounts")]
pub struct Malformed;

/// Splits a verified body into messages for a queue: one account each, at most 200 KB each, in Meta's own words.
///
/// Meta: webhooks; one body holds up to 1,000 updates of several accounts, and up to 3 MB.
pub fn split(raw_body: &[u8]) -> Result<Vec<(WabaId, Changes<'_>)>, Malformed> {
    split::split(raw_body)
}

/// Reads a message that was written of what [`split()`] made; what cannot be read is skipped with a reason.
pub fn parse(waba: WabaId, json: &str) -> Delivery {
    parse::parse(waba, json)
}
