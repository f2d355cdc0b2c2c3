//! A person answers a customer in words of their own, within 24 hours of the customer's last word.

use std::collections::BTreeSet;

use jiff::Timestamp;
use numo_domain::{
    conversation::{Answer, AnswerState, AnsweredBy, Conversation, MAX_ANSWER_CHARS},
    delivery_report::DeliveryReport,
    id::{ActivityId, AttemptId, NumberKey, OrgId, PhoneNumberId, UserId},
    plan::{decision::Unit, reason::SkipCode},
};
use serde_json::json;

use crate::{
    error::AppError,
    job::{Cause, Work},
    send_answer::{Grounds, grounds, is_paused},
    send_now,
    store::{
        Store,
        activity::{Activity, Actor},
    },
    wake::Waker,
};

/// What a person wants to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Names this answer, so that a form that is sent twice is one answer.
    pub id: AttemptId,
    /// The words.
    pub text: String,
}

/// Has an answer sent, and writes down who gave it; one that was given before changes nothing.
pub async fn answer_customer(
    waker: &Waker,
    org: &OrgId,
    by: &UserId,
    of: (&NumberKey, &PhoneNumberId),
    reply: Reply,
    now: Timestamp,
) -> Result<(), AppError> {
    let store = &waker.store;
    let text = reply.text.trim();
    if text.is_empty() || text.chars().count() > MAX_ANSWER_CHARS {
        return Err(AppError::invalid("text", format!("1 to {MAX_ANSWER_CHARS} characters are needed")));
    }
    let Some(talk) = store.conversation(org, of).await? else { return Err(AppError::NotFound("conversation")) };
    if !talk.is_open(now) {
        return Err(AppError::Conflict("the customer wrote more than 24 hours ago: only a reminder may be sent now"));
    }
    if is_paused(store, org, now).await? {
        return Err(AppError::Conflict("everything is paused: resume first"));
    }
    let (Grounds { is_opted_out, is_nobodys }, _) = grounds(store, org, &talk).await?;
    if is_opted_out {
        return Err(AppError::Conflict("the customer does not want to be written to"));
    }
    if is_nobodys {
        return Err(AppError::Conflict("whoever has this number said that it is not the customer's"));
    }
    let (attempt, by_member) = (reply.id, AnsweredBy::Member(by.clone()));
    let answer = Answer {
        attempt,
        by: by_member,
        text: text.to_owned(),
        choice: None,
        state: AnswerState::Waiting,
        message: None,
        report: DeliveryReport::default(),
    };
    if store.begin_answer(org, &talk, answer, now).await? {
        let detail = json!({"attempt": attempt});
        let activity =
            Activity { at: now, actor: Actor::User(by.clone()), action: "conversation.answered".to_owned(), detail };
        store.record(org, ActivityId::new(waker.ids.uuid()), &activity).await?;
        // It is due already; whoever has it in hand is left alone.
        let claimed = store.claim_work(org, &Work::SendAnswer { attempt }, now).await?;
        waker.send_claimed(org, claimed, Cause::Person, now).await?;
    }
    Ok(())
}

/// What a customer may get in place of words of one's own, once the window is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instead {
    /// About what.
    pub unit: Unit,
    /// Whether a reminder may go out at once.
    pub is_allowed: bool,
    /// From when on one may, where nothing but time stands in the way.
    pub next_at: Option<Timestamp>,
    /// The most important reason against it.
    pub why: Option<SkipCode>,
}

/// So many units of a conversation are looked at: whoever owes in more currencies has a page of their own.
const MOST_UNITS: usize = 3;

/// What may go out to the customers of a conversation by hand, and when.
pub async fn instead(
    store: &Store,
    org: &OrgId,
    talk: &Conversation,
    now: Timestamp,
) -> Result<Vec<Instead>, AppError> {
    let mut units: BTreeSet<Unit> = BTreeSet::new();
    for contact in talk.contacts.iter().take(MOST_UNITS) {
        let open = store.open_invoices_of(org, contact).await?;
        units.extend(open.into_iter().map(|open| Unit { currency: open.remaining.currency, contact: open.contact }));
    }
    let mut found = Vec::new();
    for unit in units.into_iter().take(MOST_UNITS) {
        // Somebody else owes what was found: that customer has a conversation of their own.
        let decision = match send_now::look(store, org, &unit, now).await {
            Ok(looked) => looked.decision,
            Err(AppError::NotFound(_) | AppError::Conflict(_)) => None,
            Err(error) => return Err(error),
        };
        let Some(decision) = decision else { continue };
        let why = decision.decision.reasons().first().map(|reason| reason.code);
        found.push(Instead { unit, is_allowed: decision.is_allowed(), next_at: decision.next_at, why });
    }
    Ok(found)
}
