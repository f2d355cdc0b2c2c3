//! Ending an account for good: from the moment it is asked for nothing goes out; after some days in which it can be
//! withdrawn, everything of the organisation is erased.
//!
//! The steps are in [`run`]; [decision 47](../../../docs/decisions/0047-erasing-an-organisation.md) says why they are these.

pub mod by_operator;
mod disconnect;
mod order;
pub mod run;
mod stages;

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    id::{ActivityId, ConfirmationCode, OrgId, UserId},
    organisation::{Organisation, Pause, PausedBy},
    wording::value::is_typed,
};
use serde_json::json;

pub(crate) use crate::erase_organisation::order::obey;
use crate::{
    error::AppError,
    job::Work,
    number_key::NumberKeys,
    port::table::Item,
    store::{
        RACES, Store,
        activity::{Activity, Actor},
        erasure::organisation::{ErasureBy, ErasureStage, OrganisationErasure},
        journal::organisation::JournalledOrder,
        lost_races,
        task::TOLD_AFTER,
    },
    wake::Waker,
};

/// How long it can be withdrawn: long enough for everybody else of the organisation to read of it.
pub const GRACE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Asks for the erasure of everything on an admin's word, who typed the organisation's name or id; again it changes
/// nothing.
///
/// Nothing goes out from this moment, and nobody can lift that but by withdrawing it.
pub async fn ask(
    waker: &Waker,
    (org, by): (&OrgId, &UserId),
    typed: &str,
    now: Timestamp,
) -> Result<OrganisationErasure, AppError> {
    let store = &waker.store;
    if let Some(before) = store.organisation_erasure(org).await? {
        return Ok(before.value);
    }
    if typed.trim() != org.as_str() && !is_typed(typed, &store.organisation(org).await?.name) {
        return Err(AppError::invalid("confirm", "type the organisation's name as it is shown, or its id"));
    }
    let begins_at = now.saturating_add(GRACE).unwrap_or(now);
    let erasure = new_erasure(org, ErasureBy::Admin(by.clone()), (now, begins_at));
    journalled(store, &erasure, now).await?;
    let detail = json!({"begins_at": begins_at});
    let line = line(waker, (org, by), ("organisation.erasure_asked", detail), now)?;
    let pause = Pause { since: now, by: PausedBy::Member(by.clone()), until: None };
    note(store, &erasure, (&pause, Some(line)), now).await
}

/// Takes it back before it has begun; sending stays paused until somebody goes on.
///
/// Where nobody asked for it nothing changes.
///
/// # Errors
/// `Conflict` once it has begun.
pub async fn withdraw(waker: &Waker, (org, by): (&OrgId, &UserId), now: Timestamp) -> Result<(), AppError> {
    let store = &waker.store;
    for _ in 0..RACES {
        let Some(seen) = store.organisation_erasure(org).await? else { return Ok(()) };
        if seen.value.stage != ErasureStage::Asked || seen.value.begins_at <= now {
            return Err(BEGUN);
        }
        store.journal_order(&JournalledOrder { org: org.clone(), erasure: None, at: now }).await?;
        tell_admins(store, org, now).await?;
        let line = line(waker, (org, by), ("organisation.erasure_withdrawn", json!({})), now)?;
        if store.withdraw_erasure(&seen, reopen, Some(line), now).await? {
            return Ok(());
        }
    }
    Err(lost_races())
}

const BEGUN: AppError = AppError::Conflict("the erasure has begun and cannot be withdrawn any more");

/// What came of an organisation that is gone where it was at home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// Its erasure begins now.
    Now,
    /// It had begun before, or is over.
    Before,
    /// Nothing is kept of it.
    Nothing,
}

