//! A person asks for a reminder now, outside the plan.

use jiff::Timestamp;
use numo_domain::{
    id::{ActivityId, ManualSendId, OrgId, UserId},
    plan::{decision::Unit, manual::ManualDecision, reason::SkipCode},
    policy::Tone,
};
use serde_json::json;

use crate::{
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
    /// The total that was shown, in minor units: more is never asked for.
    pub total_minor: i64,
    /// The tone that was shown: a firmer one is never used.
    pub tone: Tone,
}

/// What a person who asks now would get, with everything it was decided from; nothing is written.
pub async fn look(
    store: &Store,
    org: &OrgId,
    unit: &Unit,
    now: Timestamp,
) -> Result<(Situation, Option<ManualDecision>), AppError> {
    if store.contacts_by_ref(org, std::slice::from_ref(&unit.contact)).await?.is_empty() {
        return Err(AppError::NotFound("customer"));
    }
    let situation = situation(store, org, now).await?;
    let decision = situation.decide_manual(unit, now);
    Ok((situation, decision))
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
    let (situation, asked) = look(store, org, &wanted.unit, now).await?;
    let Some(asked) = asked else { return Err(not_now(SkipCode::Settled, None)) };
    let ManualDecision { decision, next_at } = asked;
    let Some(send) = decision.send() else {
        let code = decision.reasons().first().map_or(SkipCode::NoStepToday, |reason| reason.code);
        return Err(not_now(code, next_at));
    };
    if next_at.is_some() {
        return Err(AppError::NotNow { why: "Messages may not go out at this hour.", next_at });
    }
    if send.total.minor > wanted.total_minor || send.tone > wanted.tone {
        return Err(AppError::Conflict("more is owed, or the message is firmer, than what you looked at; look again"));
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
    if store.begin_manual_send(org, &manual, now).await? {
        let unit = &manual.unit;
        let detail = json!({
            "id": manual.id,
            "connection": unit.contact.connection,
            "contact": unit.contact.contact,
            "currency": unit.currency,
            "occasion": manual.send.occasion.to_string(),
        });
        let activity =
            Activity { at: now, actor: Actor::User(by.clone()), action: "reminder.sent_now".to_owned(), detail };
        store.record(org, ActivityId::new(waker.ids.uuid()), &activity).await?;
        // It is due already; whoever has it in hand is left alone.
        let claimed = store.claim_work(org, &Work::ManualSend { id: manual.id }, now).await?;
        waker.send_claimed(org, claimed, Cause::Person, now).await?;
    }
    Ok(())
}

const fn not_now(code: SkipCode, next_at: Option<Timestamp>) -> AppError {
    AppError::NotNow { why: code.sentence(), next_at }
}
