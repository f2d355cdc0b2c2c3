//! Requests that were begun, with what was answered: by hashes, and sealed.

use jiff::{SignedDuration, Timestamp};
use numo_domain::id::OrgId;
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::table::{Item, Write, Written},
    store::{Entity, Store, Stored, decode, keys::calls as keys, new_item, next_item},
};

/// A request that was begun; neither what it said nor what was answered can be read in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Begun {
    /// Keyed hash of address and body.
    pub request: String,
    pub begun_at: Timestamp,
    /// Sealed; none before there is one.
    pub answer: Option<String>,
}

impl Entity for Begun {
    const ENTITY: &'static str = "request";
}

impl Begun {
    /// Whether its key may be used for another request.
    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        now.duration_since(self.begun_at) >= KEPT
    }
}

/// A key is good for a day.
pub(super) const KEPT: SignedDuration = SignedDuration::from_hours(24);

impl Store {
    /// Notes a request that begins, over one whose time is over; or tells which one has its key.
    pub(crate) async fn begin_asked(
        &self,
        org: &OrgId,
        (name, request): (&str, &str),
        now: Timestamp,
    ) -> Result<Result<Stored<Begun>, Stored<Begun>>, AppError> {
        let key = keys::asked_once(org, name);
        let begun = Begun { request: request.to_owned(), begun_at: now, answer: None };
        let item = kept(new_item(key.clone(), &begun, now)?, now);
        let before = match self.table.write(Write::Create(item.clone())).await? {
            Written::Done => return decode(item).map(Ok),
            Written::Refused(refusals) => refusals.into_iter().find_map(|refusal| refusal.existing),
        };
        let before = match before {
            Some(before) => Some(decode::<Begun>(before)?),
            None => self.read(&key).await?,
        };
        // It went meanwhile: whoever had it came to nothing.
        let Some(before) = before else { return Err(AppError::Conflict("the same request has just failed")) };
        if !before.value.is_over(now) {
            return Ok(Err(before));
        }
        let item = kept(next_item(key, &before, &begun, now)?, now);
        match self.table.write(Write::Replace(item.clone())).await? {
            Written::Done => decode(item).map(Ok),
            // Somebody else was faster, a moment ago.
            Written::Refused(_) => Ok(Err(Stored { value: begun, ..before })),
        }
    }

    /// Keeps what was answered to a request, as long as its key is good.
    pub(crate) async fn keep_answer(
        &self,
        org: &OrgId,
        (name, begun): (&str, &Stored<Begun>),
        answer: String,
        now: Timestamp,
    ) -> Result<(), AppError> {
        let answered = Begun { answer: Some(answer), ..begun.value.clone() };
        let item = next_item(keys::asked_once(org, name), begun, &answered, now)?;
        self.replace_item(kept(item, begun.value.begun_at)).await.map(|_| ())
    }

    /// Forgets a request that came to nothing, so that it may be made again.
    pub(crate) async fn forget_asked(
        &self,
        org: &OrgId,
        (name, begun): (&str, &Stored<Begun>),
    ) -> Result<(), AppError> {
        self.remove(keys::asked_once(org, name), begun).await.map(|_| ())
    }
}

fn kept(item: Item, begun_at: Timestamp) -> Item {
    Item { expires_at: begun_at.saturating_add(KEPT).ok(), ..item }
}
