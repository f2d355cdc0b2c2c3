//! That an organisation is to be erased, how far it came, and afterwards that it was.
//!
//! The item stands outside the organisation's own partitions, so that they can be emptied to the last item.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    id::{OperatorId, OrgId, UserId},
    organisation::Organisation,
};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::table::{Item, Write, Written},
    store::{Entity, RACES, Replaced, Store, Stored, keys, lost_races, new_item, next_item},
};

/// The erasure of an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganisationErasure {
    /// Which.
    pub org: OrgId,
    /// Who asked for it.
    pub by: ErasureBy,
    /// When; nothing goes out since then.
    pub asked_at: Timestamp,
    /// When it can no longer be withdrawn.
    pub begins_at: Timestamp,
    /// Whether Clerk has deleted the organisation itself.
    pub is_gone_at_clerk: bool,
    /// How far it came.
    pub stage: ErasureStage,
    /// Who could not be told that it ends, as `{provider}:{id}`.
    #[serde(default)]
    pub untold: BTreeSet<String>,
    /// How many items were deleted, by their entity tag.
    #[serde(default)]
    pub counts: BTreeMap<String, u64>,
}

/// Who asked for an erasure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErasureBy {
    /// An admin.
    Admin(UserId),
    /// One of Numo's operators.
    Operator(OperatorId),
    /// Nobody: the organisation was deleted at Clerk.
    Clerk,
}

/// How far an erasure came; every stage can be repeated from its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum ErasureStage {
    /// It waits, and can be withdrawn.
    Asked,
    /// Work is stopped, and the providers are told.
    Disconnecting {
        /// Since when.
        since: Timestamp,
    },
    /// Its partitions are emptied.
    Erasing {
        /// Not before this.
        from: Timestamp,
    },
    /// They are emptied once more, of what somebody wrote who was at work meanwhile.
    Sweeping {
        /// Not before this.
        from: Timestamp,
    },
    /// Everything is gone, and certified; Clerk is told.
    LeavingClerk {
        /// Since when.
        since: Timestamp,
    },
    /// It is over.
    Done {
        /// Since when.
        at: Timestamp,
    },
}

impl OrganisationErasure {
    /// Whether it can no longer be withdrawn.
    pub fn has_begun(&self) -> bool {
        self.stage != ErasureStage::Asked
    }
}

impl Entity for OrganisationErasure {
    const ENTITY: &'static str = "organisation_erasure";
}

/// An organisation that Clerk has deleted never comes back; a backup of the table may bring its items back for 30 days.
pub(in crate::store) const KEPT_AFTER: SignedDuration = SignedDuration::from_hours(24 * 35);

impl Store {
    /// The erasure of an organisation, if it is to be erased or was.
    pub async fn organisation_erasure(&self, org: &OrgId) -> Result<Option<Stored<OrganisationErasure>>, AppError> {
        self.read(&keys::forget::organisation(org)).await
    }

    /// Whether nothing may be written for an organisation any more, because everything of it goes or has gone.
    pub async fn is_being_erased(&self, org: &OrgId) -> Result<bool, AppError> {
        Ok(self.organisation_erasure(org).await?.is_some_and(|erasure| erasure.value.has_begun()))
    }

    /// The profile of an organisation, unless everything of it goes or has gone.
    pub(crate) async fn open_organisation(&self, org: &OrgId) -> Result<Option<Organisation>, AppError> {
        match self.known_organisation(org).await? {
            Some(known) => Ok(Some(known)),
            None if self.is_being_erased(org).await? => Ok(None),
            None => Ok(Some(Organisation::new(org.clone()))),
        }
    }

    /// Notes that an organisation is to be erased, and closes it, in one transaction; false if it was noted before.
    pub(crate) async fn note_erasure(
        &self,
        erasure: &OrganisationErasure,
        close: impl Fn(&mut Organisation) + Send + Sync,
        told: Option<Item>,
        now: Timestamp,
    ) -> Result<bool, AppError> {
        let key = keys::forget::organisation(&erasure.org);
        for _ in 0..RACES {
            let mut writes = vec![Write::Create(new_item(key.clone(), erasure, now)?)];
            writes.extend(self.profile_write(&erasure.org, &close, now).await?);
            writes.extend(told.clone().map(Write::Create));
            if self.write_all(writes).await? == Written::Done {
                return Ok(true);
            }
            if self.organisation_erasure(&erasure.org).await?.is_some() {
                return Ok(false);
            }
        }
        Err(lost_races())
    }

    /// Takes an erasure back that has not begun, and opens the organisation, in one transaction; false if it is as it
    /// was seen no more.
    pub(crate) async fn withdraw_erasure(
        &self,
        seen: &Stored<OrganisationErasure>,
        open: impl Fn(&mut Organisation) + Send + Sync,
        told: Option<Item>,
        now: Timestamp,
    ) -> Result<bool, AppError> {
        let org = &seen.value.org;
        let mut writes = vec![Write::Delete { key: keys::forget::organisation(org), rev: seen.rev }];
        writes.extend(self.profile_write(org, &open, now).await?);
        writes.extend(told.map(Write::Create));
        Ok(self.write_all(writes).await? == Written::Done)
    }

    async fn profile_write(
        &self,
        org: &OrgId,
        change: &(impl Fn(&mut Organisation) + Send + Sync),
        now: Timestamp,
    ) -> Result<Option<Write>, AppError> {
        let key = keys::profile(org);
        let seen: Option<Stored<Organisation>> = self.read(&key).await?;
        let before = seen.as_ref().map_or_else(|| Organisation::new(org.clone()), |seen| seen.value.clone());
        let mut after = before.clone();
        change(&mut after);
        Ok(match &seen {
            Some(_) if before == after => None,
            Some(seen) => Some(Write::Replace(next_item(key, seen, &after, now)?)),
            None => Some(Write::Create(new_item(key, &after, now)?)),
        })
    }

    /// Stores how far an erasure came; an error if somebody else was faster.
    pub(crate) async fn save_erasure(
        &self,
        seen: &Stored<OrganisationErasure>,
        next: OrganisationErasure,
        now: Timestamp,
    ) -> Result<Stored<OrganisationErasure>, AppError> {
        let item = erasure_item(seen, &next, now)?;
        match self.replace_item(item).await? {
            Replaced::Replaced => Ok(Stored { value: next, rev: seen.rev + 1, updated_at: now, ..seen.clone() }),
            Replaced::Raced => Err(lost_races()),
        }
    }
}

/// The item of an erasure; one that is over is dropped when nobody can come back any more.
pub(super) fn erasure_item(
    seen: &Stored<OrganisationErasure>,
    next: &OrganisationErasure,
    now: Timestamp,
) -> Result<Item, AppError> {
    let expires_at = match next.stage {
        ErasureStage::Done { at } if next.is_gone_at_clerk => at.saturating_add(KEPT_AFTER).ok(),
        ErasureStage::Done { .. }
        | ErasureStage::Asked
        | ErasureStage::Disconnecting { .. }
        | ErasureStage::Erasing { .. }
        | ErasureStage::Sweeping { .. }
        | ErasureStage::LeavingClerk { .. } => None,
    };
    Ok(Item { expires_at, ..next_item(keys::forget::organisation(&next.org), seen, next, now)? })
}
