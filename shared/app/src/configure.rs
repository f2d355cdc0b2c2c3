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
use serde_json::{Value, json};

use crate::{
    check_account::look_again,
    error::AppError,
    job::{Cause, Work},
    store::{
        Store,
        activity::{Activity, Actor},
        organisation::Changed,
    },
    wake::Waker,
};

/// Longest name of who authorised the statement.
pub const MAX_AUTHORISED_BY_CHARS: usize = 200;

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
    if authorised_by.chars().count() > MAX_AUTHORISED_BY_CHARS {
        return Err(AppError::invalid(
            "authorised_by",
            format!("at most {MAX_AUTHORISED_BY_CHARS} characters are kept"),
        ));
    }
    let attestation = Attestation { version, by: by.clone(), at: now, authorised_by };
    let attest = |organisation: &mut Organisation| organisation.attestation = Some(attestation.clone());
    let id = ActivityId::new(waker.ids.uuid());
    let told = |_: &Organisation, _: &Organisation| {
        Some((id, activity(by, "consent.attested", json!({"version": version}), now)))
    };
    waker.store.change_profile(org, (attest, told), now).await.map(|changed| changed.after)
}

/// Sets whether only an explicit opt-in counts as a basis; switched on, nothing that was planned without one goes out.
pub async fn set_explicit_opt_in_only(
    waker: &Waker,
    org: &OrgId,
    by: &UserId,
    explicit_opt_in_only: bool,
    now: Timestamp,
) -> Result<Organisation, AppError> {
    let change = |organisation: &mut Organisation| organisation.explicit_opt_in_only = explicit_opt_in_only;
    let shown = |organisation: &Organisation| json!(organisation.explicit_opt_in_only);
    set(waker, org, (by, "explicit_opt_in_only.changed"), (change, shown), now).await
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
    let before = waker.store.policies(org).await?.get(id).cloned();
    if based_on > 0 && before.is_none() {
        return Err(AppError::NotFound("policy"));
    }
    are_known(&waker.store, org, &policy.audience).await?;
    let saved = waker.store.save_policy(org, (id, based_on), policy, now).await?;
    let detail = json!({"policy": id, "version": saved.version, "before": before, "after": saved});
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
    // No limit of calls keeps a pause out, so it has to look for itself.
    let Some(before) = waker.store.open_organisation(org).await? else { return Err(BEING_ERASED) };
    if before.closing.is_some() && sending == Sending::Resume {
        return Err(CLOSING);
    }
    let today = before.zone.date(now);
    let latest = today.saturating_add(LONGEST_PAUSE_DAYS.days());
    if let Sending::Pause { until: Some(until) } = sending
        && (until <= today || until > latest)
    {
        let message = format!("a day after {today} and not after {latest} is needed, or none at all");
        return Err(AppError::invalid("until", message));
    }
    let change = |organisation: &mut Organisation| {
        let pause = organisation.pause.take().filter(|pause| pause.holds_on(today));
        organisation.pause = match (pause, sending) {
            (Some(pause), Sending::Pause { until }) if pause.until == until => Some(pause),
            (Some(pause), Sending::Pause { until }) => Some(Pause { by: PausedBy::Member(by.clone()), until, ..pause }),
            (None, Sending::Pause { until }) => Some(Pause { since: now, by: PausedBy::Member(by.clone()), until }),
            (_, Sending::Resume) => None,
        };
    };
    let id = ActivityId::new(waker.ids.uuid());
    let told = |before: &Organisation, after: &Organisation| {
        let (action, detail) = match &after.pause {
            Some(Pause { until: Some(until), .. }) => ("everything.paused", json!({"until": until})),
            Some(Pause { until: None, .. }) => ("everything.paused", json!({})),
            None => ("everything.resumed", json!({})),
        };
        (before.pause != after.pause).then(|| (id, activity(by, action, detail, now)))
    };
    waker.store.change_profile(org, (change, told), now).await.map(|changed| changed.after)
}

const BEING_ERASED: AppError = AppError::Conflict("this organisation is being erased");

