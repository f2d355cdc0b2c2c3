//! Tasks: what only a person can settle.

use jiff::Timestamp;
use numo_domain::id::{AttemptId, ConnectionId, OrgId, PhoneNumberId};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::table::Source,
    store::{Entity, Store, keys},
};

/// Something a person has to look at; one per kind and subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// What about.
    #[serde(flatten)]
    pub about: TaskAbout,
    /// Since when.
    pub since: Timestamp,
}

/// What a task is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "subject")]
pub enum TaskAbout {
    /// Nobody knows whether a message went out.
    OutcomeUnknown(AttemptId),
    /// Two messages in a row were dropped without delivery; the sequence stands still.
    UndeliveredTwice(AttemptId),
    /// A ledger has to be connected again.
    ReconnectLedger(ConnectionId),
    /// The provider does not serve a ledger now, because its subscription ended, say.
    LedgerSuspended(ConnectionId),
    /// The consent behind a ledger ends soon, whatever is done but a new consent.
    ConsentEnds(ConnectionId),
    /// A WhatsApp number cannot send.
    SenderBlocked(PhoneNumberId),
}

impl TaskAbout {
    fn parts(&self) -> (&'static str, String) {
        match self {
            Self::OutcomeUnknown(attempt) => ("OUTCOME_UNKNOWN", attempt.to_string()),
            Self::UndeliveredTwice(attempt) => ("UNDELIVERED_TWICE", attempt.to_string()),
            Self::ReconnectLedger(connection) => ("RECONNECT_LEDGER", connection.to_string()),
            Self::LedgerSuspended(connection) => ("LEDGER_SUSPENDED", connection.to_string()),
            Self::ConsentEnds(connection) => ("CONSENT_ENDS", connection.to_string()),
            Self::SenderBlocked(sender) => ("SENDER_BLOCKED", sender.to_string()),
        }
    }
}

impl Entity for Task {
    const ENTITY: &'static str = "task";
}

impl Store {
    /// Opens a task, unless it is open already.
    pub async fn open_task(&self, org: &OrgId, about: TaskAbout, now: Timestamp) -> Result<(), AppError> {
        let (kind, subject) = about.parts();
        let key = keys::task(org, kind, &subject);
        self.create(key, &Task { about, since: now }, now).await.map(|_| ())
    }

    /// Closes a task that the world settled by itself.
    pub async fn close_task(&self, org: &OrgId, about: &TaskAbout) -> Result<(), AppError> {
        let (kind, subject) = about.parts();
        let key = keys::task(org, kind, &subject);
        match self.read::<Task>(&key).await? {
            Some(task) => self.remove(key, &task).await.map(|_| ()),
            None => Ok(()),
        }
    }

    /// All open tasks.
    pub async fn tasks(&self, org: &OrgId) -> Result<Vec<Task>, AppError> {
        let source = Source::Table(keys::org_partition(org));
        Ok(self.list(source, keys::TASKS.to_owned()).await?.into_iter().map(|stored| stored.value).collect())
    }
}
