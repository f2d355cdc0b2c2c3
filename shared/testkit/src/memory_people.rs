//! The people of organisations, as a test says.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use numo_app::port::{
    organisations::Organisations,
    people::{People, PeopleError, Presence},
    session::Role,
};
use numo_domain::{
    email::EmailAddress,
    id::{OrgId, UserId},
};

use crate::{lock::lock, outage::Outage};

/// Members by organisation; a user's address is `{user}@people.example`, unless it is not verified.
#[derive(Debug, Default)]
pub struct MemoryPeople {
    members: Mutex<BTreeMap<OrgId, BTreeMap<UserId, Role>>>,
    unverified: Mutex<Vec<UserId>>,
    gone: Mutex<BTreeSet<OrgId>>,
    failure: Mutex<Option<fn() -> PeopleError>>,
    deleted: Mutex<Vec<OrgId>>,
    is_down: AtomicBool,
    calls: AtomicUsize,
}

impl MemoryPeople {
    /// Nobody.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes somebody a member, or changes a role.
    pub fn join(&self, org: &OrgId, user: &UserId, role: Role) {
        lock(&self.members).entry(org.clone()).or_default().insert(user.clone(), role);
    }

    /// Ends a membership.
    pub fn leave(&self, org: &OrgId, user: &UserId) {
        lock(&self.members).entry(org.clone()).or_default().remove(user);
    }

    /// Deletes an organisation.
    pub fn delete(&self, org: &OrgId) {
        lock(&self.gone).insert(org.clone());
    }

    /// Brings it back.
    pub fn restore(&self, org: &OrgId) {
        lock(&self.gone).remove(org);
    }

    /// Answers with this from now on, or as it is again.
    pub fn answer(&self, failure: Option<fn() -> PeopleError>) {
        *lock(&self.failure) = failure;
    }

    /// Somebody whose address nobody verified.
    pub fn is_unverified(&self, user: &UserId) {
        lock(&self.unverified).push(user.clone());
    }

    /// Organisations that were deleted, each as often as it was asked for.
    pub fn deleted(&self) -> Vec<OrgId> {
        lock(&self.deleted).clone()
    }

    /// Fails from now on, or works again.
    pub fn set_down(&self, is_down: bool) {
        self.is_down.store(is_down, Ordering::SeqCst);
    }

    /// How often it was asked.
    pub fn n_calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    fn call(&self) -> Result<(), PeopleError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        if self.is_down.load(Ordering::SeqCst) {
            return Err(PeopleError::Unavailable(Outage::because("people were told to be unknown")));
        }
        match *lock(&self.failure) {
            Some(failure) => Err(failure()),
            None => Ok(()),
        }
    }
}

#[async_trait]
impl People for MemoryPeople {
    async fn organisation(&self, org: &OrgId) -> Result<Presence, PeopleError> {
        self.call()?;
        Ok(if lock(&self.gone).contains(org) { Presence::Gone } else { Presence::Present })
    }

    async fn members(&self, org: &OrgId) -> Result<BTreeMap<UserId, Role>, PeopleError> {
        self.call()?;
        // Clerk answers 404 for one that it deleted, which is nobody.
        if lock(&self.gone).contains(org) {
            return Ok(BTreeMap::new());
        }
        Ok(lock(&self.members).get(org).cloned().unwrap_or_default())
    }

    async fn organisations(&self, user: &UserId) -> Result<BTreeMap<OrgId, Role>, PeopleError> {
        self.call()?;
        let (members, gone) = (lock(&self.members), lock(&self.gone));
        let there = members.iter().filter(|(org, _)| !gone.contains(*org));
        Ok(there.filter_map(|(org, members)| Some((org.clone(), *members.get(user)?))).collect())
    }

    async fn addresses(&self, users: &[UserId]) -> Result<BTreeMap<UserId, EmailAddress>, PeopleError> {
        self.call()?;
        let unverified = lock(&self.unverified);
        let verified = users.iter().filter(|user| !unverified.contains(user));
        let address = |user: &UserId| Some((user.clone(), format!("{user}@people.example").parse().ok()?));
        Ok(verified.filter_map(address).collect())
    }
}

#[async_trait]
impl Organisations for MemoryPeople {
    async fn delete(&self, org: &OrgId) -> Result<(), PeopleError> {
        self.call()?;
        lock(&self.members).remove(org);
        lock(&self.deleted).push(org.clone());
        Ok(())
    }
}
