//! The calls of the API that an organisation made in a minute.

use jiff::Timestamp;
use numo_domain::id::OrgId;
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    store::{Created, Entity, RACES, Replaced, Store, keys, lost_races},
};

/// Taken calls; one item per organisation, of the latest minute with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Calls {
    /// Minutes since 1970.
    minute: i64,
    /// How many were taken by all processes.
    taken: u32,
}

impl Entity for Calls {
    const ENTITY: &'static str = "calls";
}

impl Store {
    /// Takes some calls of a minute, as many as are left of the most that may be made; none where that is reached.
    pub(crate) async fn take_calls(
        &self,
        org: &OrgId,
        minute: i64,
        (wanted, most): (u32, u32),
        now: Timestamp,
    ) -> Result<u32, AppError> {
        let key = keys::calls::of_minute(org);
        for _ in 0..RACES {
            let seen = self.read::<Calls>(&key).await?;
            let taken = seen.as_ref().filter(|seen| seen.value.minute == minute).map_or(0, |seen| seen.value.taken);
            let granted = wanted.min(most.saturating_sub(taken));
            if granted == 0 {
                return Ok(0);
            }
            let next = Calls { minute, taken: taken + granted };
            let is_written = match &seen {
                Some(seen) => self.replace(key.clone(), seen, &next, now).await? == Replaced::Replaced,
                None => self.create(key.clone(), &next, now).await? == Created::Created,
            };
            if is_written {
                return Ok(granted);
            }
        }
        Err(lost_races())
    }
}
