//! Taking a table into use that was restored from a backup: what its customers said since is said again, and what may
//! have been sent since is not sent again.

pub mod drill;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    consent::{ConsentSource, ConsentState},
    id::{ActivityId, OperatorId, OrgId},
};
use serde_json::json;

use crate::{
    erase_customer::{self, IN_HAND},
    erase_organisation,
    error::AppError,
    operator::{OperatorPorts, activity, checked},
    store::{
        Store,
        activity::Actor,
        consent::ConsentOf,
        journal::{
            JournalledConsent, days_since, erasure::JournalledErasure, organisation::JournalledOrder,
            reminder::JournalledReminder,
        },
        messaging_gate::{LostSpan, MessagingGate},
    },
};

/// Backups are kept for 30 days; the journal has a few days more.
const OLDEST_BACKUP: SignedDuration = SignedDuration::from_hours(33 * 24);

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakenOver {
    /// Changes of consents that the journal had.
    pub replayed: usize,
    /// Reminders that people asked for since, which the table does not know.
    pub reminders: usize,
    /// Customers who were erased since, and are erased again.
    pub erased: usize,
    /// Organisations that were erased since, or are to be, and are erased again.
    pub organisations: usize,
    /// The time of which the table knows nothing.
    pub lost: LostSpan,
}

/// Lets messages go out again from a table that was restored to a moment; until then none does.
///
/// Every change of a consent since is replayed from the journal, STOP and START alike, in the order in which people said
/// them, but for organisations that were erased by then.
/// Reminders that people asked for since are stored with an unknown outcome, of ledgers that the table knows, and their
/// businesses are asked to look: a person may send a step before it is due.
/// Customers and organisations that were erased since are erased again: noted before anything goes out, and deleted by the
/// next sweep.
/// Steps due until today are superseded, promises missed and payments made until today are not told of, and
/// nothing goes out before the gap between two messages is over.
/// One that dies half way is given again: everything it does may be done twice.
pub async fn take_over(
    ports: &OperatorPorts,
    (by, reason): (&OperatorId, &str),
    restored_to: Timestamp,
    now: Timestamp,
) -> Result<TakenOver, AppError> {
    let (store, reason) = (&ports.store.without_journalling(), checked(reason)?);
    let age = now.duration_since(restored_to);
    if age.is_negative() || age > OLDEST_BACKUP {
        return Err(AppError::invalid("restored_to", "a moment of the last 33 days is needed".to_owned()));
    }
    let gate = store.messaging_gate().await?;
    if gate.table.is_some() && !store.is_restored(&gate) {
        return Err(AppError::invalid("table", "this table was not restored, or is in use already".to_owned()));
    }
    let detail = json!({"reason": reason, "restored_to": restored_to});
    let line = activity(by, "table.taken_over", detail, now);
    store.record_operation(ActivityId::new(ports.ids.uuid()), &line).await?;
    let (mut entries, mut by_hand, mut erasures) = (Vec::new(), Vec::new(), Vec::new());
    let mut orders: BTreeMap<OrgId, JournalledOrder> = BTreeMap::new();
    for day in days_since(restored_to, now) {
        let mut of_day = store.journalled_orders(day).await?;
        of_day.sort_by_key(|order| order.at);
        orders.extend(of_day.into_iter().map(|order| (order.org.clone(), order)));
        entries.extend(store.journalled(day).await?);
        by_hand.extend(store.journalled_reminders(day).await?);
        erasures.extend(store.journalled_erasures(day).await?);
    }
    let replayed = entries.len();
    forget_overruled(&mut entries);
    // Imports first: whatever anybody said wins over them, whenever it was said.
    entries.sort_by_key(|entry| (!entry.change.by.is_import(), entry.recorded_at));
    let mut gone: BTreeMap<OrgId, bool> = BTreeMap::new();
    for entry in entries {
        let is_gone = match gone.get(&entry.org) {
            Some(known) => *known,
            None => store.is_being_erased(&entry.org).await?,
        };
        gone.insert(entry.org.clone(), is_gone);
        // The backup is of a time when everything of it had gone: nobody would delete it a second time.
        if !is_gone {
            store.say_again(entry).await?;
        }
    }
    // What was claimed earlier is known for certain, and nobody would delete what an erased customer got a second time.
    by_hand.retain(|entry| {
        let is_lost = restored_to.duration_since(entry.reminder.claimed_at) <= IN_HAND;
        let is_theirs =
            |erasure: &JournalledErasure| (&erasure.org, &erasure.contact) == (&entry.org, &entry.reminder.key.contact);
        is_lost && !erasures.iter().any(is_theirs)
    });
    let reminders = remember(store, by_hand, now).await?;
    let mut erased = 0;
    for erasure in erasures {
        let line = ActivityId::new(ports.ids.uuid());
        erased += usize::from(erase_customer::begin(store, &erasure, (line, Actor::Numo), now).await?);
    }
    let mut organisations = 0;
    for order in orders.values() {
        organisations += usize::from(erase_organisation::obey(store, order, now).await?);
    }
    let lost = LostSpan { from: restored_to, to: now };
    let open = |gate: &mut MessagingGate| {
        let earlier = gate.lost.map_or(lost.from, |known| known.from.min(lost.from));
        gate.lost = Some(LostSpan { from: earlier, ..lost });
        gate.table = Some(store.table_name().to_owned());
    };
    store.change_messaging_gate(now, open).await?;
    Ok(TakenOver { replayed, reminders, erased, organisations, lost })
}

/// Leaves out what admins recorded of opt-ins before a STOP was heard that was said earlier: it won over them.
///
/// One that was heard since the restore is in the table already, and would not be said again after them.
fn forget_overruled(entries: &mut Vec<JournalledConsent>) {
    let mut stopped: BTreeMap<(OrgId, ConsentOf), Timestamp> = BTreeMap::new();
    for JournalledConsent { org, of, change, recorded_at } in entries.iter() {
        if change.state == ConsentState::OptedOut && change.by.is_own() {
            let heard = stopped.entry((org.clone(), of.clone())).or_insert(*recorded_at);
            *heard = (*heard).max(*recorded_at);
        }
    }
    entries.retain(|JournalledConsent { org, of, change, recorded_at }| {
        let is_admins = change.state == ConsentState::OptedIn && change.by == ConsentSource::Admin;
        !is_admins || stopped.get(&(org.clone(), of.clone())).is_none_or(|heard| heard <= recorded_at)
    });
}

/// Stores the latest try of each reminder that people asked for, of ledgers and organisations that are left; how many the
/// table did not know.
async fn remember(store: &Store, mut by_hand: Vec<JournalledReminder>, now: Timestamp) -> Result<usize, AppError> {
    by_hand.sort_by_key(|entry| entry.reminder.claimed_at);
    let latest: BTreeMap<_, _> =
        by_hand.into_iter().map(|entry| ((entry.org.clone(), entry.reminder.key.clone()), entry)).collect();
    let mut remembered = 0;
    for entry in latest.values() {
        let (org, connection) = (&entry.org, entry.reminder.key.contact.connection);
        // Under another connection it would be another invoice.
        let is_left = store.connection(org, connection).await?.is_some() && !store.is_being_erased(org).await?;
        if is_left {
            remembered += usize::from(store.remember(entry, now).await?);
        }
    }
    Ok(remembered)
}
