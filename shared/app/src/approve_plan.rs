//! An admin's yes to a day's plan.

use jiff::{Timestamp, ToSpan, civil::Date};
use numo_domain::id::{ActivityId, OrgId, UserId};
use serde_json::json;

use crate::{
    error::AppError,
    job::Cause,
    plan_day::start_dispatch,
    store::{
        activity::{Activity, Actor},
        due::dispatch_work,
        plan::{PlanApproval, PlanHeader},
    },
    wake::Waker,
};

/// Approves the generation of a plan that the admin looked at; saying it again changes nothing.
pub async fn approve_plan(
    waker: &Waker,
    org: &OrgId,
    by: &UserId,
    date: Date,
    generation: u32,
    now: Timestamp,
) -> Result<PlanHeader, AppError> {
    let seen = waker.store.plan_header(org, date).await?.ok_or(AppError::NotFound("plan"))?;
    let changed = AppError::Conflict("the plan was made anew since you looked at it; load it again");
    if seen.value.generation != generation {
        return Err(changed);
    }
    let organisation = waker.store.organisation(org).await?;
    let today = organisation.zone.date(now);
    if date != today && date != today.saturating_add(1.day()) {
        return Err(AppError::invalid("date", "only the plan of the present day or of the next one can be approved"));
    }
    let mut header = seen.value.clone();
    let is_first = !header.approval.is_given();
    if is_first {
        header.approval = PlanApproval::Approved { by: by.clone(), at: now };
        if !waker.store.approve_plan(org, &seen, header.approval.clone(), now).await? {
            return Err(changed);
        }
        let detail = json!({"date": date, "generation": generation, "sends": header.sends});
        let activity = Activity { at: now, actor: Actor::User(by.clone()), action: "plan.approved".to_owned(), detail };
        waker.store.record(org, ActivityId::new(waker.ids.uuid()), &activity).await?;
    }
    if is_first || header.first_at.is_none_or(|at| at > now) {
        start_dispatch(waker, org, &header, now).await?;
    } else {
        // Also after a repeat, since the first try may have died before the dispatch was due; whoever works on it goes on.
        waker.wake_after_claim(org, &dispatch_work(date), Cause::Person, now).await?;
    }
    Ok(header)
}
