//! Keys of set-up links.

use numo_domain::id::OrgId;

use crate::{port::table::Key, store::keys::of_org};

/// Begins the keys of all set-up links of an organisation.
pub(crate) const LINKS: &str = "SETUP#";

/// A link, by the hash of what its address ends with.
pub(crate) fn link(org: &OrgId, hash: &str) -> Key {
    of_org(org, format!("{LINKS}{hash}"))
}
