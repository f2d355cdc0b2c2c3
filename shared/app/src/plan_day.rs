//! Planning an organisation's present day, and the next one where a person has to approve it.

use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan, civil::Date};
use numo_domain::{
    id::OrgId,
    plan::{
        brakes::{Brake, brakes},
        conservation::{DayAccount, account},
        decision::Plan,
    },
    policy::{Approval, audience::Policies},
};

use crate::{
    error::AppError,
    job::{Cause, Work},
    situation::{Situation, situation},
    store::{
        RACES, Store, Stored,
        due::dispatch_work,
        lost_races,
        plan::{Made, PlanApproval, PlanHeader},
        task::TaskAbout,
    },
    wake::Waker,
};

/// Plans the present day, unless its plan was approved already, looks a day ahead, and sets the next planning time.
pub async fn plan_day(
    waker: &Waker,
    org: &OrgId,
    claim: Timestamp,
    now: Timestamp,
) -> Result<Option<PlanHeader>, AppError> {
    let (store, work) = (&waker.store, Work::PlanDay {});
    if !store.holds_claim(org, &work, claim).await? {
        return Ok(None);
    }
    for _ in 0..RACES {
        // What was saved is looked at before anything else is: no plan takes the place of one that knew more.
        let seen = SeenPlans::read(store, org, now).await?;
        let mut situation = situation(store, org, now).await?;
        let plan = situation.plan(now);
        if plan.date != seen.date {
            continue;
        }
        let judged = judge(store, org, &situation, &plan).await?;
        let (header, is_new) = match save(waker, org, &situation, (&plan, seen.today), judged, now).await? {
            Saved::Raced => continue,
            Saved::Made(header) => (header, true),
            Saved::Stands(header) => (header, false),
        };
        store.settle_plan_tasks(org, situation.owner_tasks(&plan, now), now).await?;
        account_for_yesterday(store, org, &situation, now).await?;
        situation.pass(header.approval.is_given().then_some(&plan));
        look_ahead(waker, org, &situation, seen.tomorrow, now).await?;
        store.finish_due(org, &work, claim, next_planning_time(&situation, now), now).await?;
        return Ok(is_new.then_some(header));
    }
    Err(lost_races())
}

/// The plans that were there when planning began.
struct SeenPlans {
    date: Date,
    today: Option<Stored<PlanHeader>>,
    tomorrow: Option<Stored<PlanHeader>>,
}

impl SeenPlans {
    async fn read(store: &Store, org: &OrgId, now: Timestamp) -> Result<Self, AppError> {
        let date = store.organisation(org).await?.zone.date(now);
        let tomorrow = store.plan_header(org, date.saturating_add(1.day())).await?;
        Ok(Self { date, today: store.plan_header(org, date).await?, tomorrow })
    }
}

/// What came of saving a plan.
enum Saved {
    /// It is the plan of its day, or was already.
    Made(PlanHeader),
    /// Another one was approved and stays.
    Stands(PlanHeader),
    /// Another planner was faster, and may have known less.
    Raced,
}

/// Why a person has to look at a plan, and whether it may go out without.
async fn judge(
    store: &Store,
    org: &OrgId,
    situation: &Situation,
    plan: &Plan,
) -> Result<(Vec<Brake>, PlanApproval), AppError> {
    let latest = store.sends_of_latest_runs(org, plan.date).await?;
    let brakes = brakes(plan, &situation.ledger, &latest);
    let approval = match approval(&situation.policies, plan) {
        Approval::Automatic if brakes.is_empty() => PlanApproval::Automatic,
        Approval::Automatic | Approval::Required => PlanApproval::Awaited,
    };
    Ok((brakes, approval))
}

