use jiff::Timestamp;
use numo_app::port::ledger::reader::LedgerList;
use reqwest::header::HeaderMap;
use serde_json::json;

use super::*;
use crate::xero::list::{CONTACTS, INVOICES, PAYMENTS};

fn answer(body: &Value) -> Answer {
    Answer { status: 200, headers: HeaderMap::new(), body: body.to_string().into_bytes() }
}

fn skipped_of(list: &List, rows: &Value) -> Vec<SkippedRow> {
    page(&answer(&json!({ "DateTimeUTC": "/Date(1000)/", list.name: rows })), list).unwrap().batch.skipped
}

#[test]
fn a_broken_row_is_left_out_with_what_is_known_of_it_and_the_others_are_kept() {
    let contact = |id: &str| json!({ "ContactID": id, "ContactStatus": "ACTIVE", "UpdatedDateUTC": "/Date(1)/" });
    let body = json!({
        "Id": "call-1", "DateTimeUTC": "/Date(1000)/",
        "Contacts": [contact("a"), { "ContactID": "b", "ContactStatus": 7 }, 3, contact("d")],
    });
    let batch = page(&answer(&body), &CONTACTS).unwrap().batch;
    let skipped = |id: Option<&str>, reason: &str| SkippedRow {
        kind: RecordKind::Contact,
        id: id.map(|id| id.parse().unwrap()),
        number: None,
        contact: id.map(|id| id.parse().unwrap()),
        reason: reason.to_owned(),
    };
    let ids: Vec<&str> = batch.contacts.iter().map(|contact| contact.id.as_str()).collect();
    assert_eq!(ids, ["a", "d"]);
    assert_eq!(batch.skipped, [skipped(Some("b"), "ContactStatus: wrong type"), skipped(None, "row: wrong type")]);
    assert_eq!(batch.read_at, Timestamp::from_second(1).unwrap());
    assert_eq!(batch.request_id.as_deref(), Some("call-1"));
}

#[test]
fn a_broken_row_names_its_kind_its_number_and_its_contact_where_it_can() {
    let named = |row: &SkippedRow| {
        let text = |id: &Option<numo_domain::id::ExternalId>| id.as_ref().map(ToString::to_string).unwrap_or_default();
        (row.kind, text(&row.id), row.number.clone().unwrap_or_default(), text(&row.contact))
    };
    let row = |kind: Value| json!({ "Type": kind, "InvoiceID": "i", "InvoiceNumber": "INV-1", "Contact": { "ContactID": "c" } });
    let invoices = skipped_of(&INVOICES, &json!([row(json!("ACCREC")), row(json!("ACCPAY")), row(json!(7)), "HUSH"]));
    let told = |kind| (kind, String::from("i"), String::from("INV-1"), String::from("c"));
    let nothing = (RecordKind::Invoice, String::new(), String::new(), String::new());
    let expected = [told(RecordKind::Invoice), told(RecordKind::Bill), told(RecordKind::Invoice), nothing];
    assert_eq!(invoices.iter().map(named).collect::<Vec<_>>(), expected);
    let payment =
        json!({ "PaymentType": "ACCRECPAYMENT", "PaymentID": "p", "Invoice": { "Contact": { "ContactID": "c" } } });
    let payments = skipped_of(&PAYMENTS, &json!([payment]));
    let expected = (RecordKind::Payment, String::from("p"), String::new(), String::from("c"));
    assert_eq!(payments.iter().map(named).collect::<Vec<_>>(), [expected]);
}

#[test]
fn a_body_without_the_list_is_malformed() {
    let error = page(&answer(&json!({ "DateTimeUTC": "/Date(1)/", "Contacts": {} })), &CONTACTS).unwrap_err();
    assert_eq!(error.to_string(), "the ledger's answer cannot be read: Contacts is not a list");
}

fn place(page: u32, n_rows: Option<u64>) -> Place {
    Place { list: LedgerList::Contacts, page, n_rows }
}

fn following(from: &Place, pagination: &Value, n_here: usize) -> Option<Place> {
    let rows = vec![Value::Null; n_here];
    let body = json!({ "DateTimeUTC": "/Date(1)/", "pagination": pagination, "Contacts": rows });
    page(&answer(&body), &CONTACTS).unwrap().following(from, 2)
}

#[test]
fn pagination_decides_and_a_full_page_is_the_fallback() {
    let second = |n_rows| Some(place(2, n_rows));
    assert_eq!(following(&place(1, None), &json!({ "pageCount": 2, "itemCount": 3 }), 2), second(Some(3)));
    assert_eq!(following(&place(1, None), &json!({ "pageCount": 2 }), 0), second(None));
    assert_eq!(following(&place(2, Some(3)), &json!({ "pageCount": 2, "itemCount": 3 }), 1), None);
    assert_eq!(following(&place(3, None), &json!({ "pageCount": 2 }), 0), None);
    assert_eq!(following(&place(1, None), &json!({ "pageCount": 0, "itemCount": 0 }), 0), None);
    assert_eq!(following(&place(1, None), &json!({ "pageCount": "2" }), 2), second(None));
    assert_eq!(following(&place(1, None), &Value::Null, 2), second(None));
    assert_eq!(following(&place(1, None), &Value::Null, 1), None);
}

#[test]
fn a_list_that_became_shorter_is_gone_back_once_for_every_page_that_moved() {
    let counted = |n_rows: u64| json!({ "pageCount": n_rows.div_ceil(2), "itemCount": n_rows });
    assert_eq!(following(&place(3, Some(9)), &counted(8), 2), Some(place(2, Some(8))));
    assert_eq!(following(&place(2, Some(8)), &counted(8), 2), Some(place(3, Some(8))));
    assert_eq!(following(&place(4, Some(9)), &counted(6), 2), Some(place(2, Some(6))));
    assert_eq!(following(&place(2, Some(3)), &counted(2), 0), Some(place(1, Some(2))));
    assert_eq!(following(&place(1, Some(3)), &counted(2), 2), None);
    assert_eq!(following(&place(2, Some(9)), &counted(1), 0), Some(place(1, Some(1))));
    assert_eq!(following(&place(2, Some(3)), &counted(5), 2), Some(place(3, Some(5))));
}
