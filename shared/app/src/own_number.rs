//! A member proves that a WhatsApp number is their own, by writing a code from it to the business.

use jiff::Timestamp;
use numo_domain::{
    id::{ActivityId, OrgId, UserId},
    member::Member,
    phone::PhoneNumber,
    proof_code::ProofCode,
    sender::SenderStatus,
};
use serde_json::json;

use crate::{
    connect_ledger::sha256_hex,
    error::AppError,
    store::{
        RACES,
        activity::{Activity, Actor},
        lost_races,
    },
    wake::Waker,
};

/// A code with where to write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenCode {
    /// The code, which is shown this once.
    pub code: ProofCode,
    /// Not valid from here on.
    pub ends_at: Timestamp,
    /// The number of the business that it is written to.
    pub write_to: PhoneNumber,
}

impl GivenCode {
    /// Opens WhatsApp with the code ready to be sent.
    pub fn link(&self) -> String {
        let digits = self.write_to.as_e164().trim_start_matches('+');
        format!("https://wa.me/{digits}?text={}", self.code.to_string().replace(' ', "%20"))
    }
}

/// Gives a member a code; one that was given before is valid no more.
///
/// # Errors
/// `NotNow` with the time of the next one, after too many in an hour.
pub async fn give_code(waker: &Waker, org: &OrgId, user: &UserId, now: Timestamp) -> Result<GivenCode, AppError> {
    let store = &waker.store;
    let senders = store.senders(org).await?;
    let Some(sender) = senders.into_iter().find(|sender| sender.status == SenderStatus::Ready) else {
        return Err(AppError::Conflict("no WhatsApp number of the organisation can be written to at the moment"));
    };
    let [a, b, c, d, e, ..] = waker.ids.secret();
    let code = ProofCode::of([a, b, c, d, e]);
    for _ in 0..RACES {
        let seen = store.seen_member(org, user).await?;
        let mut next = seen.as_ref().map_or_else(|| Member::new(user.clone()), |seen| seen.value.clone());
        let too_many = |next_at| AppError::NotNow { why: TOO_MANY, next_at: Some(next_at) };
        let waiting = next.give_code(hash_of(&code), now).map_err(too_many)?;
        store.take_seat(org, user, now).await?;
        if store.give_code(org, seen.as_ref(), (&next, &waiting), now).await? {
            return Ok(GivenCode { code, ends_at: waiting.ends_at, write_to: sender.number });
        }
    }
    Err(lost_races())
}

const TOO_MANY: &str = "There were enough codes within an hour.";

/// Forgets the number of a member, and writes that down; without one, the code that waits is forgotten alone.
pub async fn forget_number(waker: &Waker, org: &OrgId, user: &UserId, now: Timestamp) -> Result<(), AppError> {
    if waker.store.forget_number(org, user, now).await? {
        let action = "member.number_forgotten".to_owned();
        let activity = Activity { at: now, actor: Actor::User(user.clone()), action, detail: json!({}) };
        waker.store.record(org, ActivityId::new(waker.ids.uuid()), &activity).await?;
    }
    Ok(())
}

/// What is stored of a code.
pub(crate) fn hash_of(code: &ProofCode) -> String {
    sha256_hex(code.signs())
}
