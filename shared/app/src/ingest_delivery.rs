//! Taking in what Meta's webhooks tell: statuses, and customers' words.

use std::{collections::BTreeSet, fmt, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    consent::{ConsentChange, ConsentSource, ConsentState},
    contact::ContactRef,
    customer_file::CustomerFile,
    id::{NumberKey, OrgId, WabaId, WhatsappUserId},
    phone::PhoneNumber,
    reminder::{Reminder, ReminderState},
    reply::{DayOrder, Intent, understand},
    sender::SenderStatus,
    template::AccountTemplate,
};

use crate::{
    delivery::{Delivery, Echo, InboundMessage, NumberOwner, StatusUpdate, Update},
    error::AppError,
    job::Work,
    meta_trouble::{stop_sender, stop_template},
    number_key::NumberKeys,
    port::{
        clock::Clock,
        events::{Event, Events},
        whatsapp::SendAction,
    },
    store::{
        Store,
        due::sync_work,
        inbound::{Inbound, InboundEffect, Ingested, Reply},
        task::TaskAbout,
    },
};

/// What ingestion needs.
#[derive(Clone)]
pub struct IngestPorts {
    /// The table.
    pub store: Store,
    /// Facts for outsiders.
    pub events: Arc<dyn Events>,
    /// Keys of numbers.
    pub number_keys: NumberKeys,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl fmt::Debug for IngestPorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IngestPorts")
    }
}

/// What became of a delivery's updates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IngestReport {
    /// Statuses of our messages.
    pub statuses: usize,
    /// Messages from customers that were new.
    pub inbound: usize,
    /// Messages of the business itself to customers of ours.
    pub echoes: usize,
    /// Decisions about templates of ours that changed something.
    pub templates: usize,
    /// Accounts of which something changed.
    pub accounts: usize,
    /// Updates that were here before, or are not ours.
    pub ignored: usize,
}

/// Applies every update of a delivery; applying it again changes nothing.
///
/// An account that no organisation owns is ignored: the tenant is looked up by the account alone.
pub async fn ingest_delivery(ports: &IngestPorts, delivery: &Delivery) -> Result<IngestReport, AppError> {
    let mut report = IngestReport::default();
    for waba in delivery.updates.iter().filter_map(Update::account).collect::<BTreeSet<&WabaId>>() {
        report.accounts += usize::from(look_now(ports, waba).await?);
    }
    let phones = delivery.updates.iter().filter_map(Update::phone_number_id).cloned().collect();
    let others: Vec<&Update> = delivery.updates.iter().filter(|update| update.account().is_none()).collect();
    let Some((org, ours)) = ports.store.owner_of_waba(&delivery.waba, phones).await? else {
        report.ignored = others.len();
        return Ok(report);
    };
    for update in others {
        let (taken, count) = match update {
            Update::Status(status) if ours.contains(&status.phone_number_id) => {
                (apply_status(ports, &org, &delivery.waba, status).await?, &mut report.statuses)
            }
            Update::Inbound(message) if ours.contains(&message.phone_number_id) => {
                (take_inbound(ports, &org, message).await?, &mut report.inbound)
            }
            Update::Echo(echo) if ours.contains(&echo.phone_number_id) => {
                (take_echo(ports, &org, echo).await?, &mut report.echoes)
            }
            Update::Template(template) => (decide(ports, &org, &delivery.waba, template).await?, &mut report.templates),
            Update::Status(_) | Update::Inbound(_) | Update::Echo(_) | Update::Account(_) => {
                (false, &mut report.ignored)
            }
        };
        *if taken { count } else { &mut report.ignored } += 1;
    }
    Ok(report)
}

/// Has an account of ours looked at; one that nobody owns is left alone.
async fn look_now(ports: &IngestPorts, waba: &WabaId) -> Result<bool, AppError> {
    let (store, now) = (&ports.store, ports.clock.now());
    let Some((org, _)) = store.owner_of_waba(waba, BTreeSet::new()).await? else { return Ok(false) };
    store.mark_due_after_claim(&org, &Work::CheckAccount { waba: waba.clone() }, now, now).await?;
    Ok(true)
}

