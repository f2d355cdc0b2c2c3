//! Of which organisations somebody is known here, so that nobody searches all of them when a person is gone at Clerk.

use jiff::{SignedDuration, Timestamp};
use numo_domain::id::{OrgId, UserId};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::table::Source,
    store::{Entity, Store, keys},
};

/// Something is known of a member of an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Seat {
    org: OrgId,
}

impl Entity for Seat {
    const ENTITY: &'static str = "seat";
}

/// The same, seen from the organisation: what leads to it when the organisation is erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SeatLink {
    /// Whose seat it is.
    pub user: UserId,
}

impl Entity for SeatLink {
    const ENTITY: &'static str = "seat_link";
}

/// A seat is kept for longer than what it leads to.
pub(super) const KEPT: SignedDuration = SignedDuration::from_hours(24 * 430);

impl Store {
    /// Notes that something will be known of a member; before it is, so that it can be found.
    pub(crate) async fn take_seat(&self, org: &OrgId, user: &UserId, now: Timestamp) -> Result<(), AppError> {
        let expires_at = now.saturating_add(KEPT).ok();
        let link = SeatLink { user: user.clone() };
        self.put_until(keys::clerk::seat_link(org, user), &link, expires_at, now).await?;
        self.put_until(keys::clerk::seat(user, org), &Seat { org: org.clone() }, expires_at, now).await
    }

    /// The organisations that may know something of a person.
    pub(crate) async fn seats(&self, user: &UserId) -> Result<Vec<OrgId>, AppError> {
        let seats = self.list::<Seat>(Source::Table(keys::clerk::seats(user)), String::new()).await?;
        Ok(seats.into_iter().map(|seat| seat.value.org).collect())
    }

    /// Nothing is known of them there any more.
    pub(crate) async fn leave_seat(&self, org: &OrgId, user: &UserId) -> Result<(), AppError> {
        self.delete::<SeatLink>(keys::clerk::seat_link(org, user)).await?;
        self.delete::<Seat>(keys::clerk::seat(user, org)).await
    }
}
