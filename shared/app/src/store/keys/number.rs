//! Keys of numbers that were typed and are still to be read.

use numo_domain::{
    contact::ContactRef,
    id::{ConnectionId, OrgId},
};

use crate::{
    port::table::Key,
    store::keys::{of_contact, of_org},
};

/// Begins the keys of all of them.
pub(crate) const UNREAD: &str = "NUMBER#";

/// Begins the keys of those of one ledger.
pub(crate) fn unread_of(connection: ConnectionId) -> String {
    format!("{UNREAD}{connection}#")
}

pub(crate) fn unread(org: &OrgId, contact: &ContactRef) -> Key {
    of_org(org, format!("{UNREAD}{}", of_contact(contact)))
}
