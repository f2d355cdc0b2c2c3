//! Connections in the hands of operators: read one now, and remind of those that have to be connected again.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use numo_domain::id::{ActivityId, ConnectionId, OperatorId, OrgId, WabaId};
use serde_json::json;

use crate::{
    error::AppError,
    operator::{OperatorPorts, activity, checked},
    read_ledger_now::readable,
    store::{
        Store, Stored,
        due::sync_work,
        task::{Task, TaskAbout},
    },
};

/// Has a ledger read with the next sweep, as a webhook of its provider does, unless it has to be connected again first.
pub async fn sync_now(
    ports: &OperatorPorts,
    (org, connection): (&OrgId, ConnectionId),
    (by, reason): (&OperatorId, &str),
    now: Timestamp,
) -> Result<(), AppError> {
    let (store, reason) = (&ports.store, checked(reason)?);
    let found = readable(store, org, connection).await?;
    let line = activity(by, "connection.sync_ordered", json!({"connection": connection, "reason": reason}), now);
    store.record(org, ActivityId::new(ports.ids.uuid()), &line).await?;
    store.mark_due_after_claim(org, &sync_work(found.id), now, now).await
}

/// Something that stands still until somebody of an organisation connects it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lapsed {
    /// Whose.
    pub org: OrgId,
    /// What.
    pub what: What,
    /// Since when.
    pub since: Timestamp,
    /// When its people were mailed about it last.
    pub mailed_at: Option<Timestamp>,
}

/// What people connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A ledger.
    Ledger(ConnectionId),
    /// A WhatsApp account.
    WhatsappAccount(WabaId),
}

impl What {
    /// What a task asks to have connected again, if it asks that.
    fn of(task: &TaskAbout) -> Option<Self> {
        if let TaskAbout::ReconnectLedger(connection) = task {
            return Some(Self::Ledger(*connection));
        }
        if let TaskAbout::ReconnectWhatsapp(waba) = task { Some(Self::WhatsappAccount(waba.clone())) } else { None }
    }
}

impl Lapsed {
    /// Whether its people may be mailed about it again.
    pub fn may_be_told(&self, now: Timestamp) -> bool {
        self.mailed_at.is_some_and(|mailed| now.duration_since(mailed) >= APART)
    }
}

/// Between two mails about the same connection; one that was never told is about to be.
const APART: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Everything that has to be connected again, by organisation; organisations that end are left out.
pub async fn lapsed(store: &Store) -> Result<Vec<Lapsed>, AppError> {
    let mut all = Vec::new();
    for org in store.every_organisation().await? {
        all.extend(lapsed_of(store, &org).await?.into_iter().map(|(lapsed, _)| lapsed));
    }
    Ok(all)
}

/// Has the people of organisations mailed once more about what has to be connected again; whom.
///
/// The planner sends it as it sends every alert, once: to whom the organisation chose, and not to those who were mailed
/// about it within seven days. Given again it therefore tells nobody twice.
pub async fn remind(
    ports: &OperatorPorts,
    (by, reason): (&OperatorId, &str),
    now: Timestamp,
) -> Result<Vec<Lapsed>, AppError> {
    let (store, reason) = (&ports.store, checked(reason)?);
    let mut reminded = Vec::new();
    for org in store.every_organisation().await? {
        let mut tasks = lapsed_of(store, &org).await?;
        tasks.retain(|(lapsed, _)| lapsed.may_be_told(now));
        if tasks.is_empty() {
            continue;
        }
        let line = activity(by, "reconnection.reminded", json!({"tasks": tasks.len(), "reason": reason}), now);
        store.record(&org, ActivityId::new(ports.ids.uuid()), &line).await?;
        for (lapsed, task) in tasks {
            if store.tell_again(&org, &task, now).await? {
                reminded.push(lapsed);
            }
        }
    }
    Ok(reminded)
}

async fn lapsed_of(store: &Store, org: &OrgId) -> Result<Vec<(Lapsed, Stored<Task>)>, AppError> {
    if store.organisation_erasure(org).await?.is_some() {
        return Ok(Vec::new());
    }
    let lapsed = |task: &Stored<Task>| {
        let Task { about, since, mailed_at } = &task.value;
        Some(Lapsed { org: org.clone(), what: What::of(about)?, since: *since, mailed_at: *mailed_at })
    };
    let tasks = store.seen_tasks(org).await?.into_iter();
    Ok(tasks.filter_map(|task| Some((lapsed(&task)?, task))).collect())
}

/// How many there are of each organisation.
pub fn per_organisation(all: &[Lapsed]) -> BTreeMap<&OrgId, usize> {
    let mut counts = BTreeMap::new();
    for lapsed in all {
        *counts.entry(&lapsed.org).or_default() += 1;
    }
    counts
}
