//! What WhatsApp tells of a message that it took.

use jiff::Timestamp;
use numo_app::{
    delivery::{Delivery, NumberOwner, StatusUpdate, Update},
    port::whatsapp::SendAction,
};
use numo_domain::{
    id::{AttemptId, MessageId, PhoneNumberId},
    phone::PhoneNumber,
    reminder::DeliveryStatus,
};

use crate::meta::{user_of, waba_of};

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
        asks_for,
        recipient: Some(NumberOwner { number: to.clone(), user: user_of(to) }),
        at,
    };
    Delivery { waba: waba_of(phone), updates: vec![Update::Status(update)], skipped: Vec::new() }
}
