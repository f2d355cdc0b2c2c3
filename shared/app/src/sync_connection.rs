//! Pulling one connection's ledger into the table, call by call.
//!
//! A first sync reads everything that matters and goes on where it stopped; later ones read what
//! changed; once a day everything open is gone through, because ledgers do not tell every change.

pub mod schedule;

mod keep;
mod numbers;
mod pull;
mod sweep;

use std::{fmt, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    connection::{Connection, ConnectionStatus},
    id::{ConnectionId, OrgId},
};

pub(crate) use self::pull::MONTHS_BACK;
use crate::{
    error::AppError,
    job::{Cause, Work},
    ledger_session::LedgerSession,
    number_key::NumberKeys,
    port::{
        clock::Clock,
        events::{Event, Events},
        ledger::{LedgerError, Limit, PerLedger, reader::LedgerReader},
    },
    rate_gate,
    store::{
        due::sync_work,
        sync::{SyncKind, SyncRun},
        task::TaskAbout,
    },
    sync_connection::{
        numbers::read_numbers,
        pull::{Stop, Sync},
        schedule::next_sync,
    },
    vault::Vault,
    wake::Waker,
};

/// What a sync needs.
#[derive(Clone)]
pub struct SyncPorts {
    /// Table, queue and ids.
    pub waker: Waker,
    /// Tokens.
    pub vault: Vault,
    /// The ledgers.
    pub readers: PerLedger<dyn LedgerReader>,
    /// Facts for outsiders.
    pub events: Arc<dyn Events>,
    /// Keys of numbers.
    pub number_keys: NumberKeys,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl fmt::Debug for SyncPorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SyncPorts")
    }
}

/// How a sync ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Synced {
    /// The ledger was read to its last page.
    Complete(Box<SyncRun>),
    /// There is more; the next time stands in the table.
    Continued,
    /// The job was stale: somebody else has the work.
    Stale,
    /// It ended early, or did not begin; the next time, if any, stands in the table.
    Postponed,
}

/// After a provider's failure the next try waits this long.
const AFTER_FAILURE: SignedDuration = SignedDuration::from_mins(5);

/// After so long without a complete read the owner is told.
const UNREAD_FOR_LONG: SignedDuration = SignedDuration::from_hours(4);

/// A ledger that cannot be read now is looked at once a day, so that its tokens stay alive.
const KEPT_ALIVE: SignedDuration = SignedDuration::from_hours(24);

/// Syncs a connection until it is done or `deadline` is near, if the claim is still in force.
pub async fn sync_connection(
    ports: &SyncPorts,
    org: &OrgId,
    connection: ConnectionId,
    claim: Timestamp,
    deadline: Timestamp,
) -> Result<Synced, AppError> {
    let (store, work) = (&ports.waker.store, sync_work(connection));
    if !store.holds_claim(org, &work, claim).await? {
        return Ok(Synced::Stale);
    }
    let now = ports.clock.now();
    let asked_until = read_numbers(ports, org, connection, now).await?;
    let found = store.connection(org, connection).await?;
    let Some(found) = found.filter(|found| can_be_read(found.status)) else {
        store.finish_due(org, &work, claim, None, now).await?;
        return Ok(Synced::Postponed);
    };
    if asked_until.is_some() {
        store.finish_due(org, &work, claim, asked_until, now).await?;
        return Ok(Synced::Postponed);
    }
    let end = End { ports, org, connection: &found, work: &work };
    let session = match LedgerSession::open(&ports.vault, ports.clock.clone(), org, &found).await {
        Ok(session) => session,
        Err(error) => return end.failed(claim, error).await,
    };
    end.notice_consent().await?;
    if let Some(gate) = rate_gate::parked(store, org, &found, now).await? {
        // The token was renewed above if need be: a grant that is never used dies.
        let alive = now.saturating_add(KEPT_ALIVE).unwrap_or(now);
        let next = end.notice_silence(now, gate.parked_until.min(alive)).await?;
        store.finish_due(org, &work, claim, Some(next), now).await?;
        return Ok(Synced::Postponed);
    }
    let mut sync = Sync::begin(ports, org, &found, session, (claim, deadline)).await?;
    let stop = sync.run().await;
    end.finish(sync, stop).await
}

