//! Members who test on themselves, and the codes by which they prove a number.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    id::{ActivityId, OrgId, UserId},
    member::{Member, OwnNumber, WaitingCode},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    error::AppError,
    port::table::{Item, Source, Write, Written},
    store::{
        Entity, RACES, Store, Stored,
        activity::{Activity, Actor},
        expected::revision,
        inbound::{Inbound, inbound_item},
        keys, lost_races, new_item, next_item,
    },
};

impl Entity for Member {
    const ENTITY: &'static str = "member";
}

/// Whose code it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ProofCodeItem {
    pub user: UserId,
    pub ends_at: Timestamp,
}

impl Entity for ProofCodeItem {
    const ENTITY: &'static str = "proof_code";
}

/// A number is kept for so long after its member last tested: 13 months, as what was sent to it.
pub(super) const KEPT: SignedDuration = SignedDuration::from_hours(24 * 396);

/// What was counted counts for a day.
const COUNTS_KEPT: SignedDuration = SignedDuration::from_hours(48);

/// A message that proves a number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Proof<'a> {
    /// The hash of the code that it has.
    pub code_hash: &'a str,
    /// The number that it came from.
    pub own: &'a OwnNumber,
    /// That it came in.
    pub inbound: &'a Inbound,
    /// The line of the activity log that it leaves.
    pub activity: ActivityId,
}

impl Store {
    /// What is known of a member.
    pub async fn member(&self, org: &OrgId, user: &UserId) -> Result<Member, AppError> {
        self.revised_member(org, user).await.map(|(member, _)| member)
    }

    /// The same with its revision.
    pub async fn revised_member(&self, org: &OrgId, user: &UserId) -> Result<(Member, u64), AppError> {
        let seen = self.seen_member(org, user).await?;
        let revision = revision(seen.as_ref());
        Ok((seen.map_or_else(|| Member::new(user.clone()), |seen| seen.value), revision))
    }

    /// The same, with what a write has to name; none for somebody who did nothing yet.
    pub(crate) async fn seen_member(&self, org: &OrgId, user: &UserId) -> Result<Option<Stored<Member>>, AppError> {
        self.read(&keys::clerk::member(org, user)).await
    }

    /// Everybody of whom something is known.
    pub(crate) async fn known_members(&self, org: &OrgId) -> Result<BTreeSet<UserId>, AppError> {
        let members =
            self.list::<Member>(Source::Table(keys::org_partition(org)), keys::clerk::MEMBERS.to_owned()).await?;
        let with_numbers = members.into_iter().map(|member| member.value.user);
        Ok(with_numbers.chain(self.mail_settings(org).await?.named()).collect())
    }

    /// Forgets the number of a member; whether there was one.
    pub(crate) async fn forget_number(&self, org: &OrgId, user: &UserId, now: Timestamp) -> Result<bool, AppError> {
        for _ in 0..RACES {
            let seen = self.seen_member(org, user).await?;
            self.is_expected(&keys::clerk::member(org, user), revision(seen.as_ref()))?;
            let Some(seen) = seen else { return Ok(false) };
            let mut next = seen.value.clone();
            next.forget_number();
            if next == seen.value {
                return Ok(false);
            }
            if self.write_all(vec![member_write(org, Some(&seen), &next, now)?]).await? == Written::Done {
                return Ok(seen.value.number.is_some());
            }
        }
        Err(lost_races())
    }

    /// Stores a code that was given to a member; false if somebody else wrote the member meanwhile.
    pub(crate) async fn give_code(
        &self,
        org: &OrgId,
        seen: Option<&Stored<Member>>,
        (next, code): (&Member, &WaitingCode),
        now: Timestamp,
    ) -> Result<bool, AppError> {
        let item = ProofCodeItem { user: next.user.clone(), ends_at: code.ends_at };
        let item = new_item(keys::proof_code(org, &code.hash), &item, now)?;
        let create = Write::Create(Item { expires_at: Some(code.ends_at), ..item });
        Ok(self.write_all(vec![create, member_write(org, seen, next, now)?]).await? == Written::Done)
    }

    /// Whether a code proves a number at the moment.
    pub(crate) async fn is_valid_code(&self, org: &OrgId, code_hash: &str, now: Timestamp) -> Result<bool, AppError> {
        Ok(self.holder_of_code(org, code_hash, now).await?.is_some())
    }

    /// Stores the number that a message proves and uses its code up, all or nothing; whose number it is.
    ///
    /// None if the code was never given by this organisation, ended, was used or made way for another one.
    pub(crate) async fn prove_number(
        &self,
        org: &OrgId,
        proof: Proof<'_>,
        now: Timestamp,
    ) -> Result<Option<UserId>, AppError> {
        for _ in 0..RACES {
            let Some((code, seen)) = self.holder_of_code(org, proof.code_hash, now).await? else { return Ok(None) };
            let mut next = seen.value.clone();
            next.prove(proof.own.clone());
            let user = next.user.clone();
            let writes = vec![
                Write::Create(inbound_item(org, &proof.own.key, proof.inbound, now)?),
                member_write(org, Some(&seen), &next, now)?,
                Write::Delete { key: keys::proof_code(org, proof.code_hash), rev: code.rev },
                Write::Create(self.activity_item(org, proof.activity, &number_verified(&user, now))?),
            ];
            if self.write_all(writes).await? == Written::Done {
                return Ok(Some(user));
            }
        }
        Err(lost_races())
    }

    /// A code that is in force, and whose it is.
    async fn holder_of_code(
        &self,
        org: &OrgId,
        code_hash: &str,
        now: Timestamp,
    ) -> Result<Option<(Stored<ProofCodeItem>, Stored<Member>)>, AppError> {
        let Some(code) = self.read::<ProofCodeItem>(&keys::proof_code(org, code_hash)).await? else { return Ok(None) };
        let seen = self.seen_member(org, &code.value.user).await?;
        let is_in_force =
            |seen: &Stored<Member>| seen.value.waiting_code(now).is_some_and(|code| code.hash == code_hash);
        Ok(seen.filter(is_in_force).map(|seen| (code, seen)))
    }
}

fn number_verified(user: &UserId, now: Timestamp) -> Activity {
    let action = "member.number_verified".to_owned();
    Activity { at: now, actor: Actor::User(user.clone()), action, detail: json!({}) }
}

/// The write of a member that nobody touched since, for use inside a transaction.
pub(crate) fn member_write(
    org: &OrgId,
    seen: Option<&Stored<Member>>,
    next: &Member,
    now: Timestamp,
) -> Result<Write, AppError> {
    let key = keys::clerk::member(org, &next.user);
    let kept = if next.number.is_some() { KEPT } else { COUNTS_KEPT };
    let expires_at = now.saturating_add(kept).ok();
    Ok(match seen {
        Some(seen) => Write::Replace(Item { expires_at, ..next_item(key, seen, next, now)? }),
        None => Write::Create(Item { expires_at, ..new_item(key, next, now)? }),
    })
}
