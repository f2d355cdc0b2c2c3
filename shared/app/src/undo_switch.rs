//! Taking back that everything went on, or that a policy was switched off.

use jiff::{Timestamp, civil::Date};
use numo_domain::{
    id::{ActivityId, OrgId, PolicyId, UserId},
    policy::PolicyState,
};
use serde_json::json;

use crate::{
    configure::{Sending, pause},
    error::AppError,
    job::{Cause, Work},
    store::{
        activity::{Activity, Actor},
        expected::Subject,
    },
    wake::Waker,
};

/// Has a policy that was switched off say what it said before, from the day on since which it was in force.
///
/// `version` is the one that switched it off; whoever saved the policy since is not undone: [`AppError::Stale`].
pub async fn undo_switch_off(
    waker: &Waker,
    (org, by): (&OrgId, &UserId),
    (id, version): (&PolicyId, u32),
    now: Timestamp,
) -> Result<(), AppError> {
    let before = waker.store.policies(org).await?.get(id).cloned().ok_or(AppError::Stale)?;
    if before.version != version || before.state != PolicyState::Inactive {
        return Err(AppError::Stale);
    }
    let after = waker.store.restore_policy(org, (id, version), now).await?;
    let detail = json!({"policy": id, "version": after.version, "before": before, "after": after});
    let activity = Activity { at: now, actor: Actor::User(by.clone()), action: "policy.undone".to_owned(), detail };
    waker.store.record(org, ActivityId::new(waker.ids.uuid()), &activity).await?;
    waker.wake(org, &Work::PlanDay {}, Cause::Person, now).await
}

/// Pauses everything again until the day on which the pause would have ended, unless somebody paused it meanwhile.
pub async fn undo_resume(
    waker: &Waker,
    (org, by): (&OrgId, &UserId),
    until: Option<Date>,
    now: Timestamp,
) -> Result<(), AppError> {
    let (organisation, revision) = waker.store.revised_organisation(org).await?;
    let today = organisation.zone.date(now);
    if organisation.pause.is_some_and(|pause| pause.holds_on(today)) || until.is_some_and(|until| until <= today) {
        return Err(AppError::Stale);
    }
    let waker = Waker { store: waker.store.expecting(org, Subject::Organisation, vec![revision]), ..waker.clone() };
    pause(&waker, org, by, Sending::Pause { until }, now).await.map(|_| ())
}
