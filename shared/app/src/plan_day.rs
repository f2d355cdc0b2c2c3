//! Planning an organisation's present day, and looking at a day without effects.

use jiff::{Timestamp, ToSpan};
use numo_domain::{
    calendar::Minute,
    id::OrgId,
    plan::{brakes::brakes, decision::Plan},
    policy::Approval,
};

use crate::{
    error::AppError,
    job::{Cause, Work},
    situation::{Situation, situation},
    store::{
        due::dispatch_work,
        plan::{Made, PlanApproval, PlanHeader},
    },
    wake::Waker,
};

/// The plan that a run at an instant would make, without any effect.
pub async fn preview_plan(waker: &Waker, org: &OrgId, at: Timestamp, now: Timestamp) -> Result<Plan, AppError> {
    Ok(situation(&waker.store, org, now).await?.plan(at))
}

/// Plans the present day, unless its plan was approved already, and sets the next planning time.
pub async fn plan_day(
    waker: &Waker,
    org: &OrgId,
    claim: Timestamp,
    now: Timestamp,
) -> Result<Option<PlanHeader>, AppError> {
    let work = Work::PlanDay {};
    if !waker.store.holds_claim(org, &work, claim).await? {
        return Ok(None);
    }
    let situation = situation(&waker.store, org, now).await?;
    let header = save_day(waker, org, &situation, now).await?;
    waker.store.finish_due(org, &work, claim, next_planning_time(&situation, now), now).await?;
    Ok(header)
}

async fn save_day(
    waker: &Waker,
    org: &OrgId,
    situation: &Situation,
    now: Timestamp,
) -> Result<Option<PlanHeader>, AppError> {
    let date = situation.organisation.zone.date(now);
    let seen = waker.store.plan_header(org, date).await?;
    // An approved plan stands; one without a message to send may be made anew.
    if let Some(seen) = seen.as_ref().filter(|seen| seen.value.approval.is_given() && seen.value.sends > 0) {
        // The planner that saved it may have died before the dispatch was due.
        start_dispatch(waker, org, &seen.value, now).await?;
        return Ok(None);
    }
    let policy = &situation.policies.organisation_default;
    let plan = situation.plan(now);
    let latest = waker.store.sends_of_latest_runs(org, date).await?;
    let brakes = brakes(&plan, &situation.ledger, &latest);
    let approval = match policy.approval {
        Approval::Automatic if brakes.is_empty() => PlanApproval::Automatic,
        Approval::Automatic | Approval::Required => PlanApproval::Awaited,
    };
    let made = Made { making: waker.ids.uuid(), plan: &plan, brakes, approval };
    let header = waker.store.save_plan(org, seen.as_ref(), made, now).await?;
    if let Some(header) = &header
        && header.approval.is_given()
    {
        start_dispatch(waker, org, header, now).await?;
    }
    Ok(header)
}

/// Has an approved plan sent from its first slot on.
pub(crate) async fn start_dispatch(
    waker: &Waker,
    org: &OrgId,
    header: &PlanHeader,
    now: Timestamp,
) -> Result<(), AppError> {
    let work = dispatch_work(header.date);
    match header.first_at {
        None => Ok(()),
        Some(at) if at <= now => waker.wake(org, &work, Cause::Step, now).await,
        Some(at) => waker.store.mark_due(org, &work, at, now).await,
    }
}

/// Just after the organisation's next midnight.
fn next_planning_time(situation: &Situation, now: Timestamp) -> Option<Timestamp> {
    let zone = &situation.organisation.zone;
    let five_past: Minute = "00:05".parse().ok()?;
    zone.instant(zone.date(now).saturating_add(1.day()), five_past)
}
