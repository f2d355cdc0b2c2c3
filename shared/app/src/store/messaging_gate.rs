//! What holds up every message of every organisation.

use jiff::Timestamp;
use numo_domain::{
    id::{OperatorId, OrgId},
    organisation::Organisation,
};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    store::{Created, Entity, RACES, Replaced, Store, Stored, keys, lost_races, organisation::revised_profile},
};

/// The gate that every message passes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessagingGate {
    /// Numo's operators stopped all sending.
    pub stop: Option<OperatorStop>,
    /// Meta wants no message from our app before this: its limit is everybody's.
    pub parked_until: Option<Timestamp>,
    /// The table that this gate belongs to, from the first sweep on: in one that was restored from a backup it is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// What a table that was restored from a backup does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<LostSpan>,
}

/// A time of which a restored table has nothing, though messages went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostSpan {
    /// The moment of the backup.
    pub from: Timestamp,
    /// When the restored table was taken into use.
    pub to: Timestamp,
}

/// All sending stands still until an operator lets it go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorStop {
    /// Since when.
    pub since: Timestamp,
    /// Who stopped it.
    pub by: OperatorId,
    /// Why, in the operator's words; no personal data.
    pub reason: String,
}

impl Entity for MessagingGate {
    const ENTITY: &'static str = "messaging_gate";
}

impl Store {
    /// The gate as it stands; one that was never closed is open.
    pub async fn messaging_gate(&self) -> Result<MessagingGate, AppError> {
        Ok(self.read(&keys::gate::messaging()).await?.map(|stored| stored.value).unwrap_or_default())
    }

    /// The profile of an organisation with its revision, and the gate, in one call.
    pub async fn organisation_at_gate(&self, org: &OrgId) -> Result<(Organisation, u64, MessagingGate), AppError> {
        let (profile, gate) = (keys::profile(org), keys::gate::messaging());
        let mut batch = self.read_batch(&[profile.clone(), gate.clone()]).await?;
        let (organisation, revision) = revised_profile(org, batch.take(&profile)?);
        Ok((organisation, revision, batch.take(&gate)?.map(|stored| stored.value).unwrap_or_default()))
    }

    /// Whether the table was restored from a backup and not taken into use yet: nothing may go out.
    pub fn is_restored(&self, gate: &MessagingGate) -> bool {
        gate.table.as_deref().is_some_and(|table| table != self.table_name())
    }

    /// Changes the gate; `change` sees the latest one and may be called again after a lost race.
    pub(crate) async fn change_messaging_gate(
        &self,
        now: Timestamp,
        change: impl Fn(&mut MessagingGate) + Send + Sync,
    ) -> Result<MessagingGate, AppError> {
        for _ in 0..RACES {
            let seen: Option<Stored<MessagingGate>> = self.read(&keys::gate::messaging()).await?;
            let before = seen.as_ref().map(|seen| seen.value.clone()).unwrap_or_default();
            let mut next = before.clone();
            change(&mut next);
            if next == before {
                return Ok(next);
            }
            let done = match &seen {
                Some(seen) => self.replace(keys::gate::messaging(), seen, &next, now).await? == Replaced::Replaced,
                None => self.create(keys::gate::messaging(), &next, now).await? == Created::Created,
            };
            if done {
                return Ok(next);
            }
        }
        Err(lost_races())
    }
}
