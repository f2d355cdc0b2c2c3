//! One run: which records are pulled, kept, and where it goes on.

use jiff::{SignedDuration, Timestamp, ToSpan as _};
use numo_domain::{
    connection::Connection,
    id::{OrgId, SyncRunId},
    organisation::Organisation,
};

use crate::{
    count_receivables::count_but_for,
    error::AppError,
    ledger_session::LedgerSession,
    port::ledger::{
        LedgerError, Limit,
        reader::{Batch, LedgerReader, Place, Pull, Room},
    },
    store::{
        due::sync_work,
        erasure::KeptOut,
        sync::{SyncCursor, SyncKind, SyncRun, Underway},
        unreadable::UnreadableRecord,
    },
    sync_connection::{SyncPorts, keep::Seen},
};

/// One run of a sync.
pub(super) struct Sync<'a> {
    pub ports: &'a SyncPorts,
    pub org: &'a OrgId,
    pub connection: &'a Connection,
    pub organisation: Organisation,
    pub session: LedgerSession<'a>,
    pub cursor: SyncCursor,
    pub claim: Timestamp,
    pub run: SyncRun,
    /// What a sweep met, unreadable or not.
    pub seen: Seen,
    /// The ledger's clock at the first call.
    pub read_at: Option<Timestamp>,
    deadline: Timestamp,
    pull: Pull,
    place: Place,
    room: Room,
    /// What could not be read so far.
    pub unreadable: Vec<UnreadableRecord>,
    /// Of whom nothing is kept.
    pub kept_out: KeptOut<'a>,
}

/// Why a run ends before its last page.
pub(super) enum Stop {
    /// The ledger did not answer as it should.
    Ledger(LedgerError),
    /// Something of ours failed.
    Ours(AppError),
    /// Another run of the connection has begun.
    LostClaim,
    /// The invocation ends soon.
    OutOfTime,
    /// The ledger allows only a few more calls, and reminders need those.
    OutOfRoom(Limit),
}

impl Stop {
    /// The class in the record of the run; a pause of our own is none.
    pub(super) fn class(&self) -> Option<&'static str> {
        match self {
            Self::Ledger(LedgerError::RateLimited { limit, .. }) | Self::OutOfRoom(limit) => Some(limit.as_str()),
            Self::Ledger(LedgerError::Suspended) => Some("suspended"),
            Self::Ledger(LedgerError::Unavailable(_) | LedgerError::TenantRefused | LedgerError::TokenRefused) => {
                Some("unavailable")
            }
            Self::Ledger(LedgerError::Malformed(_)) => Some("malformed"),
            Self::Ledger(LedgerError::ReauthRequired) => Some("reauth_required"),
            Self::Ledger(LedgerError::NotFound | LedgerError::Rejected(_)) => Some("rejected"),
            Self::Ours(error) => Some(error.class()),
            Self::LostClaim | Self::OutOfTime => None,
        }
    }
}

impl<E: Into<AppError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Ours(error.into())
    }
}

/// Everything open is gone through this often.
const SWEEP_INTERVAL: SignedDuration = SignedDuration::from_hours(24);

/// The first sweep follows the first sync by this much.
const FIRST_SWEEP: SignedDuration = SignedDuration::from_hours(1);

/// The cursor is set back by this, for rows that were being written while it was read.
const OVERLAP: SignedDuration = SignedDuration::from_mins(5);

/// A sync that rested for longer begins again: too much has moved.
const RESUMABLE_FOR: SignedDuration = SignedDuration::from_hours(24);

/// Paid invoices are read this far back: they prove a relationship.
pub(crate) const MONTHS_BACK: i64 = 24;

/// Time that one call and its writes may need.
const PAGE_TIME: SignedDuration = SignedDuration::from_secs(40);

/// Calls of a minute that a sync leaves to reminders, and calls of all tenants that it leaves to others.
const MINUTE_RESERVE: u32 = 8;
const APP_RESERVE: u32 = 500;

/// Calls of a day that a sync leaves to reminders.
const DAY_RESERVE: u32 = 150;

/// A webhook wakes the next sync at the earliest after this, and after this when the day's calls run out.
const WEBHOOK_SPACING: SignedDuration = SignedDuration::from_mins(2);
const SCARCE_SPACING: SignedDuration = SignedDuration::from_mins(30);
const SCARCE_DAY: u32 = 600;

