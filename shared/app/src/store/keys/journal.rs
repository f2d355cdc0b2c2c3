//! Where the journal has its entries, in a table of its own.

use jiff::civil::Date;
use numo_domain::id::OrgId;

use crate::port::table::Key;

/// What was journalled on a day, of all organisations: it is read after a table was restored, and never otherwise.
pub(crate) fn of_day(day: Date) -> String {
    format!("JOURNAL#{day}#")
}

/// One change of what is under a key of the table.
pub(crate) fn entry(day: Date, org: &OrgId, of: &Key, said: &str) -> Key {
    Key { pk: of_day(day), sk: format!("{org}#{}#{said}", of.sk) }
}
