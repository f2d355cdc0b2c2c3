//! What an admin sets: the attestation, the policy, a customer's consent.

use std::{collections::BTreeSet, ops::RangeInclusive};

use jiff::{Timestamp, ToSpan, civil::Date};
use numo_domain::{
    connection::Connection,
    consent::{ConsentChange, ConsentSource, ConsentState},
    contact::ContactRef,
    cost::{CostCap, RateCard},
    id::{ActivityId, ConnectionId, OrgId, PhoneNumberId, PolicyId, UserId},
    language::Language,
    organisation::{ATTESTATION_VERSION, Attestation, Organisation, Pause, PausedBy},
    policy::{
        Policy,
        audience::{Audience, Membership},
    },
};
use serde_json::json;

use crate::{
    check_account::look_again,
    error::AppError,
    job::{Cause, Work},
    store::{
        Store,
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

/// Sets whether only an explicit opt-in counts as a basis; switched on, nothing that was planned without one goes out.
pub async fn set_explicit_opt_in_only(
    waker: &Waker,
    org: &OrgId,
    by: &UserId,
    explicit_opt_in_only: bool,
    now: Timestamp,
) -> Result<Organisation, AppError> {
    let before = waker.store.organisation(org).await?.explicit_opt_in_only;
    let set = |organisation: &mut Organisation| organisation.explicit_opt_in_only = explicit_opt_in_only;
    let organisation = waker.store.change_organisation(org, now, set).await?;
    if before != explicit_opt_in_only {
        let detail = json!({"before": before, "after": explicit_opt_in_only});
        record(waker, org, by, "explicit_opt_in_only.changed", detail, now).await?;
        waker.wake(org, &Work::PlanDay {}, Cause::Person, now).await?;
    }
    Ok(organisation)
}

/// Saves a policy as the version after `based_on` and has the day planned anew; a new policy is based on version 0.
pub async fn save_policy(
    waker: &Waker,
    org: &OrgId,
    by: &UserId,
    (id, based_on): (&PolicyId, u32),
    policy: Policy,
    now: Timestamp,
) -> Result<Policy, AppError> {
    let policy = policy.validate().map_err(|error| AppError::invalid("policy", error.to_string()))?;
    if based_on > 0 && waker.store.policies(org).await?.get(id).is_none() {
        return Err(AppError::NotFound("policy"));
    }
    are_known(&waker.store, org, &policy.audience).await?;
    let saved = waker.store.save_policy(org, (id, based_on), policy, now).await?;
    let detail = json!({"policy": id, "version": saved.version, "state": saved.state});
    record(waker, org, by, "policy.changed", detail, now).await?;
    if saved.language.is_some() || saved.pay_link || saved.pdf {
        look_again(&waker.store, org, now).await?;
    }
    waker.wake(org, &Work::PlanDay {}, Cause::Person, now).await?;
    Ok(saved)
}

/// Deletes the policy of a group or a customer, who get the next wider one, and has the day planned anew.
pub async fn delete_policy(
    waker: &Waker,
    org: &OrgId,
    by: &UserId,
    (id, based_on): (&PolicyId, u32),
    now: Timestamp,
) -> Result<(), AppError> {
    let deleted = waker.store.delete_policy(org, (id, based_on), now).await?;
    record(waker, org, by, "policy.deleted", json!({"policy": id, "version": deleted.version}), now).await?;
    waker.wake(org, &Work::PlanDay {}, Cause::Person, now).await
}

/// Checks that the customers whom an audience names are the organisation's.
async fn are_known(store: &Store, org: &OrgId, audience: &Audience) -> Result<(), AppError> {
    let named: BTreeSet<ContactRef> = match audience {
        Audience::Organisation => return Ok(()),
        Audience::Customer(customer) => BTreeSet::from([customer.clone()]),
        Audience::Group { members, .. } => {
            let chosen = members.iter().filter_map(|member| match member {
                Membership::Chosen(chosen) => Some(chosen),
                Membership::LedgerGroup(_) | Membership::OwesAtLeast { .. } | Membership::NumberOf(_) => None,
            });
            chosen.flatten().cloned().collect()
        }
    };
    let named: Vec<ContactRef> = named.into_iter().collect();
    let found: BTreeSet<ContactRef> =
        store.contacts_by_ref(org, &named).await?.into_iter().map(|stored| stored.value.at).collect();
    match named.iter().find(|customer| !found.contains(customer)) {
        Some(unknown) => {
            let message = format!("audience: there is no customer {} in this connection", unknown.contact);
            Err(AppError::invalid("policy", message))
        }
        None => Ok(()),
    }
}

/// What becomes of everything that is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sending {
    /// It stops.
    Pause {
        /// The first day on which it goes on by itself; none if a person ends it.
        until: Option<Date>,
    },
    /// It goes on.
    Resume,
}

/// Stops everything, or lets it go on; anyone of the organisation may stop.
///
/// Whoever pauses what is paused already says anew until when.
pub async fn pause(
    waker: &Waker,
    org: &OrgId,
    by: &UserId,
    sending: Sending,
    now: Timestamp,
) -> Result<Organisation, AppError> {
    let before = waker.store.organisation(org).await?;
    let today = before.zone.date(now);
    let latest = today.saturating_add(LONGEST_PAUSE_DAYS.days());
    if let Sending::Pause { until: Some(until) } = sending
        && (until <= today || until > latest)
    {
        let message = format!("a day after {today} and not after {latest} is needed, or none at all");
        return Err(AppError::invalid("until", message));
    }
    let organisation = waker
        .store
        .change_organisation(org, now, |organisation| {
            let pause = organisation.pause.take().filter(|pause| pause.holds_on(today));
            organisation.pause = match (pause, sending) {
                (Some(pause), Sending::Pause { until }) if pause.until == until => Some(pause),
                (Some(pause), Sending::Pause { until }) => {
                    Some(Pause { by: PausedBy::Member(by.clone()), until, ..pause })
                }
                (None, Sending::Pause { until }) => Some(Pause { since: now, by: PausedBy::Member(by.clone()), until }),
                (_, Sending::Resume) => None,
            };
        })
        .await?;
    if organisation.pause != before.pause {
        let (action, detail) = match &organisation.pause {
            Some(Pause { until: Some(until), .. }) => ("everything.paused", json!({"until": until})),
            Some(Pause { until: None, .. }) => ("everything.paused", json!({})),
            None => ("everything.resumed", json!({})),
        };
        record(waker, org, by, action, detail, now).await?;
    }
    Ok(organisation)
}

/// A pause that is longer ends by hand: nobody plans a silence of more than a year to the day.
const LONGEST_PAUSE_DAYS: i64 = 366;

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

/// Sets how many messages go out in ten minutes; without a wish, as fast as the number sends.
pub async fn set_pace(
    waker: &Waker,
    org: &OrgId,
    by: &UserId,
    per_ten_minutes: Option<u32>,
    now: Timestamp,
) -> Result<Organisation, AppError> {
    if per_ten_minutes.is_some_and(|wanted| !PACES.contains(&wanted)) {
        let message = format!("between {} and {} messages, or none at all", PACES.start(), PACES.end());
        return Err(AppError::invalid("per_ten_minutes", message));
    }
    let change = |organisation: &mut Organisation| organisation.per_ten_minutes = per_ten_minutes;
    let organisation = waker.store.change_organisation(org, now, change).await?;
    record(waker, org, by, "pace.changed", json!({"per_ten_minutes": per_ten_minutes}), now).await?;
    waker.wake(org, &Work::PlanDay {}, Cause::Person, now).await?;
    Ok(organisation)
}

/// What can be wished for: a business without patience has as fast as the number sends.
const PACES: RangeInclusive<u32> = 10..=1_000;

/// Sets the language of messages, where neither customer nor policy has one; its texts are registered at Meta.
pub async fn set_language(
    waker: &Waker,
    org: &OrgId,
    by: &UserId,
    language: Language,
    now: Timestamp,
) -> Result<Organisation, AppError> {
    let organisation =
        waker.store.change_organisation(org, now, |organisation| organisation.language = language).await?;
    record(waker, org, by, "language.changed", json!({"language": language}), now).await?;
    look_again(&waker.store, org, now).await?;
    waker.wake(org, &Work::PlanDay {}, Cause::Person, now).await?;
    Ok(organisation)
}

/// Sets which number writes to the customers of a ledger; without one any number may that no other ledger has.
pub async fn set_sender(
    waker: &Waker,
    org: &OrgId,
    by: &UserId,
    (connection, sender): (ConnectionId, Option<PhoneNumberId>),
    now: Timestamp,
) -> Result<Connection, AppError> {
    let (store, not_found) = (&waker.store, || AppError::NotFound("connection"));
    store.connection(org, connection).await?.ok_or_else(not_found)?;
    if let Some(sender) = &sender
        && !store.senders(org).await?.iter().any(|known| known.phone_number_id == *sender)
    {
        return Err(AppError::invalid("phone_number_id", "this number is not connected"));
    }
    store.change_connection(org, connection, now, |connection| connection.sender.clone_from(&sender)).await?;
    let detail = json!({"connection": connection, "sender": sender});
    record(waker, org, by, "connection.sender_changed", detail, now).await?;
    waker.wake(org, &Work::PlanDay {}, Cause::Person, now).await?;
    store.connection(org, connection).await?.ok_or_else(not_found)
}

/// Sets what messages cost at Meta, with a cap or without one.
pub async fn set_rates(
    waker: &Waker,
    org: &OrgId,
    by: &UserId,
    card: RateCard,
    now: Timestamp,
) -> Result<(), AppError> {
    let organisation = waker.store.organisation(org).await?;
    let card = card.validate(organisation.zone.date(now));
    let card = card.map_err(|why| AppError::invalid("rates", why.to_string()))?;
    if !organisation.clone().set_rates(&card) {
        return Err(AppError::invalid(
            "currency",
            "the cap is in another currency; change the cap, or take it away first",
        ));
    }
    // Whoever sets a cap in another currency meanwhile has entered its rates.
    let set = |organisation: &mut Organisation| {
        organisation.set_rates(&card);
    };
    waker.store.change_organisation(org, now, set).await?;
    record(waker, org, by, "rates.changed", json!({"rates": card}), now).await?;
    waker.wake(org, &Work::PlanDay {}, Cause::Person, now).await?;
    Ok(())
}

/// Sets what the messages of a month may cost, or takes the cap away.
pub async fn set_cost_cap(
    waker: &Waker,
    org: &OrgId,
    by: &UserId,
    cap: Option<CostCap>,
    now: Timestamp,
) -> Result<Organisation, AppError> {
    let today = waker.store.organisation(org).await?.zone.date(now);
    let cap = cap.map(|cap| cap.validate(today)).transpose();
    let cap = cap.map_err(|why| AppError::invalid("cost_cap", why.to_string()))?;
    let set = |organisation: &mut Organisation| organisation.set_cost_cap(cap.clone());
    let organisation = waker.store.change_organisation(org, now, set).await?;
    record(waker, org, by, "cost_cap.changed", json!({"cost_cap": cap}), now).await?;
    waker.wake(org, &Work::PlanDay {}, Cause::Person, now).await?;
    Ok(organisation)
}

/// First-time numbers of one day, at most.
const MAX_RAMP: u32 = 1_000;

/// Longest reason: every one stays in the history of the consent, where a STOP has to find room.
const MAX_REASON_CHARS: usize = 200;

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
    if reason.trim().chars().count() > MAX_REASON_CHARS {
        return Err(AppError::invalid("reason", format!("at most {MAX_REASON_CHARS} characters are kept")));
    }
    let found = waker.store.contacts_by_ref(org, std::slice::from_ref(contact)).await?;
    let stored = found.into_iter().next().ok_or(AppError::NotFound("customer"))?;
    let change = ConsentChange {
        state,
        at: now,
        by: ConsentSource::Admin,
        note: reason.trim().to_owned(),
        message: None,
        recorded_by: Some(by.clone()),
    };
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
