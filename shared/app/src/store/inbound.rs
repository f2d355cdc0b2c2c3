//! Inbound messages: stored in one transaction with their effect, so that no crash swallows a STOP.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, civil::Date};
use numo_domain::{
    consent::ConsentChange,
    contact::ContactRef,
    customer_file::{CustomerFile, PaidClaim, Promise, PromisedBy},
    id::{ExternalId, MessageId, NumberKey, OrgId},
    invoice::Invoice,
    language::Language,
    policy::audience::{Balances, balances},
    reply::Intent,
};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::table::{Item, Write, Written},
    store::{
        Entity, RACES, Store,
        consent::{ConsentOf, ConsentWrite},
        conversation::{Talk, When},
        keys, lost_races,
        mail::{ReplySays, ReplyToTell, reply_item},
        new_item,
    },
};

/// That a message came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbound {
    /// Meta's id of it.
    pub message: MessageId,
    /// When it was written, by Meta's clock.
    pub at: Timestamp,
    /// What it was understood as: `stop`, `start`, `paid_already`, `pay_on`, `wrong_number`, `number_verified`,
    /// `reaction`, `revoked` or `unread`.
    pub intent: String,
}

impl Entity for Inbound {
    const ENTITY: &'static str = "inbound";
}

/// Whether an inbound message was new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ingested {
    /// It was, and its effect is stored.
    New,
    /// It was here before.
    Seen,
}

/// What a message changes, in the same transaction.
#[derive(Debug, Clone, Copy)]
pub struct InboundEffect<'a> {
    /// The contacts that have the number, and of whom nobody said that it is somebody else's.
    pub contacts: &'a [ContactRef],
    /// The change of their consent, for STOP and START.
    pub change: Option<&'a ConsentChange>,
    /// What it says in each of their files, for everything else.
    pub replies: &'a [(ContactRef, Reply)],
    /// What it adds to the conversation with the number's customers.
    pub talk: Option<&'a Talk>,
}

/// A customer's words with what they are about.
#[derive(Debug, Clone)]
pub struct Reply {
    /// What they were understood as.
    pub intent: Intent,
    /// When they were written.
    pub at: Timestamp,
    /// The language of the words, where they are clearly in one.
    pub language: Option<Language>,
    /// The organisation's date then.
    pub today: Date,
    /// The customer's open invoices.
    pub open: Vec<Invoice>,
}

impl Reply {
    /// What a promise would be about: the oldest invoice that is overdue.
    pub(crate) fn anchor(&self) -> Option<&ExternalId> {
        let overdue = self.open.iter().filter(|invoice| invoice.due.is_some_and(|due| due < self.today));
        overdue.min_by_key(|invoice| (invoice.due, invoice.id.clone())).map(|invoice| &invoice.id)
    }

    /// What is open, by currency.
    pub(crate) fn balances(&self) -> Balances {
        balances(&self.open)
    }

    /// Notes the words in the customer's file: a claim, a promise, or something for a person to read.
    ///
    /// Whatever cannot be taken without a person waits for one: the customer is left alone until then.
    ///
    /// Says whether a promise was taken.
    fn note(&self, file: &mut CustomerFile, number: &NumberKey) -> bool {
        if let Some(language) = self.language {
            file.hears(language);
        }
        let open: BTreeSet<ExternalId> = self.open.iter().map(|invoice| invoice.id.clone()).collect();
        match (self.intent, self.anchor()) {
            (Intent::WrongNumber, _) => {
                file.unlinked.insert(number.clone());
            }
            (Intent::PaidAlready, _) if !open.is_empty() => {
                let before = file.paid_claim.as_ref().map(|claim| claim.at);
                file.paid_claim = Some(PaidClaim { at: before.map_or(self.at, |at| at.max(self.at)), invoices: open });
            }
            (Intent::PayOn(date), Some(anchor)) if file.check_promise(date, anchor, self.today).is_ok() => {
                let (number, by) = (file.next_promise(), PromisedBy::Customer);
                let promise = Promise { number, date, invoices: open, made_at: self.at, by, is_withdrawn: false };
                file.promises.push(promise);
                return true;
            }
            _ => file.waits_to_be_read(self.at),
        }
        false
    }
}

