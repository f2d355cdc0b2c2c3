//! The people of an organisation, as Clerk knows them.

use std::{collections::BTreeMap, error::Error};

use async_trait::async_trait;
use numo_domain::{
    email::EmailAddress,
    id::{OrgId, UserId},
};

use crate::port::session::Role;

/// Asks who belongs to an organisation, and where they are written to.
#[async_trait]
pub trait People: Send + Sync {
    /// Everybody who is a member at the moment, in which role; nobody of an organisation that is gone.
    async fn members(&self, org: &OrgId) -> Result<BTreeMap<UserId, Role>, PeopleError>;

    /// The primary address of each of these people who verified it at Clerk.
    async fn addresses(&self, users: &[UserId]) -> Result<BTreeMap<UserId, EmailAddress>, PeopleError>;
}

/// Nobody can be asked: there is no key for it.
#[derive(Debug, Clone, Copy)]
pub struct NobodyToAsk;

#[async_trait]
impl People for NobodyToAsk {
    async fn members(&self, _: &OrgId) -> Result<BTreeMap<UserId, Role>, PeopleError> {
        Err(PeopleError("there is no key for Clerk's Backend API".into()))
    }

    async fn addresses(&self, _: &[UserId]) -> Result<BTreeMap<UserId, EmailAddress>, PeopleError> {
        Err(PeopleError("there is no key for Clerk's Backend API".into()))
    }
}

/// Clerk did not tell.
#[derive(Debug, thiserror::Error)]
#[error("the people of an organisation cannot be asked for")]
pub struct PeopleError(#[source] pub Box<dyn Error + Send + Sync>);
