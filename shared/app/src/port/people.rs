//! The people of an organisation, as Clerk knows them.

use std::{collections::BTreeMap, error::Error};

use async_trait::async_trait;
use jiff::SignedDuration;
use numo_domain::{
    email::EmailAddress,
    id::{OrgId, UserId},
};

use crate::port::session::Role;

/// Asks who belongs to an organisation, and where they are written to.
#[async_trait]
pub trait People: Send + Sync {
    /// Whether there is such an organisation.
    async fn organisation(&self, org: &OrgId) -> Result<Presence, PeopleError>;

    /// Everybody who is a member at the moment, in which role; nobody of an organisation that is gone.
    async fn members(&self, org: &OrgId) -> Result<BTreeMap<UserId, Role>, PeopleError>;

    /// Every organisation that somebody is a member of at the moment, in which role; none for a user who is gone.
    async fn organisations(&self, user: &UserId) -> Result<BTreeMap<OrgId, Role>, PeopleError>;

    /// The primary address of each of these people who verified it at Clerk.
    async fn addresses(&self, users: &[UserId]) -> Result<BTreeMap<UserId, EmailAddress>, PeopleError>;
}

/// Whether an organisation is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It is.
    Present,
    /// Nobody knows it: it was deleted, or somebody else is asked than who had it.
    Gone,
}

/// Nobody can be asked: there is no key for it.
#[derive(Debug, Clone, Copy)]
pub struct NobodyToAsk;

#[async_trait]
impl People for NobodyToAsk {
    async fn organisation(&self, _: &OrgId) -> Result<Presence, PeopleError> {
        Err(PeopleError::NoKey)
    }

    async fn members(&self, _: &OrgId) -> Result<BTreeMap<UserId, Role>, PeopleError> {
        Err(PeopleError::NoKey)
    }

    async fn organisations(&self, _: &UserId) -> Result<BTreeMap<OrgId, Role>, PeopleError> {
        Err(PeopleError::NoKey)
    }

    async fn addresses(&self, _: &[UserId]) -> Result<BTreeMap<UserId, EmailAddress>, PeopleError> {
        Err(PeopleError::NoKey)
    }
}

/// Clerk did not tell.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// The stage's secrets have none.
    #[error("there is no key for Clerk's Backend API")]
    NoKey,
    /// The key is not good, or not for this.
    #[error("Clerk refuses our key")]
    Refused,
    /// Too many calls.
    #[error("Clerk asks for patience")]
    RateLimited {
        /// How long it wants to be left alone.
        retry_after: Option<SignedDuration>,
    },
    /// No clear answer.
    #[error("the people of an organisation cannot be asked for")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
}
