//! A look at a day that has no plan yet.

use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan, civil::Date};
use numo_domain::{
    id::OrgId,
    plan::decision::{Decision, Plan, Unit},
};

use crate::{
    error::AppError,
    plan_day::tomorrow_at,
    situation::{Situation, situation},
    store::Store,
};

/// What would go out on the present day or on the next one, as things stand: what the planner would make of it now.
///
/// It decides about every customer, and writes nothing. Messages of an approved plan that stands before the day count
/// as gone out.
///
/// # Errors
/// `Invalid` for a day that is neither.
pub async fn look_ahead(store: &Store, org: &OrgId, day: Date, now: Timestamp) -> Result<(Situation, Plan), AppError> {
    let mut situation = situation(store, org, now).await?;
    let zone = &situation.organisation.zone;
    let today = zone.date(now);
    check_look_ahead(today, day)?;
    if day == today {
        let plan = situation.plan(now);
        return Ok((situation, plan));
    }
    let Some(midnight) = tomorrow_at(&situation, now, "00:00") else { return Err(out_of_sight()) };
    let goes_out = goes_out(store, org, today).await?;
    situation.pass(today, &goes_out);
    let plan = situation.plan(midnight);
    Ok((situation, plan))
}

/// Whether a day is one that can be looked ahead at.
///
/// # Errors
/// `Invalid` for a day that is neither the present nor the next one.
pub fn check_look_ahead(today: Date, day: Date) -> Result<(), AppError> {
    if [today, today.saturating_add(1.day())].contains(&day) { Ok(()) } else { Err(out_of_sight()) }
}

fn out_of_sight() -> AppError {
    AppError::invalid("day", "a look ahead is possible for today and tomorrow")
}

/// What the approved plan of a day sends, without what was taken back.
async fn goes_out(store: &Store, org: &OrgId, day: Date) -> Result<Vec<Decision>, AppError> {
    let header = store.plan_header(org, day).await?.map(|seen| seen.value);
    let Some(header) = header.filter(|header| header.approval.is_given()) else { return Ok(Vec::new()) };
    let cancelled: BTreeSet<Unit> = store.cancelled_of(org, day).await?.into_iter().map(|taken| taken.unit).collect();
    let mut sends = store.planned_sends(org, &header).await?;
    sends.retain(|decision| !cancelled.contains(&decision.unit));
    Ok(sends)
}