/// Notes what Meta decided about a text of the pack, and has the day planned anew.
async fn decide(ports: &IngestPorts, org: &OrgId, waba: &WabaId, decided: &AccountTemplate) -> Result<bool, AppError> {
    let (store, now) = (&ports.store, ports.clock.now());
    let known = store.templates_of(org, waba).await?;
    // Other templates of the account are the business's own affair.
    let changes = known.iter().any(|known| known.template == decided.template && known.status != decided.status);
    if changes {
        store.save_template(org, waba, decided, now).await?;
        store.mark_due(org, &Work::PlanDay {}, now, now).await?;
    }
    Ok(changes)
}

async fn apply_status(
    ports: &IngestPorts,
    org: &OrgId,
    waba: &WabaId,
    update: &StatusUpdate,
) -> Result<bool, AppError> {
    let (store, now) = (&ports.store, ports.clock.now());
    // Without our attempt id it is a message that the business sent by other means.
    let Some(attempt) = update.attempt else { return Ok(false) };
    let Some(reminder) = store.apply_status(org, attempt, update.status, update.at, now).await? else {
        return Ok(false);
    };
    if reminder.history.iter().any(|change| change.state == ReminderState::Unknown) {
        store.close_task(org, &TaskAbout::OutcomeUnknown(attempt)).await?;
    }
    if let Some(NumberOwner { number, user }) = &update.recipient {
        link(ports, org, user, &ports.number_keys.key(org, number)?).await?;
    }
    store.heard_from(org, &update.phone_number_id, reminder.claimed_at, now).await?;
    heed(store, org, (waba, update), &reminder, now).await?;
    Ok(true)
}

/// A failure that is older says nothing about the number or text of today: it may be repaired since.
const HEEDED_FOR: SignedDuration = SignedDuration::from_mins(15);

/// Does what a failure asks for that was told with a status, as is done when it is told at once.
async fn heed(
    store: &Store,
    org: &OrgId,
    (waba, update): (&WabaId, &StatusUpdate),
    reminder: &Reminder,
    now: Timestamp,
) -> Result<(), AppError> {
    let whose = (waba, &update.phone_number_id);
    match update.asks_for.filter(|_| now.duration_since(update.at) < HEEDED_FOR) {
        Some(SendAction::StopTemplate) => stop_template(store, org, (waba, &reminder.template), now).await?,
        Some(SendAction::StopSender) => stop_sender(store, org, whose, SenderStatus::Blocked, now).await?,
        Some(SendAction::Reconnect) => stop_sender(store, org, whose, SenderStatus::ReauthRequired, now).await?,
        Some(SendAction::SkipRecipient | SendAction::FixMessage | SendAction::Wait { .. }) | None => return Ok(()),
    }
    store.mark_due(org, &Work::PlanDay {}, now, now).await
}

