//! A message of a customer: what it changes, and what it adds to the conversation.

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};
use numo_domain::{
    consent::{ConsentChange, ConsentSource, ConsentState},
    contact::ContactRef,
    conversation::{Answer, AnswerState, AnsweredBy, Content, Heard, Line, Recipient, Said, automatic::Automatic},
    delivery_report::DeliveryReport,
    id::{NumberKey, OrgId, WabaId},
    organisation::Organisation,
    reply::{DayOrder, Intent, Unclear, understand, written_in::written_in},
};

use crate::{
    delivery::InboundMessage,
    error::AppError,
    ingest_delivery::{
        IngestPorts,
        days::{chosen_day, with_days},
        later::take_reaction,
        link, number_of,
        proof::take_proof,
    },
    job::Work,
    port::events::Event,
    store::{
        conversation::{Talk, When},
        due::sync_work,
        inbound::{Inbound, InboundEffect, Ingested, Reply},
        mail::{REPLIES_TOLD_AFTER, ReplySays},
    },
};

/// Takes a message in, whole or not at all; whether it was new and is about anybody.
pub(super) async fn take_inbound(
    ports: &IngestPorts,
    (org, waba): (&OrgId, &WabaId),
    message: &InboundMessage,
) -> Result<bool, AppError> {
    let (store, now) = (&ports.store, ports.clock.now());
    let Some(Speaker { number, contacts, hidden }) = whose(ports, org, message).await? else {
        tracing::warn!(org = %org, "a message of somebody unknown was left out");
        return Ok(false);
    };
    if message.content == Content::Reaction {
        return take_reaction(ports, (org, waba), message, (&number, &contacts)).await;
    }
    if take_proof(ports, org, message, &number).await? {
        return Ok(true);
    }
    let organisation = store.organisation(org).await?;
    let (today, order) = (organisation.zone.date(message.at), DayOrder::of_country(organisation.country));
    let chosen = match &message.row {
        Some(row) => Some(chosen_day(ports, org, (message, &number), row, today).await?),
        None => None,
    };
    let understood = understand(message.text.as_deref().unwrap_or_default(), today, order);
    let intent = match chosen {
        _ if understood == Intent::Stop => Intent::Stop,
        // A row of a list says the day that we offered with it, and nothing else.
        Some(day) => day.map_or(Intent::Unread, Intent::PayOn),
        // The words below a picture are not all that it says.
        None if message.content.is_words() => understood,
        None => Intent::Unread,
    };
    let state = match intent {
        Intent::Stop => Some(ConsentState::OptedOut),
        Intent::Start => Some(ConsentState::OptedIn),
        Intent::PaidAlready
        | Intent::PayOn(_)
        | Intent::PayOnUnclear(_)
        | Intent::Question
        | Intent::WrongNumber
        | Intent::Unread => None,
    };
    // A stranger's words are none of our business, only a stranger's STOP is.
    if state.is_none() && contacts.is_empty() {
        return Ok(false);
    }
    let change = state.map(|state| said(state, message));
    // A button says what we wrote on it.
    let typed = message.text.as_deref().filter(|_| message.content == Content::Text);
    let language = typed.and_then(written_in);
    let mut replies = Vec::new();
    for contact in contacts.iter().filter(|_| state.is_none()) {
        let open = store.open_invoices_of(org, contact).await?;
        replies.push((contact.clone(), Reply { intent, at: message.at, language, today, open }));
    }
    let name = intent_name(intent);
    let inbound = Inbound { message: message.message.clone(), at: message.at, intent: name.to_owned() };
    let talk = talk(ports, (&organisation, &contacts, &number), message, (intent, today, &replies)).await?;
    let effect = InboundEffect { contacts: &contacts, change: change.as_ref(), replies: &replies, talk: talk.as_ref() };
    let ingested = store.ingest_inbound(org, &number, &inbound, effect, now).await?;
    // The number of whoever hides it may have been seen in this very moment.
    if hidden && let Some(seen) = store.number_of_user(org, &number).await? {
        store.carry_consent(org, &number, &seen, now).await?;
    }
    // The owner is told at once, also where the first try died before this.
    if intent == Intent::WrongNumber {
        store.mark_due(org, &Work::PlanDay {}, now, now).await?;
    }
    if ReplySays::of(intent).is_some() && !contacts.is_empty() {
        let at = now.saturating_add(REPLIES_TOLD_AFTER).unwrap_or(now);
        store.mark_due_after_claim(org, &Work::MailOwner {}, at, now).await?;
    }
    if ingested == Ingested::Seen {
        return Ok(false);
    }
    // Whoever says that it is paid is believed until the ledger was asked again.
    if intent == Intent::PaidAlready {
        for contact in &contacts {
            store.mark_due_after_claim(org, &sync_work(contact.connection), now, now).await?;
        }
    }
    if state == Some(ConsentState::OptedOut) {
        publish_opt_outs(ports, org, &contacts, now).await;
    }
    Ok(true)
}

