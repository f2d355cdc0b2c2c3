//! What WhatsApp tells of a message that it took.

use std::collections::BTreeSet;

use jiff::Timestamp;
use numo_app::{
    delivery::{Delivery, NumberOwner, StatusUpdate, Update},
    port::whatsapp::SendAction,
};
use numo_domain::{
    delivery_report::{
        DeliveryReport,
        pricing::{Billed, PriceCategory, Pricing},
        status_error::StatusError,
    },
    id::{AttemptId, MessageId, PhoneNumberId},
    phone::PhoneNumber,
    reminder::DeliveryStatus,
};

use crate::meta::{user_of, waba_of};

/// What is told of a price, with all but one status of the two that may tell it (Meta: webhooks, status); one message in
/// eight is free.
fn report(attempt: AttemptId, status: DeliveryStatus) -> DeliveryReport {
    let is_free = attempt.to_string().ends_with(['3', 'b']);
    let billed = if is_free { Billed::FreeCustomerService } else { Billed::Regular };
    let pricing = Pricing { billed, category: PriceCategory::Utility };
    let (errors, pricing) = match status {
        DeliveryStatus::Sent | DeliveryStatus::Delivered => (BTreeSet::new(), Some(pricing)),
        DeliveryStatus::Read => (BTreeSet::new(), None),
        DeliveryStatus::Failed { code } => {
            (BTreeSet::from([StatusError::new(code, Some("Message undeliverable."))]), None)
        }
    };
    DeliveryReport::new(errors, pricing)
}

pub(super) fn status(
    (phone, to): (&PhoneNumberId, &PhoneNumber),
    message: &MessageId,
    attempt: AttemptId,
    (status, asks_for): (DeliveryStatus, Option<SendAction>),
    at: Timestamp,
) -> Delivery {
    let update = StatusUpdate {
        phone_number_id: phone.clone(),
        message: message.clone(),
        attempt: Some(attempt),
        status,
        report: report(attempt, status),
        asks_for,
        recipient: Some(NumberOwner { number: to.clone(), user: user_of(to) }),
        at,
    };
    Delivery { waba: waba_of(phone), updates: vec![Update::Status(update)], skipped: Vec::new() }
}
