//! Where calls of the API are remembered.

use numo_domain::id::OrgId;

use crate::{port::table::Key, store::keys::of_org};

/// How many were made in the latest minute.
pub(crate) fn of_minute(org: &OrgId) -> Key {
    of_org(org, "CALLS".to_owned())
}

/// One that is done once, under a keyed hash of who asked and the key that they chose.
pub(crate) fn asked_once(org: &OrgId, name: &str) -> Key {
    of_org(org, format!("ONCE#{name}"))
}
