//! Who owes the invoices of whom: links of merged contacts and of those whose parent is billed.

use jiff::Timestamp;
use numo_domain::{
    contact::{Contact, ContactRef, Payers},
    id::{ConnectionId, OrgId},
};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::table::Source,
    store::{Entity, Store, keys},
};

/// That somebody else owes the invoices of a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct PayerLink {
    contact: ContactRef,
    payer: ContactRef,
}

impl Entity for PayerLink {
    const ENTITY: &'static str = "payer_link";
}

impl Store {
    /// Who owes whose invoices in a connection; a few links, whatever the number of contacts.
    pub async fn payers(&self, org: &OrgId, connection: ConnectionId) -> Result<Payers, AppError> {
        let source = Source::Table(keys::org_partition(org));
        let links = self.list::<PayerLink>(source, keys::payer_links(connection)).await?;
        Ok(links.into_iter().map(|link| (link.value.contact, link.value.payer)).collect())
    }

    /// Written before the contact, so that a crash between leaves it to the next read of the contact.
    pub(crate) async fn link_payer(&self, org: &OrgId, contact: &Contact, now: Timestamp) -> Result<(), AppError> {
        let key = keys::payer_link(org, &contact.at);
        match contact.payer() {
            Some(payer) => self.put(key, &PayerLink { contact: contact.at.clone(), payer }, now).await,
            None => self.delete::<PayerLink>(key).await,
        }
    }
}
