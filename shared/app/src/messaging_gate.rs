//! Holding up every message of every organisation: by the operators, or because Meta wants no call from our app.

use jiff::{SignedDuration, Timestamp, civil::Date};
use numo_domain::organisation::{Organisation, Pause, PausedBy};

use crate::{
    error::AppError,
    store::{Store, messaging_gate::MessagingGate},
};

/// While the operators have stopped everything, whatever wants to go out looks again after this.
const WHILE_STOPPED: SignedDuration = SignedDuration::from_mins(5);

/// Every organisation that meets the limit says until when; what adds less than this is not written down.
const WORTH_WRITING: SignedDuration = SignedDuration::from_mins(1);

/// When to look again, if nothing may go out now.
pub async fn closed_until(store: &Store, now: Timestamp) -> Result<Option<Timestamp>, AppError> {
    let gate = store.messaging_gate().await?;
    if gate.table.is_none() {
        // From the first message on: a copy of the table that is restored later is known by another name.
        store.change_messaging_gate(now, |gate| gate.table = Some(store.table_name().to_owned())).await?;
    }
    let is_restored = store.is_restored(&gate);
    if is_restored {
        tracing::error!(metric = "restored_table", "the table was restored and not taken into use: nothing goes out");
    }
    let is_stopped = is_restored || gate.stop.is_some();
    let stopped = is_stopped.then(|| now.checked_add(WHILE_STOPPED).ok()).flatten();
    Ok(gate.parked_until.filter(|until| *until > now).max(stopped))
}

/// Meta reached its limit for our app: no organisation calls it before an instant.
pub(crate) async fn park(store: &Store, until: Timestamp, now: Timestamp) -> Result<(), AppError> {
    tracing::warn!(metric = "meta_app_limit", %until, "Meta limits the calls of our app");
    let is_longer = |known: Timestamp| until.duration_since(known) > WORTH_WRITING;
    let park = |gate: &mut MessagingGate| {
        if gate.parked_until.is_none_or(is_longer) {
            gate.parked_until = Some(until);
        }
    };
    store.change_messaging_gate(now, park).await.map(|_| ())
}

/// Why nothing of an organisation goes out on a day, by a word of the operators or of its own people.
pub async fn pause_of(store: &Store, organisation: &Organisation, day: Date) -> Result<Option<Pause>, AppError> {
    let stop = store.messaging_gate().await?.stop;
    let stopped = stop.map(|stop| Pause { since: stop.since, by: PausedBy::Operator, until: None });
    Ok(stopped.or_else(|| organisation.pause_on(day).cloned()))
}
