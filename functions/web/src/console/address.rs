//! Addresses of pages, with the ledgers' ids as a path takes them.

use numo_domain::{
    contact::ContactRef,
    id::{ConnectionId, ExternalId, NumberKey, PhoneNumberId, WabaId},
    language::Language,
    template::Purpose,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

/// The page of a customer.
pub(super) fn customer(contact: &ContactRef) -> String {
    format!("/customers/{}/{}", contact.connection, segment(contact.contact.as_str()))
}

/// The page of a conversation.
pub(super) fn conversation(number: &NumberKey, sender: &PhoneNumberId) -> String {
    format!("/messages/{}/{}", segment(number.as_str()), segment(sender.as_str()))
}

/// The page of an invoice.
pub(super) fn invoice(connection: ConnectionId, invoice: &ExternalId) -> String {
    format!("/invoices/{connection}/{}", segment(invoice.as_str()))
}

/// Where a WhatsApp number is ended.
pub(super) fn end_of_number(number: &PhoneNumberId) -> String {
    format!("/connections/numbers/{}/end", segment(number.as_str()))
}

/// Where a WhatsApp account is ended.
pub(super) fn end_of_account(account: &WabaId) -> String {
    format!("/connections/accounts/{}/end", segment(account.as_str()))
}

/// The page of a text of the pack.
pub(super) fn template(waba: &WabaId, purpose: Purpose, language: Language) -> String {
    format!("/templates/{}/{purpose}/{language}", segment(waba.as_str()))
}

/// Text as one segment of a path.
fn segment(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, SEGMENT)
}

/// Everything but what an address has as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'~');

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_id_of_a_ledger_stays_one_segment_of_the_address() {
        let contact = ContactRef { connection: ConnectionId::new(Uuid::nil()), contact: "a/b?c#ü..".parse().unwrap() };
        assert_eq!(customer(&contact), format!("/customers/{}/a%2Fb%3Fc%23%C3%BC%2E%2E", Uuid::nil()));
    }
}