/// What is to be erased sends nothing, whoever wants to go on.
const CLOSING: AppError =
    AppError::Conflict("everything of the organisation is to be erased; an admin may withdraw that");

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
    let change = |organisation: &mut Organisation| organisation.ramp_per_day = Some(per_day);
    let shown = |organisation: &Organisation| json!(organisation.ramp_per_day);
    set(waker, org, (by, "ramp.changed"), (change, shown), now).await
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
    let shown = |organisation: &Organisation| json!(organisation.per_ten_minutes);
    set(waker, org, (by, "pace.changed"), (change, shown), now).await
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
    let change = |organisation: &mut Organisation| organisation.language = language;
    let shown = |organisation: &Organisation| json!(organisation.language);
    let organisation = set(waker, org, (by, "language.changed"), (change, shown), now).await?;
    look_again(&waker.store, org, now).await?;
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
    let before = store.connection(org, connection).await?.ok_or_else(not_found)?.sender;
    if let Some(sender) = &sender
        && !store.senders(org).await?.iter().any(|known| known.phone_number_id == *sender)
    {
        return Err(AppError::invalid("phone_number_id", "this number is not connected"));
    }
    store.change_connection(org, connection, now, |connection| connection.sender.clone_from(&sender)).await?;
    let detail = json!({"connection": connection, "before": before, "after": sender});
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
    let change = |organisation: &mut Organisation| {
        organisation.set_rates(&card);
    };
    let shown = |organisation: &Organisation| json!(organisation.rate_card());
    set(waker, org, (by, "rates.changed"), (change, shown), now).await.map(|_| ())
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
    let change = |organisation: &mut Organisation| organisation.set_cost_cap(cap.clone());
    let shown = |organisation: &Organisation| json!(organisation.cost_cap);
    set(waker, org, (by, "cost_cap.changed"), (change, shown), now).await
}

/// First-time numbers of one day, at most.
const MAX_RAMP: u32 = 1_000;

/// Longest reason: every one stays in the history of the consent, where a STOP has to find room.
const MAX_REASON_CHARS: usize = 200;

/// Records what a customer agreed to or refused outside WhatsApp, with the admin's reason.
///
/// # Errors
/// `Conflict` for an opt-in of somebody who opted out, unless the store expects what was seen of that.
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
    let detail = json!({"contact": contact, "state": state});
    let line = activity(by, "consent.recorded", detail, now);
    let line = waker.store.activity_item(org, ActivityId::new(waker.ids.uuid()), &line)?;
    waker.store.record_answer(org, (contact, stored.value.number.key()), (&change, &line), now).await
}

/// Changes a setting together with its line in the log, if it is another one then, and has the day planned anew.
async fn set(
    waker: &Waker,
    org: &OrgId,
    (by, action): (&UserId, &str),
    (change, shown): (impl Fn(&mut Organisation) + Send + Sync, fn(&Organisation) -> Value),
    now: Timestamp,
) -> Result<Organisation, AppError> {
    let id = ActivityId::new(waker.ids.uuid());
    let told = |before: &Organisation, after: &Organisation| {
        let (before, after) = (shown(before), shown(after));
        let detail = json!({"before": before, "after": after});
        (before != after).then(|| (id, activity(by, action, detail, now)))
    };
    let Changed { before, after } = waker.store.change_profile(org, (change, told), now).await?;
    if shown(&before) != shown(&after) {
        waker.wake(org, &Work::PlanDay {}, Cause::Person, now).await?;
    }
    Ok(after)
}

async fn record(
    waker: &Waker,
    org: &OrgId,
    by: &UserId,
    action: &str,
    detail: Value,
    now: Timestamp,
) -> Result<(), AppError> {
    waker.store.record(org, ActivityId::new(waker.ids.uuid()), &activity(by, action, detail, now)).await
}

fn activity(by: &UserId, action: &str, detail: Value, now: Timestamp) -> Activity {
    Activity { at: now, actor: Actor::User(by.clone()), action: action.to_owned(), detail }
}
