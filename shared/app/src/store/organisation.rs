//! The organisation's profile.

use jiff::Timestamp;
use numo_domain::{
    id::{ActivityId, OrgId},
    organisation::Organisation,
};

use crate::{
    check_organisation::next_check,
    error::AppError,
    job::Work,
    port::table::{Write, Written},
    store::{
        Entity, RACES, Store, Stored, activity::Activity, due::new_due_item, expected::revision, keys, lost_races,
        new_item, next_item,
    },
};

impl Entity for Organisation {
    const ENTITY: &'static str = "organisation";
}

/// A profile before and after a change.
pub(crate) struct Changed {
    pub before: Organisation,
    pub after: Organisation,
}

impl Store {
    /// The profile; a new organisation has an empty one that is not stored yet.
    pub async fn organisation(&self, org: &OrgId) -> Result<Organisation, AppError> {
        self.revised_organisation(org).await.map(|(organisation, _)| organisation)
    }

    /// The profile with its revision.
    pub async fn revised_organisation(&self, org: &OrgId) -> Result<(Organisation, u64), AppError> {
        Ok(revised_profile(org, self.read(&keys::profile(org)).await?))
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
        self.change_profile(org, (change, |_, _| None), now).await.map(|changed| changed.after)
    }

    /// The same, with a line of the activity log about what was there before and is there now, or neither.
    pub(crate) async fn change_profile(
        &self,
        org: &OrgId,
        (change, told): (
            impl Fn(&mut Organisation) + Send + Sync,
            impl Fn(&Organisation, &Organisation) -> Option<(ActivityId, Activity)> + Send + Sync,
        ),
        now: Timestamp,
    ) -> Result<Changed, AppError> {
        for _ in 0..RACES {
            let seen: Option<Stored<Organisation>> = self.read(&keys::profile(org)).await?;
            self.is_expected(&keys::profile(org), revision(seen.as_ref()))?;
            let before = seen.as_ref().map_or_else(|| Organisation::new(org.clone()), |seen| seen.value.clone());
            let mut after = before.clone();
            change(&mut after);
            if seen.is_some() && before == after {
                return Ok(Changed { before, after });
            }
            let mut writes = vec![match &seen {
                Some(seen) => Write::Replace(next_item(keys::profile(org), seen, &after, now)?),
                None => Write::Create(new_item(keys::profile(org), &after, now)?),
            }];
            // Whoever is known is asked about at Clerk from now on.
            if seen.is_none() && self.due(org, &Work::CheckOrganisation {}).await?.is_none() {
                let check = new_due_item(org, Work::CheckOrganisation {}, next_check(org, now), now)?;
                writes.push(Write::Create(check));
            }
            if let Some((id, activity)) = told(&before, &after) {
                writes.push(Write::Create(self.activity_item(org, id, &activity)?));
            }
            if self.write_all(writes).await? == Written::Done {
                return Ok(Changed { before, after });
            }
        }
        Err(lost_races())
    }
}

/// The profile, which one that nobody changed does not have in the table, with its revision.
pub(super) fn revised_profile(org: &OrgId, stored: Option<Stored<Organisation>>) -> (Organisation, u64) {
    let revision = revision(stored.as_ref());
    (stored.map_or_else(|| Organisation::new(org.clone()), |stored| stored.value), revision)
}
