//! From the token in the address of a pay button to the invoice that it opens.

use jiff::{SignedDuration, Timestamp};
use numo_domain::id::{ConnectionId, ExternalId, OrgId, PayToken};
use serde::{Deserialize, Serialize};

use crate::{
    connect_ledger::sha256_hex,
    error::AppError,
    store::{Entity, Store, keys},
};

/// Which invoice a token opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayTarget {
    /// Whose invoice it is.
    pub org: OrgId,
    /// Of which ledger.
    pub connection: ConnectionId,
    /// The ledger's id.
    pub invoice: ExternalId,
}

impl Entity for PayTarget {
    const ENTITY: &'static str = "pay_target";
}

/// Customers open old messages: a token works for 13 months after the last one that had it.
pub(super) const KEPT: SignedDuration = SignedDuration::from_hours(24 * 396);

impl Store {
    /// What a token opens.
    pub async fn pay_target(&self, token: &PayToken) -> Result<Option<PayTarget>, AppError> {
        Ok(self.read(&keys::pay_target(&sha256_hex(token.as_str()))).await?.map(|stored| stored.value))
    }

    /// Notes what a token opens, before a message with it goes out.
    pub async fn keep_pay_target(&self, token: &PayToken, target: &PayTarget, now: Timestamp) -> Result<(), AppError> {
        self.put_until(keys::pay_target(&sha256_hex(token.as_str())), target, now.saturating_add(KEPT).ok(), now).await
    }
}
