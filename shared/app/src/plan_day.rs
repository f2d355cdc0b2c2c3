//! Planning an organisation's present day, and the next one where a person has to approve it.

mod ahead;
mod past_days;
mod seen_plans;

use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan};
use numo_domain::{
    id::OrgId,
    plan::{
        brakes::{Brake, brakes},
        conservation::DayAccount,
        decision::{Decision, Outcome, Plan, Unit},
        reason::SkipCode,
    },
    policy::{Approval, audience::Policies},
};

pub use self::ahead::{check_look_ahead, look_ahead};
use crate::{
    check_account::look_at_all,
    check_organisation::next_check,
    count_figures::Uncounted,
    count_receivables::count_receivables,
    error::AppError,
    job::{Cause, Work},
    mail_owner::next_digest,
    plan_day::{past_days::PastDay, seen_plans::SeenPlans},
    seal_activity::seal_days,
    situation::{Situation, fill, frame},
    store::{
        RACES, Store, Stored,
        due::dispatch_work,
        lost_races,
        plan::{Made, PlanApproval, PlanHeader},
        receivables::{Count, Kept, KeptBefore},
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
        let mut seen = SeenPlans::read(store, org, now).await?;
        let (kept_before, figures) = (store.kept_before(org, now).await?, store.figures(org).await?);
        let frame = frame(store, org, now).await?;
        let past = PastDay::before(store, org, (&seen, frame.organisation.zone.date(now))).await?;
        let mut situation = fill(store, org, frame, now).await?;
        let plan = situation.plan(now);
        let judged = judge(&seen, &situation, &plan);
        let (made, goes_out) = match save(waker, org, &situation, (&plan, seen.of(plan.date)), judged, now).await? {
            Saved::Raced => continue,
            Saved::Made(header) if header.approval.is_given() => (Some(header), plan.decisions.clone()),
            Saved::Made(header) => (Some(header), Vec::new()),
            Saved::Stands(seen) => {
                let decided = store.plan_decisions(org, &seen.value).await?;
                if !add_newcomers(waker, org, &seen, (&decided, &plan), now).await? {
                    continue;
                }
                (None, decided)
            }
        };
        if !store.holds_claim(org, &work, claim).await? {
            // Whoever took the work over does the rest, and knows more.
            return Ok(made);
        }
        let counted = Count::of_situation(&situation, now);
        let uncounted = Uncounted::of(&situation, figures.as_ref(), now);
        let tasks = situation.owner_tasks(&plan);
        let accounts: Vec<DayAccount> = past.iter().map(|day| day.account(&situation)).collect();
        let next = next_planning_time(&situation, now);
        situation.pass(plan.date, &goes_out);
        if let Some(made) = &made {
            seen.will_send(made.date, made.sends);
        }
        if !plan_next_day(waker, org, &situation, &seen, now).await? {
            continue;
        }
        store.settle_plan_tasks(org, &tasks, now).await?;
        look_at_all(store, org, &situation.accounts, now).await?;
        for (day, account) in past.iter().zip(accounts) {
            day.tell(store, org, account, now).await?;
        }
        keep_count(store, org, (counted, &kept_before), now).await?;
        // Whatever the plan says, its people read it in the morning.
        if let Some(at) = next_digest(&situation.organisation, now) {
            store.mark_due_after_claim(org, &Work::MailOwner {}, at, now).await?;
        }
        store.mark_due_after_claim(org, &Work::CheckOrganisation {}, next_check(org, now), now).await?;
        seal_days(store, org, now).await?;
        store.finish_due(org, &work, claim, next, now).await?;
        if let Some(uncounted) = uncounted {
            count_figures(store, org, uncounted, now).await;
        }
        tracing::info!(metric = "day_planned", "a day is planned");
        return Ok(made);
    }
    Err(lost_races())
}

/// Counts the numbers that matter after everything else: where that fails, the next planning counts them.
async fn count_figures(store: &Store, org: &OrgId, uncounted: Uncounted, now: Timestamp) {
    if let Err(error) = uncounted.count(store, org, now).await {
        tracing::warn!(metric = "figures_not_counted", %error, "the numbers of the day were not counted");
    }
}

/// Keeps what customers owe, as the situation had it; where something changed meanwhile, it is read anew.
async fn keep_count(
    store: &Store,
    org: &OrgId,
    (counted, kept_before): (Count, &KeptBefore),
    now: Timestamp,
) -> Result<(), AppError> {
    match store.keep_count(org, kept_before, counted, now).await? {
        Kept::Kept => Ok(()),
        Kept::Raced => count_receivables(store, org, now).await,
    }
}

/// What came of saving a plan.
enum Saved {
    /// It is the plan of its day, or was already.
    Made(PlanHeader),
    /// Another one was approved and stays.
    Stands(Stored<PlanHeader>),
    /// Another planner was faster, and may have known less.
    Raced,
}

