use serde_json::{Value, json};

use crate::xero::data::names;
use crate::xero::dates;

/// A customer or supplier before it is put into Xero's shape.
#[derive(Debug, Clone)]
pub(crate) struct Contact {
    pub(crate) id: String,
    pub(crate) index: usize,
    pub(crate) name: String,
    pub(crate) status: &'static str,
    pub(crate) phones: Value,
    pub(crate) side: Side,
    pub(crate) updated_ms: i64,
}

/// Which side of the ledger a contact is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Customer,
    Supplier,
}

impl Contact {
    /// The contact object (Xero: accounting API, Contacts).
    pub(crate) fn row(&self) -> Value {
        let (first, last) = names::person(self.index);
        json!({
            "ContactID": self.id, "ContactStatus": self.status, "Name": self.name,
            "FirstName": first, "LastName": last,
            "EmailAddress": format!("accounts{}@customer.example", self.index),
            "BankAccountDetails": "",
            "Addresses": [
                { "AddressType": "STREET", "City": "", "Region": "", "PostalCode": "", "Country": "" },
                { "AddressType": "POBOX", "City": "", "Region": "", "PostalCode": "", "Country": "" },
            ],
            "Phones": self.phones, "UpdatedDateUTC": dates::instant(self.updated_ms),
            "ContactGroups": [], "IsSupplier": self.side == Side::Supplier,
            "IsCustomer": self.side == Side::Customer, "ContactPersons": [],
            "HasAttachments": false, "HasValidationErrors": false,
        })
    }
}