/// Saves a plan as that of its day, and has it sent if nobody needs to approve it.
async fn save(
    waker: &Waker,
    org: &OrgId,
    situation: &Situation,
    (plan, seen): (&Plan, Option<Stored<PlanHeader>>),
    (brakes, approval): (Vec<Brake>, PlanApproval),
    now: Timestamp,
) -> Result<Saved, AppError> {
    // An approved plan stands; one without a message to send may be made anew.
    if let Some(seen) = seen.as_ref().filter(|seen| seen.value.approval.is_given() && seen.value.sends > 0) {
        // Whoever approved it may have died before the dispatch was due.
        start_dispatch(waker, org, &seen.value, now).await?;
        return Ok(Saved::Stands(seen.value.clone()));
    }
    if let Some(seen) = &seen
        && (&seen.value.brakes, &seen.value.approval) == (&brakes, &approval)
        && waker.store.plan_decisions(org, &seen.value).await.is_ok_and(|decisions| decisions == plan.decisions)
    {
        // Whoever looked at it can still approve it.
        return Ok(Saved::Made(seen.value.clone()));
    }
    let ledgers_read_at = &situation.ledgers_read_at;
    let made = Made { making: waker.ids.uuid(), plan, ledgers_read_at, brakes, approval };
    let Some(header) = waker.store.save_plan(org, seen.as_ref(), made, now).await? else { return Ok(Saved::Raced) };
    if header.approval.is_given() {
        start_dispatch(waker, org, &header, now).await?;
    }
    Ok(Saved::Made(header))
}

/// Plans the day after as it stands now, where a person has to approve it: there is a day's time to look at it.
///
/// A plan that goes out by itself is made on its day. Whoever was faster leaves a plan that is as good.
async fn look_ahead(
    waker: &Waker,
    org: &OrgId,
    situation: &Situation,
    seen: Option<Stored<PlanHeader>>,
    now: Timestamp,
) -> Result<(), AppError> {
    let Some(midnight) = tomorrow_at(situation, now, "00:00") else { return Ok(()) };
    let plan = situation.plan(midnight);
    let (brakes, approval) = judge(&waker.store, org, situation, &plan).await?;
    if seen.is_some() || (approval == PlanApproval::Awaited && plan.sends() > 0) {
        save(waker, org, situation, (&plan, seen), (brakes, PlanApproval::Awaited), now).await?;
    }
    Ok(())
}

/// Whether a plan needs a person's yes: it does if one of its messages is by a policy that asks for it.
fn approval(policies: &Policies, plan: &Plan) -> Approval {
    let sends = plan.decisions.iter().filter(|decision| decision.send().is_some());
    let mut asked = sends.filter_map(|decision| policies.get(&decision.policy)).peekable();
    if asked.peek().is_none() {
        return policies.organisation_default.approval;
    }
    if asked.any(|policy| policy.approval == Approval::Required) { Approval::Required } else { Approval::Automatic }
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

/// Rule 18: whether the messages of the day before add up; if they do not, the log says so and the owner has a task.
async fn account_for_yesterday(
    store: &Store,
    org: &OrgId,
    situation: &Situation,
    now: Timestamp,
) -> Result<(), AppError> {
    let date = situation.organisation.zone.date(now).saturating_sub(1.day());
    let header = store.plan_header(org, date).await?.map(|seen| seen.value);
    let approved = header.filter(|header| header.approval.is_given() && header.sends > 0);
    let (decisions, cancelled, run_is_over) = match &approved {
        Some(header) => (
            store.plan_decisions(org, header).await?,
            store.cancelled_of(org, date).await?.into_iter().map(|cancelled| cancelled.unit).collect(),
            store.due_since(org, &dispatch_work(date)).await?.is_none(),
        ),
        None => (Vec::new(), BTreeSet::new(), true),
    };
    let reminders = situation.history.reminders.values().flatten();
    let account = account(date, &decisions, &cancelled, reminders, run_is_over);
    let DayAccount { planned, sent, cancelled, failed, unknown, expired, carried_over, lost, unplanned } = account;
    if account.balances() {
        tracing::info!(%date, planned, sent, cancelled, failed, unknown, expired, carried_over, "the day adds up");
        return Ok(());
    }
    tracing::error!(%date, planned, sent, cancelled, failed, unknown, expired, lost, unplanned, "the day does not add up");
    store.open_task(org, TaskAbout::DayNotAccounted(date), now).await
}

/// Just after the organisation's next midnight.
fn next_planning_time(situation: &Situation, now: Timestamp) -> Option<Timestamp> {
    tomorrow_at(situation, now, "00:05")
}

/// A time of the organisation's next day.
fn tomorrow_at(situation: &Situation, now: Timestamp, time: &str) -> Option<Timestamp> {
    let zone = &situation.organisation.zone;
    zone.instant(zone.date(now).saturating_add(1.day()), time.parse().ok()?)
}
