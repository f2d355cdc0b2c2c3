//! Keys of what is known of Clerk's organisations and members.

use jiff::civil::Date;
use numo_domain::id::{OrgId, UserId};

use crate::{
    port::table::Key,
    store::keys::{escape, of_org},
};

/// No organisation's: what Clerk said of all of them in a night.
pub(crate) fn night(night: Date) -> Key {
    Key { pk: format!("NIGHT#{night}#"), sk: "CLERK".to_owned() }
}

/// Since when Clerk does not know an organisation.
pub(crate) fn missing(org: &OrgId) -> Key {
    of_org(org, "MISSING".to_owned())
}

/// No organisation's: a person may be of several.
pub(crate) fn seats(user: &UserId) -> String {
    format!("SEAT#{}#", escape(user.as_str()))
}

pub(crate) fn seat(user: &UserId, org: &OrgId) -> Key {
    Key { pk: seats(user), sk: org.to_string() }
}

/// From an organisation to the seat of a person, so that it is found from either side.
pub(crate) fn seat_link(org: &OrgId, user: &UserId) -> Key {
    of_org(org, format!("SEATED#{}", escape(user.as_str())))
}

pub(crate) const MEMBERS: &str = "MEMBER#";

pub(crate) fn member(org: &OrgId, user: &UserId) -> Key {
    of_org(org, format!("{MEMBERS}{}", escape(user.as_str())))
}
