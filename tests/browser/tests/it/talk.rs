//! A customer who was reminded two weeks ago, read it and asked something.

use jiff::{SignedDuration, Timestamp};
use numo_app::store::{
    Store,
    conversation::Talk,
    inbound::{Inbound, InboundEffect, Ingested},
    reminder::claim::SendClaim,
};
use numo_domain::{
    attempt::{Attempt, Evidence},
    contact::{Contact, ContactNumber},
    conversation::{Content, Heard, Line, Recipient, Said},
    delivery_report::DeliveryReport,
    id::{OrgId, PolicyId},
    invoice::Invoice,
    policy::{Caps, StepId, Tone},
    reminder::{
        DeliveryStatus, Occasion, Reminder, ReminderKey, ReminderState, TemplateRef, state_change::StateChange,
    },
};

/// What the customer answered, as of now.
pub(crate) const QUESTION: &str = "Which bank account is it?\nWe pay on Thursday.";

/// A reminder about an invoice of a customer, and the question that followed.
pub(crate) async fn talk(store: &Store, org: &OrgId, (customer, owed): (&Contact, &Invoice), now: Timestamp) {
    let asked_at = now.checked_sub(SignedDuration::from_hours(14 * 24)).unwrap();
    let reminder = reminder(customer, owed, asked_at);
    let basis = store.claim_basis(org, &reminder.key, &reminder.recipient).await.unwrap();
    let caps = Caps { gap_days: 0, per_seven_days: 9 };
    let claimed = store.claim_send(org, (reminder, words(customer, owed, asked_at)), &basis, caps, asked_at).await;
    let SendClaim::Claimed(claimed) = claimed.unwrap() else { panic!("the reminder was claimed already") };
    let (message, report) = ("wamid.sent".parse().unwrap(), DeliveryReport::default());
    for status in [DeliveryStatus::Sent, DeliveryStatus::Delivered, DeliveryStatus::Read] {
        let attempt = (claimed.value.attempt, &message);
        store.apply_status(org, attempt, (status, &report), asked_at, asked_at).await.unwrap();
    }
    ask(store, org, customer, now).await;
}

async fn ask(store: &Store, org: &OrgId, customer: &Contact, now: Timestamp) {
    let at = now.checked_sub(SignedDuration::from_mins(20)).unwrap();
    let heard = Heard {
        message: "wamid.question".parse().unwrap(),
        content: Content::Text,
        text: Some(QUESTION.to_owned()),
        understood_as: "unread".to_owned(),
        edits: None,
        revoked_at: None,
    };
    let ContactNumber::Usable { number, key, .. } = &customer.number else { panic!("the customer has no number") };
    let inbound = Inbound { message: heard.message.clone(), at, intent: "unread".to_owned() };
    let talk = Talk {
        sender: "200".parse().unwrap(),
        to: Recipient::Number(number.clone()),
        line: Line { at, said: Said::Customer(heard) },
        automatic: None,
    };
    let contacts = [customer.at.clone()];
    let effect = InboundEffect { contacts: &contacts, change: None, replies: &[], talk: Some(&talk) };
    assert_eq!(store.ingest_inbound(org, key, &inbound, effect, at).await.unwrap(), Ingested::New);
}

fn reminder(customer: &Contact, owed: &Invoice, claimed_at: Timestamp) -> Reminder {
    Reminder {
        key: ReminderKey {
            contact: customer.at.clone(),
            currency: owed.remaining.currency,
            anchor: owed.id.clone(),
            cycle: 1,
            occasion: Occasion::Step(StepId(2)),
        },
        date: claimed_at.strftime("%F").to_string().parse().unwrap(),
        attempt: "018f0000-0000-7000-8000-0000000000a9".parse().unwrap(),
        attempt_number: 1,
        claimed_at,
        state: ReminderState::Sending,
        history: vec![StateChange { state: ReminderState::Sending, at: claimed_at }],
        message: None,
        recipient: customer.number.key().unwrap().clone(),
        sender: "200".parse().unwrap(),
        tone: Tone::Gentle,
        counted_from: None,
        listed: Vec::new(),
        asked_by: None,
        cost: None,
        report: DeliveryReport::default(),
        earlier: std::collections::BTreeMap::new(),
        expired_before: 0,
    }
}

fn words(customer: &Contact, owed: &Invoice, read_at: Timestamp) -> Attempt {
    Attempt {
        policy: PolicyId::organisation_default(),
        policy_version: 1,
        template: TemplateRef { name: "numo_overdue_gentle_v1".to_owned(), language: "en".to_owned() },
        text: format!("Hello {}, invoice {} is overdue. If you have paid, thank you.", customer.name, owed.number),
        lines: Vec::new(),
        total: owed.remaining,
        evidence: Evidence {
            read_at,
            anchor_remaining: owed.remaining,
            anchor_updated_at: Some(owed.updated_at),
            request_ids: Vec::new(),
        },
    }
}
