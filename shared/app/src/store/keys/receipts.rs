//! Where it is kept what customers paid lately.

use numo_domain::{contact::ContactRef, id::OrgId, plan::decision::Unit};

use crate::{
    port::table::Key,
    store::keys::{of_contact, of_org},
};

/// Begins the keys of all of them.
pub(crate) const RECEIPTS: &str = "RECEIPTS#";

/// Begins the keys of those of one customer.
pub(crate) fn of_customer(contact: &ContactRef) -> String {
    format!("{RECEIPTS}{}#", of_contact(contact))
}

pub(crate) fn of_unit(org: &OrgId, unit: &Unit) -> Key {
    of_org(org, format!("{}{}", of_customer(&unit.contact), unit.currency))
}