/// Longer than any provider repeats a delivery.
pub(super) const KEPT: SignedDuration = SignedDuration::from_hours(24 * 400);

/// The item of a message that came in, for use inside a transaction.
pub(crate) fn inbound_item(
    org: &OrgId,
    number: &NumberKey,
    inbound: &Inbound,
    now: Timestamp,
) -> Result<Item, AppError> {
    let expires_at = now.saturating_add(KEPT).ok();
    Ok(Item { expires_at, ..new_item(keys::inbound(org, number, &inbound.message), inbound, now)? })
}

/// What the owner is told of soon: who says that it is paid, and who asks something.
fn to_tell(
    org: &OrgId,
    inbound: &Inbound,
    replies: &[(ContactRef, Reply)],
    now: Timestamp,
) -> Result<Option<Write>, AppError> {
    let Some(says) = replies.first().and_then(|(_, reply)| ReplySays::of(reply.intent)) else { return Ok(None) };
    let contacts = replies.iter().take(MAX_CONTACTS).map(|(contact, _)| contact.clone()).collect();
    let reply = ReplyToTell { message: inbound.message.clone(), says, contacts };
    Ok(Some(Write::Create(reply_item(org, &reply, now)?)))
}

/// At most this many contacts of one number are changed together.
const MAX_CONTACTS: usize = 50;

/// Of so many of them it is noted that they wrote, beside a consent of each: a transaction takes a hundred writes.
const MAX_REPLIED: usize = 40;

impl Store {
    /// Stores a message with what it changes, for the number and its contacts.
    pub async fn ingest_inbound(
        &self,
        org: &OrgId,
        number: &NumberKey,
        inbound: &Inbound,
        effect: InboundEffect<'_>,
        now: Timestamp,
    ) -> Result<Ingested, AppError> {
        let key = keys::inbound(org, number, &inbound.message);
        for _ in 0..RACES {
            if self.read::<Inbound>(&key).await?.is_some() {
                return Ok(Ingested::Seen);
            }
            let mut writes = vec![Write::Create(inbound_item(org, number, inbound, now)?)];
            let (mut is_turned, mut is_promised) = (false, false);
            if let Some(change) = effect.change {
                let contacts = effect.contacts.iter().take(MAX_CONTACTS).cloned().map(ConsentOf::Contact);
                for of in std::iter::once(ConsentOf::Number(number.clone())).chain(contacts) {
                    if let Some(ConsentWrite { write, turns }) = self.consent_write(org, of, change, now).await? {
                        writes.push(write);
                        is_turned |= turns;
                    }
                }
                for contact in effect.contacts.iter().take(MAX_REPLIED) {
                    let note = |file: &mut CustomerFile| file.replies(inbound.at);
                    writes.extend(self.file_write(org, contact, now, note).await?);
                }
            }
            for (contact, reply) in effect.replies.iter().take(MAX_CONTACTS) {
                let note = |file: &mut CustomerFile| {
                    file.replies(inbound.at);
                    is_promised |= reply.note(file, number);
                };
                writes.extend(self.file_write(org, contact, now, note).await?);
            }
            writes.extend(to_tell(org, inbound, effect.replies, now)?);
            if let Some(talk) = effect.talk {
                let is_answered = talk.automatic.as_ref().is_some_and(|(_, when)| match when {
                    When::Always => true,
                    When::ConsentChanged => is_turned,
                    When::PromiseTaken => is_promised,
                });
                writes.extend(self.talk_writes(org, (number, effect.contacts), talk, is_answered, now).await?);
            }
            if self.write_all(writes).await? == Written::Done {
                return Ok(Ingested::New);
            }
            // It came before, when its writer was known by another number.
            if let Some((answer, _)) = effect.talk.and_then(|talk| talk.automatic.as_ref())
                && self.answer(org, answer.attempt).await?.is_some()
            {
                return Ok(Ingested::Seen);
            }
        }
        Err(lost_races())
    }
}
