//! What certifies that an organisation was erased: kept where nothing of it is.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use numo_domain::id::{ConfirmationCode, OrganisationKey};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::table::Item,
    store::{Entity, Store, erasure::organisation::OrganisationErasure, keys, new_item},
};

/// That an organisation was erased; no personal data, and no name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Keyed hash of the organisation.
    pub organisation: OrganisationKey,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// When everything was gone.
    pub done_at: Timestamp,
    /// How many items were deleted, by their entity tag.
    pub counts: BTreeMap<String, u64>,
    /// How many links could not be ended at their provider, by provider.
    pub untold: BTreeMap<String, u64>,
}

impl Entity for Certificate {
    const ENTITY: &'static str = "erasure_certificate";
}

/// Three years, after which most claims about data are barred by time.
pub(in crate::store) const KEPT: SignedDuration = SignedDuration::from_hours(24 * 1_096);

impl Certificate {
    /// The certificate of an erasure that is through.
    pub(crate) fn of(erasure: &OrganisationErasure, organisation: OrganisationKey, now: Timestamp) -> Self {
        let mut untold = BTreeMap::new();
        for link in &erasure.untold {
            let provider = link.split(':').next().unwrap_or_default();
            *untold.entry(provider.to_owned()).or_default() += 1;
        }
        Self { organisation, asked_at: erasure.asked_at, done_at: now, counts: erasure.counts.clone(), untold }
    }
}

impl Store {
    /// Keeps a certificate under its code, once.
    pub(crate) async fn keep_certificate(
        &self,
        code: &ConfirmationCode,
        certificate: &Certificate,
    ) -> Result<(), AppError> {
        let (now, expires_at) = (certificate.done_at, certificate.done_at.saturating_add(KEPT).ok());
        let item = Item { expires_at, ..new_item(keys::forget::certificate(code), certificate, now)? };
        self.create_item(item).await.map(|_| ())
    }

    /// The certificate under a code.
    pub async fn certificate(&self, code: &ConfirmationCode) -> Result<Option<Certificate>, AppError> {
        Ok(self.read(&keys::forget::certificate(code)).await?.map(|stored| stored.value))
    }
}
