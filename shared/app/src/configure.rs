//! What an admin sets: the attestation, the policy, a customer's consent.

use jiff::Timestamp;
use numo_domain::{
    consent::{ConsentChange, ConsentSource, ConsentState},
    contact::ContactRef,
    id::{ActivityId, OrgId, UserId},
    organisation::{ATTESTATION_VERSION, Attestation, Organisation, Pause, PausedBy},
    policy::Policy,
};
use serde_json::json;

use crate::{
    error::AppError,
    job::{Cause, Work},
    store::{
        activity::{Activity, Actor},
        consent::ConsentOf,
    },
    wake::Waker,
};

/// Records the admin's statement that customers may be written to.
pub async fn attest_consent(
    waker: &Waker,
    org: &OrgId,
    by: &UserId,
    version: u16,
    authorised_by: String,
    now: Timestamp,
) -> Result<Organisation, AppError> {
    if version != ATTESTATION_VERSION {
        return Err(AppError::invalid("version", format!("the statement in force is version {ATTESTATION_VERSION}")));
    }
    let attestation = Attestation { version, by: by.clone(), at: now, authorised_by };
    let organisation = waker
        .store
        .change_organisation(org, now, |organisation| organisation.attestation = Some(attestation.clone()))
        .await?;
    record(waker, org, by, "consent.attested", json!({"version": version}), now).await?;
    Ok(organisation)
}

/// Saves the organisation's policy as the next version and has the day planned anew.
pub async fn save_policy(
    waker: &Waker,
    org: &OrgId,
    by: &UserId,
    based_on: u32,
    policy: Policy,
    now: Timestamp,
) -> Result<Policy, AppError> {
    let policy = policy.validate().map_err(|error| AppError::invalid("policy", error.to_string()))?;
    let saved = waker.store.save_default_policy(org, based_on, policy, now).await?;
    record(waker, org, by, "policy.changed", json!({"version": saved.version, "state": saved.state}), now).await?;
    waker.wake(org, &Work::PlanDay {}, Cause::Person, now).await?;
    Ok(saved)
}

/// Stops everything, or lets it go on; anyone of the organisation may stop.
pub async fn pause(
    waker: &Waker,
    org: &OrgId,
    by: &UserId,
    paused: Option<()>,
    now: Timestamp,
) -> Result<Organisation, AppError> {
    let before = waker.store.organisation(org).await?;
    let organisation = waker
        .store
        .change_organisation(org, now, |organisation| match (&organisation.pause, paused) {
            // A pause of the operators is not a member's to lift or to take over.
            (Some(Pause { by: PausedBy::Operator, .. }), _) | (Some(_), Some(())) | (None, None) => {}
            (None, Some(())) => organisation.pause = Some(Pause { since: now, by: PausedBy::Member(by.clone()) }),
            (Some(_), None) => organisation.pause = None,
        })
        .await?;
    if organisation.pause != before.pause {
        let action = if organisation.pause.is_some() { "everything.paused" } else { "everything.resumed" };
        record(waker, org, by, action, json!({}), now).await?;
    }
    Ok(organisation)
}

/// Sets how many numbers may be written to for the first time on one day.
pub async fn set_ramp(
    waker: &Waker,
    org: &OrgId,
    by: &UserId,
    per_day: u32,
    now: Timestamp,
) -> Result<Organisation, AppError> {
    if !(1..=MAX_RAMP).contains(&per_day) {
        return Err(AppError::invalid("per_day", format!("between 1 and {MAX_RAMP} numbers a day")));
    }
    let organisation =
        waker.store.change_organisation(org, now, |organisation| organisation.ramp_per_day = Some(per_day)).await?;
    record(waker, org, by, "ramp.changed", json!({"per_day": per_day}), now).await?;
    waker.wake(org, &Work::PlanDay {}, Cause::Person, now).await?;
    Ok(organisation)
}

/// First-time numbers of one day, at most.
const MAX_RAMP: u32 = 1_000;

/// Records what a customer agreed to or refused outside WhatsApp, with the admin's reason.
pub async fn record_consent(
    waker: &Waker,
    org: &OrgId,
    by: &UserId,
    contact: &ContactRef,
    state: ConsentState,
    reason: &str,
    now: Timestamp,
) -> Result<(), AppError> {
    if reason.trim().is_empty() {
        return Err(AppError::invalid("reason", "say how the customer told you"));
    }
    let found = waker.store.contacts_by_ref(org, std::slice::from_ref(contact)).await?;
    let stored = found.into_iter().next().ok_or(AppError::NotFound("customer"))?;
    let change = ConsentChange { state, at: now, by: ConsentSource::Admin, note: reason.trim().to_owned() };
    let number = stored.value.number.key().cloned().map(ConsentOf::Number);
    for of in number.into_iter().chain([ConsentOf::Contact(contact.clone())]) {
        waker.store.change_consent(org, of, &change, now).await?;
    }
    record(waker, org, by, "consent.recorded", json!({"contact": contact, "state": state}), now).await
}

async fn record(
    waker: &Waker,
    org: &OrgId,
    by: &UserId,
    action: &str,
    detail: serde_json::Value,
    now: Timestamp,
) -> Result<(), AppError> {
    let activity = Activity { at: now, actor: Actor::User(by.clone()), action: action.to_owned(), detail };
    waker.store.record(org, ActivityId::new(waker.ids.uuid()), &activity).await
}
