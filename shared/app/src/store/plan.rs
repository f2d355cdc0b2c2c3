//! Plans of days: a small header, decisions in chunks, and what became of planned units.

pub(crate) mod decisions;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};
use numo_domain::{
    id::{ConnectionId, OrgId, UserId},
    plan::{
        brakes::Brake,
        decision::{Decision, Plan, Unit},
        reason::{Reason, SkipCode},
    },
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use self::decisions::Chunks;
use crate::{
    error::AppError,
    port::table::Source,
    store::{Created, Entity, Replaced, Store, Stored, keys, new_item},
};

/// The head of a day's plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanHeader {
    /// The organisation's local date.
    pub date: Date,
    /// Raised whenever the day is planned anew; an approval names it.
    pub generation: u32,
    /// The making that wrote its decisions: two planners at once never mix theirs.
    pub making: Uuid,
    /// When it was planned.
    pub planned_at: Timestamp,
    /// How many chunks its decisions fill.
    pub chunks: Chunks,
    /// How many messages go out.
    pub sends: usize,
    /// How many units stay silent.
    pub skips: usize,
    /// Of how many silent units a reason is the most important one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub silent_because: BTreeMap<SkipCode, usize>,
    /// Old invoices about which nobody decided yet when it was made.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub old_invoices: usize,
    /// When the first message may go out.
    pub first_at: Option<Timestamp>,
    /// When each ledger that it rests on had last been read completely.
    #[serde(default)]
    pub ledgers_read_at: BTreeMap<ConnectionId, Timestamp>,
    /// Why a person has to look at it, whatever its policy says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub brakes: Vec<Brake>,
    /// Whether it may go out.
    pub approval: PlanApproval,
    /// Units that became known after the plan was approved, and stay silent on its day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newcomers: Option<Newcomers>,
    /// Whether the day is over and all its messages are accounted for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub accounted: bool,
}

/// Where the decisions about units are that became known later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Newcomers {
    /// The making that wrote them; each one writes them all.
    pub making: Uuid,
    /// How many chunks they fill.
    pub chunks: usize,
}

/// A plan that was just made.
#[derive(Debug)]
pub struct Made<'a> {
    /// A fresh id, under which its decisions are written before the header names it.
    pub making: Uuid,
    /// The decisions.
    pub plan: &'a Plan,
    /// Old invoices about which nobody decided yet.
    pub old_invoices: usize,
    /// When each ledger had last been read completely.
    pub ledgers_read_at: &'a BTreeMap<ConnectionId, Timestamp>,
    /// Why a person has to look at it.
    pub brakes: Vec<Brake>,
    /// Whether it may go out.
    pub approval: PlanApproval,
}

/// Whether a plan may go out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PlanApproval {
    /// An admin has to say yes.
    Awaited,
    /// An admin said yes.
    Approved {
        /// Who.
        by: UserId,
        /// When.
        at: Timestamp,
    },
    /// The policy sends without asking.
    Automatic,
}

impl PlanApproval {
    /// Whether messages of the plan may go out.
    pub const fn is_given(&self) -> bool {
        match self {
            Self::Awaited => false,
            Self::Approved { .. } | Self::Automatic => true,
        }
    }
}

impl Entity for PlanHeader {
    const ENTITY: &'static str = "plan";
}

/// What became of a planned unit that was not claimed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancelled {
    /// Which unit.
    pub unit: Unit,
    /// When.
    pub at: Timestamp,
    /// Why, the most important first.
    pub reasons: Vec<Reason>,
    /// What the ledger was asked before; none where it was not asked, or did not answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<CancelEvidence>,
}

/// The read of the ledger behind a cancellation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CancelEvidence {
    /// When it was asked.
    pub read_at: Timestamp,
    /// The ledger's ids of the calls.
    pub request_ids: Vec<String>,
}

impl Entity for Cancelled {
    const ENTITY: &'static str = "plan_edit";
}

/// Decisions are kept for 13 months.
pub(super) const KEPT: SignedDuration = SignedDuration::from_hours(24 * 396);

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// How often each reason is the most important one.
fn first_reasons(decisions: &[Decision]) -> BTreeMap<SkipCode, usize> {
    let mut counted = BTreeMap::new();
    for first in decisions.iter().filter_map(|decision| decision.reasons().first()) {
        *counted.entry(first.code).or_default() += 1;
    }
    counted
}

impl Store {
    /// The head of a day's plan.
    pub async fn plan_header(&self, org: &OrgId, date: Date) -> Result<Option<Stored<PlanHeader>>, AppError> {
        self.read(&keys::plan(org, date)).await
    }

