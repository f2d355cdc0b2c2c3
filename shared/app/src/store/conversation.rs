//! Conversations: what customers write, and what the business answers within the window.

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    contact::ContactRef,
    conversation::{Answer, AnswerState, Content, Conversation, Line, Recipient, Said, WINDOW},
    delivery_report::DeliveryReport,
    id::{AttemptId, MessageId, NumberKey, OrgId, PhoneNumberId},
    reminder::DeliveryStatus,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    error::AppError,
    job::Work,
    port::table::{Item, Order, Source, Write, Written},
    store::{
        Entity, RACES, Replaced, Store, Stored,
        consent::ConsentOf,
        due::new_due_item,
        keys, lost_races, new_item, next_item,
        part::{Part, Parted},
    },
};

impl Entity for Conversation {
    const ENTITY: &'static str = "conversation";
}

impl Entity for Line {
    const ENTITY: &'static str = "conversation_line";
}

/// From an attempt to the answer that it is made for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AnswerLink {
    pub number: NumberKey,
    pub sender: PhoneNumberId,
    pub at: Timestamp,
    /// When that was written to which the product answers by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard_at: Option<Timestamp>,
}

impl AnswerLink {
    /// Since when the answer may have gone out, as far as anybody knows whose table was lost.
    ///
    /// What the product answers by itself it may have answered before, when the same message came for the first time.
    pub(crate) fn possible_from(&self) -> Timestamp {
        self.heard_at.map_or(self.at, |heard_at| heard_at.min(self.at))
    }
}

impl Entity for AnswerLink {
    const ENTITY: &'static str = "answer_link";
}

/// What a customer's message adds to a conversation.
#[derive(Debug, Clone)]
pub struct Talk {
    /// The number of the business that it was sent to.
    pub sender: PhoneNumberId,
    /// Where an answer goes.
    pub to: Recipient,
    /// The message.
    pub line: Line,
    /// What is answered without a person.
    pub automatic: Option<(Answer, When)>,
}

/// When an automatic answer is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// In any case.
    Always,
    /// If somebody is opted out or in by the message who was not before.
    ConsentChanged,
    /// If a promise was taken.
    PromiseTaken,
}

/// Lines are kept for so long, as decisions are: 13 months.
pub(super) const KEPT: SignedDuration = SignedDuration::from_hours(24 * 396);

impl Store {
    /// Every conversation, in no order.
    pub async fn conversations(&self, org: &OrgId) -> Result<Vec<Conversation>, AppError> {
        let source = Source::Table(keys::org_partition(org));
        let found = self.list::<Conversation>(source, keys::CONVERSATIONS.to_owned()).await?;
        Ok(found.into_iter().map(|stored| stored.value).collect())
    }

    /// One conversation.
    pub async fn conversation(
        &self,
        org: &OrgId,
        (number, sender): (&NumberKey, &PhoneNumberId),
    ) -> Result<Option<Conversation>, AppError> {
        let seen = self.read::<Conversation>(&keys::conversation(org, number, sender)).await?;
        Ok(seen.map(|seen| seen.value))
    }

    /// The latest lines of a conversation, newest first.
    pub async fn lines(
        &self,
        org: &OrgId,
        of: (&NumberKey, &PhoneNumberId),
        limit: usize,
    ) -> Result<Vec<Line>, AppError> {
        Ok(self.lines_part(org, of, &Part::first(limit)).await?.values)
    }

    /// The lines of a conversation, part by part, newest first.
    pub async fn lines_part(
        &self,
        org: &OrgId,
        (number, sender): (&NumberKey, &PhoneNumberId),
        part: &Part,
    ) -> Result<Parted<Line>, AppError> {
        self.list_part(keys::org_partition(org), keys::lines(number, sender), Order::Descending, part).await
    }

    /// The same, ended early once there is so much text, of which a customer may write four kilobytes a line.
    pub async fn lines_within(
        &self,
        org: &OrgId,
        of: (&NumberKey, &PhoneNumberId),
        part: &Part,
        most_bytes: usize,
    ) -> Result<Parted<Line>, AppError> {
        let Parted { mut values, next } = self.lines_part(org, of, part).await?;
        let mut bytes = 0_usize;
        let fits = values.iter().take_while(|line| {
            bytes = bytes.saturating_add(line.said.text().len());
            bytes <= most_bytes
        });
        let shown = fits.count().max(1);
        if shown >= values.len() {
            return Ok(Parted { values, next });
        }
        values.truncate(shown);
        let next = values.last().and_then(|last| {
            let key = keys::line(org, of, last.at, &id_of(last));
            key.sk.strip_prefix(&keys::lines(of.0, of.1)).map(str::to_owned)
        });
        Ok(Parted { values, next })
    }