/// Begins the erasure of an organisation that Clerk has deleted: without grace, since nobody is left to withdraw it.
///
/// The next sweep wakes the work; again it changes nothing.
pub async fn begin(store: &Store, org: &OrgId, now: Timestamp) -> Result<Begun, AppError> {
    for _ in 0..RACES {
        let Some(seen) = store.organisation_erasure(org).await? else {
            if !store.is_known(org).await? {
                return Ok(Begun::Nothing);
            }
            let gone = OrganisationErasure { is_gone_at_clerk: true, ..new_erasure(org, ErasureBy::Clerk, (now, now)) };
            let pause = Pause { since: now, by: PausedBy::Operator, until: None };
            let noted = note(store, &gone, (&pause, None), now).await?;
            if noted == gone {
                return Ok(Begun::Now);
            }
            continue;
        };
        let is_asked = seen.value.stage == ErasureStage::Asked;
        if seen.value.is_gone_at_clerk {
            // Whoever noted it may have died before the work was due.
            if is_asked {
                store.mark_due(org, &Work::EraseOrganisation {}, now, now).await?;
            }
            return Ok(Begun::Before);
        }
        let begins_at = if is_asked { seen.value.begins_at.min(now) } else { seen.value.begins_at };
        let next = OrganisationErasure { is_gone_at_clerk: true, begins_at, ..seen.value.clone() };
        if is_asked {
            store.mark_due(org, &Work::EraseOrganisation {}, now, now).await?;
        }
        match store.save_erasure(&seen, next, now).await {
            Ok(_) => return Ok(if is_asked { Begun::Now } else { Begun::Before }),
            // A step of the erasure itself was faster.
            Err(AppError::AwsUnavailable(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Err(lost_races())
}

/// The code under which the certificate can be looked at, once there is one.
pub fn certificate_code(keys: &NumberKeys, erasure: &OrganisationErasure) -> Result<ConfirmationCode, AppError> {
    keys.certificate_code(&erasure.org, erasure.asked_at)
}

fn new_erasure(org: &OrgId, by: ErasureBy, (asked_at, begins_at): (Timestamp, Timestamp)) -> OrganisationErasure {
    OrganisationErasure {
        org: org.clone(),
        by,
        asked_at,
        begins_at,
        is_gone_at_clerk: false,
        stage: ErasureStage::Asked,
        untold: Default::default(),
        counts: Default::default(),
    }
}

/// Notes an erasure with what closes the organisation; the one that stands, if another was noted before.
///
/// The work is due first: whoever dies before the rest leaves work that finds nothing to do.
async fn note(
    store: &Store,
    erasure: &OrganisationErasure,
    (pause, line): (&Pause, Option<Item>),
    now: Timestamp,
) -> Result<OrganisationErasure, AppError> {
    store.mark_due(&erasure.org, &Work::EraseOrganisation {}, erasure.begins_at.max(now), now).await?;
    let close = |organisation: &mut Organisation| {
        organisation.closing = Some(pause.clone());
        // After it was withdrawn nothing goes out before somebody says so.
        if organisation.pause.as_ref().is_none_or(|standing| standing.until.is_some()) {
            organisation.pause = Some(pause.clone());
        }
    };
    if store.note_erasure(erasure, close, line, now).await? {
        return Ok(erasure.clone());
    }
    let before = store.organisation_erasure(&erasure.org).await?;
    before.map(|before| before.value).ok_or_else(lost_races)
}

/// Journals an order before it is given, and has every admin told of it.
async fn journalled(store: &Store, erasure: &OrganisationErasure, now: Timestamp) -> Result<(), AppError> {
    let order = JournalledOrder { org: erasure.org.clone(), erasure: Some(erasure.clone()), at: now };
    store.journal_order(&order).await?;
    tell_admins(store, &erasure.org, now).await
}

/// Has every admin mailed what becomes of it; marked before, so that whoever dies in between leaves a look in vain.
async fn tell_admins(store: &Store, org: &OrgId, now: Timestamp) -> Result<(), AppError> {
    let at = now.saturating_add(TOLD_AFTER).unwrap_or(now);
    store.mark_due_after_claim(org, &Work::MailOwner {}, at, now).await
}

fn reopen(organisation: &mut Organisation) {
    organisation.closing = None;
}

fn line(
    waker: &Waker,
    (org, by): (&OrgId, &UserId),
    (action, detail): (&str, serde_json::Value),
    now: Timestamp,
) -> Result<Item, AppError> {
    let activity = Activity { at: now, actor: Actor::User(by.clone()), action: action.to_owned(), detail };
    waker.store.activity_item(org, ActivityId::new(waker.ids.uuid()), &activity)
}
