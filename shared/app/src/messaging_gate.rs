//! Holding up every message of every organisation: by the operators, or because Meta wants no call from our app.

use jiff::{SignedDuration, Timestamp, civil::Date};
use numo_domain::{
    id::OrgId,
    organisation::{Organisation, Pause, PausedBy},
};

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
    let gate = gate_of_table(store, now).await?;
    let is_stopped = store.is_restored(&gate) || gate.stop.is_some();
    let stopped = is_stopped.then(|| now.checked_add(WHILE_STOPPED).ok()).flatten();
    Ok(gate.parked_until.filter(|until| *until > now).max(stopped))
}

/// The gate, which says from the first look on which table it belongs to: in a copy of that table it is another.
///
/// Every sweep looks, so that hardly a backup is older than the name.
pub(crate) async fn gate_of_table(store: &Store, now: Timestamp) -> Result<MessagingGate, AppError> {
    let gate = store.messaging_gate().await?;
    if gate.table.is_none() {
        let name = |gate: &mut MessagingGate| _ = gate.table.get_or_insert_with(|| store.table_name().to_owned());
        return store.change_messaging_gate(now, name).await;
    }
    if store.is_restored(&gate) {
        tracing::error!(metric = "restored_table", "the table was restored and not taken into use: nothing goes out");
    }
    Ok(gate)
}

/// Whether what was asked for at a time, and waits, may have gone out in a time of which a restored table knows nothing.
///
/// Asked once the gate is open: the take-over that opens it says what is lost.
pub(crate) async fn may_have_gone_out(store: &Store, asked_at: Timestamp) -> Result<bool, AppError> {
    Ok(store.messaging_gate().await?.lost.is_some_and(|lost| asked_at <= lost.to))
}

/// When an organisation comes back that met a closed gate: all of them at once would meet the same limit again.
pub(crate) fn turn_of(org: &OrgId, opens_at: Timestamp) -> Timestamp {
    // FNV-1a: the same turn every time, and neighbours far apart.
    let hash = org
        .as_str()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let seconds = i64::try_from(hash % TURNS_S).unwrap_or_default();
    opens_at.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(opens_at)
}

/// Over so many seconds the organisations come back.
const TURNS_S: u64 = 300;

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
    Ok(paused_on(&store.messaging_gate().await?, organisation, day))
}

/// The same, where the gate was read already.
pub fn paused_on(gate: &MessagingGate, organisation: &Organisation, day: Date) -> Option<Pause> {
    let stopped = gate.stop.as_ref().map(|stop| Pause { since: stop.since, by: PausedBy::Operator, until: None });
    stopped.or_else(|| organisation.pause_on(day).cloned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn organisations_come_back_one_after_the_other_within_five_minutes_and_each_at_its_own_time_again() {
        let opens_at: Timestamp = "2026-11-23T06:10:00Z".parse().unwrap();
        let turn = |n: u32| turn_of(&format!("org_{n}").parse().unwrap(), opens_at);
        let turns: BTreeSet<Timestamp> = (0..200).map(turn).collect();
        assert!(turns.len() > 120, "{}", turns.len());
        let last = opens_at.checked_add(SignedDuration::from_mins(5)).unwrap();
        assert!(turns.iter().all(|turn| (opens_at..last).contains(turn)));
        assert_eq!(turn(7), turn(7));
    }
}
