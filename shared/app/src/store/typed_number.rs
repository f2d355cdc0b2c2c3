//! Numbers that admins typed in the place of the ledger's.
//!
//! A typed number lies in its contact, so that whoever reads the contact knows where its number comes from, and nobody can
//! use the number of before. Until it was read with the numbering plans the contact's number is
//! [`ContactNumber::Unread`], and an item of its own leads whoever reads it to it: both are written together and go
//! together, so that there is one exactly while there is the other.

use std::collections::BTreeSet;

use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;
use numo_domain::{
    contact::{Contact, ContactNumber, ContactRef, TypedNumber},
    id::{ActivityId, ConnectionId, NumberKey, OrgId},
    phone::typed::TypedPhone,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Builder;

use crate::{
    error::AppError,
    port::table::{Source, Write, Written},
    store::{
        Entity, RACES, Store, Stored,
        activity::{Activity, Actor},
        contact::PhoneLink,
        keys, lost_races, new_item, next_item,
    },
};

/// That a number was typed and is to be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct UnreadNumber {
    contact: ContactRef,
}

impl Entity for UnreadNumber {
    const ENTITY: &'static str = "unread_number";
}

/// The one revision of what leads to a number: it is created and deleted, and never replaced.
const ONLY_REV: u64 = 1;

impl Store {
    /// A contact with its revision.
    pub async fn contact(&self, org: &OrgId, contact: &ContactRef) -> Result<Option<Stored<Contact>>, AppError> {
        self.read(&keys::contact(org, contact)).await
    }

    /// Whose numbers of a ledger are to be read.
    pub(crate) async fn unread_numbers(
        &self,
        org: &OrgId,
        connection: ConnectionId,
    ) -> Result<Vec<ContactRef>, AppError> {
        let source = Source::Table(keys::org_partition(org));
        let unread = self.list::<UnreadNumber>(source, keys::number::unread_of(connection)).await?;
        Ok(unread.into_iter().map(|unread| unread.value.contact).collect())
    }

    /// Writes a contact as it is now; false after a lost race.
    ///
    /// What leads to a number that is unread, and what leads from numbers that the contact has no more, come and go with
    /// it, and so does `told`, a line of the activity log.
    pub(crate) async fn renumber(
        &self,
        org: &OrgId,
        seen: &Stored<Contact>,
        contact: &Contact,
        told: Option<(ActivityId, &Activity)>,
        now: Timestamp,
    ) -> Result<bool, AppError> {
        let key = keys::number::unread(org, &contact.at);
        let mut writes = vec![Write::Replace(next_item(keys::contact(org, &contact.at), seen, contact, now)?)];
        match (seen.value.is_unread(), contact.is_unread()) {
            (false, true) => {
                let unread = UnreadNumber { contact: contact.at.clone() };
                writes.push(Write::Create(new_item(key, &unread, now)?));
            }
            (true, false) => writes.push(Write::Delete { key, rev: ONLY_REV }),
            (true, true) | (false, false) => {}
        }
        writes.extend(self.link_writes(org, &seen.value, contact, now).await?);
        if let Some((id, activity)) = told {
            writes.push(Write::Create(self.activity_item(org, id, activity)?));
        }
        Ok(self.write_all(writes).await? == Written::Done)
    }

    /// What leads from the numbers that a contact has now and had not before, and no more from those that it has no more.
    async fn link_writes(
        &self,
        org: &OrgId,
        before: &Contact,
        after: &Contact,
        now: Timestamp,
    ) -> Result<Vec<Write>, AppError> {
        let (before, numbers) = (numbers(before), numbers(after));
        let mut writes = Vec::new();
        for number in before.symmetric_difference(&numbers) {
            let key = keys::phone_link(org, number, &after.at);
            let link = self.read::<PhoneLink>(&key).await?;
            match (link, numbers.contains(number)) {
                (None, true) => {
                    let link = PhoneLink { contact: after.at.clone() };
                    writes.push(Write::Create(new_item(key, &link, now)?));
                }
                (Some(link), false) => writes.push(Write::Delete { key, rev: link.rev }),
                (Some(_), true) | (None, false) => {}
            }
        }
        Ok(writes)
    }

    /// Reads a typed number, by `read`; nothing if it was read, or taken back, before.
    pub(crate) async fn settle_number(
        &self,
        org: &OrgId,
        contact: &ContactRef,
        read: impl Fn(&TypedPhone) -> Result<ContactNumber, AppError> + Sync,
        now: Timestamp,
    ) -> Result<(), AppError> {
        for _ in 0..RACES {
            let Some(seen) = self.contact(org, contact).await? else { return Ok(()) };
            let Some(typed) = seen.value.typed.as_ref().filter(|_| seen.value.is_unread()) else {
                return Ok(());
            };
            let settled = Contact { number: read(&typed.text)?, ..seen.value.clone() };
            if self.renumber(org, &seen, &settled, None, now).await? {
                return Ok(());
            }
        }
        Err(lost_races())
    }
}

/// The numbers from which a contact is found: the one in use, and the one that its ledger has.
fn numbers(contact: &Contact) -> BTreeSet<NumberKey> {
    [contact.number.key(), contact.number_in_ledger().key()].into_iter().flatten().cloned().collect()
}

/// The line that says that a typed number ended because the ledger says something else: made from both, so that a repeat
/// is the same line.
pub(crate) fn ended(typed: &TypedNumber, contact: &ContactRef, now: Timestamp) -> (ActivityId, Activity) {
    let ContactRef { connection, contact } = contact;
    let hash = digest(&SHA256, format!("ended\0{connection}\0{contact}\0{}", typed.at).as_bytes());
    let random = hash.as_ref().first_chunk::<10>().copied().unwrap_or_default();
    let milliseconds = u64::try_from(now.as_millisecond()).unwrap_or_default();
    let id = ActivityId::new(Builder::from_unix_timestamp_millis(milliseconds, &random).into_uuid());
    let detail = json!({"connection": connection, "contact": contact, "typed_by": typed.by, "typed_at": typed.at});
    (id, Activity { at: now, actor: Actor::Numo, action: "customer.typed_number_ended".to_owned(), detail })
}