impl<'a> Sync<'a> {
    pub(super) async fn begin(
        ports: &'a SyncPorts,
        org: &'a OrgId,
        connection: &'a Connection,
        session: LedgerSession<'a>,
        (claim, deadline): (Timestamp, Timestamp),
    ) -> Result<Self, AppError> {
        let (store, now) = (&ports.waker.store, ports.clock.now());
        let cursor = store.sync_cursor(org, connection.id).await?;
        let reader = ports.readers.of(connection.provider);
        let organisation = store.organisation(org).await?;
        let unreadable = store.unreadable_records(org, connection.id).await?;
        let kept_out = KeptOut::read(store, &ports.number_keys, org).await?;
        let resumed = match cursor.underway.clone().filter(|underway| is_resumable(underway, now)) {
            Some(underway) => store.sync_run(org, connection.id, underway.run).await?.map(|run| (underway, run)),
            None => None,
        };
        let (run, pull, place, read_at) = match resumed {
            Some((underway, run)) => (run, underway.pull, underway.place, Some(underway.read_at)),
            None => {
                let (kind, pull) = choose(&cursor, reader, &organisation, now);
                let run = SyncRun::begun(SyncRunId::new(ports.waker.ids.uuid()), connection.id, kind, now);
                let place = reader.begin(&pull);
                (run, pull, place, None)
            }
        };
        Ok(Self {
            ports,
            org,
            connection,
            organisation,
            session,
            cursor,
            claim,
            run,
            seen: Seen::default(),
            read_at,
            deadline,
            pull,
            place,
            room: Room::default(),
            unreadable,
            kept_out,
        })
    }

    /// Pulls to the last page, or says why not.
    pub(super) async fn run(&mut self) -> Result<(), Stop> {
        if self.read_at.is_none() {
            self.learn_organisation().await?;
        }
        loop {
            let batch = self.call().await?;
            self.read_at.get_or_insert(batch.read_at);
            self.room = batch.room;
            if batch.may_miss_deletions {
                self.cursor.swept_at = None;
            }
            let next = batch.next.clone();
            self.keep(batch).await?;
            let Some(next) = next else { break };
            self.place = next;
            self.go_on().await?;
        }
        if self.run.kind == SyncKind::Sweep {
            self.settle_unseen().await?;
        }
        // Before the cursor moves: whoever fails here comes back.
        if self.run.contacts_written + self.run.invoices_written > 0 {
            let (store, now) = (&self.ports.waker.store, self.ports.clock.now());
            count_but_for(store, self.org, Some(&self.kept_out), now).await?;
        }
        self.complete().await?;
        Ok(())
    }

    async fn call(&mut self) -> Result<Batch, Stop> {
        let reader = self.ports.readers.of(self.connection.provider);
        let mut answer = reader.batch(self.session.access(), &self.pull, &self.place).await;
        if self.session.renews(&answer).await? {
            answer = reader.batch(self.session.access(), &self.pull, &self.place).await;
        }
        self.run.calls += 1;
        self.taken(answer).await
    }

    /// An answer, or what its failure means.
    pub(super) async fn taken<T>(&self, answer: Result<T, LedgerError>) -> Result<T, Stop> {
        match answer {
            Ok(value) => Ok(value),
            Err(error) => Err(Stop::Ledger(self.session.explain(error).await)),
        }
    }

    /// Takes zone, country, currency and, where none was entered, the name from the ledger.
    async fn learn_organisation(&mut self) -> Result<(), Stop> {
        if self.run.kind == SyncKind::Changes {
            return Ok(());
        }
        let reader = self.ports.readers.of(self.connection.provider);
        let mut answer = reader.organisation(self.session.access()).await;
        if self.session.renews(&answer).await? {
            answer = reader.organisation(self.session.access()).await;
        }
        self.run.calls += 1;
        let ledger = self.taken(answer).await?;
        let own_reminders = match self.run.kind {
            SyncKind::Sweep => {
                self.run.calls += 1;
                self.taken(reader.own_reminders(self.session.access()).await).await?
            }
            SyncKind::First | SyncKind::Changes => self.connection.own_reminders,
        };
        let (store, now) = (&self.ports.waker.store, self.ports.clock.now());
        self.organisation = store
            .change_organisation(self.org, now, |organisation| {
                if organisation.name.is_empty() {
                    organisation.name.clone_from(&ledger.name);
                }
                if organisation.base_currency.is_none() {
                    organisation.base_currency = ledger.base_currency;
                    organisation.zone = ledger.zone.clone().unwrap_or_else(|| organisation.zone.clone());
                    organisation.country = organisation.country.or(ledger.country);
                }
            })
            .await?;
        store
            .change_connection(self.org, self.connection.id, now, |connection| {
                connection.name.clone_from(&ledger.name);
                connection.is_demo_company = ledger.is_demo_company;
                connection.own_reminders = own_reminders;
            })
            .await?;
        Ok(())
    }

