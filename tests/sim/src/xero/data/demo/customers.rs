use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Value, json};

use crate::field::Field as _;
use crate::random::Random;
use crate::xero::data::contact::{Contact, Side};
use crate::xero::data::{names, phones};
use crate::xero::dates;

/// How many contacts the organisation has.
pub(crate) const N_CONTACTS: usize = 220;
/// Contacts below this index owe something overdue and have their own valid mobile.
pub(crate) const N_OVERDUE: usize = 140;
/// Contacts from this index on are suppliers.
pub(crate) const FIRST_SUPPLIER: usize = 200;

/// Customers to whom the organisation owes money as well.
pub(crate) const BOTH_SIDES: &[usize] = &[161, 162, 163, 164, 165, 193, 194, 195, 196, 197];

const PAIR: std::ops::Range<usize> = 150..152;
const FOUR: std::ops::Range<usize> = 152..156;
const LANDLINE: std::ops::Range<usize> = 156..162;
const NO_NUMBER: std::ops::Range<usize> = 162..168;
const JUNK: std::ops::Range<usize> = 168..173;
const EXTENSION: std::ops::Range<usize> = 173..178;
const ARCHIVED: usize = 178;
const ERASED: usize = 179;
const MERGED: usize = 180;
const TWICE: std::ops::Range<usize> = 181..185;

pub(crate) fn all(random: &mut Random, today: Date, mobiles: &mut BTreeMap<String, String>) -> Vec<Contact> {
    (0..N_CONTACTS).map(|index| contact(random, index, today, mobiles)).collect()
}

/// The served rows; the merged contact names the one it went into.
pub(crate) fn rows(contacts: &[Contact]) -> Vec<Value> {
    let merged_to = contacts.first().map_or("", |contact| contact.id.as_str());
    contacts.iter().map(|contact| row(contact, merged_to)).collect()
}

fn row(contact: &Contact, merged_to: &str) -> Value {
    let mut row = contact.row();
    if contact.index == MERGED {
        row.put("MergedToContactID", json!(merged_to));
    }
    if contact.index.is_multiple_of(7) {
        row.put("SimUnknownField", json!({ "added": "later", "levels": [1, { "deep": null }] }));
    }
    if BOTH_SIDES.contains(&contact.index) {
        row.put("IsSupplier", json!(true));
    }
    row.put("ContactGroups", Value::Array(groups(contact.index)));
    if contact.index.is_multiple_of(6) {
        row.put("ContactPersons", json!([person(contact.index)]));
    }
    row
}

/// A further person has a name and an address, never a phone.
fn person(index: usize) -> Value {
    let (first, last) = names::person(index + 1);
    json!({
        "FirstName": first, "LastName": last, "EmailAddress": format!("person{index}@customer.example"),
        "IncludeInEmails": false,
    })
}

fn groups(index: usize) -> Vec<Value> {
    let of = |every: usize, id: &str, name: &str| {
        let group = json!({
            "ContactGroupID": id, "Name": name, "Status": "ACTIVE", "Contacts": [], "HasValidationErrors": false,
        });
        index.is_multiple_of(every).then_some(group)
    };
    let wholesale = of(10, "17b44ed7-4389-4162-91cb-3dd5766e4e22", "Wholesale");
    let personal = of(25, "2f1c0a63-6d0e-4f5b-9a3e-8f6c52a6d101", "Call before writing");
    [wholesale, personal].into_iter().flatten().collect()
}

fn contact(random: &mut Random, index: usize, today: Date, mobiles: &mut BTreeMap<String, String>) -> Contact {
    let id = random.id();
    let (entries, own) = entries(random, index);
    let status = match index {
        ARCHIVED | MERGED => "ARCHIVED",
        ERASED => "GDPRREQUEST",
        _ => "ACTIVE",
    };
    if let Some(number) = own.filter(|_| status == "ACTIVE") {
        mobiles.insert(id.clone(), number.e164());
    }
    let side = if index < FIRST_SUPPLIER { Side::Customer } else { Side::Supplier };
    let updated = dates::plus_days(today, -random.between(2, 80));
    Contact {
        id,
        index,
        name: names::customer(index),
        status,
        phones: entries,
        side,
        updated_ms: dates::start_ms(updated) + random.between(0, 86_399_999),
    }
}

/// Phone entries, and the number if it is valid and this contact's alone.
fn entries(random: &mut Random, index: usize) -> (Value, Option<phones::Number>) {
    let own = if index % 5 == 4 { phones::foreign(index / 5) } else { phones::emirati(index) };
    match index {
        at if PAIR.contains(&at) => (phones::written(&phones::emirati(PAIR.start), at), None),
        at if FOUR.contains(&at) => (phones::written(&phones::emirati(FOUR.start), at), None),
        at if LANDLINE.contains(&at) => (phones::landline(random, ""), None),
        at if NO_NUMBER.contains(&at) => (phones::none(), None),
        at if JUNK.contains(&at) => (phones::junk(at), None),
        at if EXTENSION.contains(&at) => (phones::landline(random, " ext 12"), None),
        at if TWICE.contains(&at) => {
            let number = phones::emirati(at);
            (phones::written_twice(&number), Some(number))
        }
        at if at >= FIRST_SUPPLIER => (phones::landline(random, ""), None),
        at => (phones::written(&own, at), Some(own)),
    }
}
