//! Reminder policies: one of the organisation, and those of groups and of single customers.

use jiff::Timestamp;
use numo_domain::{
    id::{OrgId, PolicyId},
    policy::{Policy, audience::Policies},
};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::table::{Key, Source, Write, Written},
    store::{Entity, Store, Stored, batch::Batch, keys, new_item, next_item},
};

impl Entity for Policy {
    const ENTITY: &'static str = "policy";
}

/// What the policies of an organisation have in common; whoever saves one replaces it, so that no two savers give
/// out one step number or one priority.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct PolicyBook {
    /// The policies of groups and customers.
    others: Vec<PolicyId>,
    /// The highest step number that was ever used.
    highest_step: u16,
}

impl Entity for PolicyBook {
    const ENTITY: &'static str = "policy_book";
}

/// The policies with what a save has to replace.
struct Shelf {
    book: Option<Stored<PolicyBook>>,
    policies: Policies,
    stored: Vec<Stored<Policy>>,
}

/// Where the organisation's policy is, and which others there are.
pub(crate) fn policy_keys(org: &OrgId) -> [Key; 2] {
    [keys::policy_book(org), keys::policy(org, &PolicyId::organisation_default())]
}

impl Store {
    /// The organisation's policies; before the first edit the standard one, as a draft.
    pub async fn policies(&self, org: &OrgId) -> Result<Policies, AppError> {
        Ok(self.shelf(org).await?.policies)
    }

    /// The same from a call that read [`policy_keys`] among others.
    pub(crate) async fn policies_in(&self, org: &OrgId, batch: &mut Batch) -> Result<Policies, AppError> {
        Ok(self.shelf_in(org, batch).await?.policies)
    }

    async fn shelf(&self, org: &OrgId) -> Result<Shelf, AppError> {
        let mut batch = self.read_batch(&policy_keys(org)).await?;
        self.shelf_in(org, &mut batch).await
    }

    async fn shelf_in(&self, org: &OrgId, batch: &mut Batch) -> Result<Shelf, AppError> {
        let [book_key, default_key] = policy_keys(org);
        let book: Option<Stored<PolicyBook>> = batch.take(&book_key)?;
        let mut stored: Vec<Stored<Policy>> = batch.take(&default_key)?.into_iter().collect();
        let others = book.iter().flat_map(|book| &book.value.others);
        let keys: Vec<_> = others.map(|id| keys::policy(org, id)).collect();
        stored.extend(self.read_many::<Policy>(&keys).await?.into_iter().map(|(_, policy)| policy));
        let (default, others): (Vec<Policy>, Vec<Policy>) =
            stored.iter().map(|policy| policy.value.clone()).partition(|policy| policy.id.is_organisation_default());
        let organisation_default = default.into_iter().next();
        let organisation_default = organisation_default.unwrap_or_else(|| Policy::standard(Timestamp::UNIX_EPOCH));
        Ok(Shelf { book, policies: Policies { organisation_default, others }, stored })
    }

    /// Saves an edited policy as the version after `based_on`; a version 0 is of a policy that is not there yet.
    pub async fn save_policy(
        &self,
        org: &OrgId,
        (id, based_on): (&PolicyId, u32),
        policy: Policy,
        now: Timestamp,
    ) -> Result<Policy, AppError> {
        let shelf = self.shelf(org).await?;
        let before = shelf.policies.get(id).cloned();
        if before.is_none() && based_on > 0 {
            return Err(AppError::NotFound("policy"));
        }
        self.next_version(org, (id, based_on), (&shelf, before.as_ref(), policy), now).await
    }

    /// Saves what a policy said before its present version as the version after that: it counts as never interrupted.
    pub(crate) async fn restore_policy(
        &self,
        org: &OrgId,
        (id, based_on): (&PolicyId, u32),
        now: Timestamp,
    ) -> Result<Policy, AppError> {
        let shelf = self.shelf(org).await?;
        let key = keys::policy_version(org, id, based_on.saturating_sub(1));
        let before: Stored<Policy> = self.read(&key).await?.ok_or(AppError::NotFound("policy"))?;
        let follows = Some(&before.value);
        self.next_version(org, (id, based_on), (&shelf, follows, before.value.clone()), now).await
    }

