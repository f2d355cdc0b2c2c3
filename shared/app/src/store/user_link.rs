//! Which number a WhatsApp user has: whoever has a username may write without showing it.

use jiff::{SignedDuration, Timestamp};
use numo_domain::id::{NumberKey, OrgId};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::table::{Item, Write, Written},
    store::{Entity, RACES, Store, consent::ConsentOf, keys, lost_races, new_item, next_item},
};

/// The number of a WhatsApp user, both by their keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct UserLink {
    number: NumberKey,
}

impl Entity for UserLink {
    const ENTITY: &'static str = "user_link";
}

/// A link is kept for so long after it was last written.
pub(super) const KEPT: SignedDuration = SignedDuration::from_hours(24 * 400);

/// A link that is seen again is written anew after this, so that it is kept as long as it is in use.
const RENEWED_AFTER: SignedDuration = SignedDuration::from_hours(24 * 30);

impl Store {
    /// The number of a WhatsApp user, where it was seen.
    pub async fn number_of_user(&self, org: &OrgId, user: &NumberKey) -> Result<Option<NumberKey>, AppError> {
        Ok(self.read::<UserLink>(&keys::user_link(org, user)).await?.map(|link| link.value.number))
    }

    /// Remembers the number of a WhatsApp user; what the user said while the number was hidden counts for it from now on.
    ///
    /// Meta tells both together for 30 days at most after the last message to or from the number.
    pub async fn link_user(
        &self,
        org: &OrgId,
        user: &NumberKey,
        number: &NumberKey,
        now: Timestamp,
    ) -> Result<(), AppError> {
        let key = keys::user_link(org, user);
        for _ in 0..RACES {
            let seen = self.read::<UserLink>(&key).await?;
            let is_known = seen.as_ref().is_some_and(|seen| {
                seen.value.number == *number && now.duration_since(seen.updated_at) < RENEWED_AFTER
            });
            if is_known {
                return Ok(());
            }
            // Before the link, and the link only if nothing was said meanwhile: whoever says something then finds it.
            let said = self.carry_consent(org, user, number, now).await?;
            let link = UserLink { number: number.clone() };
            let expires_at = now.saturating_add(KEPT).ok();
            let write = match seen {
                Some(seen) => Write::Replace(Item { expires_at, ..next_item(key.clone(), &seen, &link, now)? }),
                None => Write::Create(Item { expires_at, ..new_item(key.clone(), &link, now)? }),
            };
            let check = Write::Check { key: ConsentOf::Number(user.clone()).key(org), rev: said };
            if self.write_all(vec![write, check]).await? == Written::Done {
                return Ok(());
            }
        }
        Err(lost_races())
    }

    /// Lets what a user said who hid the number count for the number and its customers; which state of it that was.
    pub(crate) async fn carry_consent(
        &self,
        org: &OrgId,
        user: &NumberKey,
        number: &NumberKey,
        now: Timestamp,
    ) -> Result<Option<u64>, AppError> {
        let Some(said) = self.consent(org, &ConsentOf::Number(user.clone())).await? else { return Ok(None) };
        let Some(last) = said.value.consent.history.last() else { return Ok(Some(said.rev)) };
        let contacts = self.contacts_of_number(org, number).await?.into_iter().map(ConsentOf::Contact);
        for of in [ConsentOf::Number(number.clone())].into_iter().chain(contacts) {
            self.change_consent(org, of, last, now).await?;
        }
        Ok(Some(said.rev))
    }
}
