//! Every key of the table, in one place.
//!
//! A partition key is a class, then the organisation, and ends with `#`, so that no id can be
//! the beginning of another. `docs/data-model.md` lists who reads what by which key.

pub(crate) mod activity;
pub(crate) mod calls;
pub(crate) mod clerk;
pub(crate) mod due;
pub(crate) mod erasure;
pub(crate) mod export;
pub(crate) mod forget;
pub(crate) mod gate;
pub(crate) mod journal;
pub(crate) mod mail;
pub(crate) mod number;
pub(crate) mod own;
pub(crate) mod receipts;
pub(crate) mod receivables;
pub(crate) mod setup;
pub(crate) mod vault;
pub(crate) mod whatsapp;

use jiff::{Timestamp, civil::Date};
use numo_domain::{
    connection::LedgerProvider,
    contact::ContactRef,
    credit::CreditKind,
    id::{
        AttemptId, ConnectionId, ExternalId, LedgerTenantId, ManualSendId, MessageId, NumberKey, OrgId, PhoneNumberId,
        PolicyId, SyncRunId, TestMessageId, WabaId,
    },
    plan::decision::Unit,
    reminder::{ReminderKey, TemplateRef},
};
use uuid::Uuid;

use crate::port::{ledger::record::RecordKind, table::Key};

/// The partition of an organisation's own data.
pub(crate) fn org_partition(org: &OrgId) -> String {
    format!("ORG#{org}#")
}

/// The organisation whose partition this is.
pub(crate) fn org_of_partition(pk: &str) -> Option<OrgId> {
    pk.strip_prefix("ORG#")?.strip_suffix('#')?.parse().ok()
}

fn of_org(org: &OrgId, sk: String) -> Key {
    Key { pk: org_partition(org), sk }
}

pub(crate) fn profile(org: &OrgId) -> Key {
    of_org(org, "PROFILE".to_owned())
}

pub(crate) const CONNECTIONS: &str = "CONN#";

pub(crate) fn connection(org: &OrgId, connection: ConnectionId) -> Key {
    of_org(org, format!("{CONNECTIONS}{connection}"))
}

pub(crate) const SENDERS: &str = "SENDER#";

pub(crate) fn sender(org: &OrgId, sender: &PhoneNumberId) -> Key {
    of_org(org, format!("{SENDERS}{}", escape(sender.as_str())))
}

pub(crate) const TEMPLATES: &str = "TPL#";

pub(crate) fn templates_of(waba: &WabaId) -> String {
    format!("{TEMPLATES}{}#", escape(waba.as_str()))
}

pub(crate) fn template(org: &OrgId, waba: &WabaId, template: &TemplateRef) -> Key {
    of_org(org, format!("{}{}#{}", templates_of(waba), escape(&template.name), escape(&template.language)))
}

pub(crate) fn cursor(org: &OrgId, connection: ConnectionId) -> Key {
    of_org(org, format!("CURSOR#{connection}#LEDGER"))
}

pub(crate) fn runs(connection: ConnectionId) -> String {
    format!("RUN#{connection}#")
}

pub(crate) fn run(org: &OrgId, connection: ConnectionId, run: SyncRunId) -> Key {
    of_org(org, format!("{}{run}", runs(connection)))
}

pub(crate) const CONTACTS: &str = "CONTACT#";

pub(crate) fn contact(org: &OrgId, contact: &ContactRef) -> Key {
    of_org(org, format!("{CONTACTS}{}", of_contact(contact)))
}

/// From a WhatsApp user, by the key of the user id, to the number.
pub(crate) fn user_link(org: &OrgId, user: &NumberKey) -> Key {
    of_org(org, format!("BSUID#{user}"))
}

pub(crate) fn phone_links(number: &NumberKey) -> String {
    format!("PHONE#{number}#")
}

pub(crate) fn phone_link(org: &OrgId, number: &NumberKey, contact: &ContactRef) -> Key {
    of_org(org, format!("{}{}", phone_links(number), of_contact(contact)))
}

pub(crate) const INVOICES: &str = "INV#";

pub(crate) fn invoice(org: &OrgId, connection: ConnectionId, invoice: &ExternalId) -> Key {
    of_org(org, format!("{INVOICES}{connection}#{}", escape(invoice.as_str())))
}

/// The partition of open invoices in the index of open invoices.
pub(crate) fn open_partition(org: &OrgId) -> String {
    format!("OPEN#{org}#")
}

pub(crate) fn open_of_contact(contact: &ContactRef) -> String {
    format!("{}#", of_contact(contact))
}

pub(crate) fn open_invoice(org: &OrgId, contact: &ContactRef, due: Option<Date>, invoice: &ExternalId) -> Key {
    let due = due.map_or_else(|| "none".to_owned(), |date| date.to_string());
    Key { pk: open_partition(org), sk: format!("{}{due}#{}", open_of_contact(contact), escape(invoice.as_str())) }
}

/// The partition of money that no invoice took up, in the index of what is open.
pub(crate) fn open_credits_partition(org: &OrgId) -> String {
    format!("OPEN#{org}#CREDIT#")
}

