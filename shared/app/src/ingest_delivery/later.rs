//! What customers do to messages afterwards: a sign on one of ours, and one of their own taken back.

use numo_domain::{
    contact::ContactRef,
    conversation::{Heard, Line, Said},
    delivery_report::DeliveryReport,
    id::{NumberKey, OrgId, WabaId},
    reminder::DeliveryStatus,
};

use crate::{
    delivery::{InboundMessage, Revocation, StatusUpdate},
    error::AppError,
    ingest_delivery::{IngestPorts, inbound::writer, number_of, status::apply_status},
    store::{
        conversation::Talk,
        inbound::{Inbound, InboundEffect, Ingested},
    },
};

/// Takes a sign in that a customer put on a message, or took away again: it is shown, and holds nobody.
///
/// Whoever puts one on a reminder has seen it, also where read receipts are off.
pub(super) async fn take_reaction(
    ports: &IngestPorts,
    (org, waba): (&OrgId, &WabaId),
    message: &InboundMessage,
    (number, contacts): (&NumberKey, &[ContactRef]),
) -> Result<bool, AppError> {
    let (store, now) = (&ports.store, ports.clock.now());
    let (false, Some(to)) = (contacts.is_empty(), writer(message)) else { return Ok(false) };
    let on = match &message.answers {
        Some(on) => store.reminder_of_message(org, on).await?.zip(Some(on)),
        None => None,
    };
    // An earlier call of the reminder says nothing about the present one.
    let is_seen = |on: &_, reminder: &numo_domain::reminder::Reminder| {
        reminder.message.as_ref() == Some(on) && reminder.recipient == *number
    };
    if let Some((reminder, on)) = on.filter(|(reminder, on)| is_seen(*on, reminder)) {
        let seen = StatusUpdate {
            phone_number_id: message.phone_number_id.clone(),
            message: on.clone(),
            attempt: Some(reminder.attempt),
            status: DeliveryStatus::Read,
            report: DeliveryReport::default(),
            asks_for: None,
            recipient: None,
            at: message.at,
        };
        apply_status(ports, org, waba, &seen).await?;
    }
    let heard = Heard {
        message: message.message.clone(),
        content: message.content,
        text: message.text.clone(),
        understood_as: REACTION.to_owned(),
        edits: None,
        revoked_at: None,
    };
    let line = Line { at: message.at, said: Said::Customer(heard) };
    let talk = Talk { sender: message.phone_number_id.clone(), to, line, automatic: None };
    let inbound = Inbound { message: message.message.clone(), at: message.at, intent: REACTION.to_owned() };
    let effect = InboundEffect { contacts, change: None, replies: &[], talk: Some(&talk) };
    Ok(store.ingest_inbound(org, number, &inbound, effect, now).await? == Ingested::New)
}

/// What a sign is understood as.
const REACTION: &str = "reaction";

/// Takes a message back: its words go, and what they did stays; a customer who said stop and deletes it still said it.
pub(super) async fn take_back(ports: &IngestPorts, org: &OrgId, revoked: &Revocation) -> Result<bool, AppError> {
    let (store, now) = (&ports.store, ports.clock.now());
    // Whoever hides the number is known by the user, as soon as a message of theirs was kept.
    let whose = (revoked.from.as_ref(), revoked.user.as_ref());
    let Some(number) = number_of(ports, org, whose).await? else { return Ok(false) };
    let is_known = !store.contacts_of_number(org, &number).await?.is_empty();
    let inbound = Inbound { message: revoked.message.clone(), at: revoked.at, intent: "revoked".to_owned() };
    let place = (&number, &revoked.phone_number_id);
    Ok(store.revoke(org, place, (&revoked.original, &inbound), is_known, now).await? == Ingested::New)
}
