//! What ends at Clerk ends here: an organisation, a membership, or a person with all of theirs.

use std::{fmt, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use numo_domain::id::{ActivityId, OrgId, UserId};
use serde_json::json;

use crate::{
    erase_organisation::{Begun, begin},
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
    /// An organisation was deleted: nobody can sign in to it any more, and everything of it is erased.
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
    /// Somebody deleted their account, or had it deleted: they are no member of anything any more.
    UserDeleted {
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
        ClerkNews::OrganisationDeleted { org } => end_organisation(ports, org, now).await?,
        ClerkNews::MembershipEnded { org, user } => end_membership(ports, org, user, now).await?,
        ClerkNews::UserDeleted { user } => end_memberships(ports, user, now).await?,
    };
    store.note_taken_in(message, now).await?;
    Ok(if is_done { Taken::Done } else { Taken::Nothing })
}

/// Everything of an organisation that nobody can look after is erased; false if nothing is kept of it.
pub(crate) async fn end_organisation(ports: &ClerkPorts, org: &OrgId, now: Timestamp) -> Result<bool, AppError> {
    Ok(begin(&ports.store, org, now).await? != Begun::Nothing)
}

/// Whoever has left is sent neither tests nor mails, and their number is no business of the organisation's.
///
/// False if nothing was known of them.
pub(crate) async fn end_membership(
    ports: &ClerkPorts,
    org: &OrgId,
    user: &UserId,
    now: Timestamp,
) -> Result<bool, AppError> {
    let store = &ports.store;
    let is_unnamed = store.forget_mail_choices(org, user, now).await?;
    let is_forgotten = store.forget_number(org, user, now).await?;
    if is_forgotten {
        let line = activity(("number.forgotten", json!({"member_who_left": user})), now);
        store.record(org, ActivityId::new(ports.ids.uuid()), &line).await?;
    }
    Ok(is_forgotten || is_unnamed)
}

/// The same in every organisation that knows something of them.
async fn end_memberships(ports: &ClerkPorts, user: &UserId, now: Timestamp) -> Result<bool, AppError> {
    let mut is_known = false;
    for org in ports.store.seats(user).await? {
        is_known |= end_membership(ports, &org, user, now).await?;
        // Last: whatever fails before is found again.
        ports.store.leave_seat(&org, user).await?;
    }
    Ok(is_known)
}

fn activity((action, detail): (&str, serde_json::Value), now: Timestamp) -> Activity {
    Activity { at: now, actor: Actor::Numo, action: action.to_owned(), detail }
}
