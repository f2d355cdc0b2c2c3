//! The organisation's profile.

use jiff::Timestamp;
use numo_domain::{id::OrgId, organisation::Organisation};

use crate::{
    error::AppError,
    store::{Created, Entity, RACES, Replaced, Store, Stored, keys, lost_races},
};

impl Entity for Organisation {
    const ENTITY: &'static str = "organisation";
}

impl Store {
    /// The profile; a new organisation has an empty one that is not stored yet.
    pub async fn organisation(&self, org: &OrgId) -> Result<Organisation, AppError> {
        let stored = self.read::<Organisation>(&keys::profile(org)).await?;
        Ok(stored.map_or_else(|| Organisation::new(org.clone()), |stored| stored.value))
    }

    /// The profile of an organisation that there is.
    pub async fn known_organisation(&self, org: &OrgId) -> Result<Option<Organisation>, AppError> {
        Ok(self.read(&keys::profile(org)).await?.map(|stored| stored.value))
    }

    /// Changes the profile; `change` sees the latest one and may be called again after a lost race.
    pub async fn change_organisation(
        &self,
        org: &OrgId,
        now: Timestamp,
        change: impl Fn(&mut Organisation) + Send + Sync,
    ) -> Result<Organisation, AppError> {
        for _ in 0..RACES {
            let seen: Option<Stored<Organisation>> = self.read(&keys::profile(org)).await?;
            let before = seen.as_ref().map(|seen| seen.value.clone());
            let mut next = before.clone().unwrap_or_else(|| Organisation::new(org.clone()));
            change(&mut next);
            if before.as_ref() == Some(&next) {
                return Ok(next);
            }
            let done = match &seen {
                Some(seen) => self.replace(keys::profile(org), seen, &next, now).await? == Replaced::Replaced,
                None => self.create(keys::profile(org), &next, now).await? == Created::Created,
            };
            if done {
                return Ok(next);
            }
        }
        Err(lost_races())
    }
}