    /// The heads of the plans of the days from one to another, both included.
    pub async fn plan_headers(
        &self,
        org: &OrgId,
        (first, last): (Date, Date),
    ) -> Result<BTreeMap<Date, Stored<PlanHeader>>, AppError> {
        let keys: Vec<_> =
            first.series(1.day()).take_while(|date| *date <= last).map(|date| keys::plan(org, date)).collect();
        let headers = self.read_many::<PlanHeader>(&keys).await?;
        Ok(headers.into_iter().map(|(_, seen)| (seen.value.date, seen)).collect())
    }

    /// Saves a plan over the one that was seen; nothing if another was saved meanwhile.
    pub async fn save_plan(
        &self,
        org: &OrgId,
        seen: Option<&Stored<PlanHeader>>,
        Made { making, plan, old_invoices, ledgers_read_at, brakes, approval }: Made<'_>,
        now: Timestamp,
    ) -> Result<Option<PlanHeader>, AppError> {
        let generation = seen.map_or(0, |seen| seen.value.generation) + 1;
        let chunks = self.write_chunks(org, (plan.date, making), &plan.decisions, now).await?;
        let header = PlanHeader {
            date: plan.date,
            generation,
            making,
            planned_at: now,
            chunks,
            sends: plan.sends(),
            skips: plan.decisions.len() - plan.sends(),
            silent_because: first_reasons(&plan.decisions),
            old_invoices,
            first_at: plan.decisions.iter().filter_map(|decision| Some(decision.send()?.at)).min(),
            ledgers_read_at: ledgers_read_at.clone(),
            brakes,
            approval,
            newcomers: None,
            accounted: false,
        };
        Ok(self.write_header(org, seen, &header, now).await?.then_some(header))
    }

    /// Approves the plan that was seen; false if it was planned anew meanwhile.
    pub async fn approve_plan(
        &self,
        org: &OrgId,
        seen: &Stored<PlanHeader>,
        approval: PlanApproval,
        now: Timestamp,
    ) -> Result<bool, AppError> {
        let header = PlanHeader { approval, ..seen.value.clone() };
        self.write_header(org, Some(seen), &header, now).await
    }

    /// Notes that a day is over and accounted for; false if its plan was written meanwhile.
    pub async fn mark_accounted(
        &self,
        org: &OrgId,
        seen: &Stored<PlanHeader>,
        now: Timestamp,
    ) -> Result<bool, AppError> {
        let header = PlanHeader { accounted: true, ..seen.value.clone() };
        self.write_header(org, Some(seen), &header, now).await
    }

    /// Adds decisions about silent units to those about earlier newcomers of the plan that was seen; nothing if it was
    /// written meanwhile.
    pub async fn add_newcomers(
        &self,
        org: &OrgId,
        seen: &Stored<PlanHeader>,
        (making, newcomers): (Uuid, Vec<Decision>),
        now: Timestamp,
    ) -> Result<Option<PlanHeader>, AppError> {
        let before = &seen.value;
        let (skips, mut silent_because) = (before.skips + newcomers.len(), before.silent_because.clone());
        for (code, units) in first_reasons(&newcomers) {
            *silent_because.entry(code).or_default() += units;
        }
        let mut decisions = self.newcomer_decisions(org, before).await?;
        decisions.extend(newcomers);
        // None of them sends.
        let chunks = self.write_chunks(org, (before.date, making), &decisions, now).await?.skips;
        let newcomers = Some(Newcomers { making, chunks });
        let header = PlanHeader { newcomers, skips, silent_because, ..before.clone() };
        Ok(self.write_header(org, Some(seen), &header, now).await?.then_some(header))
    }

    async fn write_header(
        &self,
        org: &OrgId,
        seen: Option<&Stored<PlanHeader>>,
        header: &PlanHeader,
        now: Timestamp,
    ) -> Result<bool, AppError> {
        let mut item = new_item(keys::plan(org, header.date), header, now)?;
        item.expires_at = now.saturating_add(KEPT).ok();
        match seen {
            None => Ok(self.create_item(item).await? == Created::Created),
            Some(seen) => {
                item.rev = seen.rev + 1;
                item.created_at = seen.created_at;
                Ok(self.replace_item(item).await? == Replaced::Replaced)
            }
        }
    }

    /// Remembers that a planned unit was cancelled; the first reason stays.
    pub async fn cancel_planned(&self, org: &OrgId, date: Date, cancelled: &Cancelled) -> Result<(), AppError> {
        let mut item = new_item(keys::plan_edit(org, date, &cancelled.unit), cancelled, cancelled.at)?;
        item.expires_at = cancelled.at.saturating_add(KEPT).ok();
        self.create_item(item).await.map(|_| ())
    }

    /// All cancelled units of a day.
    pub async fn cancelled_of(&self, org: &OrgId, date: Date) -> Result<Vec<Cancelled>, AppError> {
        let source = Source::Table(keys::org_partition(org));
        Ok(self.list(source, keys::plan_edits(date)).await?.into_iter().map(|stored| stored.value).collect())
    }
}
