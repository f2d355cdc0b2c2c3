//! What people decided about customers and customers said.

use std::collections::BTreeMap;

use jiff::Timestamp;
use numo_domain::{
    contact::ContactRef,
    customer_file::CustomerFile,
    id::{NumberKey, OrgId},
};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::table::{Source, Write},
    store::{
        Created, Entity, RACES, Replaced, Store, Stored, expected::revision, keys, lost_races, new_item, next_item,
    },
};

/// A file with whose it is, so that a listing can tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileItem {
    /// Whose.
    pub contact: ContactRef,
    /// What is in it.
    pub file: CustomerFile,
}

impl Entity for FileItem {
    const ENTITY: &'static str = "customer_file";
}

impl Store {
    /// The files of all customers about whom anything was said.
    pub async fn customer_files(&self, org: &OrgId) -> Result<BTreeMap<ContactRef, CustomerFile>, AppError> {
        let source = Source::Table(keys::org_partition(org));
        let items = self.list::<FileItem>(source, keys::FILES.to_owned()).await?;
        Ok(items.into_iter().map(|item| (item.value.contact, item.value.file)).collect())
    }

    /// The file of a customer; an empty one is not stored.
    pub async fn customer_file(&self, org: &OrgId, contact: &ContactRef) -> Result<CustomerFile, AppError> {
        self.revised_customer_file(org, contact).await.map(|(file, _)| file)
    }

    /// The same with its revision.
    pub async fn revised_customer_file(
        &self,
        org: &OrgId,
        contact: &ContactRef,
    ) -> Result<(CustomerFile, u64), AppError> {
        let stored = self.read::<FileItem>(&keys::customer_file(org, contact)).await?;
        let revision = revision(stored.as_ref());
        Ok((stored.map(|stored| stored.value.file).unwrap_or_default(), revision))
    }

    /// Changes a file; `change` sees the latest one and may be called again after a lost race.
    pub async fn change_customer_file(
        &self,
        org: &OrgId,
        contact: &ContactRef,
        now: Timestamp,
        change: impl Fn(&mut CustomerFile) + Send + Sync,
    ) -> Result<CustomerFile, AppError> {
        let key = keys::customer_file(org, contact);
        for _ in 0..RACES {
            let seen: Option<Stored<FileItem>> = self.read(&key).await?;
            self.is_expected(&key, revision(seen.as_ref()))?;
            let before = seen.as_ref().map(|seen| seen.value.file.clone()).unwrap_or_default();
            let mut file = before.clone();
            change(&mut file);
            if file == before {
                return Ok(file);
            }
            let item = FileItem { contact: contact.clone(), file };
            let is_written = match &seen {
                Some(seen) => self.replace(key.clone(), seen, &item, now).await? == Replaced::Replaced,
                None => self.create(key.clone(), &item, now).await? == Created::Created,
            };
            if is_written {
                return Ok(item.file);
            }
        }
        Err(lost_races())
    }

    /// Those of some contacts of whom nobody said that the number is somebody else's.
    pub(crate) async fn who_has_number(
        &self,
        org: &OrgId,
        contacts: Vec<ContactRef>,
        number: &NumberKey,
    ) -> Result<Vec<ContactRef>, AppError> {
        let mut theirs = Vec::with_capacity(contacts.len());
        for contact in contacts {
            if !self.customer_file(org, &contact).await?.unlinked.contains(number) {
                theirs.push(contact);
            }
        }
        Ok(theirs)
    }

    /// The write that changes a file, for use inside a transaction; nothing if it changes nothing.
    pub(crate) async fn file_write(
        &self,
        org: &OrgId,
        contact: &ContactRef,
        now: Timestamp,
        change: impl FnOnce(&mut CustomerFile) + Send,
    ) -> Result<Option<Write>, AppError> {
        let key = keys::customer_file(org, contact);
        let seen: Option<Stored<FileItem>> = self.read(&key).await?;
        let before = seen.as_ref().map(|seen| seen.value.file.clone()).unwrap_or_default();
        let mut file = before.clone();
        change(&mut file);
        if file == before {
            return Ok(None);
        }
        let item = FileItem { contact: contact.clone(), file };
        Ok(Some(match &seen {
            Some(seen) => Write::Replace(next_item(key, seen, &item, now)?),
            None => Write::Create(new_item(key, &item, now)?),
        }))
    }
}
