//! Exports: what was asked for, how far it came, and which archives there are.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    contact::ContactRef,
    conversation::Conversation,
    id::{ExportId, NumberKey, OrgId, UserId},
};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    job::Work,
    port::{
        clock::Ids,
        table::{Item, Source, Write, Written},
    },
    store::{Entity, Replaced, Store, Stored, decode, due::new_due_item, keys, new_item, next_item},
};

/// An export of everything, or of one customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// Which.
    pub id: ExportId,
    /// The customer that it is of; none for everything.
    pub of: Option<ContactRef>,
    /// Who asked for it.
    pub asked_by: UserId,
    /// When.
    pub asked_at: Timestamp,
    /// How far it came.
    pub state: ExportState,
    /// How often making it was begun since it came further.
    #[serde(default)]
    pub tries: u8,
    /// Where the next archive begins, while there is one to come.
    #[serde(default)]
    pub place: Option<ExportPlace>,
    /// The archives that are made, in their order.
    #[serde(default)]
    pub archives: Vec<Archive>,
    /// Lines per file, over all archives.
    #[serde(default)]
    pub items: BTreeMap<String, u64>,
}

/// How far an export came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum ExportState {
    /// Nobody works on it yet.
    Asked,
    /// It is being made.
    Running,
    /// It can be fetched.
    Ready {
        /// Since when.
        at: Timestamp,
        /// Until when.
        goes_at: Timestamp,
    },
    /// It will not be made.
    Failed {
        /// Since when.
        at: Timestamp,
        /// Why, in a sentence for whoever asked for it.
        why: String,
    },
    /// A customer was erased who may be in it: its archives are deleted.
    Withdrawn {
        /// Since when.
        at: Timestamp,
    },
}

/// Where an archive begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportPlace {
    /// The file, as it is called in the archive.
    pub file: String,
    /// With what the keys begin that are read.
    pub prefix: String,
    /// The sort key after which it goes on; none at the beginning.
    pub after: Option<String>,
}

/// An archive that is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archive {
    /// Its length in bytes.
    pub size: u64,
    /// SHA-256 of it, in hexadecimal.
    pub sha256: String,
}

/// When exports were asked for of late.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ExportBook {
    /// The latest one.
    pub latest: Option<ExportId>,
    /// All of the last day.
    pub asked_at: Vec<Timestamp>,
}

impl Entity for Export {
    const ENTITY: &'static str = "export";
}

impl Entity for ExportBook {
    const ENTITY: &'static str = "export_book";
}

/// That there was an export is kept for longer than its archives.
pub(super) const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

impl Export {
    /// Whether somebody works on it, or will.
    pub const fn is_under_way(&self) -> bool {
        match self.state {
            ExportState::Asked | ExportState::Running => true,
            ExportState::Ready { .. } | ExportState::Failed { .. } | ExportState::Withdrawn { .. } => false,
        }
    }

    /// Whether its archives can be fetched.
    pub fn is_there(&self, now: Timestamp) -> bool {
        matches!(self.state, ExportState::Ready { goes_at, .. } if now < goes_at)
    }

    /// The work that makes it, and that deletes its archives when it is withdrawn.
    pub const fn work(&self) -> Work {
        Work::Export { id: self.id }
    }
}

impl Store {
    /// An export.
    pub async fn export(&self, org: &OrgId, id: ExportId) -> Result<Option<Stored<Export>>, AppError> {
        self.read(&keys::export::export(org, id)).await
    }

    /// All exports that are known of, in no order.
    pub async fn exports(&self, org: &OrgId) -> Result<Vec<Stored<Export>>, AppError> {
        self.list(Source::Table(keys::org_partition(org)), keys::export::EXPORTS.to_owned()).await
    }

    pub(crate) async fn export_book(&self, org: &OrgId) -> Result<Option<Stored<ExportBook>>, AppError> {
        self.read(&keys::export::book(org)).await
    }

    /// Notes a new export with its work, over the book as it was seen; false if somebody else was faster.
    pub(crate) async fn begin_export(
        &self,
        org: &OrgId,
        export: &Export,
        (seen, book): (Option<&Stored<ExportBook>>, &ExportBook),
        (told, ids): (Item, &dyn Ids),
    ) -> Result<bool, AppError> {
        let (now, key) = (export.asked_at, keys::export::book(org));
        let book = match seen {
            Some(seen) => Write::Replace(next_item(key, seen, book, now)?),
            None => Write::Create(new_item(key, book, now)?),
        };
        let item = kept(new_item(keys::export::export(org, export.id), export, now)?, export);
        let due = new_due_item(org, export.work(), now, now)?;
        let writes = vec![book, Write::Create(item), Write::Create(due), Write::Create(told)];
        Ok(self.transact(&ids.uuid().to_string(), writes).await? == Written::Done)
    }

    /// Stores how far an export came, with a line of the activity log if there is one to tell.
    pub(crate) async fn save_export(
        &self,
        org: &OrgId,
        seen: &Stored<Export>,
        next: &Export,
        (told, now): (Option<Item>, Timestamp),
    ) -> Result<Replaced, AppError> {
        let item = kept(next_item(keys::export::export(org, next.id), seen, next, now)?, next);
        let writes = std::iter::once(Write::Replace(item)).chain(told.map(Write::Create)).collect();
        Ok(match self.write_all(writes).await? {
            Written::Done => Replaced::Replaced,
            Written::Refused(_) => Replaced::Raced,
        })
    }

    /// Takes an export out of the table, as it was seen.
    pub(crate) async fn remove_export(&self, org: &OrgId, seen: &Stored<Export>) -> Result<Replaced, AppError> {
        self.remove(keys::export::export(org, seen.value.id), seen).await
    }

    /// Withdraws every export, because somebody who may be in it is erased; false if one was written meanwhile.
    pub(crate) async fn withdraw_exports(&self, org: &OrgId, now: Timestamp) -> Result<bool, AppError> {
        let mut all = true;
        for seen in self.exports(org).await? {
            if matches!(seen.value.state, ExportState::Withdrawn { .. }) {
                continue;
            }
            // The work is due first: whoever dies before the rest leaves work that finds nothing to do.
            self.mark_due(org, &seen.value.work(), now, now).await?;
            let next = Export { state: ExportState::Withdrawn { at: now }, ..seen.value.clone() };
            all &= self.save_export(org, &seen, &next, (None, now)).await? == Replaced::Replaced;
        }
        Ok(all)
    }

    /// The numbers of a customer, by which their conversations are found.
    pub(crate) async fn numbers_of(&self, org: &OrgId, contact: &ContactRef) -> Result<Vec<NumberKey>, AppError> {
        let found = self.contacts_by_ref(org, std::slice::from_ref(contact)).await?;
        let links = self.items_naming(org, keys::erasure::ALL_PHONE_LINKS, contact).await?;
        let linked = links.iter().filter_map(|link| keys::erasure::number_of_link(&link.key.sk));
        // Whoever hides their number is known by a conversation alone.
        let talks = self.items_naming(org, keys::CONVERSATIONS, contact).await?;
        let talked = talks.into_iter().map(|talk| decode::<Conversation>(talk).map(|talk| talk.value.number));
        let in_use = found.into_iter().filter_map(|found| found.value.number.key().cloned());
        let mut numbers: Vec<NumberKey> = linked.chain(in_use).chain(talked.collect::<Result<Vec<_>, _>>()?).collect();
        numbers.sort();
        numbers.dedup();
        Ok(numbers)
    }
}

fn kept(item: Item, export: &Export) -> Item {
    Item { expires_at: export.asked_at.saturating_add(KEPT).ok(), ..item }
}
