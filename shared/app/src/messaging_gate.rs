//! Holding up every message of every organisation: by the operators, or because Meta wants no call from our app.

use jiff::{SignedDuration, Timestamp, civil::Date};
use numo_domain::organisation::{Organisation, Pause, PausedBy};

use crate::{error::AppError, store::Store};

/// While the operators have stopped everything, whatever wants to go out looks again after this.
const WHILE_STOPPED: SignedDuration = SignedDuration::from_mins(5);

/// When to look again, if nothing may go out now.
pub(crate) async fn closed_until(store: &Store, now: Timestamp) -> Result<Option<Timestamp>, AppError> {
    let gate = store.messaging_gate().await?;
    let stopped = gate.stop.and_then(|_| now.checked_add(WHILE_STOPPED).ok());
    Ok(gate.parked_until.filter(|until| *until > now).max(stopped))
}

/// Meta reached its limit for our app: no organisation calls it before an instant.
pub(crate) async fn park(store: &Store, until: Timestamp, now: Timestamp) -> Result<(), AppError> {
    tracing::warn!(metric = "meta_app_limit", %until, "Meta limits the calls of our app");
    store.change_messaging_gate(now, |gate| gate.parked_until = gate.parked_until.max(Some(until))).await.map(|_| ())
}

/// Why nothing of an organisation goes out on a day, by a word of the operators or of its own people.
pub async fn pause_of(store: &Store, organisation: &Organisation, day: Date) -> Result<Option<Pause>, AppError> {
    let stop = store.messaging_gate().await?.stop;
    let stopped = stop.map(|stop| Pause { since: stop.since, by: PausedBy::Operator, until: None });
    Ok(stopped.or_else(|| organisation.pause_on(day).cloned()))
}
