//! Leaving a ledger alone for as long as its limits want it.
//!
//! Nothing waits inside a function: the time stands in the table, and work is due again then.

use jiff::{SignedDuration, Timestamp};
use numo_domain::{connection::Connection, id::OrgId};

use crate::{
    error::AppError,
    port::ledger::{LedgerError, Limit},
    store::{
        Store,
        gate::{Gate, Gated},
    },
};

/// Until when a connection is parked, by its own limits or by those of our app.
pub async fn parked(
    store: &Store,
    org: &OrgId,
    connection: &Connection,
    now: Timestamp,
) -> Result<Option<Gate>, AppError> {
    let gates = [Gated::Connection(org, connection.id), Gated::App(connection.provider)];
    let closed = store.read_gates(&gates).await?.into_iter().filter(|gate| gate.parked_until > now);
    Ok(closed.max_by_key(|gate| gate.parked_until))
}

/// Parks what a limit stops; says until when.
pub(crate) async fn park(
    store: &Store,
    org: &OrgId,
    connection: &Connection,
    limit: Limit,
    retry_after: Option<SignedDuration>,
    now: Timestamp,
) -> Result<Timestamp, AppError> {
    let gated = match limit {
        Limit::Minute | Limit::Day | Limit::Month => Gated::Connection(org, connection.id),
        Limit::App => Gated::App(connection.provider),
    };
    let before = store.read_gate(&gated).await?;
    let times = before.as_ref().map_or(1, |gate| gate.times.saturating_add(1));
    let since = before.map_or(now, |gate| gate.since);
    let parked_until = now.saturating_add(pause(limit, retry_after, times)).unwrap_or(now);
    store.close_gate(&gated, &Gate { parked_until, limit, times, since }, now).await?;
    tracing::info!(connection = %connection.id, limit = limit.as_str(), until = %parked_until, "a ledger limits the rate of calls");
    Ok(parked_until)
}

/// The class of a failed call; a limit parks what it stops for everybody.
pub(crate) async fn classed(
    store: &Store,
    org: &OrgId,
    connection: &Connection,
    error: LedgerError,
    now: Timestamp,
) -> AppError {
    let LedgerError::RateLimited { limit, retry_after } = error else { return error.into() };
    match park(store, org, connection, limit, retry_after, now).await {
        Ok(until) => AppError::RateLimited { retry_after: Some(until.duration_since(now)) },
        Err(error) => error,
    }
}

/// A good answer ends the row of refusals; an open gate that is not there writes nothing.
pub(crate) async fn reopen(store: &Store, org: &OrgId, connection: &Connection) -> Result<(), AppError> {
    for gated in [Gated::Connection(org, connection.id), Gated::App(connection.provider)] {
        if store.read_gate(&gated).await?.is_some() {
            store.remove_gate(&gated).await?;
        }
    }
    Ok(())
}

/// The first pause when the ledger names none.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(60);

/// The longest pause that is not asked for by the ledger itself.
///
/// Intuit's free tier answers 429 until the next month; asked every minute it would look like an attack.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(6);

/// How long a ledger is left alone: as long as it says, and longer each time when it keeps refusing.
fn pause(limit: Limit, retry_after: Option<SignedDuration>, times: u32) -> SignedDuration {
    let doubled = (1..times.min(16)).fold(FIRST_PAUSE, |pause, _| (pause * 2).min(LONGEST_PAUSE));
    let own = match limit {
        Limit::Minute | Limit::App => doubled,
        Limit::Day => SignedDuration::from_hours(1).max(doubled),
        Limit::Month => LONGEST_PAUSE,
    };
    match retry_after {
        // What the ledger asks for counts, unless it asked for it again and again in vain.
        Some(asked) if times <= 2 => asked,
        Some(asked) => asked.max(own),
        None => own,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_is_left_alone_as_long_as_it_says() {
        let hours = SignedDuration::from_secs(66_975);
        assert_eq!(pause(Limit::Day, Some(hours), 1), hours);
        assert_eq!(pause(Limit::Minute, Some(SignedDuration::from_secs(7)), 1), SignedDuration::from_secs(7));
    }

    #[test]
    fn a_minutes_limit_that_never_ends_is_asked_less_and_less_often() {
        let asked = Some(SignedDuration::from_secs(60));
        let pauses: Vec<i64> = (1..=12).map(|times| pause(Limit::Minute, asked, times).as_secs() / 60).collect();
        assert_eq!(pauses, [1, 1, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360]);
    }

    #[test]
    fn without_a_word_of_the_ledger_the_kind_of_limit_decides() {
        let first = [Limit::Minute, Limit::App, Limit::Day, Limit::Month].map(|limit| pause(limit, None, 1).as_secs());
        assert_eq!(first, [60, 60, 3_600, 21_600]);
    }
}
