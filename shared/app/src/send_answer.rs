//! Sending what the business answers within the window: claimed before the call, and never sent twice.

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    consent::ConsentState,
    contact::ContactRef,
    conversation::{Answer, AnswerState, AnsweredBy, Conversation, Said, WhyDropped},
    customer_file::CustomerFile,
    id::{AttemptId, MessageId, OrgId},
    reminder::ReminderState,
    sender::{Sender, SenderStatus},
};

use crate::{
    dispatch_run::{DispatchPorts, ready::access},
    error::AppError,
    job::Work,
    messaging_gate::{closed_until, may_have_gone_out},
    meta_trouble::act,
    port::whatsapp::{SendError, Taken},
    store::{
        RACES, Replaced, Store, Stored, consent::ConsentOf, conversation::AnswerLink, lost_races,
        reminder::claim::SETTLE_AFTER,
    },
};

/// How a look at an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// It has an outcome.
    Done,
    /// Meta, or the way to it, asked for patience; the next time stands in the table.
    Postponed,
    /// The job was stale: somebody else has the work.
    Stale,
}

/// After Meta asked for patience without saying for how long.
const PATIENCE: SignedDuration = SignedDuration::from_mins(1);

/// The last word to a customer waits for the end of a pause, and is looked at again after this.
const WHILE_PAUSED: SignedDuration = SignedDuration::from_mins(15);

/// Sends an answer if the window is still open and nothing speaks against it.
pub async fn send_answer(
    ports: &DispatchPorts,
    org: &OrgId,
    attempt: AttemptId,
    claim: Timestamp,
) -> Result<Answered, AppError> {
    let (store, work) = (&ports.waker.store, Work::SendAnswer { attempt });
    if !store.holds_claim(org, &work, claim).await? {
        return Ok(Answered::Stale);
    }
    let next = match store.answer(org, attempt).await? {
        Some((link, seen)) => go_on(ports, org, (&link, &seen)).await?,
        None => None,
    };
    let now = ports.clock.now();
    store.finish_due(org, &work, claim, next, now).await?;
    Ok(if next.is_some() { Answered::Postponed } else { Answered::Done })
}

type Seen<'a> = (&'a AnswerLink, &'a Stored<numo_domain::conversation::Line>);

