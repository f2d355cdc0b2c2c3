//! Organisations, where they are at home: at Clerk.

use async_trait::async_trait;
use numo_domain::id::OrgId;

use crate::port::people::{NobodyToAsk, PeopleError};

/// Ends organisations for good.
#[async_trait]
pub trait Organisations: Send + Sync {
    /// Deletes an organisation with its memberships and invitations; one that is gone is done.
    async fn delete(&self, org: &OrgId) -> Result<(), PeopleError>;
}

#[async_trait]
impl Organisations for NobodyToAsk {
    async fn delete(&self, _: &OrgId) -> Result<(), PeopleError> {
        Err(PeopleError::NoKey)
    }
}
