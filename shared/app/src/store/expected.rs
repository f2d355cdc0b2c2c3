//! What whoever asks for a change has seen: the change is refused if somebody else changed it since.

use numo_domain::{
    contact::ContactRef,
    id::{ConnectionId, OrgId, PolicyId, UserId},
};

use crate::{
    error::AppError,
    port::table::Key,
    store::{Store, Stored, keys},
};

/// Something that is read and changed, with a revision of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject<'a> {
    /// The profile with its settings.
    Organisation,
    /// Who is mailed.
    Mails,
    /// A ledger.
    Connection(ConnectionId),
    /// A customer, as the ledger tells it and with the number that was typed.
    Contact(&'a ContactRef),
    /// What people decided about a customer.
    CustomerFile(&'a ContactRef),
    /// A policy, whose revision is its version.
    Policy(&'a PolicyId),
    /// What a customer and the customer's number said about being written to.
    Consent(&'a ContactRef),
    /// A member and their own number.
    Member(&'a UserId),
}

/// The revisions of one thing, over which a change may be written.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    key: Key,
    revisions: Vec<u64>,
}

impl Subject<'_> {
    fn key(self, org: &OrgId) -> Key {
        match self {
            Self::Organisation => keys::profile(org),
            Self::Mails => keys::mail::settings(org),
            Self::Connection(connection) => keys::connection(org, connection),
            Self::Contact(contact) => keys::contact(org, contact),
            Self::CustomerFile(contact) => keys::customer_file(org, contact),
            Self::Policy(id) => keys::policy(org, id),
            Self::Consent(contact) => keys::consent_of_contact(org, contact),
            Self::Member(user) => keys::clerk::member(org, user),
        }
    }
}

impl Store {
    /// A store that changes one thing only over these revisions; the condition of the write holds it to them.
    ///
    /// What was never written has the revision 0.
    #[must_use]
    pub fn expecting(&self, org: &OrgId, subject: Subject<'_>, revisions: Vec<u64>) -> Self {
        Self { expected: Some(Expected { key: subject.key(org), revisions }), ..self.clone() }
    }

    /// Checks the revision that was read, and will be replaced, against what is expected.
    pub(crate) fn is_expected(&self, key: &Key, revision: u64) -> Result<(), AppError> {
        let is_stale = |expected: &Expected| expected.key == *key && !expected.revisions.contains(&revision);
        if self.expected.as_ref().is_some_and(is_stale) { Err(AppError::Stale) } else { Ok(()) }
    }

    /// Whether whoever asks for the change has said what they have seen of it.
    pub(crate) fn expects(&self, key: &Key) -> bool {
        self.expected.as_ref().is_some_and(|expected| expected.key == *key)
    }

    /// The same before anything else is written; nothing is read where nothing is expected.
    pub(crate) async fn is_still_expected(&self) -> Result<(), AppError> {
        let Some(Expected { key, .. }) = &self.expected else { return Ok(()) };
        let revision = self.table.get(key).await?.map_or(0, |item| item.rev);
        self.is_expected(key, revision)
    }

    /// The error where somebody else was faster: another one for whoever said what they had seen.
    pub(crate) fn outrun(&self, key: &Key, otherwise: &'static str) -> AppError {
        match self.expected.as_ref().filter(|expected| expected.key == *key) {
            Some(_) => AppError::Stale,
            None => AppError::Conflict(otherwise),
        }
    }
}

/// How often something was written.
pub(crate) fn revision<T>(seen: Option<&Stored<T>>) -> u64 {
    seen.map_or(0, |seen| seen.rev)
}
