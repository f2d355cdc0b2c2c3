//! The heads of the plans that were there when planning began.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use numo_domain::{id::OrgId, plan::brakes::USUAL_RUNS};

use crate::{
    error::AppError,
    store::{Store, Stored, plan::PlanHeader},
};

/// Days in which the latest runs are looked for: enough for a run a week-day.
const DAYS_LOOKED_BACK: i64 = 40;

/// Read in one go, and before anything else is: no plan takes the place of one that knew more.
///
/// The organisation's zone is not known by then, so they are those of every day that is today or tomorrow somewhere.
pub(super) struct SeenPlans {
    heads: BTreeMap<Date, Stored<PlanHeader>>,
    /// How many messages the plan of a day wants to send, with what this planning makes of it.
    sends: BTreeMap<Date, usize>,
}

impl SeenPlans {
    pub(super) async fn read(store: &Store, org: &OrgId, now: Timestamp) -> Result<Self, AppError> {
        let utc = TimeZone::UTC.to_datetime(now).date();
        let first = utc.saturating_sub((DAYS_LOOKED_BACK + 1).days());
        let heads = store.plan_headers(org, (first, utc.saturating_add(2.days()))).await?;
        let sends = heads.iter().map(|(date, seen)| (*date, seen.value.sends)).collect();
        Ok(Self { heads, sends })
    }

    /// That of a day.
    pub(super) fn of(&self, date: Date) -> Option<&Stored<PlanHeader>> {
        self.heads.get(&date)
    }

    /// Those of the days before one, the newest first.
    pub(super) fn before(&self, date: Date) -> impl Iterator<Item = &Stored<PlanHeader>> {
        self.heads.range(..date).rev().map(|(_, seen)| seen)
    }

    /// Notes what this planning made of a day.
    pub(super) fn will_send(&mut self, date: Date, sends: usize) {
        self.sends.insert(date, sends);
    }

    /// How many messages the plans of the latest days before one wanted to send, the newest first.
    pub(super) fn sends_of_latest_runs(&self, before: Date) -> Vec<usize> {
        let first = before.saturating_sub(DAYS_LOOKED_BACK.days());
        let runs = self.sends.range(first..before).rev().map(|(_, sends)| *sends);
        runs.filter(|sends| *sends > 0).take(USUAL_RUNS).collect()
    }
}
