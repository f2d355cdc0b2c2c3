//! A person asks for a reminder now, outside the plan.

use jiff::Timestamp;
use numo_domain::{
    id::{ActivityId, ManualSendId, OrgId, UserId},
    plan::{
        decision::{Decision, Unit},
        manual::ManualDecision,
        reason::SkipCode,
    },
};
use serde_json::json;

use crate::{
    connect_ledger::sha256_hex,
    error::AppError,
    job::{Cause, Work},
    situation::{Situation, situation},
    store::{
        Store,
        activity::{Activity, Actor},
        manual_send::{ManualSend, ManualState},
    },
    wake::Waker,
};

/// What a person saw and wants sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Names this wish, so that a form that is sent twice asks once.
    pub id: ManualSendId,
    /// For whom.
    pub unit: Unit,
    /// What was shown, by its digest: anything else is never sent.
    pub seen: String,
}

/// What a person who asks now would get.
#[derive(Debug)]
pub struct Looked {
    /// What it was decided from.
    pub situation: Situation,
    /// The message, or every reason against it; none where nothing is open.
    pub decision: Option<ManualDecision>,
}

impl Looked {
    /// Names the message: whom it reaches, which step it is, how firm, and what it lists.
    pub fn digest(&self) -> Option<String> {
        let send = self.decision.as_ref()?.decision.send()?;
        let lines: Vec<_> = send.lines.iter().map(|line| (&line.invoice, line.remaining.minor)).collect();
        let step = (&send.anchor, send.cycle, send.occasion.to_string(), send.tone);
        let shown = json!([send.recipient, step, send.purpose(), send.language, lines, send.more, send.total]);
        Some(sha256_hex(&shown.to_string()))
    }
}

/// Looks at what a person who asks now would get; nothing is written.
///
/// What the plan of the day has still to send counts as sent: its limits are for all messages of a day together.
pub async fn look(store: &Store, org: &OrgId, unit: &Unit, now: Timestamp) -> Result<Looked, AppError> {
    let found = store.contacts_by_ref(org, std::slice::from_ref(&unit.contact)).await?;
    let contact = found.into_iter().next().ok_or(AppError::NotFound("customer"))?.value;
    if contact.payer().is_some() {
        return Err(AppError::Conflict("another customer owes the invoices of this one: ask for that customer"));
    }
    let mut situation = situation(store, org, now).await?;
    let date = situation.organisation.zone.date(now);
    if let Some(header) = store.plan_header(org, date).await? {
        let cancelled = store.cancelled_of(org, date).await?;
        let planned = store.planned_sends(org, &header.value).await?.into_iter();
        let is_left = |decision: &Decision| {
            decision.unit != *unit && cancelled.iter().all(|cancelled| cancelled.unit != decision.unit)
        };
        situation.reserve(date, &planned.filter(is_left).collect::<Vec<_>>());
    }
    let decision = situation.decide_manual(unit, now);
    Ok(Looked { situation, decision })
}

/// Has a reminder sent now, and writes down who asked; one that was asked for before changes nothing.
///
/// # Errors
/// `NotNow` with the most important reason and the next allowed time, where a rule speaks against it.
pub async fn send_now(
    waker: &Waker,
    org: &OrgId,
    by: &UserId,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<(), AppError> {
    let store = &waker.store;
    if let Some(before) = store.manual_send(org, wanted.id).await? {
        return if before.value.unit == wanted.unit {
            Ok(())
        } else {
            Err(AppError::Conflict("this id was used for another customer"))
        };
    }
    let looked = look(store, org, &wanted.unit, now).await?;
    let seen = looked.digest();
    let Looked { situation, decision } = looked;
    let Some(ManualDecision { decision, next_at }) = decision else { return Err(not_now(SkipCode::Settled, None)) };
    let Some(send) = decision.send() else {
        let code = decision.reasons().first().map_or(SkipCode::NoStepToday, |reason| reason.code);
        return Err(not_now(code, next_at));
    };
    if next_at.is_some() {
        return Err(AppError::NotNow { why: "Messages may not go out at this hour.", next_at });
    }
    if seen.as_ref() != Some(&wanted.seen) {
        return Err(AppError::Conflict("the message is not the one that you looked at any more; look again"));
    }
    let manual = ManualSend {
        id: wanted.id,
        unit: wanted.unit.clone(),
        policy: decision.policy.clone(),
        send: send.clone(),
        by: by.clone(),
        asked_at: now,
        date: situation.organisation.zone.date(now),
        state: ManualState::Waiting,
    };
    let unit = &manual.unit;
    let detail = json!({
        "id": manual.id,
        "connection": unit.contact.connection,
        "contact": unit.contact.contact,
        "currency": unit.currency,
        "occasion": manual.send.occasion.to_string(),
    });
    let activity = Activity { at: now, actor: Actor::User(by.clone()), action: "reminder.sent_now".to_owned(), detail };
    if store.begin_manual_send(org, &manual, (ActivityId::new(waker.ids.uuid()), &activity), now).await? {
        // It is due already; whoever has it in hand is left alone.
        let claimed = store.claim_work(org, &Work::ManualSend { id: manual.id }, now).await?;
        waker.send_claimed(org, claimed, Cause::Person, now).await?;
    }
    Ok(())
}

const fn not_now(code: SkipCode, next_at: Option<Timestamp>) -> AppError {
    AppError::NotNow { why: code.sentence(), next_at }
}