pub(crate) fn open_credit(org: &OrgId, contact: &ContactRef, kind: CreditKind, credit: &ExternalId) -> Key {
    let sk = format!("{}{}#{}", open_of_contact(contact), kind.as_str(), escape(credit.as_str()));
    Key { pk: open_credits_partition(org), sk }
}

/// The partition of open bills in the index of what is open.
pub(crate) fn open_bills_partition(org: &OrgId) -> String {
    format!("OPEN#{org}#BILL#")
}

pub(crate) fn open_bill(org: &OrgId, contact: &ContactRef, bill: &ExternalId) -> Key {
    let sk = format!("{}{}", open_of_contact(contact), escape(bill.as_str()));
    Key { pk: open_bills_partition(org), sk }
}

pub(crate) fn open_of_connection(connection: ConnectionId) -> String {
    format!("{connection}#")
}

pub(crate) fn credit(org: &OrgId, contact: &ContactRef, kind: CreditKind, credit: &ExternalId) -> Key {
    of_org(org, format!("CREDIT#{}#{}#{}", contact.connection, kind.as_str(), escape(credit.as_str())))
}

pub(crate) fn bill(org: &OrgId, contact: &ContactRef, bill: &ExternalId) -> Key {
    of_org(org, format!("BILL#{}#{}", contact.connection, escape(bill.as_str())))
}

pub(crate) fn payments(connection: ConnectionId) -> String {
    format!("PAYMENT#{connection}#")
}

pub(crate) fn payment(org: &OrgId, connection: ConnectionId, payment: &ExternalId) -> Key {
    of_org(org, format!("{}{}", payments(connection), escape(payment.as_str())))
}

pub(crate) fn payer_links(connection: ConnectionId) -> String {
    format!("PAYER#{connection}#")
}

pub(crate) fn payer_link(org: &OrgId, contact: &ContactRef) -> Key {
    of_org(org, format!("PAYER#{}", of_contact(contact)))
}

pub(crate) fn unreadable_records(connection: ConnectionId) -> String {
    format!("UNREADABLE#{connection}#")
}

pub(crate) fn unreadable_record(org: &OrgId, connection: ConnectionId, kind: RecordKind, id: &str) -> Key {
    of_org(org, format!("{}{}#{}", unreadable_records(connection), kind.as_str(), escape(id)))
}

pub(crate) fn pay_link(org: &OrgId, connection: ConnectionId, invoice: &ExternalId) -> Key {
    of_org(org, format!("PAYLINK#{connection}#{}", escape(invoice.as_str())))
}

/// A file belongs to the number for which it was given.
pub(crate) fn given_pdf(org: &OrgId, phone: &PhoneNumberId, (connection, invoice): (ConnectionId, &ExternalId)) -> Key {
    of_org(org, format!("PDF#{}#{connection}#{}", escape(phone.as_str()), escape(invoice.as_str())))
}

/// No organisation's: whoever has the token is nobody that we know.
pub(crate) fn pay_target(token_hash: &str) -> Key {
    Key { pk: format!("PAY#{token_hash}#"), sk: "PAY".to_owned() }
}

pub(crate) const CONSENTS: &str = "CONSENT#";

pub(crate) fn consent_of_number(org: &OrgId, number: &NumberKey) -> Key {
    of_org(org, format!("{CONSENTS}NUMBER#{number}"))
}

pub(crate) fn consent_of_contact(org: &OrgId, contact: &ContactRef) -> Key {
    of_org(org, format!("{CONSENTS}CONTACT#{}", of_contact(contact)))
}

pub(crate) const FUSES: &str = "FUSE#";

pub(crate) fn fuse(org: &OrgId, number: &NumberKey) -> Key {
    of_org(org, format!("{FUSES}{number}"))
}

pub(crate) const FILES: &str = "FILE#";

pub(crate) fn customer_file(org: &OrgId, contact: &ContactRef) -> Key {
    of_org(org, format!("{FILES}{}", of_contact(contact)))
}

pub(crate) fn policy(org: &OrgId, id: &PolicyId) -> Key {
    of_org(org, format!("POLICY#{id}"))
}

pub(crate) fn policy_versions(id: &PolicyId) -> String {
    format!("POLICYV#{id}#")
}

pub(crate) fn policy_version(org: &OrgId, id: &PolicyId, version: u32) -> Key {
    of_org(org, format!("{}{version:08}", policy_versions(id)))
}

pub(crate) fn policy_book(org: &OrgId) -> Key {
    of_org(org, "POLICIES".to_owned())
}

pub(crate) fn plan(org: &OrgId, date: Date) -> Key {
    of_org(org, format!("PLAN#{date}"))
}

pub(crate) fn plan_chunk(org: &OrgId, date: Date, making: Uuid, chunk: usize) -> Key {
    of_org(org, format!("PLAN#{date}#{making}#{chunk:04}"))
}

pub(crate) fn plan_edits(date: Date) -> String {
    format!("PLANEDIT#{date}#")
}

pub(crate) fn plan_edit(org: &OrgId, date: Date, unit: &Unit) -> Key {
    of_org(org, format!("{}{}#{}", plan_edits(date), of_contact(&unit.contact), unit.currency))
}