/// Sends it if it waits; when to look again, if at all.
async fn go_on(ports: &DispatchPorts, org: &OrgId, seen: Seen<'_>) -> Result<Option<Timestamp>, AppError> {
    let (store, now, link) = (&ports.waker.store, ports.clock.now(), seen.0);
    let Said::Business(answer) = &seen.1.value.said else { return Ok(None) };
    match &answer.state {
        AnswerState::Waiting => {}
        // Whoever claimed it may be waiting for Meta still, or died: it is never sent again.
        AnswerState::Called(ReminderState::Sending) => {
            let settle_at = seen.1.updated_at.saturating_add(SETTLE_AFTER).unwrap_or(now);
            if now < settle_at {
                return Ok(Some(settle_at));
            }
            let unknown = AnswerState::Called(ReminderState::Unknown);
            record(store, org, answer.attempt, (unknown, None), now).await?;
            return Ok(None);
        }
        AnswerState::Dropped(_) | AnswerState::Called(_) => return Ok(None),
    }
    let Some(talk) = store.conversation(org, (&link.number, &link.sender)).await? else { return Ok(None) };
    if !talk.is_open(now) {
        return drop_it(ports, org, seen, answer, WhyDropped::WindowClosed).await;
    }
    let senders = store.senders(org).await?;
    let sender = senders.iter().find(|sender| sender.phone_number_id == link.sender);
    let Some(sender) = sender.filter(|sender| sender.status == SenderStatus::Ready) else {
        return drop_it(ports, org, seen, answer, WhyDropped::SenderBlocked).await;
    };
    let access = match access(ports, org, sender).await {
        Ok(Some(access)) => access,
        Ok(None) => return drop_it(ports, org, seen, answer, WhyDropped::SenderBlocked).await,
        Err(error) => return Ok(ports.clock.now().checked_add(error.patience()?.unwrap_or(PATIENCE)).ok()),
    };
    let (grounds, said) = grounds(store, org, &talk).await?;
    if grounds.is_opted_out && answer.by != AnsweredBy::Farewell {
        return drop_it(ports, org, seen, answer, WhyDropped::OptedOut).await;
    }
    if grounds.is_nobodys {
        return drop_it(ports, org, seen, answer, WhyDropped::WrongNumber).await;
    }
    if let Some(again) = closed_until(store, ports.clock.now()).await? {
        return Ok(Some(again));
    }
    if may_have_gone_out(store, link.possible_from()).await? {
        return end(ports, org, seen, answer, AnswerState::Called(ReminderState::Unknown)).await;
    }
    // Read last, so that a pause holds within seconds.
    if is_paused(store, org, ports.clock.now()).await? {
        return match answer.by {
            // Whoever wants to hear nothing more is told so once everything goes on.
            AnsweredBy::Farewell => Ok(ports.clock.now().checked_add(WHILE_PAUSED).ok()),
            AnsweredBy::Member(_) | AnsweredBy::Numo => drop_it(ports, org, seen, answer, WhyDropped::Paused).await,
        };
    }
    let claimed = Answer { state: AnswerState::Called(ReminderState::Sending), ..answer.clone() };
    let claim = (ports.waker.ids.uuid(), said.as_slice());
    if !store.claim_answer(org, seen, claimed, claim, ports.clock.now()).await? {
        return Ok(Some(ports.clock.now()));
    }
    let outcome = ports.messaging.answer(&access, &talk.to, answer).await;
    settle(ports, org, (&talk, sender, answer, link.at), outcome).await
}

/// Stores what came of a call; when to try again, if at all.
async fn settle(
    ports: &DispatchPorts,
    org: &OrgId,
    (talk, sender, answer, written_at): (&Conversation, &Sender, &Answer, Timestamp),
    outcome: Result<Taken, SendError>,
) -> Result<Option<Timestamp>, AppError> {
    let (store, now, attempt) = (&ports.waker.store, ports.clock.now(), answer.attempt);
    let (state, message, again) = match outcome {
        Ok(Taken { message, held }) => {
            note(store, org, (talk, answer), written_at, now).await?;
            (AnswerState::Called(if held { ReminderState::Held } else { ReminderState::Accepted }), Some(message), None)
        }
        Err(SendError::Ambiguous(error)) => {
            tracing::warn!(%attempt, error = %error, "the outcome of an answer is unknown");
            (AnswerState::Called(ReminderState::Unknown), None, None)
        }
        Err(SendError::NotSent { code, action }) => {
            tracing::info!(%attempt, code, ?action, "Meta did not take an answer");
            match act(store, org, sender, None, (code, action), now).await? {
                Some(wait) => (AnswerState::Waiting, None, now.checked_add(wait).ok()),
                None => (AnswerState::Called(ReminderState::NotSent { code }), None, None),
            }
        }
    };
    record(store, org, attempt, (state, message.as_ref()), now).await?;
    Ok(again)
}

/// What is known of those to whom an answer would go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grounds {
    /// The number, or a customer whose number it is, wants to hear nothing.
    pub is_opted_out: bool,
    /// Whoever has the number said that it is none of the customer's.
    pub is_nobodys: bool,
}

/// What was said about being written to, with the state of each item that was looked at.
type SaidBy = Vec<(ConsentOf, Option<u64>)>;

