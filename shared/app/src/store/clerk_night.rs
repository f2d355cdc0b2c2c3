//! What Clerk said in a night, of all organisations together: so many missing ones at once are a wrong key.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, civil::Date};
use numo_domain::id::OrgId;
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::table::Item,
    store::{Created, Entity, RACES, Replaced, Store, Stored, keys, lost_races, new_item, next_item},
};

/// A night, by UTC.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ClerkNight {
    /// Who was asked about; only as many as a share of them can decide.
    pub asked: BTreeSet<OrgId>,
    /// Who was found missing for the first time, or anew.
    pub missing: BTreeSet<OrgId>,
    /// Clerk refused our key: nobody else is asked about.
    pub is_refused: bool,
}

impl Entity for ClerkNight {
    const ENTITY: &'static str = "clerk_night";
}

/// More organisations than this are not deleted in one day.
const MOST_MISSING: usize = 3;

/// Nor is a larger share of them, in hundredths.
const MOST_MISSING_PERCENT: usize = 1;

/// From so many on the share allows more than the number does: nobody needs to be counted.
const MOST_COUNTED: usize = 100 * MOST_MISSING / MOST_MISSING_PERCENT;

/// A night is remembered for so long.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 14);

impl ClerkNight {
    /// Whether so many are missing that nobody is believed to be; `at_least` so many were asked about in a whole night.
    ///
    /// The smaller one of the two limits decides.
    pub(crate) fn is_over_limit(&self, at_least: usize) -> bool {
        let asked = self.asked.len().max(at_least);
        self.missing.len() > MOST_MISSING || self.missing.len() * 100 > asked * MOST_MISSING_PERCENT
    }

    /// Notes that an organisation was asked about.
    pub(crate) fn count(&mut self, org: &OrgId) {
        if self.asked.len() < MOST_COUNTED {
            self.asked.insert(org.clone());
        }
    }

    /// Notes that an organisation is missing; beyond the limit they need not be told apart.
    pub(crate) fn miss(&mut self, org: &OrgId) {
        self.count(org);
        if self.missing.len() <= MOST_MISSING {
            self.missing.insert(org.clone());
        }
    }
}

/// Clerk does not know the organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Missing {
    /// When it said so for the first time.
    pub since: Timestamp,
}

impl Entity for Missing {
    const ENTITY: &'static str = "missing_organisation";
}

impl Store {
    pub(crate) async fn clerk_night(&self, night: Date) -> Result<ClerkNight, AppError> {
        Ok(self.seen_night(night).await?.map(|seen| seen.value).unwrap_or_default())
    }

    /// Changes what is known of a night; `change` may be called again after a lost race.
    pub(crate) async fn change_clerk_night(
        &self,
        night: Date,
        now: Timestamp,
        change: impl Fn(&mut ClerkNight) + Send + Sync,
    ) -> Result<ClerkNight, AppError> {
        let key = keys::clerk::night(night);
        for _ in 0..RACES {
            let seen = self.seen_night(night).await?;
            let before = seen.as_ref().map(|seen| seen.value.clone()).unwrap_or_default();
            let mut next = before.clone();
            change(&mut next);
            if next == before {
                return Ok(next);
            }
            let item = match &seen {
                Some(seen) => next_item(key.clone(), seen, &next, now)?,
                None => new_item(key.clone(), &next, now)?,
            };
            let item = Item { expires_at: now.saturating_add(KEPT).ok(), ..item };
            let is_written = match &seen {
                Some(_) => self.replace_item(item).await? == Replaced::Replaced,
                None => self.create_item(item).await? == Created::Created,
            };
            if is_written {
                return Ok(next);
            }
        }
        Err(lost_races())
    }

    async fn seen_night(&self, night: Date) -> Result<Option<Stored<ClerkNight>>, AppError> {
        self.read(&keys::clerk::night(night)).await
    }

    /// Since when Clerk does not know an organisation.
    pub(crate) async fn missing_since(&self, org: &OrgId) -> Result<Option<Timestamp>, AppError> {
        Ok(self.read::<Missing>(&keys::clerk::missing(org)).await?.map(|seen| seen.value.since))
    }

    /// Notes that from now on.
    pub(crate) async fn note_missing(&self, org: &OrgId, now: Timestamp) -> Result<(), AppError> {
        self.put(keys::clerk::missing(org), &Missing { since: now }, now).await
    }

    /// Forgets it: Clerk knows it.
    pub(crate) async fn forget_missing(&self, org: &OrgId) -> Result<(), AppError> {
        self.delete::<Missing>(keys::clerk::missing(org)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn night(asked: usize, missing: usize) -> ClerkNight {
        let mut night = ClerkNight::default();
        (0..asked).for_each(|n| night.count(&format!("org_{n}").parse().unwrap()));
        (0..missing).for_each(|n| night.miss(&format!("org_{n}").parse().unwrap()));
        night
    }

    #[test]
    fn the_smaller_one_of_three_and_one_in_a_hundred_is_the_limit() {
        for (asked, most) in [(1, 0), (99, 0), (100, 1), (199, 1), (200, 2), (299, 2), (300, 3), (5_000, 3)] {
            assert!(!night(asked, most).is_over_limit(0), "{most} of {asked}");
            assert!(night(asked, most + 1).is_over_limit(0), "{} of {asked}", most + 1);
        }
    }

    #[test]
    fn a_night_that_is_not_over_is_measured_by_one_that_is() {
        assert!(night(10, 1).is_over_limit(0));
        assert!(!night(10, 1).is_over_limit(100));
        assert!(night(10, 4).is_over_limit(5_000));
    }

    #[test]
    fn what_is_kept_of_a_night_is_small_however_many_are_asked_about_and_missing() {
        let night = night(5_000, 5_000);
        assert_eq!((night.asked.len(), night.missing.len()), (300, 4));
    }
}
