//! A synthetic business, its customers and their invoices.

use jiff::{Timestamp, civil::Date};
use numo_domain::{
    contact::{Contact, ContactNumber, ContactRef, ContactStatus},
    id::{ConnectionId, NumberKey},
    money::Currency,
    organisation::{Attestation, Organisation},
    policy::audience::Policies,
};
use uuid::Uuid;

use crate::habits::Habit;

/// A customer of a synthetic business.
#[derive(Debug, Clone)]
pub(crate) struct Customer {
    pub(crate) name: String,
    /// As E.164.
    pub(crate) number: String,
    pub(crate) habit: Habit,
}

/// An invoice that a customer will get.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewInvoice {
    pub(crate) day: Date,
    /// The customer's place in the list.
    pub(crate) customer: usize,
    pub(crate) due: Date,
    pub(crate) currency: Currency,
}

/// A synthetic business and when its customers get invoices.
#[derive(Debug, Clone)]
pub(crate) struct Business {
    pub(crate) organisation: Organisation,
    pub(crate) policies: Policies,
    pub(crate) customers: Vec<Customer>,
    pub(crate) invoices: Vec<NewInvoice>,
}

pub(crate) const CONNECTION: ConnectionId = ConnectionId::new(Uuid::from_u128(1));

pub(crate) fn customer_ref(place: usize) -> ContactRef {
    ContactRef { connection: CONNECTION, contact: format!("c{place}").parse().unwrap() }
}

/// An organisation that stated the relationship to its customers.
pub(crate) fn organisation(zone: &str) -> Organisation {
    let mut organisation = Organisation::new("org_year".parse().unwrap());
    organisation.zone = zone.parse().unwrap();
    organisation.attestation = Some(Attestation {
        version: 1,
        by: "user_owner".parse().unwrap(),
        at: Timestamp::UNIX_EPOCH,
        authorised_by: String::new(),
    });
    organisation
}

/// The customer as the ledger shows it.
pub(crate) fn contact(place: usize, customer: &Customer) -> Contact {
    let key: NumberKey = customer.number.replace('+', "k").parse().unwrap();
    Contact {
        at: customer_ref(place),
        name: customer.name.clone(),
        status: ContactStatus::Active,
        number: ContactNumber::usable(customer.number.parse().unwrap(), key.clone()),
        first_key: Some(key),
        typed: None,
        typed_before: None,
        payer: None,
        groups: Vec::new(),
        updated_at: Timestamp::UNIX_EPOCH,
    }
}
