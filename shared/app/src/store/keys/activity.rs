//! Where activity is.

use numo_domain::id::{ActivityId, OrgId};

use crate::port::table::Key;

pub(crate) fn partition(org: &OrgId) -> String {
    format!("AUDIT#{org}#")
}

pub(crate) fn line(org: &OrgId, activity: ActivityId) -> Key {
    Key { pk: partition(org), sk: activity.to_string() }
}

/// No organisation's: what operators did to all of them. No id of an organisation is empty.
pub(crate) const OPERATIONS: &str = "AUDIT##";

pub(crate) fn operation(activity: ActivityId) -> Key {
    Key { pk: OPERATIONS.to_owned(), sk: activity.to_string() }
}