    /// Changes a conversation that is there; `change` sees the latest one and may be called again after a lost race.
    pub(crate) async fn change_conversation(
        &self,
        org: &OrgId,
        (number, sender): (&NumberKey, &PhoneNumberId),
        now: Timestamp,
        change: impl Fn(&mut Conversation) + Send + Sync,
    ) -> Result<(), AppError> {
        let key = keys::conversation(org, number, sender);
        for _ in 0..RACES {
            let Some(seen) = self.read::<Conversation>(&key).await? else { return Ok(()) };
            let mut next = seen.value.clone();
            change(&mut next);
            if next == seen.value {
                return Ok(());
            }
            let item = kept(next_item(key.clone(), &seen, &next, now)?, now);
            if self.replace_item(item).await? == Replaced::Replaced {
                return Ok(());
            }
        }
        Err(lost_races())
    }

    /// Somebody has read what a customer wrote up to a time, in every conversation with them.
    pub(crate) async fn mark_read(
        &self,
        org: &OrgId,
        contact: &ContactRef,
        up_to: Timestamp,
        now: Timestamp,
    ) -> Result<(), AppError> {
        let read = |talk: &mut Conversation| talk.unread = if talk.heard_at <= up_to { 0 } else { talk.unread };
        for talk in self.conversations(org).await?.iter().filter(|talk| talk.contacts.contains(contact)) {
            self.change_conversation(org, (&talk.number, &talk.sender), now, read).await?;
        }
        Ok(())
    }

    /// The writes that add a customer's message to its conversation, for use inside a transaction; its line is left out
    /// where a later one has its place.
    pub(crate) async fn talk_writes(
        &self,
        org: &OrgId,
        (number, contacts): (&NumberKey, &[ContactRef]),
        talk: &Talk,
        is_answered: bool,
        now: Timestamp,
    ) -> Result<Vec<Write>, AppError> {
        let key = keys::conversation(org, number, &talk.sender);
        let seen = self.read::<Conversation>(&key).await?;
        let before = seen.as_ref().map(|seen| seen.value.clone());
        let (at, is_latest) = (talk.line.at, before.as_ref().is_none_or(|before| talk.line.at >= before.heard_at));
        // Meta's own word that a number changed hands is none of the customer and opens no window.
        let is = |what: fn(Content) -> bool| matches!(&talk.line.said, Said::Customer(heard) if what(heard.content));
        let is_spoken = !is(|content| content == Content::System);
        let unread = u32::from(is(Content::asks_to_be_read));
        let placed = self.place(org, (number, &talk.sender), &talk.line, now).await?;
        let never = at.saturating_sub(WINDOW).unwrap_or(at);
        let to = match &before {
            Some(before) if !is_latest || !is_spoken => &before.to,
            Some(_) | None => &talk.to,
        };
        let country = before.as_ref().filter(|before| before.to == *to).and_then(|before| before.country);
        let next = Conversation {
            number: number.clone(),
            sender: talk.sender.clone(),
            country: country.or_else(|| to.country()),
            to: to.clone(),
            contacts: contacts.iter().cloned().collect(),
            heard_at: match &before {
                Some(before) if !is_latest || !is_spoken => before.heard_at,
                Some(_) | None => {
                    if is_spoken {
                        at
                    } else {
                        never
                    }
                }
            },
            answered_at: before.as_ref().and_then(|before| before.answered_at).max(is_answered.then_some(now)),
            unread: before.map_or(0, |before| before.unread).saturating_add(unread),
        };
        let conversation = match seen {
            Some(seen) => Write::Replace(kept(next_item(key, &seen, &next, now)?, now)),
            None => Write::Create(kept(new_item(key, &next, now)?, now)),
        };
        let mut writes = vec![conversation];
        if let Some(line) = &placed.line {
            writes.push(line_write(org, (number, &talk.sender), line, now)?);
        }
        writes.extend(placed.writes);
        if let Some((answer, _)) = talk.automatic.as_ref().filter(|_| is_answered) {
            let heard_at = talk.line.at;
            let link = AnswerLink {
                number: number.clone(),
                sender: talk.sender.clone(),
                at: after(heard_at, now),
                heard_at: Some(heard_at),
            };
            writes.extend(answer_writes(org, link, answer.clone(), now)?);
        }
        Ok(writes)
    }

    /// Stores an answer that is to be sent, with the work that sends it; false if it was stored before.
    pub(crate) async fn begin_answer(
        &self,
        org: &OrgId,
        talk: &Conversation,
        answer: Answer,
        now: Timestamp,
    ) -> Result<bool, AppError> {
        let at = after(talk.heard_at, now);
        let link = AnswerLink { number: talk.number.clone(), sender: talk.sender.clone(), at, heard_at: None };
        let writes = answer_writes(org, link, answer, now)?;
        Ok(self.write_all(writes.into()).await? == Written::Done)
    }

