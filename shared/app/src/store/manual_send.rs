//! Reminders that a person asked for outside the plan.

use jiff::{SignedDuration, Timestamp, civil::Date};
use numo_domain::{
    id::{ActivityId, ManualSendId, OrgId, PolicyId, UserId},
    plan::{
        decision::{PlannedSend, Unit},
        reason::Reason,
    },
};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    job::Work,
    port::table::{Item, Write, Written},
    store::{
        Entity, Replaced, Store, Stored, activity::Activity, due::new_due_item, keys, new_item, next_item,
        plan::CancelEvidence,
    },
};

/// A reminder that a person asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManualSend {
    /// Chosen by whoever asks, so that a form that is sent twice asks once.
    pub id: ManualSendId,
    /// For whom.
    pub unit: Unit,
    /// The policy that it follows.
    pub policy: PolicyId,
    /// What was asked for: it may shrink until it goes out, and never grows.
    pub send: PlannedSend,
    /// Who asked.
    pub by: UserId,
    /// When.
    pub asked_at: Timestamp,
    /// The organisation's date then; it goes out on that date or not at all.
    pub date: Date,
    /// Where it stands.
    pub state: ManualState,
}

/// Where a reminder that was asked for stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum ManualState {
    /// It is to go out.
    Waiting,
    /// It was claimed: its reminder tells the rest.
    Claimed,
    /// Something spoke against it right before the send.
    Refused {
        /// What, the most important first.
        reasons: Vec<Reason>,
        /// What the ledger was asked before; none where it was not asked, or did not answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        evidence: Option<CancelEvidence>,
    },
    /// It could not be sent in time: nobody gets a message that was asked for long ago.
    Lapsed,
}

impl ManualState {
    /// The name in the API.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Claimed => "claimed",
            Self::Refused { .. } => "refused",
            Self::Lapsed => "lapsed",
        }
    }
}

impl Entity for ManualSend {
    const ENTITY: &'static str = "manual_send";
}

/// They are kept as decisions are: 13 months.
pub(super) const KEPT: SignedDuration = SignedDuration::from_hours(24 * 396);

impl Store {
    /// What was asked for under an id.
    pub async fn manual_send(&self, org: &OrgId, id: ManualSendId) -> Result<Option<Stored<ManualSend>>, AppError> {
        self.read(&keys::manual_send(org, id)).await
    }

    /// Stores what is asked for, with the work that sends it and the line that tells who asked; false if its id was used
    /// before.
    pub(crate) async fn begin_manual_send(
        &self,
        org: &OrgId,
        asked: &ManualSend,
        (line, activity): (ActivityId, &Activity),
        now: Timestamp,
    ) -> Result<bool, AppError> {
        let item = kept(new_item(keys::manual_send(org, asked.id), asked, now)?, now);
        let due = new_due_item(org, Work::ManualSend { id: asked.id }, now, now)?;
        let told = self.activity_item(org, line, activity)?;
        Ok(self.write_all([item, due, told].map(Write::Create).into()).await? == Written::Done)
    }

    /// Notes what became of it, while nobody did since it was seen.
    pub async fn end_manual_send(
        &self,
        org: &OrgId,
        seen: &Stored<ManualSend>,
        state: ManualState,
        now: Timestamp,
    ) -> Result<Replaced, AppError> {
        let next = ManualSend { state, ..seen.value.clone() };
        self.replace_item(kept(next_item(keys::manual_send(org, next.id), seen, &next, now)?, now)).await
    }
}

fn kept(item: Item, now: Timestamp) -> Item {
    Item { expires_at: now.saturating_add(KEPT).ok(), ..item }
}
