//! Keys of customers who were erased, and where their traces are.

use jiff::civil::Date;
use numo_domain::{
    contact::ContactRef,
    id::{ConnectionId, CustomerKey, ExternalId, NumberKey, OrgId},
};

use crate::{
    port::table::Key,
    store::keys::{
        CONVERSATIONS, FILES, TASKS, escape, journal, mail::REPLIES, number::UNREAD, of_contact, of_org, payments,
        receipts,
    },
};

/// Begins the keys of all customers who were erased.
pub(crate) const ERASED: &str = "ERASED#";

pub(crate) fn erased_customer(org: &OrgId, customer: &CustomerKey) -> Key {
    of_org(org, format!("{ERASED}{customer}"))
}

/// Who was erased on a day, of all organisations, in the journal.
pub(crate) fn journal_of_day(day: Date) -> String {
    format!("{}{ERASED}", journal::of_day(day))
}

pub(crate) fn journalled(day: Date, org: &OrgId, customer: &CustomerKey) -> Key {
    Key { pk: journal_of_day(day), sk: format!("{org}#{customer}") }
}

/// Begins the keys of everything that goes as soon as it names an erased customer.
pub(crate) fn naming(contact: &ContactRef) -> [String; 9] {
    let ContactRef { connection, .. } = contact;
    [
        format!("CREDIT#{connection}#"),
        format!("BILL#{connection}#"),
        payments(*connection),
        receipts::of_customer(contact),
        format!("{FILES}{}", of_contact(contact)),
        format!("{UNREAD}{}", of_contact(contact)),
        format!("CONSENT#CONTACT#{}", of_contact(contact)),
        TASKS.to_owned(),
        REPLIES.to_owned(),
    ]
}

pub(crate) fn invoices(connection: ConnectionId) -> String {
    format!("INV#{connection}#")
}

/// Begins the keys of all links from numbers to contacts.
pub(crate) const ALL_PHONE_LINKS: &str = "PHONE#";

/// Begins the keys of all PDFs that Meta has.
pub(crate) const GIVEN_PDFS: &str = "PDF#";

/// Begins the keys that lead to reminders, from attempts and from messages.
pub(crate) const REMINDER_LINKS: [&str; 2] = ["ATT#", "WAMID#"];

/// Begins the keys of everything that was asked for outside the plan.
pub(crate) const MANUAL_SENDS: &str = "MANUAL#";

/// Begins the keys of what was said with a number: conversations, their lines, and what came in.
pub(crate) fn words_of(number: &NumberKey) -> Words {
    Words {
        conversations: format!("{CONVERSATIONS}{number}#"),
        lines: format!("LINE#{number}#"),
        inbound: [format!("IN#{number}#"), format!("INCHANGE#{number}#")],
    }
}

/// Where the words of a number are.
pub(crate) struct Words {
    pub conversations: String,
    pub lines: String,
    pub inbound: [String; 2],
}

/// Whose key a link from a number to a contact has.
pub(crate) fn number_of_link(sk: &str) -> Option<NumberKey> {
    sk.strip_prefix(ALL_PHONE_LINKS)?.split('#').next()?.parse().ok()
}

/// Ends the key of the PDF of an invoice, whichever number has it.
pub(crate) fn end_of_pdf(connection: ConnectionId, invoice: &ExternalId) -> String {
    format!("#{connection}#{}", escape(invoice.as_str()))
}