/// Why a person has to look at a plan, and whether it may go out without.
fn judge(seen: &SeenPlans, situation: &Situation, plan: &Plan) -> (Vec<Brake>, PlanApproval) {
    let brakes = brakes(plan, &situation.ledger, &seen.sends_of_latest_runs(plan.date));
    let approval = match approval(&situation.policies, plan) {
        Approval::Automatic if brakes.is_empty() => PlanApproval::Automatic,
        Approval::Automatic | Approval::Required => PlanApproval::Awaited,
    };
    (brakes, approval)
}

/// Saves a plan as that of its day, and has it sent if nobody needs to approve it.
async fn save(
    waker: &Waker,
    org: &OrgId,
    situation: &Situation,
    (plan, seen): (&Plan, Option<&Stored<PlanHeader>>),
    (brakes, approval): (Vec<Brake>, PlanApproval),
    now: Timestamp,
) -> Result<Saved, AppError> {
    // An approved plan stands; one without a message to send may be made anew.
    if let Some(seen) = seen.filter(|seen| seen.value.approval.is_given() && seen.value.sends > 0) {
        // Whoever approved it may have died before the dispatch was due; one that is keeps its time, which may be Meta's.
        if waker.store.due_since(org, &dispatch_work(seen.value.date)).await?.is_none() {
            start_dispatch(waker, org, &seen.value, now).await?;
        }
        return Ok(Saved::Stands(seen.clone()));
    }
    if let Some(seen) = seen
        && (&seen.value.brakes, &seen.value.approval) == (&brakes, &approval)
        && waker.store.plan_decisions(org, &seen.value).await.is_ok_and(|decisions| decisions == plan.decisions)
    {
        // Whoever looked at it can still approve it.
        return Ok(Saved::Made(seen.value.clone()));
    }
    let ledgers_read_at = &situation.ledgers_read_at;
    let old_invoices = situation.undecided(now).len();
    let made = Made { making: waker.ids.uuid(), plan, old_invoices, ledgers_read_at, brakes, approval };
    let Some(header) = waker.store.save_plan(org, seen, made, now).await? else { return Ok(Saved::Raced) };
    if header.approval.is_given() {
        start_dispatch(waker, org, &header, now).await?;
    }
    Ok(Saved::Made(header))
}

/// Gives units that became known after the approval their decision: nothing is said to them before the next plan.
///
/// False if the plan was written meanwhile.
async fn add_newcomers(
    waker: &Waker,
    org: &OrgId,
    seen: &Stored<PlanHeader>,
    (decided, plan): (&[Decision], &Plan),
    now: Timestamp,
) -> Result<bool, AppError> {
    let known: BTreeSet<&Unit> = decided.iter().map(|decision| &decision.unit).collect();
    let newcomers = plan.decisions.iter().filter(|decision| !known.contains(&decision.unit)).cloned();
    let silent = |decision: Decision| match decision.outcome {
        Outcome::Send(_) => {
            Decision { outcome: Outcome::Skip { reasons: vec![SkipCode::PlanNotApproved.into()] }, ..decision }
        }
        Outcome::Skip { .. } => decision,
    };
    let newcomers: Vec<Decision> = newcomers.map(silent).collect();
    if newcomers.is_empty() {
        return Ok(true);
    }
    let added = waker.store.add_newcomers(org, seen, (waker.ids.uuid(), newcomers), now).await?;
    Ok(added.is_some())
}

/// Plans the day after as it stands now, where a person has to approve it: there is a day's time to look at it.
///
/// A plan that goes out by itself is made on its day. False if another planner was faster, who may have known less.
async fn plan_next_day(
    waker: &Waker,
    org: &OrgId,
    situation: &Situation,
    seen: &SeenPlans,
    now: Timestamp,
) -> Result<bool, AppError> {
    let Some(midnight) = tomorrow_at(situation, now, "00:00") else { return Ok(true) };
    let plan = situation.plan(midnight);
    let (brakes, approval) = judge(seen, situation, &plan);
    let seen = seen.of(plan.date);
    if seen.is_none() && (approval != PlanApproval::Awaited || plan.sends() == 0) {
        return Ok(true);
    }
    let saved = save(waker, org, situation, (&plan, seen), (brakes, PlanApproval::Awaited), now).await?;
    Ok(!matches!(saved, Saved::Raced))
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

/// Has an approved plan sent from its first slot on, or at once if that has come.
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

/// In the afternoon, for a fresh look at the next day, and just after midnight.
fn next_planning_time(situation: &Situation, now: Timestamp) -> Option<Timestamp> {
    let zone = &situation.organisation.zone;
    let afternoon = zone.instant(zone.date(now), AFTERNOON.parse().ok()?).filter(|afternoon| *afternoon > now);
    afternoon.or_else(|| tomorrow_at(situation, now, "00:05"))
}

/// When the next day is looked at again: late enough to know the day, early enough to be approved.
const AFTERNOON: &str = "16:00";

/// A time of the organisation's next day.
fn tomorrow_at(situation: &Situation, now: Timestamp, time: &str) -> Option<Timestamp> {
    let zone = &situation.organisation.zone;
    zone.instant(zone.date(now).saturating_add(1.day()), time.parse().ok()?)
}
