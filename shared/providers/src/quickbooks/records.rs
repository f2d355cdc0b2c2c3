//! Rows of any entity into records of a batch.

use numo_app::port::ledger::{reader::Batch, record::DeletedRecord};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::quickbooks::{
    answer::Block,
    contact, credit,
    entity::Entity,
    invoice, payment,
    row::{self, Meta},
};

/// Adds the rows of a query.
pub(crate) fn add(batch: &mut Batch, block: &Block<'_>) {
    for entity in Entity::ALL {
        for row in block.rows(entity) {
            add_row(batch, entity, row);
        }
    }
}

/// Adds the rows of change data capture, of which deleted ones are told by little more than an id.
pub(crate) fn add_changes(batch: &mut Batch, block: &Block<'_>) {
    for entity in Entity::ALL {
        for row in block.rows(entity) {
            match deleted(batch, entity, row) {
                Some(record) => batch.deleted.push(record),
                None => add_row(batch, entity, row),
            }
        }
    }
}

fn add_row(batch: &mut Batch, entity: Entity, row: &RawValue) {
    let added = match entity {
        Entity::Customer => contact::contact(row).map(|contact| batch.contacts.push(contact)),
        Entity::Invoice => invoice::invoice(row).map(|invoice| batch.invoices.push(invoice)),
        Entity::CreditMemo => credit::credit(row).map(|credit| batch.credits.push(credit)),
        Entity::Payment => payment::payment(row).map(|(payment, credit)| {
            batch.payments.push(payment);
            batch.credits.push(credit);
        }),
    };
    if let Err(why) = added {
        batch.skipped.push(row::skipped(entity, row, why));
    }
}

/// The record that is gone, if the row says so (QuickBooks: change data capture).
fn deleted(batch: &Batch, entity: Entity, row: &RawValue) -> Option<DeletedRecord> {
    let stub: Stub = serde_json::from_str(row.get()).ok()?;
    let is_deleted = stub.status.is_some_and(|status| status.eq_ignore_ascii_case("deleted"));
    let id = stub.id.filter(|_| is_deleted)?.parse().ok()?;
    let updated_at = row::updated_at(stub.meta.as_ref()).unwrap_or(batch.read_at);
    Some(DeletedRecord { kind: entity.kind(), id, updated_at })
}

#[derive(Debug, Deserialize)]
struct Stub {
    status: Option<String>,
    #[serde(rename = "Id")]
    id: Option<String>,
    #[serde(rename = "MetaData")]
    meta: Option<Meta>,
}

#[cfg(test)]
mod tests {
    use numo_app::port::ledger::record::{RecordKind, SkippedRow};
    use reqwest::header::HeaderMap;
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        http::call::Answer,
        quickbooks::answer::{ChangesAnswer, whole},
        samples,
    };

    /// The batch of an answer of change data capture.
    fn read(text: String) -> Batch {
        let answer = Answer { status: 200, headers: HeaderMap::new(), body: text.into_bytes() };
        let read: ChangesAnswer<'_> = whole(&answer).unwrap();
        let mut batch = Batch::empty("2016-04-14T00:00:00Z".parse().unwrap());
        for block in read.blocks(&answer).unwrap() {
            add_changes(&mut batch, &block);
        }
        batch
    }

    fn changes(blocks: &Value) -> Batch {
        read(json!({ "CDCResponse": [{ "QueryResponse": blocks }] }).to_string())
    }

    #[test]
    fn a_broken_row_is_left_out_and_the_rest_of_its_page_is_kept() {
        let meta = json!({ "LastUpdatedTime": "2016-04-13T07:34:40-07:00" });
        let batch = changes(&json!([{ "Customer": [
            { "Id": "1", "DisplayName": "A", "MetaData": meta }, 7, { "Id": "3", "Active": "HUSH", "MetaData": meta },
            { "Id": "4", "DisplayName": "B", "MetaData": meta },
        ] }]));
        let skipped = |id: Option<&str>, reason: &str| {
            let id = id.map(|id| id.parse().unwrap());
            SkippedRow { kind: RecordKind::Contact, contact: id.clone(), id, number: None, reason: reason.to_owned() }
        };
        let names: Vec<&str> = batch.contacts.iter().map(|contact| contact.name.as_str()).collect();
        assert_eq!(names, ["A", "B"]);
        assert_eq!(batch.skipped, [skipped(None, "row: wrong type"), skipped(Some("3"), "Active: wrong type")]);
    }

    #[test]
    fn deleted_records_are_told_by_their_status_in_every_entity() {
        let stub = |id: &str| json!({ "Id": id, "status": "Deleted", "domain": "QBO" });
        let mut dated = stub("65");
        dated["MetaData"] = json!({ "LastUpdatedTime": "2016-04-13T07:34:31-07:00" });
        let batch = changes(&json!([
            { "Invoice": [dated] }, {}, { "Payment": [stub("2")] }, { "CreditMemo": [stub("3")], "Customer": [stub("4")] },
        ]));
        let deleted =
            |kind, id: &str, at: &str| DeletedRecord { kind, id: id.parse().unwrap(), updated_at: at.parse().unwrap() };
        let expected = [
            deleted(RecordKind::Invoice, "65", "2016-04-13T14:34:31Z"),
            deleted(RecordKind::Payment, "2", "2016-04-14T00:00:00Z"),
            deleted(RecordKind::Contact, "4", "2016-04-14T00:00:00Z"),
            deleted(RecordKind::CreditNote, "3", "2016-04-14T00:00:00Z"),
        ];
        assert_eq!((batch.deleted.as_slice(), batch.skipped.len()), (expected.as_slice(), 0));
    }

    #[test]
    fn the_recorded_changes_with_their_toy_ids_are_left_out_row_by_row() {
        let Some(text) = samples::text("quickbooks/python_quickbooks_cdc_response.json") else { return };
        let batch = read(text);
        let reasons: Vec<&str> = batch.skipped.iter().map(|row| row.reason.as_str()).collect();
        let no_currency = "CurrencyRef.value: missing";
        assert_eq!(reasons, ["Id: wrong type", no_currency, no_currency]);
        assert_eq!(batch.skipped[1].number.as_deref(), Some("12344"));
    }
}
