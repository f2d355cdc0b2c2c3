//! The connected ledgers on the page, and the ways to connect another.

use jiff::{SignedDuration, Timestamp};
use numo_app::{
    error::AppError,
    rate_gate::parked,
    store::{gate::Gate, sync::SyncRun, unreadable::UnreadableRecord},
};
use numo_domain::{
    connection::{Connection, ConnectionStatus, LedgerProvider},
    id::{ConnectionId, OrgId},
};

use crate::{
    console::{
        time::{LocalTime, WallClock},
        words::{ledger_name, parked_because, run_sentence, status_problem},
    },
    state::AppState,
    view::connection::OWN_REMINDERS,
};

/// Records that cannot be read, as far as one card shows them.
const SHOWN_UNREADABLE: usize = 20;

/// How long a page asks again how far a read is; the longest take an hour.
const WATCHED_FOR: SignedDuration = SignedDuration::from_hours(2);

/// Everything about accounting systems.
pub(super) struct LedgersText {
    pub(super) connections: Vec<ConnectionText>,
    pub(super) links: Vec<LinkText>,
    /// Whether one of them is being read at the moment.
    pub(super) is_reading: bool,
}

/// A connected ledger.
pub(super) struct ConnectionText {
    pub(super) id: ConnectionId,
    /// Whether a read can be asked for.
    pub(super) can_be_read: bool,
    /// Where it is connected again.
    pub(super) start_url: String,
    /// Whether it is being read at the moment.
    pub(super) is_reading: bool,
    pub(super) name: String,
    pub(super) ledger: &'static str,
    pub(super) is_demo_company: bool,
    pub(super) problem: Option<&'static str>,
    pub(super) parked: Option<ParkedText>,
    pub(super) own_reminders: Option<&'static str>,
    pub(super) consent_ends_at: Option<LocalTime>,
    pub(super) last_synced_at: Option<LocalTime>,
    pub(super) run: Option<String>,
    pub(super) unreadable: Vec<UnreadableText>,
    pub(super) n_unreadable: usize,
}

/// Until when a ledger is left alone, and why.
pub(super) struct ParkedText {
    pub(super) until: LocalTime,
    pub(super) because: &'static str,
}

/// A record that the owner has to put right.
pub(super) struct UnreadableText {
    pub(super) what: String,
    pub(super) reason: String,
}

/// The way to a consent.
pub(super) struct LinkText {
    pub(super) ledger: &'static str,
    pub(super) start_url: String,
    pub(super) is_connected: bool,
}

impl LedgersText {
    /// Reads the connections with what is known of each.
    pub(super) async fn load(state: &AppState, org: &OrgId, clock: &WallClock) -> Result<Self, AppError> {
        let connections = state.store().connections(org).await?;
        let links = LedgerProvider::ALL.map(|provider| LinkText {
            ledger: ledger_name(provider),
            start_url: state.site.start_url(provider.as_str()),
            is_connected: connections.iter().any(|connection| connection.provider == provider),
        });
        let mut texts = Vec::with_capacity(connections.len());
        for connection in connections {
            texts.push(ConnectionText::load(state, org, connection, clock).await?);
        }
        let is_reading = texts.iter().any(|text| text.is_reading);
        Ok(Self { connections: texts, links: links.into(), is_reading })
    }
}

impl ConnectionText {
    /// With its latest read, its gates and what cannot be read.
    pub(super) async fn load(
        state: &AppState,
        org: &OrgId,
        connection: Connection,
        clock: &WallClock,
    ) -> Result<Self, AppError> {
        let store = state.store();
        let run = store.sync_runs(org, connection.id, 1).await?.into_iter().next();
        let unreadable = store.unreadable_records(org, connection.id).await?;
        let parked = parked(store, org, &connection, state.now()).await?;
        Ok(Self {
            id: connection.id,
            can_be_read: matches!(connection.status, ConnectionStatus::Active | ConnectionStatus::Suspended),
            start_url: state.site.start_url(connection.provider.as_str()),
            is_reading: is_reading(&connection, run.as_ref(), state.now()),
            ledger: ledger_name(connection.provider),
            is_demo_company: connection.is_demo_company,
            problem: status_problem(connection.status),
            parked: parked.filter(|_| connection.status == ConnectionStatus::Active).map(|gate| {
                let Gate { parked_until, limit, .. } = gate;
                ParkedText { until: clock.show(parked_until), because: parked_because(limit) }
            }),
            own_reminders: (connection.own_reminders == Some(true)).then_some(OWN_REMINDERS),
            consent_ends_at: connection.consent_ends_at.map(|at| clock.show(at)),
            last_synced_at: connection.last_synced_at.map(|at| clock.show(at)),
            run: run.as_ref().map(run_sentence),
            n_unreadable: unreadable.len(),
            unreadable: unreadable.into_iter().take(SHOWN_UNREADABLE).map(UnreadableText::from).collect(),
            name: connection.name,
        })
    }
}

/// Whether a page that is looked at has something to wait for; a read that never ends is not waited for for ever.
fn is_reading(connection: &Connection, run: Option<&SyncRun>, now: Timestamp) -> bool {
    let is_of_late = |since: Timestamp| now.duration_since(since) < WATCHED_FOR;
    match run {
        Some(run) => run.ended_at.is_none() && run.failure.is_none() && is_of_late(run.started_at),
        // Connected a moment ago, and the first read is about to begin.
        None => connection.status == ConnectionStatus::Active && is_of_late(connection.connected_at),
    }
}

impl From<UnreadableRecord> for UnreadableText {
    fn from(record: UnreadableRecord) -> Self {
        let kind = record.kind.as_str().replace('_', " ");
        let what = match record.number.filter(|number| !number.is_empty()) {
            Some(number) => format!("{kind} {number}"),
            None => format!("{kind} with the id {}", record.id),
        };
        Self { what, reason: record.reason }
    }
}
