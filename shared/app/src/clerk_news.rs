//! What Clerk's webhook says: that an organisation or a membership has ended.

use std::{fmt, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    id::{ActivityId, OrgId, UserId},
    organisation::{Pause, PausedBy},
};
use serde_json::json;

use crate::{
    error::AppError,
    port::clock::Ids,
    store::{
        Store,
        activity::{Activity, Actor},
    },
};

/// Something that ended at Clerk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClerkNews {
    /// An organisation was deleted, and nobody can sign in to it any more.
    OrganisationDeleted {
        /// Which.
        org: OrgId,
    },
    /// Somebody is no member any more.
    MembershipEnded {
        /// Of which organisation.
        org: OrgId,
        /// Who.
        user: UserId,
    },
}

/// What it takes to act upon news.
#[derive(Clone)]
pub struct ClerkPorts {
    /// The table.
    pub store: Store,
    /// Ids of lines in activity logs.
    pub ids: Arc<dyn Ids>,
}

impl fmt::Debug for ClerkPorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClerkPorts")
    }
}

/// What came of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It was acted upon.
    Done,
    /// There was nothing here that it is about.
    Nothing,
    /// It was taken in before.
    Repeated,
}

/// A message may be sent again by hand from Clerk's pages for as long as it stands there.
pub(crate) const REPEATED_WITHIN: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Acts upon the news of a message, once.
///
/// That it was taken in is noted last: whatever fails before is done again with the next try, and changes nothing more.
pub async fn take_clerk_news(
    ports: &ClerkPorts,
    message: &str,
    news: &ClerkNews,
    now: Timestamp,
) -> Result<Taken, AppError> {
    let store = &ports.store;
    if store.is_taken_in(message).await? {
        return Ok(Taken::Repeated);
    }
    let is_done = match news {
        ClerkNews::OrganisationDeleted { org } => stop(ports, org, now).await?,
        ClerkNews::MembershipEnded { org, user } => forget(ports, org, user, now).await?,
    };
    store.note_taken_in(message, now).await?;
    Ok(if is_done { Taken::Done } else { Taken::Nothing })
}

/// Nothing more goes out for an organisation that nobody can look after; false if it is not known here.
async fn stop(ports: &ClerkPorts, org: &OrgId, now: Timestamp) -> Result<bool, AppError> {
    if ports.store.known_organisation(org).await?.is_none() {
        return Ok(false);
    }
    let stopped = Pause { since: now, by: PausedBy::Operator, until: None };
    let stop = |organisation: &mut numo_domain::organisation::Organisation| {
        // One with an end would be over some day.
        if organisation.operator_pause.as_ref().is_none_or(|pause| pause.until.is_some()) {
            organisation.operator_pause = Some(stopped.clone());
        }
    };
    ports.store.change_organisation(org, now, stop).await?;
    record(ports, org, ("organisation.deleted_at_clerk", json!({})), now).await?;
    Ok(true)
}

/// Whoever has left is sent no tests, and their number is no business of the organisation's; false if there is none.
async fn forget(ports: &ClerkPorts, org: &OrgId, user: &UserId, now: Timestamp) -> Result<bool, AppError> {
    let is_forgotten = ports.store.forget_number(org, user, now).await?;
    if is_forgotten {
        record(ports, org, ("number.forgotten", json!({"member_who_left": user})), now).await?;
    }
    Ok(is_forgotten)
}

async fn record(
    ports: &ClerkPorts,
    org: &OrgId,
    (action, detail): (&str, serde_json::Value),
    now: Timestamp,
) -> Result<(), AppError> {
    let activity = Activity { at: now, actor: Actor::Numo, action: action.to_owned(), detail };
    ports.store.record(org, ActivityId::new(ports.ids.uuid()), &activity).await
}
