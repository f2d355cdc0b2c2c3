//! Reminder policies.

use jiff::Timestamp;
use numo_domain::{
    id::OrgId,
    policy::{Policy, audience::Policies},
};

use crate::{
    error::AppError,
    store::{Created, Entity, Replaced, Store, Stored, keys},
};

impl Entity for Policy {
    const ENTITY: &'static str = "policy";
}

/// The version of the standard policy that is in force before the first edit.
const STANDARD_VERSION: u32 = 1;

impl Store {
    /// The organisation's policies; before the first edit the standard one, as a draft.
    pub async fn policies(&self, org: &OrgId) -> Result<Policies, AppError> {
        let stored: Option<Stored<Policy>> = self.read(&keys::default_policy(org)).await?;
        let organisation_default =
            stored.map_or_else(|| Policy::standard(Timestamp::UNIX_EPOCH), |stored| stored.value);
        Ok(Policies { organisation_default, others: Vec::new() })
    }

    /// Saves an edited policy as the version after `based_on`.
    pub async fn save_default_policy(
        &self,
        org: &OrgId,
        based_on: u32,
        policy: Policy,
        now: Timestamp,
    ) -> Result<Policy, AppError> {
        let conflict = AppError::Conflict("the policy was changed by somebody else; load it again");
        let key = keys::default_policy(org);
        let seen: Option<Stored<Policy>> = self.read(&key).await?;
        let latest = seen.as_ref().map_or(STANDARD_VERSION, |seen| seen.value.version);
        let Some(version) = latest.checked_add(1).filter(|_| latest == based_on) else { return Err(conflict) };
        let before = seen.as_ref().map_or_else(|| Policy::standard(now), |seen| seen.value.clone());
        let policy = Policy { version, edited_at: now, ..policy };
        let policy = policy.follow(&before).map_err(|error| AppError::invalid("policy", error.to_string()))?;
        let done = match &seen {
            Some(seen) => self.replace(key, seen, &policy, now).await? == Replaced::Replaced,
            None => self.create(key, &policy, now).await? == Created::Created,
        };
        if done { Ok(policy) } else { Err(conflict) }
    }
}
