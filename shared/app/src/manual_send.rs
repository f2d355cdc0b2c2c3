//! Sending what a person asked for outside the plan: rechecked, claimed and sent as every planned message is.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    id::{ManualSendId, OrgId},
    plan::{
        decision::{Outcome, PlannedSend},
        reason::{Reason, SkipCode},
    },
    reminder::Reminder,
};

use crate::{
    dispatch_run::{
        DispatchPorts, Planned,
        able_sender::{Looks, able_sender},
        brakes::Brakes,
        gate_watch::GateWatch,
        ready::fresh,
        send_unit::{Look, Sent, send_unit},
    },
    error::AppError,
    job::Work,
    send_now,
    settle_day::look,
    situation::frame,
    store::{
        Replaced, Stored,
        due::sync_work,
        manual_send::{ManualSend, ManualState},
        plan::CancelEvidence,
    },
};

/// How a look at what a person asked for ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManuallySent {
    /// It is decided; what was claimed is looked at until it has an outcome.
    Done,
    /// A provider asked for patience; the next time stands in the table.
    Postponed,
    /// The job was stale: somebody else has the work.
    Stale,
}

/// Whoever asks for a message now does not want it much later.
const LAPSES_AFTER: SignedDuration = SignedDuration::from_mins(30);

/// After a provider failed without saying for how long.
const PATIENCE: SignedDuration = SignedDuration::from_mins(1);

/// Sends a reminder that a person asked for, if nothing speaks against it any more.
pub async fn manual_send(
    ports: &DispatchPorts,
    org: &OrgId,
    id: ManualSendId,
    claim: Timestamp,
    deadline: Timestamp,
) -> Result<ManuallySent, AppError> {
    let (store, work) = (&ports.waker.store, Work::ManualSend { id });
    if !store.holds_claim(org, &work, claim).await? {
        return Ok(ManuallySent::Stale);
    }
    let (next, ended) = match store.manual_send(org, id).await? {
        Some(seen) => match seen.value.state {
            ManualState::Waiting => go_on(ports, org, &seen, deadline).await?,
            ManualState::Claimed => (look_again(ports, org, &seen.value).await?, ManuallySent::Done),
            ManualState::Refused { .. } | ManualState::Lapsed => (None, ManuallySent::Done),
        },
        None => (None, ManuallySent::Done),
    };
    store.finish_due(org, &work, claim, next, ports.clock.now()).await?;
    Ok(ended)
}

/// Sends it, or notes why not; when to look again, if at all.
async fn go_on(
    ports: &DispatchPorts,
    org: &OrgId,
    seen: &Stored<ManualSend>,
    deadline: Timestamp,
) -> Result<(Option<Timestamp>, ManuallySent), AppError> {
    let state = match attempt(ports, org, &seen.value, deadline).await {
        Ok(Tried::Over(state)) => state,
        Ok(Tried::Again(at)) => return Ok((Some(at), ManuallySent::Postponed)),
        Err(error) => {
            let patience = error.patience()?.unwrap_or(PATIENCE);
            return Ok((ports.clock.now().checked_add(patience).ok(), ManuallySent::Postponed));
        }
    };
    let (now, is_claimed) = (ports.clock.now(), state == ManualState::Claimed);
    if ports.waker.store.end_manual_send(org, seen, state, now).await? == Replaced::Raced {
        return Ok((Some(now), ManuallySent::Postponed));
    }
    let next = if is_claimed { look_again(ports, org, &seen.value).await? } else { None };
    Ok((next, ManuallySent::Done))
}

/// Settles what was claimed, when its time has come; the work stays due until it has an outcome.
async fn look_again(ports: &DispatchPorts, org: &OrgId, asked: &ManualSend) -> Result<Option<Timestamp>, AppError> {
    match claimed(ports, org, asked).await? {
        Some(reminder) => look(&ports.waker.store, org, &reminder, ports.clock.now()).await,
        None => Ok(None),
    }
}

/// What came of a try.
enum Tried {
    Over(ManualState),
    Again(Timestamp),
}

