//! Links by which somebody who does not sign in connects WhatsApp for a business.

use jiff::{SignedDuration, Timestamp};
use numo_domain::id::{OrgId, UserId};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::table::{Item, Source},
    store::{Created, Entity, Store, keys, new_item},
};

/// A link that nobody has used; what its address ends with is not kept, only its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupLink {
    /// The hash, by which the link is found and taken back.
    pub hash: String,
    /// The admin in whose name it works.
    pub by: UserId,
    /// When it was made.
    pub made_at: Timestamp,
    /// From when on it does not work.
    pub ends_at: Timestamp,
}

impl Entity for SetupLink {
    const ENTITY: &'static str = "setup_link";
}

/// A link works for a week: long enough for somebody on leave, short enough for one that is forgotten.
pub(super) const WORKS_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// An organisation has so many links at most.
const MOST: usize = 20;

impl Store {
    /// Keeps a new link.
    pub(crate) async fn keep_setup_link(
        &self,
        org: &OrgId,
        (hash, by): (String, UserId),
        now: Timestamp,
    ) -> Result<SetupLink, AppError> {
        if self.setup_links(org, now).await?.len() >= MOST {
            return Err(AppError::Conflict("there are twenty links already: take one back first"));
        }
        let ends_at = now.saturating_add(WORKS_FOR).unwrap_or(now);
        let link = SetupLink { hash, by, made_at: now, ends_at };
        let item = new_item(keys::setup::link(org, &link.hash), &link, now)?;
        match self.create_item(Item { expires_at: Some(ends_at), ..item }).await? {
            Created::Created => Ok(link),
            Created::AlreadyExists => Err(super::lost_races()),
        }
    }

    /// The links that work, in no order.
    pub async fn setup_links(&self, org: &OrgId, now: Timestamp) -> Result<Vec<SetupLink>, AppError> {
        let source = Source::Table(keys::org_partition(org));
        let links = self.list::<SetupLink>(source, keys::setup::LINKS.to_owned()).await?;
        Ok(links.into_iter().map(|link| link.value).filter(|link| link.ends_at > now).collect())
    }

    /// A link that works.
    pub(crate) async fn setup_link(
        &self,
        org: &OrgId,
        hash: &str,
        now: Timestamp,
    ) -> Result<Option<SetupLink>, AppError> {
        let link = self.read::<SetupLink>(&keys::setup::link(org, hash)).await?;
        Ok(link.map(|link| link.value).filter(|link| link.ends_at > now))
    }

    /// Ends a link, if there is one.
    pub(crate) async fn delete_setup_link(&self, org: &OrgId, hash: &str) -> Result<(), AppError> {
        self.delete::<SetupLink>(keys::setup::link(org, hash)).await
    }
}