    /// The answer that an attempt is made for, with where it stands.
    pub(crate) async fn answer(
        &self,
        org: &OrgId,
        attempt: AttemptId,
    ) -> Result<Option<(AnswerLink, Stored<Line>)>, AppError> {
        let Some(link) = self.read::<AnswerLink>(&keys::answer(org, attempt)).await? else { return Ok(None) };
        let link = link.value;
        let line =
            self.read::<Line>(&keys::line(org, (&link.number, &link.sender), link.at, &attempt.to_string())).await?;
        Ok(line.map(|line| (link, line)))
    }

    /// Moves an answer that nobody touched since it was seen.
    pub(crate) async fn move_answer(
        &self,
        org: &OrgId,
        (link, seen): (&AnswerLink, &Stored<Line>),
        next: Answer,
        now: Timestamp,
    ) -> Result<Replaced, AppError> {
        let key = keys::line(org, (&link.number, &link.sender), link.at, &next.attempt.to_string());
        let line = Line { at: link.at, said: Said::Business(next) };
        self.replace_item(kept(next_item(key, seen, &line, now)?, now)).await
    }

    /// Moves an answer that is about to be sent, while nobody touched it and nothing was said about being written to.
    ///
    /// `claim` is new for every caller: two of them write the same at the same time, and one alone may go on.
    pub(crate) async fn claim_answer(
        &self,
        org: &OrgId,
        (link, seen): (&AnswerLink, &Stored<Line>),
        next: Answer,
        (claim, said): (Uuid, &[(ConsentOf, Option<u64>)]),
        now: Timestamp,
    ) -> Result<bool, AppError> {
        let key = keys::line(org, (&link.number, &link.sender), link.at, &next.attempt.to_string());
        let line = Line { at: link.at, said: Said::Business(next) };
        let checks = said.iter().map(|(of, rev)| Write::Check { key: of.key(org), rev: *rev });
        let moved = Write::Replace(kept(next_item(key, seen, &line, now)?, now));
        let writes = [moved].into_iter().chain(checks).collect();
        Ok(self.transact(&claim.to_string(), writes).await? == Written::Done)
    }

    /// Applies a status of Meta to an answer; false if the attempt is none of an answer.
    pub(crate) async fn apply_answer_status(
        &self,
        org: &OrgId,
        attempt: AttemptId,
        (message, status, report): (&MessageId, DeliveryStatus, &DeliveryReport),
        now: Timestamp,
    ) -> Result<bool, AppError> {
        for _ in 0..RACES {
            let Some((link, seen)) = self.answer(org, attempt).await? else { return Ok(false) };
            let Said::Business(answer) = seen.value.said.clone() else { return Ok(false) };
            let known = answer.message.clone();
            let mut next = Answer {
                state: answer.state.after(status),
                // Meta's id of a message has the number in it, and the customer may have been erased.
                message: known.or_else(|| Some(message.clone()).filter(|_| !answer.is_erased())),
                ..answer.clone()
            };
            next.report.join(report);
            if next == answer || self.move_answer(org, (&link, &seen), next, now).await? == Replaced::Replaced {
                return Ok(true);
            }
        }
        Err(lost_races())
    }
}

fn line_write(org: &OrgId, of: (&NumberKey, &PhoneNumberId), line: &Line, now: Timestamp) -> Result<Write, AppError> {
    Ok(Write::Create(kept(new_item(keys::line(org, of, line.at, &id_of(line)), line, now)?, now)))
}

/// By what a line stands in its conversation besides its time.
fn id_of(line: &Line) -> String {
    match &line.said {
        Said::Customer(heard) => heard.message.to_string(),
        Said::Business(answer) => answer.attempt.to_string(),
    }
}

/// A new answer, the link from its attempt, and the work that sends it.
fn answer_writes(org: &OrgId, link: AnswerLink, answer: Answer, now: Timestamp) -> Result<[Write; 3], AppError> {
    let attempt = answer.attempt;
    let answer = Answer { state: AnswerState::Waiting, ..answer };
    let line = Line { at: link.at, said: Said::Business(answer) };
    Ok([
        line_write(org, (&link.number, &link.sender), &line, now)?,
        Write::Create(kept(new_item(keys::answer(org, attempt), &link, now)?, now)),
        Write::Create(new_due_item(org, Work::SendAnswer { attempt }, now, now)?),
    ])
}

/// An answer stands after what it answers, though Meta's clock may be ahead of ours.
fn after(heard_at: Timestamp, now: Timestamp) -> Timestamp {
    now.max(heard_at.saturating_add(SignedDuration::from_millis(1)).unwrap_or(heard_at))
}

/// An item that is kept as long as a line.
pub(crate) fn kept(item: Item, now: Timestamp) -> Item {
    Item { expires_at: now.saturating_add(KEPT).ok(), ..item }
}