async fn attempt(
    ports: &DispatchPorts,
    org: &OrgId,
    asked: &ManualSend,
    deadline: Timestamp,
) -> Result<Tried, AppError> {
    let (store, now, contact) = (&ports.waker.store, ports.clock.now(), &asked.unit.contact);
    if claimed(ports, org, asked).await?.is_some() {
        return Ok(Tried::Over(ManualState::Claimed));
    }
    let is_late = now.duration_since(asked.asked_at) >= LAPSES_AFTER;
    if is_late || store.organisation(org).await?.zone.date(now) != asked.date {
        return Ok(Tried::Over(ManualState::Lapsed));
    }
    // The limits of the day as they are now: others may have been asked for at the same time.
    let looked = match send_now::look(store, org, &asked.unit, now).await {
        // The customer is gone, or was merged into another one.
        Err(AppError::NotFound(_) | AppError::Conflict(_)) => return Ok(refused(SkipCode::Settled)),
        looked => looked?.decision.map(|looked| looked.decision.outcome),
    };
    let (turn, charge) = match looked {
        Some(Outcome::Send(send)) => (send.turn, send.charge),
        Some(Outcome::Skip { reasons }) => {
            return Ok(Tried::Over(ManualState::Refused { reasons, evidence: None }));
        }
        None => return Ok(refused(SkipCode::Settled)),
    };
    let connections = store.connections(org).await?;
    let Some(connection) = connections.iter().find(|known| known.id == contact.connection) else {
        return Ok(refused(SkipCode::ReconnectNeeded));
    };
    let Some(sender) = able_sender(ports, org, connection, &Looks::default()).await? else {
        return Ok(refused(SkipCode::SenderBlocked));
    };
    let fresh = match fresh(ports, org, connection, &BTreeSet::from([contact.clone()])).await {
        Err(AppError::ReauthRequired) => {
            // The sync finds the same, marks the connection and tells the owner.
            store.mark_due(org, &sync_work(connection.id), now, now).await?;
            return Ok(refused(SkipCode::ReconnectNeeded));
        }
        read => read?,
    };
    let frame = frame(store, org, ports.clock.now()).await?;
    // It is the only one under way.
    let (brakes, gate) = (Brakes::default(), GateWatch::default());
    let (date, brakes, gate) = (asked.date, &brakes, &gate);
    let look = Look { org, date, deadline, connection, sender, fresh, frame, brakes, gate };
    if look.fresh.erased.contains(contact) {
        return Ok(refused_after(vec![SkipCode::OptedOut.into()], look.evidence()));
    }
    if look.fresh.unreadable.contains(contact) {
        return Ok(refused_after(vec![SkipCode::LedgerUnreadable.into()], look.evidence()));
    }
    let ManualSend { unit, policy, send, by, .. } = asked.clone();
    let send = PlannedSend { turn, charge, ..send };
    let planned = Planned { unit, policy, send, asked_by: Some(by) };
    Ok(match send_unit(ports, &look, &planned).await? {
        Sent::Next => Tried::Over(ManualState::Claimed),
        // A second worker may have claimed it in this moment: what speaks against it is the message itself.
        Sent::Not { .. } if claimed(ports, org, asked).await?.is_some() => Tried::Over(ManualState::Claimed),
        Sent::Not { reasons } => refused_after(reasons, look.evidence()),
        // The hours were moved to later in the day.
        Sent::Later { .. } => refused_after(vec![SkipCode::NoStepToday.into()], look.evidence()),
        Sent::ComeBack | Sent::Left => Tried::Again(ports.clock.now()),
        Sent::TooFast { retry_after } => Tried::Again(soon(ports, retry_after)),
        Sent::PairLimit => Tried::Again(soon(ports, None)),
        Sent::StopSender { again: Some(at) } | Sent::StopRun { again: at } => Tried::Again(at),
        Sent::StopSender { again: None } => refused(SkipCode::SenderBlocked),
    })
}

fn soon(ports: &DispatchPorts, patience: Option<SignedDuration>) -> Timestamp {
    let now = ports.clock.now();
    now.saturating_add(patience.unwrap_or(PATIENCE)).unwrap_or(now)
}

/// What somebody claimed, this job before its death or the plan of the day: it is out, or nobody knows.
async fn claimed(ports: &DispatchPorts, org: &OrgId, asked: &ManualSend) -> Result<Option<Reminder>, AppError> {
    let key = asked.send.reminder_key(&asked.unit);
    let reminders = ports.waker.store.reminders_by_key(org, &[key]).await?;
    Ok(reminders.into_iter().find(|past| past.date == asked.date && !past.state.may_be_claimed_again()))
}

fn refused(code: SkipCode) -> Tried {
    Tried::Over(ManualState::Refused { reasons: vec![code.into()], evidence: None })
}

fn refused_after(reasons: Vec<Reason>, evidence: CancelEvidence) -> Tried {
    Tried::Over(ManualState::Refused { reasons, evidence: Some(evidence) })
}