pub(crate) const REMINDERS: &str = "REM#";

pub(crate) fn reminders_of_contact(contact: &ContactRef) -> String {
    format!("{REMINDERS}{}#", of_contact(contact))
}

pub(crate) fn reminder(org: &OrgId, key: &ReminderKey) -> Key {
    let anchor = escape(key.anchor.as_str());
    of_org(
        org,
        format!("{}{}#{anchor}#{}#{}", reminders_of_contact(&key.contact), key.currency, key.cycle, key.occasion),
    )
}

pub(crate) fn attempt(org: &OrgId, attempt: AttemptId) -> Key {
    of_org(org, format!("ATT#{attempt}"))
}

pub(crate) fn message(org: &OrgId, message: &MessageId) -> Key {
    of_org(org, format!("WAMID#{}", escape(message.as_str())))
}

pub(crate) fn inbound(org: &OrgId, number: &NumberKey, message: &MessageId) -> Key {
    of_org(org, format!("IN#{number}#{}", escape(message.as_str())))
}

/// What became of a message that may not have come yet.
pub(crate) fn inbound_change(org: &OrgId, number: &NumberKey, message: &MessageId) -> Key {
    of_org(org, format!("INCHANGE#{number}#{}", escape(message.as_str())))
}

pub(crate) const CONVERSATIONS: &str = "CONV#";

pub(crate) fn conversation(org: &OrgId, number: &NumberKey, sender: &PhoneNumberId) -> Key {
    of_org(org, format!("{CONVERSATIONS}{number}#{}", escape(sender.as_str())))
}

pub(crate) fn lines(number: &NumberKey, sender: &PhoneNumberId) -> String {
    format!("LINE#{number}#{}#", escape(sender.as_str()))
}

/// Lines of a conversation stand in the order of time.
pub(crate) fn line(org: &OrgId, (number, sender): (&NumberKey, &PhoneNumberId), at: Timestamp, id: &str) -> Key {
    of_org(org, format!("{}{}#{}", lines(number, sender), due::time(at), escape(id)))
}

/// A place behind everything up to an instant, where things stand in the order of time.
pub(crate) fn until(at: Timestamp) -> String {
    format!("{}$", due::time(at))
}

/// Begins the keys that lead from an attempt to its answer.
pub(crate) const ANSWERS: &str = "ANSWER#";

pub(crate) fn answer(org: &OrgId, attempt: AttemptId) -> Key {
    of_org(org, format!("{ANSWERS}{attempt}"))
}

pub(crate) fn manual_send(org: &OrgId, id: ManualSendId) -> Key {
    of_org(org, format!("MANUAL#{id}"))
}

pub(crate) fn proof_code(org: &OrgId, code_hash: &str) -> Key {
    of_org(org, format!("CODE#{code_hash}"))
}

pub(crate) fn test_message(org: &OrgId, id: TestMessageId) -> Key {
    of_org(org, format!("TEST#{id}"))
}

/// From the attempt of a test message to it.
pub(crate) fn test_link(org: &OrgId, attempt: AttemptId) -> Key {
    of_org(org, format!("TESTATT#{attempt}"))
}

pub(crate) const TASKS: &str = "TASK#";

pub(crate) fn task(org: &OrgId, kind: &str, subject: &str) -> Key {
    of_org(org, format!("{TASKS}{kind}#{}", escape(subject)))
}

pub(crate) fn oauth_state(state_hash: &str) -> Key {
    Key { pk: format!("STATE#{state_hash}"), sk: "STATE".to_owned() }
}

pub(crate) fn consent_choice(choice_hash: &str) -> Key {
    Key { pk: format!("STATE#{choice_hash}"), sk: "CHOICE".to_owned() }
}

pub(crate) fn ledger_route(provider: LedgerProvider, tenant: &LedgerTenantId) -> Key {
    let kind = match provider {
        LedgerProvider::Xero => "XERO",
        LedgerProvider::Quickbooks => "INTUIT",
    };
    Key { pk: format!("ROUTE#{kind}#{}", escape(tenant.as_str())), sk: "ROUTE".to_owned() }
}

pub(crate) fn waba_route(waba: &WabaId) -> Key {
    Key { pk: format!("ROUTE#WABA#{}", escape(waba.as_str())), sk: "ROUTE".to_owned() }
}

pub(crate) fn phone_route(phone: &PhoneNumberId) -> Key {
    Key { pk: format!("ROUTE#PHONE#{}", escape(phone.as_str())), sk: "ROUTE".to_owned() }
}

pub(crate) fn of_contact(contact: &ContactRef) -> String {
    format!("{}#{}", contact.connection, escape(contact.contact.as_str()))
}

/// No organisation's: a message may be about any of them.
pub(crate) fn taken_in(message: &str) -> Key {
    Key { pk: format!("HOOK#{}#", escape(message)), sk: "HOOK".to_owned() }
}

/// An outside id inside a key: the separator and the escape sign themselves are escaped.
fn escape(id: &str) -> String {
    id.replace('%', "%25").replace('#', "%23")
}

#[cfg(test)]
mod tests;
