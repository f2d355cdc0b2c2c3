//! Contacts, and which contacts a number belongs to.

use jiff::Timestamp;
use numo_domain::{
    contact::{Contact, ContactRef},
    id::{NumberKey, OrgId},
};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::table::{Item, Order, Source},
    store::{
        Created, Entity, RACES, Store, Stored, keys, lost_races, new_item,
        part::{Part, Parted},
        typed_number,
    },
};

impl Entity for Contact {
    const ENTITY: &'static str = "contact";
}

/// That a number belongs to a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PhoneLink {
    pub contact: ContactRef,
}

impl Entity for PhoneLink {
    const ENTITY: &'static str = "phone_link";
}

/// What an upsert did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upserted {
    /// It was new or changed.
    Written,
    /// It was the same already.
    Unchanged,
    /// Something newer is there.
    Stale,
}

impl Store {
    /// All contacts of the organisation.
    pub async fn contacts(&self, org: &OrgId) -> Result<Vec<Contact>, AppError> {
        let source = Source::Table(keys::org_partition(org));
        let stored = self.list(source, keys::CONTACTS.to_owned()).await?;
        Ok(stored.into_iter().map(|stored| stored.value).collect())
    }

    /// Contacts of the organisation, part by part, in the order of their keys.
    pub async fn contacts_part(&self, org: &OrgId, part: &Part) -> Result<Parted<Contact>, AppError> {
        self.list_part(keys::org_partition(org), keys::CONTACTS.to_owned(), Order::Ascending, part).await
    }

    /// What is wanted of all contacts, part by part in the order of their keys.
    ///
    /// A part may have fewer than its limit, or none, and be followed by more.
    pub async fn contacts_found(
        &self,
        org: &OrgId,
        part: &Part,
        wanted: impl Fn(&Contact) -> bool,
    ) -> Result<Parted<Contact>, AppError> {
        self.list_found((keys::org_partition(org), keys::CONTACTS), part, wanted).await
    }

    /// Some contacts of the organisation; those that do not exist are left out.
    pub async fn contacts_by_ref(
        &self,
        org: &OrgId,
        contacts: &[ContactRef],
    ) -> Result<Vec<Stored<Contact>>, AppError> {
        let keys: Vec<_> = contacts.iter().map(|contact| keys::contact(org, contact)).collect();
        Ok(self.read_many(&keys).await?.into_iter().map(|(_, stored)| stored).collect())
    }

    /// Writes a contact as its ledger tells it, unless it is the same or something newer is there.
    ///
    /// The first number that was ever seen for it is kept with it, and one that was typed while the ledger says what it
    /// said then. After a lost race it is compared again with what the winner wrote.
    pub async fn upsert_contact(
        &self,
        org: &OrgId,
        seen: Option<&Stored<Contact>>,
        contact: &Contact,
        now: Timestamp,
    ) -> Result<Upserted, AppError> {
        let key = keys::contact(org, &contact.at);
        let mut seen = seen.cloned();
        for _ in 0..RACES {
            let contact = &contact.clone().told_anew(seen.as_ref().map(|seen| &seen.value));
            let written = match &seen {
                Some(seen) if seen.value == *contact => return Ok(Upserted::Unchanged),
                Some(seen) if seen.value.updated_at > contact.updated_at => return Ok(Upserted::Stale),
                Some(before) => {
                    if before.value.payer != contact.payer {
                        self.link_payer(org, contact, now).await?;
                    }
                    self.link_number(org, contact, now).await?;
                    let ended = before.value.typed.as_ref().filter(|_| contact.typed.is_none());
                    let told = ended.map(|typed| typed_number::ended(typed, &contact.at, now));
                    self.renumber(org, before, contact, told.as_ref().map(|(id, line)| (*id, line)), now).await?
                }
                None => {
                    if contact.payer.is_some() {
                        self.link_payer(org, contact, now).await?;
                    }
                    self.link_number(org, contact, now).await?;
                    self.create(key.clone(), contact, now).await? == Created::Created
                }
            };
            if written {
                return Ok(Upserted::Written);
            }
            seen = self.read(&key).await?;
        }
        Err(lost_races())
    }

    /// The items of a contact that was never seen and pays for itself.
    pub(crate) fn new_contact_items(org: &OrgId, contact: &Contact, now: Timestamp) -> Result<Vec<Item>, AppError> {
        let contact = Contact { first_key: contact.number.key().cloned(), ..contact.clone() };
        let mut items = vec![new_item(keys::contact(org, &contact.at), &contact, now)?];
        if let Some(number) = contact.number.key() {
            let link = PhoneLink { contact: contact.at.clone() };
            items.push(new_item(keys::phone_link(org, number, &contact.at), &link, now)?);
        }
        Ok(items)
    }

    /// The contacts that have a number.
    pub async fn contacts_of_number(&self, org: &OrgId, number: &NumberKey) -> Result<Vec<ContactRef>, AppError> {
        let source = Source::Table(keys::org_partition(org));
        let links = self.list::<PhoneLink>(source, keys::phone_links(number)).await?;
        Ok(links.into_iter().map(|link| link.value.contact).collect())
    }

    /// Written before the contact, so that a crash between leaves a link too many, never one too few.
    async fn link_number(&self, org: &OrgId, contact: &Contact, now: Timestamp) -> Result<(), AppError> {
        let Some(number) = contact.number.key() else { return Ok(()) };
        let link = PhoneLink { contact: contact.at.clone() };
        self.create(keys::phone_link(org, number, &contact.at), &link, now).await.map(|_| ())
    }
}
