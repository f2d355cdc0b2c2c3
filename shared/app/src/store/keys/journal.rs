//! Where the journal has its entries, in a table of its own.

use jiff::{Timestamp, civil::Date};
use numo_domain::id::{AttemptId, OrgId};

use crate::{port::table::Key, store::keys::due};

/// What was journalled on a day, of all organisations: it is read after a table was restored, and never otherwise.
pub(crate) fn of_day(day: Date) -> String {
    format!("JOURNAL#{day}#")
}

/// One change of what is under a key of the table.
pub(crate) fn entry(day: Date, org: &OrgId, of: &Key, said: &str) -> Key {
    Key { pk: of_day(day), sk: format!("{org}#{}#{said}", of.sk) }
}

/// Orders to erase organisations, of a day.
pub(crate) fn orders_of_day(day: Date) -> String {
    format!("{}ORDER#", of_day(day))
}

/// One of them; a repeat of the same one is the same entry.
pub(crate) fn order(day: Date, org: &OrgId, at: Timestamp) -> Key {
    Key { pk: orders_of_day(day), sk: format!("{org}#{}", due::time(at)) }
}

/// Reminders that people asked for, of a day.
pub(crate) fn reminders_of_day(day: Date) -> String {
    format!("{}REMINDER#", of_day(day))
}

/// One of them, by its attempt.
pub(crate) fn reminder(day: Date, org: &OrgId, attempt: AttemptId) -> Key {
    Key { pk: reminders_of_day(day), sk: format!("{org}#{attempt}") }
}
