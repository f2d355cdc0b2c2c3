//! Token sets as they are stored: sealed, with the lease of whoever renews them.

use jiff::Timestamp;
use numo_domain::{credential::GrantRef, id::OrgId};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    store::{Created, Entity, Replaced, Store, Stored, keys},
    vault::envelope::Sealed,
};

/// A token set at rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Grant {
    /// The sealed tokens.
    pub sealed: Sealed,
    /// Raised by every new token set.
    pub generation: u64,
    /// While this lies ahead somebody renews the tokens.
    pub lease_until: Option<Timestamp>,
    /// After a failed renewal nobody tries before this.
    pub cool_down_until: Option<Timestamp>,
    /// When the consent ends for good, in the open so that it can be shown without opening the tokens.
    #[serde(default)]
    pub consent_ends_at: Option<Timestamp>,
}

impl Entity for Grant {
    const ENTITY: &'static str = "grant";
}

impl Store {
    pub(crate) async fn grant(&self, org: &OrgId, grant: &GrantRef) -> Result<Option<Stored<Grant>>, AppError> {
        self.read(&keys::vault::grant(org, grant)).await
    }

    pub(crate) async fn create_grant(
        &self,
        org: &OrgId,
        grant: &GrantRef,
        value: &Grant,
        now: Timestamp,
    ) -> Result<Created, AppError> {
        self.create(keys::vault::grant(org, grant), value, now).await
    }

    pub(crate) async fn replace_grant(
        &self,
        org: &OrgId,
        grant: &GrantRef,
        seen: &Stored<Grant>,
        next: &Grant,
        now: Timestamp,
    ) -> Result<Replaced, AppError> {
        self.replace(keys::vault::grant(org, grant), seen, next, now).await
    }

    pub(crate) async fn delete_grant(&self, org: &OrgId, grant: &GrantRef) -> Result<(), AppError> {
        self.delete::<Grant>(keys::vault::grant(org, grant)).await
    }
}