async fn take_inbound(ports: &IngestPorts, org: &OrgId, message: &InboundMessage) -> Result<bool, AppError> {
    let (store, now) = (&ports.store, ports.clock.now());
    let Some((number, contacts)) = whose(ports, org, message).await? else {
        tracing::warn!(org = %org, "a message of somebody unknown was left out");
        return Ok(false);
    };
    let organisation = store.organisation(org).await?;
    let (today, order) = (organisation.zone.date(message.at), DayOrder::of_country(organisation.country));
    let intent = understand(message.text.as_deref().unwrap_or_default(), today, order);
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
    let change =
        state.map(|state| ConsentChange { state, at: message.at, by: ConsentSource::Message, note: String::new() });
    let mut replies = Vec::new();
    for contact in contacts.iter().filter(|_| state.is_none()) {
        let open = store.open_invoices_of(org, contact).await?;
        replies.push((contact.clone(), Reply { intent, at: message.at, today, open }));
    }
    let name = intent_name(intent);
    let inbound = Inbound { message: message.message.clone(), at: message.at, intent: name.to_owned() };
    let effect = InboundEffect { contacts: &contacts, change: change.as_ref(), replies: &replies };
    let ingested = store.ingest_inbound(org, &number, &inbound, effect, now).await?;
    // The owner is told at once, also where the first try died before this.
    if intent == Intent::WrongNumber {
        store.mark_due(org, &Work::PlanDay {}, now, now).await?;
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

/// Whoever wrote to a customer has read what the customer wrote before, and the product is silent for a while.
///
/// A claim to have paid stays: an answer does not settle it.
async fn take_echo(ports: &IngestPorts, org: &OrgId, echo: &Echo) -> Result<bool, AppError> {
    let (store, now) = (&ports.store, ports.clock.now());
    let Some(to) = number_of(ports, org, (echo.to.as_ref(), echo.user.as_ref())).await? else { return Ok(false) };
    let contacts = store.contacts_of_number(org, &to).await?;
    for contact in &contacts {
        let note = |file: &mut CustomerFile| {
            file.owner_wrote_at = file.owner_wrote_at.max(Some(echo.at));
            file.unread_since = file.unread_since.filter(|since| *since > echo.at);
        };
        store.change_customer_file(org, contact, now, note).await?;
    }
    Ok(!contacts.is_empty())
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

/// The number and the contacts that a message speaks for.
///
/// The message it answers counts as well as the number it comes from: the number may have
/// changed in the ledger since, and a user with a name sends none at all.
async fn whose(ports: &IngestPorts, org: &OrgId, message: &InboundMessage) -> Result<Option<Speaker>, AppError> {
    let store = &ports.store;
    let answered = match &message.answers {
        Some(answers) => store.reminder_of_message(org, answers).await?,
        None => None,
    };
    let recipient = || answered.as_ref().map(|reminder| reminder.recipient.clone());
    let number = match number_of(ports, org, (message.from.as_ref(), message.user.as_ref())).await? {
        Some(number) => Some(number),
        // Nobody knows the number: what is said counts for the user, and for the number once it is seen.
        None => match &message.user {
            Some(user) => recipient().or(Some(ports.number_keys.key_of_user(org, user)?)),
            None => recipient(),
        },
    };
    let Some(number) = number else { return Ok(None) };
    let mut contacts = store.contacts_of_number(org, &number).await?;
    if let Some(reminder) = answered
        && !contacts.contains(&reminder.key.contact)
    {
        contacts.push(reminder.key.contact);
    }
    if let (Some(user), false) = (&message.user, contacts.is_empty()) {
        link(ports, org, user, &number).await?;
    }
    Ok(Some((number, contacts)))
}

/// The key of a number, told or known from before by whose it is.
async fn number_of(
    ports: &IngestPorts,
    org: &OrgId,
    (number, user): (Option<&PhoneNumber>, Option<&WhatsappUserId>),
) -> Result<Option<NumberKey>, AppError> {
    match (number, user) {
        (Some(number), _) => ports.number_keys.key(org, number).map(Some),
        (None, Some(user)) => ports.store.number_of_user(org, &ports.number_keys.key_of_user(org, user)?).await,
        (None, None) => Ok(None),
    }
}

async fn link(ports: &IngestPorts, org: &OrgId, user: &WhatsappUserId, number: &NumberKey) -> Result<(), AppError> {
    let user = ports.number_keys.key_of_user(org, user)?;
    ports.store.link_user(org, &user, number, ports.clock.now()).await
}

type Speaker = (NumberKey, Vec<ContactRef>);

async fn publish_opt_outs(ports: &IngestPorts, org: &OrgId, contacts: &[ContactRef], now: Timestamp) {
    for contact in contacts {
        let event = Event::ContactOptedOut { connection: contact.connection, contact: contact.contact.clone() };
        ports.events.publish(org, now, event).await;
    }
}
