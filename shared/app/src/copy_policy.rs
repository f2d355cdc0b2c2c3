//! A policy of one organisation for another one of the same person.

use jiff::Timestamp;
use numo_domain::{
    id::{OrgId, PolicyId, UserId},
    policy::{
        Policy, PolicyState, Step, StepId,
        audience::{Audience, Membership},
    },
};

use crate::{configure::save_policy, error::AppError, wake::Waker};

/// What is copied, and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copying {
    /// Where it comes from; whether the person belongs there is the caller's to know.
    pub from: OrgId,
    /// Which of its policies.
    pub policy: PolicyId,
    /// The policy that it replaces, with the version that was seen; none for a new one.
    pub onto: Option<(PolicyId, u32)>,
}

/// Saves what a policy of one organisation says as a policy of another; a new one is a draft.
///
/// What belongs to the business stays its own: hours, holidays and closed days, whose clock counts, the language, and
/// whether what is replaced is in force. Customers who were chosen one by one are those of the other organisation and
/// are left out.
pub async fn copy_policy(
    waker: &Waker,
    org: &OrgId,
    by: &UserId,
    copying: &Copying,
    now: Timestamp,
) -> Result<Policy, AppError> {
    let store = &waker.store;
    let theirs = store.policies(&copying.from).await?.get(&copying.policy).cloned();
    let theirs = theirs.ok_or(AppError::NotFound("policy"))?;
    let ours = store.policies(org).await?;
    let (id, based_on, policy) = match &copying.onto {
        Some((onto, based_on)) => {
            let replaced = ours.get(onto).ok_or(AppError::NotFound("policy"))?;
            (onto.clone(), *based_on, copied(theirs, replaced))
        }
        None => {
            let audience = audience(&theirs.audience)?;
            let id = waker.ids.uuid().to_string();
            let id = id.parse().map_err(|error| AppError::Internal(format!("the id of a policy: {error}")))?;
            (id, 0, Policy { audience, state: PolicyState::Draft, ..copied(theirs, &ours.organisation_default) })
        }
    };
    save_policy(waker, org, by, (&id, based_on), policy, now).await
}

/// What a policy says, with all else as it is in the one that is replaced.
fn copied(theirs: Policy, replaced: &Policy) -> Policy {
    let replaced = replaced.clone();
    Policy {
        // A step keeps its number where one of the same day is known, and gets a new one elsewhere.
        steps: theirs.steps.into_iter().map(|step| Step { id: StepId::NEW, ..step }).collect(),
        id: replaced.id,
        version: replaced.version,
        audience: replaced.audience,
        state: replaced.state,
        calendar: replaced.calendar,
        clock: replaced.clock,
        language: replaced.language,
        active_since: replaced.active_since,
        highest_step: replaced.highest_step,
        ..theirs
    }
}

/// The same audience without anybody who was chosen by hand.
fn audience(theirs: &Audience) -> Result<Audience, AppError> {
    let refused = |message| AppError::invalid("from", message);
    match theirs {
        Audience::Organisation => Err(refused("it is the policy of a whole organisation: say onto which one it goes")),
        Audience::Customer(_) => Err(refused("it is for one customer of the other organisation")),
        Audience::Group { priority, members } => {
            let is_rule = |member: &&Membership| !matches!(member, Membership::Chosen(_));
            let members: Vec<Membership> = members.iter().filter(is_rule).cloned().collect();
            match members.is_empty() {
                true => Err(refused("its group has nobody but customers of the other organisation")),
                false => Ok(Audience::Group { priority: *priority, members }),
            }
        }
    }
}