    /// Writes a policy that follows one of its versions, and stands on the shelf in the place of the latest.
    async fn next_version(
        &self,
        org: &OrgId,
        (id, based_on): (&PolicyId, u32),
        (shelf, follows, policy): (&Shelf, Option<&Policy>, Policy),
        now: Timestamp,
    ) -> Result<Policy, AppError> {
        let latest = shelf.policies.get(id).map_or(0, |latest| latest.version);
        let key = keys::policy(org, id);
        self.is_expected(&key, u64::from(latest))?;
        let Some(version) = latest.checked_add(1).filter(|_| latest == based_on) else {
            return Err(self.outrun(&key, CHANGED));
        };
        let policy = Policy { id: id.clone(), version, edited_at: now, ..policy };
        let used = shelf.policies.all().map(|policy| policy.highest_step);
        let used = used.chain(shelf.book.as_ref().map(|book| book.value.highest_step)).max().unwrap_or_default();
        let policy = policy.follow(follows, used).map_err(|error| AppError::invalid("policy", error.to_string()))?;
        shelf.policies.admit(&policy).map_err(|error| AppError::invalid("policy", error.to_string()))?;
        let seen = shelf.stored.iter().find(|stored| stored.value.id == *id);
        let write = match seen {
            Some(seen) => Write::Replace(next_item(key.clone(), seen, &policy, now)?),
            None => Write::Create(new_item(key.clone(), &policy, now)?),
        };
        let kept = Write::Create(new_item(keys::policy_version(org, id, version), &policy, now)?);
        let book = shelf.book_write(org, now, |book| {
            book.highest_step = book.highest_step.max(policy.highest_step);
            if !id.is_organisation_default() && !book.others.contains(id) {
                book.others.push(id.clone());
            }
        })?;
        match self.write_all(vec![write, kept, book]).await? {
            Written::Done => Ok(policy),
            Written::Refused(_) => Err(self.outrun(&key, CHANGED)),
        }
    }

    /// Deletes the policy of a group or a customer, whose versions are kept; returns it as it was.
    pub async fn delete_policy(
        &self,
        org: &OrgId,
        (id, based_on): (&PolicyId, u32),
        now: Timestamp,
    ) -> Result<Policy, AppError> {
        if id.is_organisation_default() {
            return Err(AppError::Conflict("the organisation's own policy can be switched off, but not deleted"));
        }
        let shelf = self.shelf(org).await?;
        let seen = shelf.stored.iter().find(|stored| stored.value.id == *id).ok_or(AppError::NotFound("policy"))?;
        let key = keys::policy(org, id);
        self.is_expected(&key, u64::from(seen.value.version))?;
        if seen.value.version != based_on {
            return Err(self.outrun(&key, CHANGED));
        }
        let delete = Write::Delete { key: key.clone(), rev: seen.rev };
        let book = shelf.book_write(org, now, |book| book.others.retain(|other| other != id))?;
        match self.write_all(vec![delete, book]).await? {
            Written::Done => Ok(seen.value.clone()),
            Written::Refused(_) => Err(self.outrun(&key, CHANGED)),
        }
    }

    /// Every version of a policy that was saved, the oldest first; a reminder names the one it used.
    pub async fn policy_versions(&self, org: &OrgId, id: &PolicyId) -> Result<Vec<Policy>, AppError> {
        let source = Source::Table(keys::org_partition(org));
        let versions = self.list::<Policy>(source, keys::policy_versions(id)).await?;
        Ok(versions.into_iter().map(|stored| stored.value).collect())
    }
}

impl Shelf {
    fn book_write(&self, org: &OrgId, now: Timestamp, change: impl FnOnce(&mut PolicyBook)) -> Result<Write, AppError> {
        let key = keys::policy_book(org);
        let mut book = self.book.as_ref().map(|seen| seen.value.clone()).unwrap_or_default();
        change(&mut book);
        Ok(match &self.book {
            Some(seen) => Write::Replace(next_item(key, seen, &book, now)?),
            None => Write::Create(new_item(key, &book, now)?),
        })
    }
}

const CHANGED: &str = "the policy was changed by somebody else; load it again";
