//! One ledger: what was read of it and what could not be, the number that writes for it, and reading it now.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::IntoResponse as _,
    routing::{get, post},
};
use numo_app::{
    configure::set_sender,
    error::AppError,
    read_ledger_now::read_ledger_now,
    store::{
        due::sync_work,
        expected::Subject,
        sync::{SyncKind, SyncRun},
    },
};
use numo_domain::{
    connection::{Connection, ConnectionStatus, LedgerProvider},
    id::{ConnectionId, PhoneNumberId},
};

use crate::{
    console::{
        Shown,
        connections::ledgers::{ConnectionText, UnreadableText},
        frame::Frame,
        notice::Notice,
        sent::Sent,
        time::{LocalTime, WallClock},
        viewer::Viewer,
    },
    path_of::PathOf,
    state::AppState,
};

/// Reads that the page shows.
const SHOWN_RUNS: usize = 10;

/// Records that cannot be read, as far as the page shows them.
const SHOWN_UNREADABLE: usize = 200;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/connections/{connection}", get(show))
        .route("/connections/{connection}/read", post(read))
        .route("/connections/{connection}/sender", post(choose_sender))
}

#[derive(Template)]
#[template(path = "ledger.html")]
struct LedgerPage {
    frame: Frame,
    revision: u64,
    ledger: ConnectionText,
    /// The ledger organisation inside the accounting system.
    tenant: String,
    connected_at: LocalTime,
    is_ended: bool,
    next_read_at: Option<LocalTime>,
    /// What it does about reminders of its own.
    own_reminders: &'static str,
    senders: Vec<SenderChoice>,
    has_own_sender: bool,
    runs: Vec<RunText>,
    unreadable: Vec<UnreadableText>,
    more_unreadable: usize,
    start_url: String,
}

struct SenderChoice {
    id: String,
    words: String,
    is_chosen: bool,
}

struct RunText {
    at: LocalTime,
    what: &'static str,
    outcome: &'static str,
    contacts: u32,
    invoices: u32,
    money: u32,
    skipped: u32,
    left_out: u32,
}

async fn show(viewer: Viewer, State(state): State<AppState>, PathOf(id): PathOf<ConnectionId>) -> Shown {
    let (store, org) = (state.store(), &viewer.session.org);
    let found = store.revised_connection(org, id).await?;
    let (connection, revision) = found.ok_or(AppError::NotFound("connection"))?;
    let runs = store.sync_runs(org, id, SHOWN_RUNS).await?;
    let next_read = store.due(org, &sync_work(id)).await?.map(|due| due.value.at);
    let mut unreadable = store.unreadable_records(org, id).await?;
    let more_unreadable = unreadable.len().saturating_sub(SHOWN_UNREADABLE);
    unreadable.truncate(SHOWN_UNREADABLE);
    let is_ended = connection.status == ConnectionStatus::Disconnected;
    let page = LedgerPage {
        senders: choices(&state, &viewer, &connection).await?,
        has_own_sender: connection.sender.is_some(),
        revision,
        tenant: connection.tenant.to_string(),
        connected_at: viewer.clock.show(connection.connected_at),
        is_ended,
        next_read_at: next_read.filter(|_| !is_ended).map(|at| viewer.clock.show(at)),
        own_reminders: own_reminders(&connection),
        runs: runs.iter().map(|run| RunText::new(run, &viewer.clock)).collect(),
        unreadable: unreadable.into_iter().map(UnreadableText::from).collect(),
        more_unreadable,
        start_url: state.site.start_url(connection.provider.as_str()),
        ledger: ConnectionText::load(&state, org, connection, &viewer.clock).await?,
        frame: viewer.frame(&state, "Accounting system"),
    };
    viewer.page(&state, &page)
}

/// Has a ledger read now.
async fn read(State(state): State<AppState>, PathOf(connection): PathOf<ConnectionId>, sent: Sent) -> Shown {
    sent.viewer.must_be_admin()?;
    read_ledger_now(state.waker(), &sent.viewer.session.org, connection, state.now()).await?;
    Ok(sent.done("/connections", Notice::Reading).into_response())
}

/// Says which number writes to the ledger's customers.
async fn choose_sender(State(state): State<AppState>, PathOf(id): PathOf<ConnectionId>, sent: Sent) -> Shown {
    sent.viewer.must_be_admin()?;
    let (session, waker) = (&sent.viewer.session, sent.waker(&state, Subject::Connection(id))?);
    let sender: Option<PhoneNumberId> = sent.fields.read_optional("phone_number_id", "choose one of the numbers")?;
    set_sender(&waker, &session.org, &session.user, (id, sender), state.now()).await?;
    Ok(sent.done(&format!("/connections/{id}"), Notice::Saved).into_response())
}

async fn choices(state: &AppState, viewer: &Viewer, ledger: &Connection) -> Result<Vec<SenderChoice>, AppError> {
    let senders = state.store().senders(&viewer.session.org).await?;
    let choice = |sender: &numo_domain::sender::Sender| SenderChoice {
        id: sender.phone_number_id.to_string(),
        words: format!("{} {}", sender.number.as_e164(), sender.verified_name),
        is_chosen: ledger.sender.as_ref() == Some(&sender.phone_number_id),
    };
    Ok(senders.iter().map(choice).collect())
}

/// Whether customers may get reminders from the accounting system as well, and where that is ended.
const fn own_reminders(ledger: &Connection) -> &'static str {
    match (ledger.own_reminders, ledger.provider) {
        (Some(false), _) => "Its own reminders are off.",
        (Some(true), LedgerProvider::Xero) => {
            "Its own reminders are on, so customers may get both. Switch them off in Xero under Invoice reminders."
        }
        (Some(true), LedgerProvider::Quickbooks) => {
            "Its own reminders are on, so customers may get both. Switch them off in QuickBooks under Account and \
             settings, Sales, Reminders."
        }
        (None, LedgerProvider::Xero) => {
            "It does not say whether it sends reminders of its own. Look in Xero under Invoice reminders."
        }
        (None, LedgerProvider::Quickbooks) => {
            "It does not say whether it sends reminders of its own. Look in QuickBooks under Account and settings, \
             Sales, Reminders."
        }
    }
}

impl RunText {
    fn new(run: &SyncRun, clock: &WallClock) -> Self {
        Self {
            at: clock.show(run.started_at),
            what: match run.kind {
                SyncKind::First => "everything",
                SyncKind::Changes => "what changed",
                SyncKind::Sweep => "everything open",
            },
            outcome: match (&run.failure, run.ended_at) {
                (Some(_), _) => "ended early",
                (None, Some(_)) => "whole",
                (None, None) => "goes on",
            },
            contacts: run.contacts_read,
            invoices: run.invoices_read,
            money: run.money_read,
            skipped: run.skipped,
            left_out: run.left_out,
        }
    }
}
