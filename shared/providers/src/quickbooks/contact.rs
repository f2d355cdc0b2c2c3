//! Customers, row by row.

use numo_app::port::ledger::record::LedgerContact;
use numo_domain::contact::{ContactStatus, LedgerPhone, LedgerPhoneKind};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::quickbooks::row::{self, Meta, Reference, Unreadable};

/// A customer, or a job of one, in use or not (QuickBooks: accounting API, Customer).
pub(crate) fn contact(row: &RawValue) -> Result<LedgerContact, Unreadable> {
    let raw: RawCustomer = row::fields(row)?;
    let status = if raw.active.unwrap_or(true) { ContactStatus::Active } else { ContactStatus::Archived };
    Ok(LedgerContact {
        id: row::id(raw.id.as_deref())?,
        updated_at: row::updated_at(raw.meta.as_ref())?,
        phones: raw.phones(),
        payer: match (raw.job, raw.bill_with_parent, &raw.parent) {
            (Some(true), Some(true), Some(Reference { value: Some(parent) })) => {
                Some(row::required("ParentRef.value", Some(parent), |text| text.parse().ok())?)
            }
            _ => None,
        },
        name: name(raw.name.unwrap_or_default(), status),
        status,
        // Customer types have a name of their own only in newer companies, and no list here.
        groups: Vec::new(),
    })
}

#[derive(Debug, Deserialize)]
struct RawCustomer {
    #[serde(rename = "Id")]
    id: Option<String>,
    #[serde(rename = "DisplayName")]
    name: Option<String>,
    #[serde(rename = "Active")]
    active: Option<bool>,
    #[serde(rename = "Job")]
    job: Option<bool>,
    #[serde(rename = "BillWithParent")]
    bill_with_parent: Option<bool>,
    #[serde(rename = "ParentRef")]
    parent: Option<Reference>,
    #[serde(rename = "Mobile")]
    mobile: Option<RawPhone>,
    #[serde(rename = "PrimaryPhone")]
    primary: Option<RawPhone>,
    #[serde(rename = "AlternatePhone")]
    alternate: Option<RawPhone>,
    #[serde(rename = "Fax")]
    fax: Option<RawPhone>,
    #[serde(rename = "MetaData")]
    meta: Option<Meta>,
}

#[derive(Debug, Deserialize)]
struct RawPhone {
    /// The whole number as somebody typed it; the fields for its parts stay empty.
    #[serde(rename = "FreeFormNumber")]
    number: Option<String>,
}

impl RawCustomer {
    fn phones(&self) -> Vec<LedgerPhone> {
        let fields = [
            (LedgerPhoneKind::Mobile, &self.mobile),
            (LedgerPhoneKind::Default, &self.primary),
            (LedgerPhoneKind::Direct, &self.alternate),
            (LedgerPhoneKind::Fax, &self.fax),
        ];
        let phone = |(kind, field): (LedgerPhoneKind, &Option<RawPhone>)| {
            let text = field.as_ref()?.number.as_deref()?.trim().to_owned();
            Some(LedgerPhone { kind, text })
        };
        fields.into_iter().filter_map(phone).collect()
    }
}

/// The name without what QuickBooks appends when a customer is put away, so that another may have it.
fn name(name: String, status: ContactStatus) -> String {
    let appended = name.rfind(" (deleted").filter(|_| status == ContactStatus::Archived && name.ends_with(')'));
    match appended.and_then(|at| name.get(..at)) {
        Some(bare) => bare.to_owned(),
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The recorded customer that was put away, as JSON.
    fn row() -> Value {
        json!({
            "domain": "QBO", "sparse": false, "Id": "1", "SyncToken": "4",
            "MetaData": { "LastUpdatedTime": "2013-11-16T11:33:57-08:00" },
            "FullyQualifiedName": "Thrifty Meats (deleted)", "DisplayName": "Thrifty Meats (deleted)", "Active": false,
            "PrimaryPhone": { "FreeFormNumber": "(415) 555-1212" },
            "AlternatePhone": { "FreeFormNumber": "OtherWhat" },
            "Mobile": { "FreeFormNumber": " (831) 330-1234 " }, "Fax": { "FreeFormNumber": "(707) 560-1212" },
            "Job": false, "BillWithParent": false, "Balance": 0, "BalanceWithJobs": 0,
        })
    }

    fn read(row: &Value) -> Result<LedgerContact, Unreadable> {
        contact(&RawValue::from_string(row.to_string()).unwrap())
    }

    fn with(changes: Value) -> LedgerContact {
        let mut row = row();
        row.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        read(&row).unwrap()
    }

    #[test]
    fn a_row_becomes_a_contact_with_its_own_name_and_its_phone_fields() {
        let phone = |kind, text: &str| LedgerPhone { kind, text: text.to_owned() };
        let expected = LedgerContact {
            id: "1".parse().unwrap(),
            name: String::from("Thrifty Meats"),
            status: ContactStatus::Archived,
            phones: vec![
                phone(LedgerPhoneKind::Mobile, "(831) 330-1234"),
                phone(LedgerPhoneKind::Default, "(415) 555-1212"),
                phone(LedgerPhoneKind::Direct, "OtherWhat"),
                phone(LedgerPhoneKind::Fax, "(707) 560-1212"),
            ],
            payer: None,
            groups: Vec::new(),
            updated_at: "2013-11-16T19:33:57Z".parse().unwrap(),
        };
        assert_eq!(read(&row()), Ok(expected));
    }

    #[test]
    fn only_what_quickbooks_appended_is_taken_off_a_name() {
        for (name, active, expected) in [
            ("Acme (deleted)", false, "Acme"),
            ("Acme (deleted 1)", false, "Acme"),
            ("Acme (deleted)", true, "Acme (deleted)"),
            ("Acme (deleted) Ltd", false, "Acme (deleted) Ltd"),
            ("Acme", false, "Acme"),
        ] {
            assert_eq!(with(json!({ "DisplayName": name, "Active": active })).name, expected, "{name}");
        }
    }

    #[test]
    fn the_parent_pays_for_a_job_that_is_billed_with_it_and_for_no_other() {
        let parent = json!({ "value": "7", "name": "Head office" });
        for (job, with_parent, expected) in [(true, true, "7".parse().ok()), (true, false, None), (false, true, None)] {
            let changes = json!({ "ParentRef": parent, "Job": job, "BillWithParent": with_parent });
            assert_eq!(with(changes).payer, expected, "{job} {with_parent}");
        }
        assert_eq!(with(json!({ "ParentRef": null, "Job": true, "BillWithParent": true })).payer, None);
    }

    #[test]
    fn what_quickbooks_leaves_out_is_in_use_and_without_a_number() {
        let bare = json!({ "Id": "2", "MetaData": { "LastUpdatedTime": "2013-11-16T11:33:57-08:00" }, "Mobile": {} });
        let contact = read(&bare).unwrap();
        assert_eq!((contact.status, contact.phones, contact.name.as_str()), (ContactStatus::Active, Vec::new(), ""));
    }

    #[test]
    fn what_is_wrong_is_named_by_its_path() {
        let mut row = row();
        row["Mobile"]["FreeFormNumber"] = json!({ "HUSH": 1 });
        assert_eq!(read(&row), Err(Unreadable::field("Mobile.FreeFormNumber", "wrong type")));
        row["Mobile"] = json!(null);
        row["MetaData"] = json!(null);
        assert_eq!(read(&row), Err(Unreadable::field("MetaData.LastUpdatedTime", "missing")));
    }
}