const fn can_be_read(status: ConnectionStatus) -> bool {
    match status {
        ConnectionStatus::Active | ConnectionStatus::Suspended => true,
        ConnectionStatus::ReauthRequired | ConnectionStatus::Disconnected => false,
    }
}

/// What is left to do when a sync ends, however it does.
struct End<'a> {
    ports: &'a SyncPorts,
    org: &'a OrgId,
    connection: &'a Connection,
    work: &'a Work,
}

impl End<'_> {
    async fn finish(&self, mut sync: Sync<'_>, stop: Result<(), Stop>) -> Result<Synced, AppError> {
        let (store, now, claim) = (&self.ports.waker.store, self.ports.clock.now(), sync.claim);
        if matches!(stop, Err(Stop::LostClaim)) {
            return Ok(Synced::Stale);
        }
        sync.run.ended_at = (!matches!(stop, Err(Stop::OutOfTime))).then_some(now);
        sync.run.failure = stop.as_ref().err().and_then(Stop::class).map(str::to_owned);
        store.save_sync_run(self.org, &sync.run, now).await?;
        match stop {
            Ok(()) => self.completed(sync, now).await,
            Err(Stop::OutOfTime) => {
                store.finish_due(self.org, self.work, claim, Some(now), now).await?;
                self.ports.waker.wake(self.org, self.work, Cause::Step, now).await?;
                Ok(Synced::Continued)
            }
            Err(Stop::LostClaim) => Ok(Synced::Stale),
            Err(Stop::OutOfRoom(limit)) => self.park(claim, limit, None, now).await,
            Err(Stop::Ledger(LedgerError::RateLimited { limit, retry_after })) => {
                self.park(claim, limit, retry_after, now).await
            }
            Err(Stop::Ledger(LedgerError::Suspended)) => self.suspend(claim, now).await,
            Err(Stop::Ledger(error)) => self.failed(claim, error.into()).await,
            Err(Stop::Ours(error)) => self.failed(claim, error).await,
        }
    }

    async fn completed(&self, sync: Sync<'_>, now: Timestamp) -> Result<Synced, AppError> {
        let (store, claim, run) = (&self.ports.waker.store, sync.claim, sync.run);
        rate_gate::reopen(store, self.org, self.connection).await?;
        store
            .change_connection(self.org, self.connection.id, now, |connection| {
                connection.status = ConnectionStatus::Active;
                connection.last_synced_at = Some(now);
            })
            .await?;
        store.close_task(self.org, &TaskAbout::LedgerSuspended(self.connection.id)).await?;
        store.close_task(self.org, &TaskAbout::LedgerUnreadable(self.connection.id)).await?;
        let next = match run.kind {
            // What changed while everything open was gone through is read next.
            SyncKind::Sweep => now,
            SyncKind::First | SyncKind::Changes if sync.cursor.swept_at.is_none() => now,
            SyncKind::First | SyncKind::Changes => {
                let policies = store.policies(self.org).await?;
                next_sync(&sync.organisation, &policies.organisation_default.calendar, self.connection.id, now)
            }
        };
        store.finish_due(self.org, self.work, claim, Some(next), now).await?;
        if run.kind == SyncKind::First {
            self.ports.waker.wake(self.org, &Work::PlanDay {}, Cause::Step, now).await?;
        }
        Ok(Synced::Complete(Box::new(run)))
    }

    /// Ends early without an answer of the ledger, or after one that settles what comes next.
    async fn failed(&self, claim: Timestamp, error: AppError) -> Result<Synced, AppError> {
        let now = self.ports.clock.now();
        let next = if matches!(error, AppError::ReauthRequired) {
            self.require_reauth(now).await?;
            None
        } else {
            // An error of ours comes back: the queue tries again, and the claim runs out by itself.
            let again = now.saturating_add(error.patience()?.unwrap_or(AFTER_FAILURE)).unwrap_or(now);
            Some(self.notice_silence(now, again).await?)
        };
        self.ports.waker.store.finish_due(self.org, self.work, claim, next, now).await?;
        Ok(Synced::Postponed)
    }

    async fn park(
        &self,
        claim: Timestamp,
        limit: Limit,
        retry_after: Option<SignedDuration>,
        now: Timestamp,
    ) -> Result<Synced, AppError> {
        let store = &self.ports.waker.store;
        let until = rate_gate::park(store, self.org, self.connection, limit, retry_after, now).await?;
        let next = self.notice_silence(now, until).await?;
        store.finish_due(self.org, self.work, claim, Some(next), now).await?;
        Ok(Synced::Postponed)
    }

    /// The provider does not serve the ledger: the owner is told, and it is tried once a day.
    async fn suspend(&self, claim: Timestamp, now: Timestamp) -> Result<Synced, AppError> {
        let store = &self.ports.waker.store;
        store
            .change_connection(self.org, self.connection.id, now, |connection| {
                connection.status = ConnectionStatus::Suspended;
            })
            .await?;
        store.open_task(self.org, TaskAbout::LedgerSuspended(self.connection.id), now).await?;
        store.finish_due(self.org, self.work, claim, now.saturating_add(KEPT_ALIVE).ok(), now).await?;
        Ok(Synced::Postponed)
    }

    /// Gives the owner a task when the ledger was not read completely for hours: reminders of its customers rest.
    ///
    /// Until then the next look, which is planned for a time, comes no later than that task would.
    async fn notice_silence(&self, now: Timestamp, again: Timestamp) -> Result<Timestamp, AppError> {
        let read_at = self.connection.last_synced_at.unwrap_or(self.connection.connected_at);
        let told_at = read_at.saturating_add(UNREAD_FOR_LONG).unwrap_or(now);
        if now < told_at {
            return Ok(again.min(told_at));
        }
        self.ports.waker.store.open_task(self.org, TaskAbout::LedgerUnreadable(self.connection.id), now).await?;
        Ok(again)
    }

    /// Marks a connection dead, tells outsiders, and gives the owner a task.
    async fn require_reauth(&self, now: Timestamp) -> Result<(), AppError> {
        let (store, connection, provider) = (&self.ports.waker.store, self.connection.id, self.connection.provider);
        store
            .change_connection(self.org, connection, now, |connection| {
                // An admin who disconnected it meanwhile knows.
                if can_be_read(connection.status) {
                    connection.status = ConnectionStatus::ReauthRequired;
                }
            })
            .await?;
        store.open_task(self.org, TaskAbout::ReconnectLedger(connection), now).await?;
        let event = Event::ConnectionReauthRequired { connection, provider: provider.into() };
        self.ports.events.publish(self.org, now, event).await;
        Ok(())
    }

    /// Shows when the consent itself ends, and warns in time.
    async fn notice_consent(&self) -> Result<(), AppError> {
        let (store, now) = (&self.ports.waker.store, self.ports.clock.now());
        let grant = numo_domain::credential::GrantRef::of(self.connection);
        let Some(ends_at) = self.ports.vault.consent_ends_at(self.org, &grant).await? else { return Ok(()) };
        if self.connection.consent_ends_at != Some(ends_at) {
            store
                .change_connection(self.org, self.connection.id, now, |connection| {
                    connection.consent_ends_at = Some(ends_at);
                })
                .await?;
        }
        if ends_at.duration_since(now) < CONSENT_WARNING {
            store.open_task(self.org, TaskAbout::ConsentEnds(self.connection.id), now).await?;
        }
        Ok(())
    }
}

/// A consent that ends for good is told to the owner this long before.
const CONSENT_WARNING: SignedDuration = SignedDuration::from_hours(24 * 30);