    /// Between two calls: shows progress, remembers the place, keeps the claim, and leaves room for reminders.
    async fn go_on(&mut self) -> Result<(), Stop> {
        let (store, now) = (&self.ports.waker.store, self.ports.clock.now());
        let renewed = store.renew_claim(self.org, &sync_work(self.connection.id), self.claim, now).await?;
        self.claim = renewed.ok_or(Stop::LostClaim)?;
        store.save_sync_run(self.org, &self.run, now).await?;
        // A sweep compares with all that it met, so it goes to its end or begins again.
        if self.run.kind != SyncKind::Sweep {
            self.cursor.underway = Some(Underway {
                run: self.run.id,
                pull: self.pull.clone(),
                place: self.place.clone(),
                read_at: self.read_at.unwrap_or(now),
            });
            store.save_sync_cursor(self.org, self.connection.id, &self.cursor, now).await?;
        }
        if let Some(limit) = self.scarce() {
            return Err(Stop::OutOfRoom(limit));
        }
        if self.deadline.duration_since(now) < PAGE_TIME {
            return Err(Stop::OutOfTime);
        }
        Ok(())
    }

    /// The limit of which only the reserve is left.
    fn scarce(&self) -> Option<Limit> {
        let is_low = |left: Option<u32>, reserve| left.is_some_and(|left| left <= reserve);
        if is_low(self.room.day, DAY_RESERVE) {
            Some(Limit::Day)
        } else if is_low(self.room.minute, MINUTE_RESERVE) {
            Some(Limit::Minute)
        } else if is_low(self.room.app_minute, APP_RESERVE) {
            Some(Limit::App)
        } else {
            None
        }
    }

    /// Moves the cursor: everything up to the first call's time is known.
    async fn complete(&mut self) -> Result<(), AppError> {
        let now = self.ports.clock.now();
        let read_at = self.read_at.unwrap_or(self.run.started_at);
        let set_back = read_at.saturating_sub(OVERLAP).unwrap_or(read_at);
        match self.run.kind {
            SyncKind::First => {
                self.cursor.since = Some(set_back);
                let due = FIRST_SWEEP.saturating_sub(SWEEP_INTERVAL);
                self.cursor.swept_at = now.saturating_add(due).ok();
            }
            SyncKind::Changes => self.cursor.since = Some(set_back),
            SyncKind::Sweep => self.cursor.swept_at = Some(self.run.started_at),
        }
        self.cursor.underway = None;
        let is_scarce = self.room.day.is_some_and(|left| left < SCARCE_DAY);
        let spacing = if is_scarce { SCARCE_SPACING } else { WEBHOOK_SPACING };
        self.cursor.quiet_until = now.saturating_add(spacing).ok();
        self.ports.waker.store.save_sync_cursor(self.org, self.connection.id, &self.cursor, now).await
    }
}

fn is_resumable(underway: &Underway, now: Timestamp) -> bool {
    now.duration_since(underway.read_at) < RESUMABLE_FOR
}

/// What the next run is to pull.
fn choose(
    cursor: &SyncCursor,
    reader: &dyn LedgerReader,
    organisation: &Organisation,
    now: Timestamp,
) -> (SyncKind, Pull) {
    let is_told = |since: &Timestamp| {
        reader.remembers_changes_for().is_none_or(|remembered| now.duration_since(*since) < remembered)
    };
    let Some(since) = cursor.since.filter(is_told) else {
        let today = organisation.zone.date(now);
        return (SyncKind::First, Pull::Everything { dated_since: today.saturating_sub(MONTHS_BACK.months()) });
    };
    let is_swept = cursor.swept_at.is_some_and(|swept_at| now.duration_since(swept_at) < SWEEP_INTERVAL);
    if is_swept { (SyncKind::Changes, Pull::Changes { since }) } else { (SyncKind::Sweep, Pull::Open) }
}
