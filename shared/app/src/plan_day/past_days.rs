//! Rule 18: the messages of every past day add up, or somebody hears of it.

use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan, civil::Date};
use numo_domain::{
    id::OrgId,
    plan::{
        conservation::{DayAccount, account},
        decision::{Decision, Unit},
    },
};

use crate::{
    error::AppError,
    plan_day::seen_plans::SeenPlans,
    situation::Situation,
    store::{Store, Stored, due::dispatch_work, plan::PlanHeader, task::TaskAbout},
};

/// A day that does not add up, or whose run is not over, is looked at again for so long.
const DAYS_LOOKED_BACK: i64 = 7;

/// A day that is to be accounted for, read before the reminders are: a run that is over has left its traces.
pub(super) struct PastDay {
    date: Date,
    /// Its plan, if it was approved and had anything to send.
    header: Option<Stored<PlanHeader>>,
    run_is_over: bool,
    decisions: Vec<Decision>,
    cancelled: BTreeSet<Unit>,
}

impl PastDay {
    /// The days before a date that are to be accounted for: the day before, whatever its plan, and those that did not
    /// add up so far.
    pub(super) async fn before(
        store: &Store,
        org: &OrgId,
        (seen, date): (&SeenPlans, Date),
    ) -> Result<Vec<Self>, AppError> {
        let yesterday = date.saturating_sub(1.day());
        let mut days = Vec::new();
        if seen.of(yesterday).is_none_or(|seen| !is_to_send(&seen.value)) {
            days.push(Self::without_plan(yesterday));
        }
        let first = date.saturating_sub(DAYS_LOOKED_BACK.days());
        let looked_back = seen.before(date).take_while(|seen| seen.value.date >= first);
        for seen in looked_back.filter(|seen| is_to_send(&seen.value) && !seen.value.accounted) {
            days.push(Self::read(store, org, seen.clone()).await?);
        }
        Ok(days)
    }

    const fn without_plan(date: Date) -> Self {
        Self { date, header: None, run_is_over: true, decisions: Vec::new(), cancelled: BTreeSet::new() }
    }

    async fn read(store: &Store, org: &OrgId, seen: Stored<PlanHeader>) -> Result<Self, AppError> {
        let date = seen.value.date;
        let run_is_over = store.due_since(org, &dispatch_work(date)).await?.is_none();
        let cancelled = store.cancelled_of(org, date).await?.into_iter().map(|taken| taken.unit).collect();
        let decisions = match store.planned_sends(org, &seen.value).await {
            // What cannot be read cannot be accounted for, and counts as lost; today is planned all the same.
            Err(AppError::Malformed(_)) => Vec::new(),
            decisions => decisions?,
        };
        Ok(Self { date, header: Some(seen), run_is_over, decisions, cancelled })
    }

    pub(super) fn account(&self, situation: &Situation) -> DayAccount {
        let reminders = situation.history.reminders.values().flatten();
        let account = account(self.date, &self.decisions, &self.cancelled, reminders, self.run_is_over);
        let planned = self.header.as_ref().map_or(0, |seen| seen.value.sends);
        let unread = planned.saturating_sub(account.planned);
        DayAccount { planned: account.planned + unread, lost: account.lost + unread, ..account }
    }

    /// Tells the log what became of a day, and the owner if it does not add up; one that does is not looked at again.
    pub(super) async fn tell(
        &self,
        store: &Store,
        org: &OrgId,
        account: DayAccount,
        now: Timestamp,
    ) -> Result<(), AppError> {
        let (date, task) = (self.date, TaskAbout::DayNotAccounted(self.date));
        let DayAccount { planned, sent, cancelled, failed, unknown, expired, carried_over, lost, unplanned } = account;
        if !self.run_is_over {
            tracing::error!(metric = "run_not_ended", %date, carried_over, "the run of a day that is over has not ended");
        }
        if !account.balances() {
            tracing::error!(
                metric = "day_not_accounted",
                %date,
                planned,
                sent,
                cancelled,
                failed,
                unknown,
                expired,
                lost,
                unplanned,
                "the day does not add up"
            );
            return store.open_task(org, task, now).await;
        }
        tracing::info!(%date, planned, sent, cancelled, failed, unknown, expired, carried_over, "the day adds up");
        if let Some(seen) = self.header.as_ref().filter(|_| carried_over == 0) {
            store.close_task(org, &task).await?;
            // Whoever was faster with the header saw the day as well.
            store.mark_accounted(org, seen, now).await?;
        }
        Ok(())
    }
}

/// Whether a plan could go out and had anything to send.
fn is_to_send(header: &PlanHeader) -> bool {
    header.approval.is_given() && header.sends > 0
}