/// What a message says of being written to, with the message as the proof.
fn said(state: ConsentState, message: &InboundMessage) -> ConsentChange {
    let by = if message.content == Content::Choice { ConsentSource::Button } else { ConsentSource::Message };
    let said_by = Some(message.message.clone());
    ConsentChange { state, at: message.at, by, note: String::new(), message: said_by, recorded_by: None }
}

/// What a message adds to the conversation with customers; nothing of what strangers write is kept.
async fn talk(
    ports: &IngestPorts,
    (organisation, contacts, number): (&Organisation, &[ContactRef], &NumberKey),
    message: &InboundMessage,
    (intent, today, replies): (Intent, Date, &[(ContactRef, Reply)]),
) -> Result<Option<Talk>, AppError> {
    let Some(first) = contacts.first() else { return Ok(None) };
    let Some(to) = writer(message) else { return Ok(None) };
    let heard = Heard {
        message: message.message.clone(),
        content: message.content,
        text: message.text.clone(),
        understood_as: intent_name(intent).to_owned(),
        edits: message.edits.clone(),
        revoked_at: None,
    };
    let owes = replies.iter().any(|(_, reply)| !reply.open.is_empty());
    let automatic = match automatic(intent, today) {
        // A machine that answers every message must not be asked again and again.
        Some((_, When::Always)) if !owes || was_answered(ports, organisation, number, message).await? => None,
        Some((what, when)) => {
            let language = ports.store.customer_file(&organisation.id, first).await?.language;
            let language = language.unwrap_or(organisation.language);
            let (what, choice) = with_days(ports, organisation, (what, language), message, replies).await?;
            let text = what.text(organisation, language);
            let attempt = ports.number_keys.attempt_for(&organisation.id, &message.message);
            let by = if what == Automatic::OptedOut { AnsweredBy::Farewell } else { AnsweredBy::Numo };
            Some((
                Answer {
                    attempt,
                    by,
                    text,
                    choice,
                    state: AnswerState::Waiting,
                    message: None,
                    report: DeliveryReport::default(),
                },
                when,
            ))
        }
        None => None,
    };
    let line = Line { at: message.at, said: Said::Customer(heard) };
    Ok(Some(Talk { sender: message.phone_number_id.clone(), to, line, automatic }))
}

/// Where an answer to a message goes.
pub(super) fn writer(message: &InboundMessage) -> Option<Recipient> {
    let number = message.from.clone().map(Recipient::Number);
    number.or_else(|| message.user.clone().map(Recipient::User))
}

/// Between two questions of the product in one conversation.
const ASKED_AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(10);

async fn was_answered(
    ports: &IngestPorts,
    organisation: &Organisation,
    number: &NumberKey,
    message: &InboundMessage,
) -> Result<bool, AppError> {
    let talk = ports.store.conversation(&organisation.id, (number, &message.phone_number_id)).await?;
    let answered_at = talk.and_then(|talk| talk.answered_at);
    Ok(answered_at.is_some_and(|at| ports.clock.now().duration_since(at) < ASKED_AGAIN_AFTER))
}

