//! Messages that a customer wrote anew or took back: whatever the order in which that is heard, the same words stay.

use jiff::Timestamp;
use numo_domain::{
    conversation::{Heard, Line, Said},
    id::{MessageId, NumberKey, OrgId, PhoneNumberId},
};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::table::{Key, Write, Written},
    store::{
        Entity, RACES, Store, Stored,
        conversation::kept,
        inbound::{Inbound, Ingested, inbound_item},
        keys, lost_races, new_item, next_item,
    },
};

/// What became of a message after it was written; kept apart from it, since it may come first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct InboundChange {
    /// The latest of the messages that took its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    edit: Option<Edit>,
    /// When it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revoked_at: Option<Timestamp>,
}

/// A message that took the place of another, in the order in which they do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Edit {
    at: Timestamp,
    message: MessageId,
}

impl Entity for InboundChange {
    const ENTITY: &'static str = "inbound_change";
}

/// Where a conversation is: a number of a customer and one of the business.
type Place<'a> = (&'a NumberKey, &'a PhoneNumberId);

/// A message, and what became of it, as both were seen.
struct Seen {
    arrived: Option<Stored<Inbound>>,
    change: Option<Stored<InboundChange>>,
}

impl Seen {
    /// Where its words stand, if they do.
    fn line(&self, original: &MessageId) -> Option<Edit> {
        let edit = self.change.as_ref().and_then(|change| change.value.edit.clone());
        let arrived = self.arrived.as_ref().map(|arrived| Edit { at: arrived.value.at, message: original.clone() });
        edit.or(arrived)
    }
}

/// What a new message does to the lines of its conversation.
pub(crate) struct Placed {
    /// Its own line, unless a later one has its place.
    pub line: Option<Line>,
    /// What else is written or has to stay as it was seen.
    pub writes: Vec<Write>,
}

impl Store {
    /// Where the words of a new message go: nowhere if it was written anew since, and without the words if it was taken
    /// back.
    pub(crate) async fn place(
        &self,
        org: &OrgId,
        of: Place<'_>,
        line: &Line,
        now: Timestamp,
    ) -> Result<Placed, AppError> {
        let Said::Customer(heard) = &line.said else { return Ok(Placed { line: Some(line.clone()), writes: vec![] }) };
        let original = heard.edits.as_ref().unwrap_or(&heard.message);
        let seen = self.seen(org, of.0, original).await?;
        let known = seen.change.as_ref().map(|change| change.value.clone()).unwrap_or_default();
        let line = Line { said: Said::Customer(taken_back(heard.clone(), known.revoked_at)), ..line.clone() };
        let key = keys::inbound_change(org, of.0, original);
        let rev = seen.change.as_ref().map(|change| change.rev);
        if heard.edits.is_none() {
            let line = known.edit.is_none().then_some(line);
            return Ok(Placed { line, writes: vec![Write::Check { key, rev }] });
        }
        let edit = Edit { at: line.at, message: heard.message.clone() };
        if known.edit.as_ref().is_some_and(|known| *known >= edit) {
            return Ok(Placed { line: None, writes: vec![Write::Check { key, rev }] });
        }
        let next = InboundChange { edit: Some(edit), ..known };
        let arrived = Write::Check {
            key: keys::inbound(org, of.0, original),
            rev: seen.arrived.as_ref().map(|arrived| arrived.rev),
        };
        let mut writes = vec![Self::change_write(key, seen.change.as_ref(), &next, now)?, arrived];
        if let Some(before) = seen.line(original)
            && let Some((key, line)) = self.line_at(org, of, &before).await?
        {
            writes.push(Write::Delete { key, rev: line.rev });
        }
        Ok(Placed { line: Some(line), writes })
    }

    /// Takes a message back: its words are gone, whether it has come yet or not, and what followed from them stays.
    ///
    /// `is_known` says that the number is a customer's; of a stranger nothing is kept, but what was kept goes.
    pub(crate) async fn revoke(
        &self,
        org: &OrgId,
        of: Place<'_>,
        (original, revoke): (&MessageId, &Inbound),
        is_known: bool,
        now: Timestamp,
    ) -> Result<Ingested, AppError> {
        for _ in 0..RACES {
            if self.read::<Inbound>(&keys::inbound(org, of.0, &revoke.message)).await?.is_some() {
                return Ok(Ingested::Seen);
            }
            let seen = self.seen(org, of.0, original).await?;
            let line = match seen.line(original) {
                Some(place) => self.line_at(org, of, &place).await?,
                None => None,
            };
            if line.is_none() && !is_known {
                return Ok(Ingested::Seen);
            }
            let known = seen.change.as_ref().map(|change| change.value.clone()).unwrap_or_default();
            let revoked_at = Some(known.revoked_at.map_or(revoke.at, |at| at.min(revoke.at)));
            let next = InboundChange { revoked_at, ..known };
            let key = keys::inbound_change(org, of.0, original);
            let mut writes = vec![
                Write::Create(inbound_item(org, of.0, revoke, now)?),
                Self::change_write(key, seen.change.as_ref(), &next, now)?,
                Write::Check {
                    key: keys::inbound(org, of.0, original),
                    rev: seen.arrived.as_ref().map(|arrived| arrived.rev),
                },
            ];
            if let Some((key, line)) = line
                && let Said::Customer(heard) = line.value.said.clone()
            {
                let said = Said::Customer(taken_back(heard, revoked_at));
                let next = Line { said, ..line.value.clone() };
                writes.push(Write::Replace(kept(next_item(key, &line, &next, now)?, now)));
            }
            if self.write_all(writes).await? == Written::Done {
                return Ok(Ingested::New);
            }
        }
        Err(lost_races())
    }

    async fn seen(&self, org: &OrgId, number: &NumberKey, original: &MessageId) -> Result<Seen, AppError> {
        let (arrived, change) = (keys::inbound(org, number, original), keys::inbound_change(org, number, original));
        let mut batch = self.read_batch(&[arrived.clone(), change.clone()]).await?;
        Ok(Seen { arrived: batch.take(&arrived)?, change: batch.take(&change)? })
    }

    async fn line_at(&self, org: &OrgId, of: Place<'_>, place: &Edit) -> Result<Option<(Key, Stored<Line>)>, AppError> {
        let key = keys::line(org, of, place.at, &place.message.to_string());
        Ok(self.read::<Line>(&key).await?.map(|line| (key, line)))
    }

    fn change_write(
        key: Key,
        seen: Option<&Stored<InboundChange>>,
        next: &InboundChange,
        now: Timestamp,
    ) -> Result<Write, AppError> {
        Ok(match seen {
            Some(seen) => Write::Replace(kept(next_item(key, seen, next, now)?, now)),
            None => Write::Create(kept(new_item(key, next, now)?, now)),
        })
    }
}

/// A message as it stands after it was taken back, if it was.
fn taken_back(heard: Heard, revoked_at: Option<Timestamp>) -> Heard {
    match revoked_at {
        Some(_) => Heard { text: None, revoked_at, ..heard },
        None => heard,
    }
}
