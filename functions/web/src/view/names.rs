//! Customers by reference, to show a name where the table has an id.

use std::collections::BTreeMap;

use numo_domain::{
    contact::{Contact, ContactRef},
    id::{ConnectionId, ExternalId},
    money::Currency,
    plan::decision::Unit,
};
use serde::Serialize;

/// Customers of one organisation.
pub(crate) type Contacts = BTreeMap<ContactRef, Contact>;

/// A customer in one currency.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(crate) struct UnitView {
    pub(crate) connection: ConnectionId,
    pub(crate) contact: ExternalId,
    pub(crate) currency: Currency,
}

/// Puts customers in order.
pub(crate) fn by_ref(contacts: Vec<Contact>) -> Contacts {
    contacts.into_iter().map(|contact| (contact.at.clone(), contact)).collect()
}

/// The name of a customer, unless the ledger has dropped it.
pub(crate) fn name_of(contacts: &Contacts, contact: &ContactRef) -> Option<String> {
    contacts.get(contact).map(|contact| contact.name.clone())
}

impl UnitView {
    /// A customer in a currency.
    pub(crate) fn new(contact: &ContactRef, currency: Currency) -> Self {
        Self { connection: contact.connection, contact: contact.contact.clone(), currency }
    }
}

impl From<&Unit> for UnitView {
    fn from(unit: &Unit) -> Self {
        Self::new(&unit.contact, unit.currency)
    }
}