/// What the product answers by itself, and when.
fn automatic(intent: Intent, today: Date) -> Option<(Automatic, When)> {
    Some(match intent {
        Intent::Stop => (Automatic::OptedOut, When::ConsentChanged),
        Intent::Start => (Automatic::OptedIn, When::ConsentChanged),
        Intent::PayOn(date) => (Automatic::PromiseNoted(date), When::PromiseTaken),
        Intent::PayOnUnclear(Unclear::Ambiguous { day_first, month_first }) => {
            (Automatic::WhichDate { day_first, month_first }, When::Always)
        }
        Intent::PayOnUnclear(Unclear::NoDate | Unclear::SeveralDates | Unclear::OutOfRange) => {
            (Automatic::WhichDay { example: today.saturating_add(3.days()), is_listed: false }, When::Always)
        }
        Intent::PaidAlready | Intent::Question | Intent::WrongNumber | Intent::Unread => return None,
    })
}

/// What a message was understood as, in the table.
const fn intent_name(intent: Intent) -> &'static str {
    match intent {
        Intent::Stop => "stop",
        Intent::Start => "start",
        Intent::PaidAlready => "paid_already",
        Intent::PayOn(_) => "pay_on",
        Intent::WrongNumber => "wrong_number",
        Intent::PayOnUnclear(_) | Intent::Question | Intent::Unread => "unread",
    }
}

/// For whom a message speaks.
struct Speaker {
    number: NumberKey,
    contacts: Vec<ContactRef>,
    /// Whether the number is hidden and was never seen: the key is the user's.
    hidden: bool,
}

/// The number and the contacts that a message speaks for.
///
/// The message it answers counts as well as the number it comes from: the number may have
/// changed in the ledger since, and a user with a name sends none at all.
/// Whoever said that the number is a wrong one speaks for that customer no more.
async fn whose(ports: &IngestPorts, org: &OrgId, message: &InboundMessage) -> Result<Option<Speaker>, AppError> {
    let store = &ports.store;
    let answered = match &message.answers {
        Some(answers) => store.reminder_of_message(org, answers).await?,
        None => None,
    };
    let known = number_of(ports, org, (message.from.as_ref(), message.user.as_ref())).await?;
    let known = known.or_else(|| answered.as_ref().map(|reminder| reminder.recipient.clone()));
    let (number, hidden) = match (known, &message.user) {
        (Some(number), _) => (number, false),
        // What is said counts for the user, and for the number once it is seen.
        (None, Some(user)) => (ports.number_keys.key_of_user(org, user)?, true),
        (None, None) => return Ok(None),
    };
    let mut contacts = store.contacts_of_number(org, &number).await?;
    if let Some(reminder) = answered
        && !contacts.contains(&reminder.key.contact)
    {
        contacts.push(reminder.key.contact);
    }
    let contacts = store.who_has_number(org, contacts, &number).await?;
    for user in [&message.user, &message.becomes].into_iter().flatten().filter(|_| !hidden) {
        if contacts.is_empty() {
            // Nothing is kept of a stranger, but what was said while the number was hidden counts.
            let user = ports.number_keys.key_of_user(org, user)?;
            store.carry_consent(org, &user, &number, ports.clock.now()).await?;
        } else {
            link(ports, org, user, &number).await?;
        }
    }
    Ok(Some(Speaker { number, contacts, hidden }))
}

async fn publish_opt_outs(ports: &IngestPorts, org: &OrgId, contacts: &[ContactRef], now: Timestamp) {
    for contact in contacts {
        let event = Event::ContactOptedOut { connection: contact.connection, contact: contact.contact.clone() };
        ports.events.publish(org, now, event).await;
    }
}