/// Looks at everybody to whom an answer would go.
pub(crate) async fn grounds(store: &Store, org: &OrgId, talk: &Conversation) -> Result<(Grounds, SaidBy), AppError> {
    let contacts: Vec<ContactRef> = talk.contacts.iter().take(MOST_CUSTOMERS).cloned().collect();
    let theirs = store.who_has_number(org, contacts.clone(), &talk.number).await?;
    let (mut said, mut is_opted_out) = (SaidBy::new(), false);
    for of in [ConsentOf::Number(talk.number.clone())].into_iter().chain(contacts.into_iter().map(ConsentOf::Contact)) {
        let seen = store.consent(org, &of).await?;
        is_opted_out |= seen.as_ref().is_some_and(|seen| seen.value.consent.state == ConsentState::OptedOut);
        said.push((of, seen.map(|seen| seen.rev)));
    }
    Ok((Grounds { is_opted_out, is_nobodys: theirs.is_empty() }, said))
}

/// Customers of one number that are looked at; whoever shares a number with more is written to by nobody.
const MOST_CUSTOMERS: usize = 50;

/// Whether everything is paused.
pub(crate) async fn is_paused(store: &Store, org: &OrgId, now: Timestamp) -> Result<bool, AppError> {
    Ok(store.organisation(org).await?.is_paused(now))
}

/// Whoever answered a customer has read what the customer wrote before, and reminders are silent for a while.
async fn note(
    store: &Store,
    org: &OrgId,
    (talk, answer): (&Conversation, &Answer),
    written_at: Timestamp,
    now: Timestamp,
) -> Result<(), AppError> {
    let (of, is_written) = ((&talk.number, &talk.sender), matches!(answer.by, AnsweredBy::Member(_)));
    // What came in after it was written was not seen, and its hold stays with all others.
    let latest = store.conversation(org, of).await?;
    let is_all_seen = latest.is_some_and(|latest| latest.heard_at < written_at);
    for contact in talk.contacts.iter().filter(|_| is_written) {
        let note = |file: &mut CustomerFile| {
            if is_all_seen {
                file.owner_answered(written_at);
            }
            file.owner_wrote_at = file.owner_wrote_at.max(Some(now));
        };
        store.change_customer_file(org, contact, now, note).await?;
    }
    store
        .change_conversation(org, of, now, |talk| {
            talk.answered_at = talk.answered_at.max(Some(now));
            if is_written && talk.heard_at < written_at {
                talk.unread = 0;
            }
        })
        .await
}

async fn drop_it(
    ports: &DispatchPorts,
    org: &OrgId,
    seen: Seen<'_>,
    answer: &Answer,
    why: WhyDropped,
) -> Result<Option<Timestamp>, AppError> {
    end(ports, org, seen, answer, AnswerState::Dropped(why)).await
}

/// An answer that waits is over; when to look again, if somebody else was faster.
async fn end(
    ports: &DispatchPorts,
    org: &OrgId,
    seen: Seen<'_>,
    answer: &Answer,
    state: AnswerState,
) -> Result<Option<Timestamp>, AppError> {
    let (now, ended) = (ports.clock.now(), Answer { state, ..answer.clone() });
    let moved = ports.waker.store.move_answer(org, seen, ended, now).await?;
    Ok((moved == Replaced::Raced).then_some(now))
}

/// Stores a state in the place of "under way"; a status that came faster is not lowered.
async fn record(
    store: &Store,
    org: &OrgId,
    attempt: AttemptId,
    (state, message): (AnswerState, Option<&MessageId>),
    now: Timestamp,
) -> Result<(), AppError> {
    for _ in 0..RACES {
        let Some((link, seen)) = store.answer(org, attempt).await? else { return Ok(()) };
        let Said::Business(answer) = &seen.value.said else { return Ok(()) };
        let next = Answer {
            state: answer.state.settled(&state),
            message: message.filter(|_| !answer.is_erased()).or(answer.message.as_ref()).cloned(),
            ..answer.clone()
        };
        if next == *answer || store.move_answer(org, (&link, &seen), next, now).await? == Replaced::Replaced {
            return Ok(());
        }
    }
    Err(lost_races())
}
