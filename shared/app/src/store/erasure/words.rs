//! What was said with the numbers of a customer; a number that another customer has as well keeps its words.

use std::collections::BTreeSet;

use numo_domain::{
    consent::Consent,
    conversation::{AnswerState, Conversation, Line, Said},
    id::NumberKey,
    reminder::ReminderState,
};

use crate::{
    error::AppError,
    port::table::{Item, Write, Written},
    store::{
        Replaced, Stored,
        consent::{ConsentItem, ConsentOf},
        conversation::kept,
        decode,
        erasure::pass::{Left, Pass, opt_out},
        keys, next_item,
    },
};

impl Pass<'_> {
    /// Deletes what was said with some numbers, and with every other one whose conversation names the customer.
    pub(super) async fn words(&self, theirs: BTreeSet<NumberKey>, left: &mut Left) -> Result<(), AppError> {
        let talks = self.naming(keys::CONVERSATIONS).await?;
        let mut numbers = theirs;
        for talk in &talks {
            numbers.insert(decode::<Conversation>(talk.clone())?.value.number);
        }
        for number in &numbers {
            if self.is_shared(number).await? {
                continue;
            }
            self.forget_words(number, left).await?;
            self.forget_proofs(number, left).await?;
        }
        for talk in talks {
            self.leave(talk, left).await?;
        }
        Ok(())
    }

    /// Whether another customer has the number, or has spoken with it.
    async fn is_shared(&self, number: &NumberKey) -> Result<bool, AppError> {
        for prefix in [keys::phone_links(number), keys::erasure::words_of(number).conversations] {
            let is_anothers = |item: &Item| match decode::<Conversation>(item.clone()) {
                Ok(talk) => talk.value.contacts.iter().any(|contact| contact != self.contact),
                Err(_) => !self.is_theirs(item),
            };
            if !self.store.items_where(self.org, &prefix, is_anothers).await?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What the customer wrote is deleted; of what the business answered stays that it went out.
    async fn forget_words(&self, number: &NumberKey, left: &mut Left) -> Result<(), AppError> {
        let words = keys::erasure::words_of(number);
        let mut gone = Vec::new();
        for item in self.store.items_where(self.org, &words.lines, |_| true).await? {
            let seen: Stored<Line> = decode(item.clone())?;
            match &seen.value.said {
                Said::Business(answer) if answer.is_erased() => {}
                Said::Business(answer) => match &answer.state {
                    AnswerState::Called(ReminderState::Sending)
                        if self.now.duration_since(seen.updated_at) < SENDING =>
                    {
                        left.is_raced = true;
                    }
                    AnswerState::Called(_) => {
                        let line = Line { said: Said::Business(answer.clone().without_words()), ..seen.value.clone() };
                        let next = next_item(item.key, &seen, &line, self.now)?;
                        left.note(self.store.replace_item(kept(next, self.now)).await? == Replaced::Replaced);
                    }
                    AnswerState::Waiting | AnswerState::Dropped(_) => {
                        left.note(self.store.delete_at(&keys::answer(self.org, answer.attempt)).await?);
                        gone.push(item);
                    }
                },
                Said::Customer(_) => gone.push(item),
            }
        }
        for prefix in words.inbound {
            gone.extend(self.store.items_where(self.org, &prefix, |_| true).await?);
        }
        left.note(self.store.delete_seen(gone).await?);
        Ok(())
    }

    /// An opt-out stays, without the messages and reasons that led to it.
    async fn forget_proofs(&self, number: &NumberKey, left: &mut Left) -> Result<(), AppError> {
        let of = ConsentOf::Number(number.clone());
        let Some(seen) = self.store.consent(self.org, &of).await? else { return Ok(()) };
        let change = opt_out(self.erased);
        let Consent { state, changed_at, history } = &seen.value.consent;
        // Whatever was said since is none of what was erased.
        if history.last() != Some(&change) || history.len() == 1 {
            return Ok(());
        }
        let consent = Consent { state: *state, changed_at: *changed_at, history: vec![change] };
        let key = of.key(self.org);
        let next = next_item(key, &seen, &ConsentItem { of, consent }, self.now)?;
        left.note(self.store.replace_item(next).await? == Replaced::Replaced);
        Ok(())
    }

    /// Takes the customer out of a conversation; one of nobody else goes.
    async fn leave(&self, talk: Item, left: &mut Left) -> Result<(), AppError> {
        let seen: Stored<Conversation> = decode(talk.clone())?;
        let mut others = seen.value.clone();
        others.contacts.remove(self.contact);
        let write = if others.contacts.is_empty() {
            Write::Delete { key: talk.key, rev: seen.rev }
        } else {
            Write::Replace(Item { expires_at: talk.expires_at, ..next_item(talk.key, &seen, &others, self.now)? })
        };
        left.note(self.store.write_all(vec![write]).await? == Written::Done);
        Ok(())
    }
}

/// A call that was claimed longer ago is over, whatever came of it.
pub(super) const SENDING: jiff::SignedDuration = jiff::SignedDuration::from_mins(15);
