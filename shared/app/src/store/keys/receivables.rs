//! Where open invoices stand by their due date, and where it is kept what customers owe, as it was counted.

use jiff::civil::Date;
use numo_domain::{
    id::{ConnectionId, ExternalId, OrgId},
    invoice::Invoice,
};

use crate::{
    port::table::Key,
    store::keys::{INVOICES, escape, of_org},
};

/// The partition of open invoices by due date, in the index of what is due.
pub(crate) fn open_by_due(org: &OrgId) -> String {
    format!("OPENDUE#{org}#")
}

/// Where an open invoice stands there: without a due date it comes last.
pub(crate) fn place_by_due(invoice: &Invoice) -> String {
    let due = invoice.due.map_or_else(|| UNDATED.to_owned(), |due| due.to_string());
    format!("{due}#{}#{}", invoice.contact.connection, escape(invoice.id.as_str()))
}

/// The invoice that stands at a place; none where no invoice could.
pub(crate) fn at_place(org: &OrgId, place: &str) -> Option<Key> {
    let (due, id) = place.split_once('#')?;
    let is_dated = due == UNDATED || due.parse::<Date>().is_ok_and(|date| date.to_string() == due);
    let (connection, invoice) = id.split_once('#')?;
    let is_invoice = connection.parse::<ConnectionId>().is_ok_and(|known| known.to_string() == connection)
        && !invoice.contains('#')
        && invoice.parse::<ExternalId>().is_ok();
    (is_dated && is_invoice).then(|| of_org(org, format!("{INVOICES}{id}")))
}

/// Stands in the place of a due date; behind every digit.
const UNDATED: &str = "none";

/// What was counted last.
pub(crate) fn counted(org: &OrgId) -> Key {
    of_org(org, "OWED".to_owned())
}

/// What was counted last on a day.
pub(crate) fn owed_on(org: &OrgId, date: Date) -> Key {
    of_org(org, format!("OWED#{date}"))
}

/// The numbers of the latest day.
pub(crate) fn figures(org: &OrgId) -> Key {
    of_org(org, "FIGURES".to_owned())
}

/// A chunk of those who owe, in their order.
pub(crate) fn debtors(org: &OrgId, chunk: usize) -> Key {
    of_org(org, format!("DEBTORS#{chunk:04}"))
}
