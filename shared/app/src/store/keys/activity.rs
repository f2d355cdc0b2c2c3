//! Where activity is.

use jiff::{Timestamp, civil::Date};
use numo_domain::{
    contact::ContactRef,
    id::{ActivityId, OrgId},
};

use crate::{
    port::table::Key,
    store::keys::{self, due, open_of_contact},
};

pub(crate) fn partition(org: &OrgId) -> String {
    format!("AUDIT#{org}#")
}

pub(crate) fn line(org: &OrgId, activity: ActivityId) -> Key {
    Key { pk: partition(org), sk: activity.to_string() }
}

/// The partition of what was done about customers, in the index of what is open.
pub(crate) fn about_customers(org: &OrgId) -> String {
    format!("OPEN#{org}#ACTIVITY#")
}

/// Where a line stands there: with its customer, by time.
pub(crate) fn about_customer(org: &OrgId, contact: &ContactRef, at: Timestamp, activity: ActivityId) -> Key {
    Key { pk: about_customers(org), sk: format!("{}{}#{activity}", open_of_contact(contact), due::time(at)) }
}

/// What sorts behind every line about a customer up to an instant, and before every later one.
pub(crate) fn until(contact: &ContactRef, at: Timestamp) -> String {
    format!("{}{}", open_of_contact(contact), keys::until(at))
}

/// With what the ids of lines begin, until the year 2527: they begin with the milliseconds since 1970 (UUID version 7).
pub(crate) const LINES: &str = "0";

/// What sorts before every line of an instant or later, and after every one of before.
pub(crate) fn first_of(at: Timestamp) -> String {
    let hex = format!("{:012x}", at.as_millisecond().max(0));
    let (high, low) = hex.split_at(8);
    format!("{high}-{low}-")
}

/// Where a listing of lines, newest first, begins with what was before an instant; a place is the rest of an id.
pub(crate) fn place_before(at: Timestamp) -> String {
    first_of(at).strip_prefix(LINES).map(str::to_owned).unwrap_or_default()
}

/// When the line with an id was begun.
pub(crate) fn written_at(id: &str) -> Timestamp {
    let hex: String = id.chars().filter(char::is_ascii_hexdigit).take(12).collect();
    let milliseconds = i64::from_str_radix(&hex, 16).unwrap_or_default();
    Timestamp::from_millisecond(milliseconds).unwrap_or_default()
}

/// The seal of a day; it sorts before every line.
pub(crate) fn seal(org: &OrgId, day: Date) -> Key {
    Key { pk: partition(org), sk: format!("{SEALS}{day}") }
}

pub(crate) const SEALS: &str = "#SEAL#";

/// No organisation's: what operators did to all of them. No id of an organisation is empty.
pub(crate) const OPERATIONS: &str = "AUDIT##";

pub(crate) fn operation(activity: ActivityId) -> Key {
    Key { pk: OPERATIONS.to_owned(), sk: activity.to_string() }
}
