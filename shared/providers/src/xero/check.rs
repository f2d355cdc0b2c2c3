//! The fresh read before a send: what Xero says right now of some contacts.

use std::collections::BTreeSet;

use async_trait::async_trait;
use numo_app::port::ledger::{
    LedgerAccess, LedgerError,
    check::{CONTACTS_PER_CHECK, CheckLimits, Checked, LedgerCheck, Unreadable},
    reader::{Batch, Place},
};
use numo_domain::id::ExternalId;

use crate::xero::{
    list,
    pull::{OPEN, OPEN_CREDIT, SUMMARY, Selection, newest},
    reader::{XeroReader, comma_list, merged},
};

/// Xero takes 60 calls a minute for one organisation; a check has five.
const CALLS_PER_MINUTE: usize = 50;

/// More pages of one list for forty contacts than this are an error rather than an endless loop.
const MAX_PAGES: usize = 20;

#[async_trait]
impl LedgerCheck for XeroReader {
    fn limits(&self) -> CheckLimits {
        CheckLimits { contacts: CONTACTS_PER_CHECK, calls_per_minute: CALLS_PER_MINUTE }
    }

    async fn check(&self, access: &LedgerAccess, contacts: &[ExternalId]) -> Result<Checked, LedgerError> {
        let mut request_ids = Vec::new();
        let mut whole: Option<Batch> = None;
        for selection in selections(contacts)? {
            for batch in self.every_page(access, &selection).await? {
                request_ids.extend(batch.request_id.clone());
                whole = Some(match whole {
                    Some(first) => merged(first, batch),
                    None => batch,
                });
            }
        }
        let whole = whole.ok_or_else(|| LedgerError::Malformed(String::from("a check without an answer")))?;
        Ok(checked(whole, request_ids))
    }
}

impl XeroReader {
    async fn every_page(&self, access: &LedgerAccess, selection: &Selection) -> Result<Vec<Batch>, LedgerError> {
        let mut batches = Vec::new();
        let mut place = Some(Place::first(selection.list.place));
        while let Some(at) = place {
            if batches.len() == MAX_PAGES {
                let name = selection.list.operation;
                return Err(LedgerError::Malformed(format!("more than {MAX_PAGES} pages of {name}")));
            }
            let page = self.page(access, selection, at.page).await?;
            place = page.following(&at, selection.extent.page_size());
            batches.push(page.batch);
        }
        Ok(batches)
    }
}

/// Five lists of these contacts: themselves, their open documents, and three kinds of credit.
fn selections(contacts: &[ExternalId]) -> Result<[Selection; 5], LedgerError> {
    // Nobody's would not narrow the calls at all: everybody's invoices would come back.
    if contacts.is_empty() || contacts.len() > CONTACTS_PER_CHECK || !contacts.iter().all(is_guid) {
        return Err(LedgerError::Rejected(400));
    }
    let ids = comma_list(contacts);
    let credit = credit_of(contacts);
    Ok([
        newest(&list::CONTACTS, &[("IDs", &ids), ("includeArchived", "true")]),
        newest(&list::INVOICES, &[("ContactIDs", &ids), OPEN, SUMMARY]),
        newest(&list::CREDIT_NOTES, &[("where", &credit)]),
        newest(&list::PREPAYMENTS, &[("where", &credit)]),
        newest(&list::OVERPAYMENTS, &[("where", &credit)]),
    ])
}

/// Lists of credit take no ids of contacts, so `where` names them one by one.
fn credit_of(contacts: &[ExternalId]) -> String {
    let of_one = |contact: &ExternalId| format!("Contact.ContactID==guid(\"{contact}\")");
    let of_any: Vec<String> = contacts.iter().map(of_one).collect();
    format!("{OPEN_CREDIT} AND ({})", of_any.join(" OR "))
}

/// Whether an id is short and has nothing that would end a quoted word.
fn is_guid(id: &ExternalId) -> bool {
    id.as_str().len() <= 36 && id.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// A record that was on two pages counts once, as it was read last.
fn checked(whole: Batch, request_ids: Vec<String>) -> Checked {
    let mut unreadable = Unreadable::Of(Vec::new());
    for row in whole.skipped {
        unreadable.add(row.contact);
    }
    Checked {
        contacts: once(whole.contacts, |contact| contact.id.clone()),
        invoices: once(whole.invoices, |invoice| invoice.id.clone()),
        credits: once(whole.credits, |credit| credit.id.clone()),
        bills: once(whole.bills, |bill| bill.id.clone()),
        unreadable,
        read_at: whole.read_at,
        request_ids,
    }
}

fn once<T>(mut records: Vec<T>, id: fn(&T) -> ExternalId) -> Vec<T> {
    let mut seen = BTreeSet::new();
    records.reverse();
    records.retain(|record| seen.insert(id(record)));
    records.reverse();
    records
}

#[cfg(test)]
mod tests {
    use reqwest::Url;

    use super::*;

    fn ids(n: usize) -> Vec<ExternalId> {
        (0..n).map(|n| format!("018f0000-0000-7000-8000-{n:012}").parse().unwrap()).collect()
    }

    #[test]
    fn credit_is_asked_for_contact_by_contact() {
        let contacts: Vec<ExternalId> = ["a-1", "b-2"].map(|id| id.parse().unwrap()).to_vec();
        let expected = r#"Status=="AUTHORISED" AND RemainingCredit>0 AND (Contact.ContactID==guid("a-1") OR Contact.ContactID==guid("b-2"))"#;
        assert_eq!(credit_of(&contacts), expected);
    }

    #[test]
    fn the_address_of_a_full_check_is_one_that_servers_take() {
        for selection in selections(&ids(CONTACTS_PER_CHECK)).unwrap() {
            let address = "https://api.xero.com/api.xro/2.0/Overpayments?page=20&pageSize=1000";
            let url = Url::parse_with_params(address, &selection.query).unwrap();
            assert!(url.as_str().len() < 4096, "{}", url.as_str().len());
        }
    }

    #[test]
    fn nobody_too_many_and_ids_that_could_end_a_quotation_are_refused() {
        let strange: Vec<ExternalId> = vec!["a\")OR(Total>0".parse().unwrap()];
        for contacts in [ids(0), ids(CONTACTS_PER_CHECK + 1), strange, vec!["a".repeat(37).parse().unwrap()]] {
            assert!(matches!(selections(&contacts), Err(LedgerError::Rejected(400))), "{}", contacts.len());
        }
    }

    #[test]
    fn a_record_of_two_pages_counts_once_as_it_was_read_last() {
        let id = |text: &(&str, u8)| text.0.parse().unwrap();
        assert_eq!(once(vec![("a", 1), ("b", 2), ("a", 3)], id), [("b", 2), ("a", 3)]);
    }
}
