//! Contacts, row by row.

use std::collections::BTreeSet;

use numo_app::port::ledger::record::LedgerContact;
use numo_domain::contact::{ContactStatus, LedgerPhone};
use serde::Deserialize;

use crate::xero::{
    date,
    field::{self, Unreadable},
    phone::{self, RawPhone},
};

/// A contact, archived or not.
///
/// Xero: accounting API, Contacts. Persons of a contact have no numbers there; a merge shows as an
/// archived contact that names the one it went into, and only in pages.
pub(crate) fn contact(row: &str) -> Result<LedgerContact, Unreadable> {
    let raw: RawContact = field::fields(row)?;
    let phones: Vec<LedgerPhone> = raw.phones.unwrap_or_default().iter().filter_map(phone::phone).collect();
    let merged_into = raw.merged_into.as_deref().filter(|id| !id.is_empty());
    let groups: BTreeSet<String> = raw.groups.unwrap_or_default().into_iter().filter_map(|group| group.name).collect();
    Ok(LedgerContact {
        id: field::id("ContactID", raw.id.as_deref())?,
        status: field::required("ContactStatus", raw.status.as_deref(), status)?,
        payer: merged_into.map(|id| field::id("MergedToContactID", Some(id))).transpose()?,
        groups: groups.into_iter().collect(),
        updated_at: field::required("UpdatedDateUTC", raw.updated.as_deref(), date::instant)?,
        name: raw.name.unwrap_or_default(),
        phones,
    })
}

#[derive(Debug, Deserialize)]
struct RawContact {
    #[serde(rename = "ContactID")]
    id: Option<String>,
    #[serde(rename = "ContactStatus")]
    status: Option<String>,
    #[serde(rename = "Name")]
    name: Option<String>,
    #[serde(rename = "Phones")]
    phones: Option<Vec<RawPhone>>,
    #[serde(rename = "MergedToContactID")]
    merged_into: Option<String>,
    #[serde(rename = "ContactGroups")]
    groups: Option<Vec<RawGroup>>,
    #[serde(rename = "UpdatedDateUTC")]
    updated: Option<String>,
}

#[derive(Debug, Deserialize)]
struct RawGroup {
    #[serde(rename = "Name")]
    name: Option<String>,
}

fn status(text: &str) -> Option<ContactStatus> {
    match text {
        "ACTIVE" => Some(ContactStatus::Active),
        "ARCHIVED" => Some(ContactStatus::Archived),
        "GDPRREQUEST" => Some(ContactStatus::GdprRequest),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use numo_domain::contact::LedgerPhoneKind;
    use reqwest::header::HeaderMap;
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        http::call::Answer,
        samples,
        xero::{list::CONTACTS, page::page},
    };

    fn read(row: &Value) -> Result<LedgerContact, Unreadable> {
        contact(&row.to_string())
    }

    fn row() -> Value {
        json!({
            "ContactID": "c-1", "ContactStatus": "ACTIVE", "Name": "Acme", "UpdatedDateUTC": "/Date(1000+0000)/",
            "Phones": [
                { "PhoneType": "DEFAULT" },
                { "PhoneType": "MOBILE", "PhoneNumber": "123 4567", "PhoneAreaCode": "050", "PhoneCountryCode": "971" },
                { "PhoneType": "CARRIER PIGEON", "PhoneNumber": "1" },
            ],
            "ContactGroups": [{ "Name": "Wholesale" }, { "ContactGroupID": "g" }, { "Name": "VIP" }, { "Name": "VIP" }],
            "Balances": { "AccountsReceivable": { "Outstanding": 1.5 } },
        })
    }

    #[test]
    fn a_row_becomes_a_contact_with_its_known_phone_fields() {
        let phone = |kind, text: &str| LedgerPhone { kind, text: text.to_owned() };
        let expected = LedgerContact {
            id: "c-1".parse().unwrap(),
            name: String::from("Acme"),
            status: ContactStatus::Active,
            phones: vec![phone(LedgerPhoneKind::Default, ""), phone(LedgerPhoneKind::Mobile, "+971 50 123 4567")],
            payer: None,
            groups: vec![String::from("VIP"), String::from("Wholesale")],
            updated_at: "1970-01-01T00:00:01Z".parse().unwrap(),
        };
        assert_eq!(read(&row()), Ok(expected));
    }

    #[test]
    fn every_documented_status_is_known() {
        let statuses = ["ACTIVE", "ARCHIVED", "GDPRREQUEST"].map(|text| {
            let mut row = row();
            row["ContactStatus"] = json!(text);
            read(&row).unwrap().status
        });
        assert_eq!(statuses, [ContactStatus::Active, ContactStatus::Archived, ContactStatus::GdprRequest]);
    }

    #[test]
    fn a_merged_contact_names_the_one_it_went_into() {
        let payer = |merged: Value| {
            let mut row = row();
            row["ContactStatus"] = json!("ARCHIVED");
            row["MergedToContactID"] = merged;
            read(&row).unwrap().payer
        };
        assert_eq!(payer(json!("c-2")), "c-2".parse().ok());
        assert_eq!((payer(json!(null)), payer(json!(""))), (None, None));
    }

    #[test]
    fn a_wrong_type_is_named_by_its_path() {
        let mut row = row();
        row["Phones"][1]["PhoneNumber"] = json!({ "HUSH": 1 });
        assert_eq!(read(&row), Err(Unreadable::field("Phones[1].PhoneNumber", "wrong type")));
        row["Phones"] = json!(null);
        assert_eq!(read(&row).unwrap().phones, []);
        row["ContactStatus"] = json!("NEW");
        assert_eq!(read(&row), Err(Unreadable::field("ContactStatus", "unreadable")));
    }

    #[test]
    fn the_official_sample_reads_whole() {
        let Some(text) = samples::text("xero/openapi_contacts_list_200.json") else { return };
        let answer = Answer { status: 200, headers: HeaderMap::new(), body: text.into_bytes() };
        let read = page(&answer, &CONTACTS).unwrap().batch;
        let texts: Vec<Vec<&str>> =
            read.contacts.iter().map(|row| row.phones.iter().map(|phone| phone.text.as_str()).collect()).collect();
        assert_eq!(texts, [["", "(626) 847-1294", "", ""], ["", "(510) 266-3583", "", ""]]);
        assert_eq!(read.skipped, []);
    }
}
